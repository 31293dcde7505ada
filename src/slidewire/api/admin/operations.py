"""Everything that /admin/v1 can do: one table, from which requests are served and the OpenAPI document is written."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec

from slidewire.api.admin import serving, wishes
from slidewire.api.admin.desk import Asked
from slidewire.provisioning.accounts import AccountFacts, AccountRow, MadeAccount, Switched
from slidewire.provisioning.blocks import Blocked, BlockFacts, Unblocked
from slidewire.provisioning.campaigns import CampaignFacts, ChangedSubscription, SubscriptionFacts
from slidewire.provisioning.held import Decided
from slidewire.provisioning.keys import KeyFacts, MadeKey
from slidewire.provisioning.ledgers import AuditFacts, UsageRow
from slidewire.provisioning.messages import MessageFacts, MessageRow
from slidewire.provisioning.phones import HandsetFacts, LookupAnswer, OperatorFacts
from slidewire.provisioning.postbacks import PostbackFacts, PostedAgain, Resumed
from slidewire.provisioning.redaction import RedactionReceipt

ROOT = "/admin/v1"
T = TypeVar("T")


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list; `next` is where it goes on, null at its end."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for."""

    method: str
    path: str  #: below ROOT; what stands in braces is a name
    words: str  #: what it does, in a sentence
    answer: Any  #: the type of what it answers
    serve: Callable[[Asked], Awaitable[Any]]
    query: type[wishes.Wish] = wishes.Nothing
    body: type[wishes.Wish] | None = None
    made: bool = False  #: 201 instead of 200

    @property
    def status(self) -> HTTPStatus:
        """What a success is answered with."""
        return HTTPStatus.CREATED if self.made else HTTPStatus.OK

    @property
    def segments(self) -> tuple[str, ...]:
        """The path, cut."""
        return tuple(f"{ROOT}{self.path}".strip("/").split("/"))


def _get(path: str, words: str, answer: Any, serve: Any, query: type[wishes.Wish] = wishes.Nothing) -> Operation:
    return Operation("GET", path, words, answer, serve, query)


def _post(path: str, words: str, answer: Any, serve: Any, body: type[wishes.Wish] | None = None) -> Operation:
    return Operation("POST", path, words, answer, serve, body=body)


def _makes(operation: Operation) -> Operation:
    return replace(operation, made=True)


_ACCOUNT = "/accounts/{account}"
_CAMPAIGN = _ACCOUNT + "/campaigns/{ref}"
_SUBSCRIPTION = _CAMPAIGN + "/subscriptions/{number}"
OPERATIONS: tuple[Operation, ...] = (
    _get("/accounts", "List accounts in the order in which they were made.", Listed[AccountRow],
         serving.list_accounts, wishes.Page),
    _makes(_post("/accounts", "Make an account; its key is told this once.", MadeAccount,
                 serving.add_account, wishes.NewAccount)),
    _get(_ACCOUNT, "Show an account, by its id or its name.", AccountFacts, serving.show_account),
    Operation("PATCH", _ACCOUNT, "Set settings, add senders.", AccountFacts,
              serving.change_account, body=wishes.AccountChange),
    _post(_ACCOUNT + "/disable", "Turn an account off: its calls are E104.", Switched, serving.disable_account),
    _post(_ACCOUNT + "/enable", "Turn it on again.", Switched, serving.enable_account),
    _get(_ACCOUNT + "/keys", "List an account's keys, the newest first.", Listed[KeyFacts], serving.list_keys),
    _makes(_post(_ACCOUNT + "/keys", "Make a new key, told this once; the old ones end after the overlap.", MadeKey,
                 serving.rotate_key, wishes.NewKey)),
    _get(_ACCOUNT + "/campaigns", "List an account's campaigns.", Listed[CampaignFacts], serving.list_campaigns),
    _makes(_post(_ACCOUNT + "/campaigns", "Make a campaign.", CampaignFacts,
                 serving.add_campaign, wishes.NewCampaign)),
    _post(_CAMPAIGN + "/close", "End a campaign; its subscriptions are kept.", CampaignFacts, serving.close_campaign),
    _get(_CAMPAIGN + "/subscriptions", "List who joined a campaign or left it.", Listed[SubscriptionFacts],
         serving.list_subscriptions, wishes.Page),
    Operation("PUT", _SUBSCRIPTION, "Let a phone join a campaign.", ChangedSubscription, serving.subscribe),
    Operation("DELETE", _SUBSCRIPTION, "Take a phone out of a campaign.", ChangedSubscription, serving.unsubscribe),
    _post(_ACCOUNT + "/postbacks/replay", "Post again what an account did not receive since a time.", PostedAgain,
          serving.replay, wishes.ReplayWish),
    _post(_ACCOUNT + "/postbacks/resume", "Turn an account's postbacks on again.", Resumed, serving.resume),
    _get("/campaigns", "List the campaigns of all accounts.", Listed[CampaignFacts], serving.list_campaigns),
    _get("/blocks", "List blocked phones in the order of their numbers.", Listed[BlockFacts],
         serving.list_blocks, wishes.BlockPage),
    _post("/blocks", "Block phones: nothing is sent to them.", Blocked, serving.block, wishes.NewBlocks),
    Operation("DELETE", "/blocks/{number}", "Take a block away, that of just this scope.", Unblocked,
              serving.unblock, wishes.BlockScope),
    _get("/operators", "List the mobile networks that are known.", Listed[OperatorFacts],
         serving.list_operators, wishes.OfCountry),
    _post("/operators/lookup", "Ask every link of the operator look-up about a number; this may cost money.",
          Listed[LookupAnswer], serving.look_up, wishes.OneNumber),
    _get("/handsets/{number}", "Show what is known of the phone behind a number.", HandsetFacts, serving.show_handset),
    _get("/messages", "List messages, the newest first.", Listed[MessageRow],
         serving.list_messages, wishes.MessagePage),
    _get("/messages/{tracking_id}", "Show everything that is kept of a message.", MessageFacts, serving.show_message),
    _post("/messages/{tracking_id}/release", "Let a held message go.", Decided, serving.release),
    _post("/messages/{tracking_id}/drop", "End a held message; its account is told by E101.", Decided, serving.drop),
    _post("/messages/{tracking_id}/redact", "Take away every trace of a message that has ended.", RedactionReceipt,
          serving.redact_message),
    _post("/messages/{tracking_id}/postbacks/resend", "Post a message's postbacks again, under their old ids.",
          PostedAgain, serving.resend, wishes.ResendWish),
    _post("/numbers/redact", "Take away every trace of a phone; blocks and opt-outs stay.", RedactionReceipt,
          serving.redact_number, wishes.NumberRedaction),
    _get("/postbacks", "List postbacks of messages, the newest first.", Listed[PostbackFacts],
         serving.list_postbacks, wishes.PostbackSearch),
    _get("/usage", "What accounts used in a month, by channel and operator.", Listed[UsageRow],
         serving.list_usage, wishes.UsageOf),
    _get("/audit", "Who changed what and when, the newest first.", Listed[AuditFacts],
         serving.list_audit, wishes.AuditPage),
)  # fmt: skip  # one entry a thought
