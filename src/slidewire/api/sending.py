"""sendMMS, and how any call becomes a request in the customer's own words."""

from collections.abc import Callable
from typing import Any, TypeVar

from slidewire.api.doors import Reply, Visit
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.checks import check_request
from slidewire.domain.request import TEXTS, Accepted, Given, SendRequest

G = TypeVar("G", bound=Given)
STATUS_DETAILS = "MMS request accepted and queued for delivery"


async def send_mms(call: Call, account: Account, visit: Visit) -> Reply:
    """One message to one receiver. Raises FaultError."""
    request = read_request(call, SendRequest)
    visit.receiver = request.receiver
    account = await with_campaign(account, request.campaign, visit)
    checked = check_request(request, account, visit.doors.now(), visit.rules)
    return sent(await visit.doors.accept(checked, account, visit.hung_up, visit.answering(sent)))


async def with_campaign(account: Account, campaign: str | None, visit: Visit) -> Account:
    """The account with the campaign that it must name, also when that was made a moment ago."""
    if account.settings.enforce_campaign and (campaign or "").strip() not in account.campaigns:
        return await visit.doors.look_again(account)
    return account


def sent(accepted: Accepted) -> Reply:
    """The answer of an accepted message."""
    fields = (
        ("receiver", accepted.receiver),
        ("mms_id", str(accepted.mms_id)),
        ("tracking_id", accepted.tracking_id),
        ("status_details", STATUS_DETAILS),
    )
    return Reply(fields, accepted.warnings)


#: The fields of requests that hold more than a text -> what a call has for them.
_STRUCTURED: dict[str, Callable[[Call], object]] = {
    "slides": lambda call: tuple(call.slides),
    "custom_texts": lambda call: tuple(call.custom_texts),
    "merge_values": lambda call: call.merge_values,
}


def read_request(call: Call, kind: type[G]) -> G:
    """What ``kind`` holds of the call; what is blank is absent (settled 2)."""
    word = call.values.get
    values: dict[str, Any] = {name: word(name) for name in TEXTS[kind]}
    if "operator" in values:
        values["operator"] = word("operator") or word("operator_alias")
    for name, of in _STRUCTURED.items():
        if name in kind.__dataclass_fields__:
            values[name] = of(call)
    told = (nested_of(call), tuple(call.repeated), tuple(call.unknown), tuple(call.notes))
    return kind(call.dialect, *told, **values)


def nested_of(call: Call) -> frozenset[str]:
    """The fields that hold no text, under the names of a request: SPID stands in for OPERATORID (settled 12)."""
    nested = frozenset(call.nested)
    if "operator_alias" in nested and not call.values.get("operator"):
        nested |= {"operator"}
    return nested
