"""sendMMS and sendSMS, and how any call becomes a request in the customer's own words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from slidewire.api.doors import Reply, Visit
from slidewire.api.wire import DISCOVERY, Call, Names
from slidewire.domain.account import Account
from slidewire.domain.checks import check_request
from slidewire.domain.request import TEXTS, Accepted, Given, SendRequest, TextRequest
from slidewire.domain.texting import check_text

G = TypeVar("G", bound=Given)
STATUS_DETAILS = "MMS request accepted and queued for delivery"


async def send_mms(call: Call, account: Account, visit: Visit) -> Reply:
    """One message to one receiver. Raises FaultError."""
    request = read_request(call, SendRequest)
    visit.receiver = request.receiver
    account = await with_campaign(account, request.campaign, visit)
    checked = check_request(request, account, visit.doors.now(), visit.rules)
    return sent(await visit.doors.accept(checked, account, visit.hung_up, visit.answering(sent)))


async def send_sms(call: Call, account: Account, visit: Visit) -> Reply:
    """One text to one receiver. Raises FaultError."""
    request = read_request(call, TextRequest)
    visit.receiver = request.receiver
    account = await with_campaign(account, request.campaign, visit)
    checked = check_text(request, account, visit.doors.now(), visit.rules)
    return text_sent(await visit.doors.accept(checked, account, visit.hung_up, visit.answering(text_sent)))


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
        ("status_details", details_of(accepted.send_at)),
    )
    return Reply(fields, accepted.warnings)


def text_sent(accepted: Accepted) -> Reply:
    """The answer of an accepted text (api.md 3.4)."""
    return Reply((("tracking_id", accepted.tracking_id), ("receiver", accepted.receiver)), accepted.warnings)


def details_of(send_at: int) -> str:
    """STATUSDETAILS of an accepted message; ``send_at``: when it will leave, Unix milliseconds, 0: at once."""
    if not send_at:
        return STATUS_DETAILS
    return f"MMS request accepted and scheduled for {datetime.fromtimestamp(send_at // 1000, UTC).isoformat()}"


#: The fields of requests that hold more than a text -> what the wire calls them, and what a call has for them.
_STRUCTURED: dict[str, tuple[str, Callable[[Call], object]]] = {
    "slides": ("slides", lambda call: tuple(call.slides)),
    "custom_texts": ("custom_text", lambda call: tuple(call.custom_texts)),
    "merge_values": ("merge_values", lambda call: call.merge_values),
}
#: What a call has besides its request: who calls, and for what.
_OF_EVERY_CALL = frozenset({"action", "key", "user", "password"}) | DISCOVERY
_NO_DISCOVERY = "no device discovery message is sent: what a phone can show is learnt from its receipts"


@dataclass(frozen=True, slots=True)
class _Shape:
    """What one kind of request holds; made once, for every call is read by it."""

    texts: frozenset[str]
    structured: tuple[tuple[str, Callable[[Call], object]], ...]
    others: tuple[tuple[str, Callable[[Call], object]], ...]  #: the wire's name of what it has no field for
    known: frozenset[str]  #: fields of a call that are no news to whoever reads the request

    @classmethod
    def of(cls, kind: type[Given]) -> "_Shape":
        here = frozenset(kind.__dataclass_fields__)
        known = here | _OF_EVERY_CALL | ({"operator_alias"} if "operator" in TEXTS[kind] else set())
        return cls(
            TEXTS[kind],
            tuple((name, of) for name, (_, of) in _STRUCTURED.items() if name in here),
            tuple((wire, of) for name, (wire, of) in _STRUCTURED.items() if name not in here),
            known,
        )


_SHAPES = {kind: _Shape.of(kind) for kind in TEXTS}


def read_request(call: Call, kind: type[G]) -> G:
    """What ``kind`` holds of the call; what is blank is absent (settled 2)."""
    shape = _SHAPES[kind]
    values: dict[str, Any] = {name: text for name, text in call.values.items() if name in shape.texts}
    if "operator_alias" in call.values and "operator" in shape.texts:
        values["operator"] = values.get("operator") or call.values["operator_alias"]
    for name, of in shape.structured:
        values[name] = of(call)
    told = (nested_of(call), tuple(call.repeated), _unknown_to(shape, call), _notes_on(call))
    return kind(call.dialect, *told, **values)


def _unknown_to(shape: _Shape, call: Call) -> tuple[str, ...]:
    """The fields that are ignored: those that no call has, and those that this one has not, as the dialect spells them.

    SPID stands in for OPERATORID. What is blank is told of nobody.
    """
    given = [name for name, text in call.values.items() if name not in shape.known and text]
    given += [wire for wire, of in shape.others if of(call)]
    return (*call.unknown, *map(Names(call.dialect).spelling, given)) if given else tuple(call.unknown)


def _notes_on(call: Call) -> tuple[str, ...]:
    """What reading has to tell."""
    if DISCOVERY.isdisjoint(call.values) or not any(call.values.get(name) for name in DISCOVERY):
        return tuple(call.notes)
    return (*call.notes, _NO_DISCOVERY)


def nested_of(call: Call) -> frozenset[str]:
    """The fields that hold no text, under the names of a request: SPID stands in for OPERATORID (settled 12)."""
    nested = frozenset(call.nested)
    if "operator_alias" in nested and not call.values.get("operator"):
        nested |= {"operator"}
    return nested
