"""What can be asked for: one table, action name -> its right and what serves it.

Names are compared trimmed and in any case (api.md 1.1). A new call is one line here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, unique

from slidewire.api.batching import batch_size, get_batch, send_batch
from slidewire.api.campaigns import (
    create_mms_campaign,
    get_mms_campaigns,
    send_message_by_subscriber_ref,
    send_saved_mms_campaign,
    subscribe,
    unsubscribe,
)
from slidewire.api.doors import Reply, Visit
from slidewire.api.inbox import remove_mms_inbox_message
from slidewire.api.login import login_user
from slidewire.api.saving import delete_mms_id, get_mms_ids, get_mms_templates, receivers_of, save_mms, send_saved_mms
from slidewire.api.sending import send_mms, send_sms
from slidewire.api.statistics import get_sending_statistics
from slidewire.api.tracking import cancel_message, get_message, list_messages
from slidewire.api.validating import validate_mms
from slidewire.api.wire import Call
from slidewire.domain.account import Account


def _one(call: Call) -> int:  # noqa: ARG001  # others look at the call
    return 1


@unique
class Repeats(Enum):
    """What holds for a call that comes a second time."""

    READS = "reads"  #: it makes nothing: no key is looked at
    ACTS = "acts"  #: one with the same Idempotency-Key is answered as the first was
    SENDS = "sends"  #: so is one with the same CLIENT_REFERENCE, where that is unique


@dataclass(frozen=True, slots=True)
class Action:
    """One call of the API."""

    right: str  #: what `actions` of an account must hold, lower case
    serve: Callable[[Call, Account, Visit], Awaitable[Reply]]  #: raises FaultError
    receivers: Callable[[Call], int] = _one  #: what a call counts for against throughput and quota (settled 16)
    repeats: Repeats = Repeats.ACTS


_ALL = (
    Action("sendmms", send_mms, repeats=Repeats.SENDS),
    Action("sendsms", send_sms, repeats=Repeats.SENDS),
    Action("savemms", save_mms),
    Action("sendbatch", send_batch, batch_size, Repeats.SENDS),
    Action("getbatch", get_batch, repeats=Repeats.READS),
    Action("sendsavedmms", send_saved_mms, receivers_of, Repeats.SENDS),
    Action("getmmsids", get_mms_ids, repeats=Repeats.READS),
    Action("getmmstemplates", get_mms_templates, repeats=Repeats.READS),
    Action("createmmscampaign", create_mms_campaign),
    Action("getmmscampaigns", get_mms_campaigns, repeats=Repeats.READS),
    Action("subscribe", subscribe),
    Action("unsubscribe", unsubscribe),
    Action("removemmsinboxmessage", remove_mms_inbox_message),
    Action("sendsavedmmscampaign", send_saved_mms_campaign, repeats=Repeats.SENDS),
    Action("sendmessagebysubscriberref", send_message_by_subscriber_ref, repeats=Repeats.SENDS),
    Action("validatemms", validate_mms, repeats=Repeats.READS),
    Action("getmessage", get_message, repeats=Repeats.READS),
    Action("listmessages", list_messages, repeats=Repeats.READS),
    Action("cancelmessage", cancel_message),
    Action("deletemmsid", delete_mms_id),
    Action("getsendingstatistics", get_sending_statistics, repeats=Repeats.READS),
    Action("loginuser", login_user, repeats=Repeats.READS),
)
#: Other names of the same (settled 13).
_ALIASES = {"sendsavedcontent": "sendsavedmms", "getsendingstatus": "getsendingstatistics"}
#: Every action that is served, by its name in lower case; all others are E107 (settled 2).
ACTIONS: dict[str, Action] = {action.right: action for action in _ALL}
ACTIONS |= {alias: ACTIONS[name] for alias, name in _ALIASES.items()}


#: A part of an action's name -> why none that is called so is served (api.md 3.7).
_NOT_SERVED = {
    "barcode": "barcodes are not served here",
    "pass": "Passbook calls are not served here",
    "email": "e-mail calls are not served here",
    "createuser": "accounts are made by whoever runs this gateway",
}


def why_not_served(name: str) -> str:
    """What to say of an action that there is none of; empty when there is nothing to say."""
    return next((words for part, words in _NOT_SERVED.items() if part in name.lower()), "")


def find_action(name: str) -> Action | None:
    """The action called ``name``; None when there is none."""
    return ACTIONS.get(name.strip().lower())
