"""What a receipt says of a message: the change that it makes, told apart for MMS and SMS (settled 27)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from slidewire.carriers.base import Receipt, ReceiptStatus, Route
from slidewire.carriers.choice import SMS
from slidewire.domain.change import Change
from slidewire.domain.events import Event, Reason
from slidewire.domain.handset import Handset
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store.receipts import Seen
from slidewire.store.segments import Kept, SegmentState
from slidewire.work.means import Means, postback_task
from slidewire.work.remembered import fallback_body


@dataclass(frozen=True, slots=True)
class _Meaning:
    event: Event
    status: Status
    code: PostbackCode


#: What a final receipt for an MMS does (settled 27).
MEANINGS = {
    ReceiptStatus.DELIVERED: _Meaning(Event.DELIVERED, Status.DELIVERED, PostbackCode.DELIVERED),
    ReceiptStatus.EXPIRED: _Meaning(Event.EXPIRED, Status.EXPIRED, PostbackCode.EXPIRED),
    ReceiptStatus.REJECTED: _Meaning(Event.REJECTED, Status.REJECTED, PostbackCode.REJECTED),
    ReceiptStatus.NOT_SUPPORTED: _Meaning(Event.FAILED, Status.FAILED, PostbackCode.NOT_SUPPORTED),
    ReceiptStatus.FAILED: _Meaning(Event.FAILED, Status.FAILED, PostbackCode.FAILED),
}

#: What a final receipt for a segment of an SMS does.
SMS_MEANINGS = {
    ReceiptStatus.DELIVERED: _Meaning(Event.DELIVERED, Status.DELIVERED, PostbackCode.SMS_DELIVERED),
    ReceiptStatus.EXPIRED: _Meaning(Event.EXPIRED, Status.EXPIRED, PostbackCode.SMS_EXPIRED),
    ReceiptStatus.REJECTED: _Meaning(Event.REJECTED, Status.REJECTED, PostbackCode.SMS_FAILED),
    ReceiptStatus.NOT_SUPPORTED: _Meaning(Event.FAILED, Status.FAILED, PostbackCode.SMS_NOT_SUPPORTED),
    ReceiptStatus.FAILED: _Meaning(Event.FAILED, Status.FAILED, PostbackCode.SMS_FAILED),
}


@dataclass(frozen=True, slots=True)
class Past:
    """What the store knew of the receipts' messages, and what was told of their segments since."""

    seen: Seen = field(default_factory=lambda: Seen(set(), set()))
    segments: dict[str, list[Kept]] = field(default_factory=dict)
    phones: dict[str, Handset] = field(default_factory=dict)  #: by number, where they are known
    told: list[tuple[str, int, SegmentState]] = field(default_factory=list)  #: to be written with the changes

    def tell(self, message_id: str, ref: str, state: SegmentState) -> bool:
        """Mark the segment with that carrier's id; whether all of the message's are in that state now."""
        kept = self.segments.get(message_id, [])
        for at, each in enumerate(kept):
            if each.carrier_ref == ref and each.state is SegmentState.TAKEN:
                kept[at] = replace(each, state=state)
                self.told.append((message_id, each.segment.number, state))
        return all(each.state is state for each in kept)


@dataclass(frozen=True, slots=True)
class _Noted:
    """A receipt of a message, before it is known what it does."""

    id: str  #: of the event
    at: int  #: Unix milliseconds
    message: Message
    receipt: Receipt

    @property
    def detail(self) -> str:
        return f"{self.receipt.word} {self.receipt.detail}".strip()

    def change(self, meaning: _Meaning | None = None, postback: Task | None = None) -> Change:
        """The change: where ``meaning`` moves the message, or a note of the receipt alone."""
        return Change(
            id=self.id,
            message_id=self.message.id,
            account_id=self.message.account_id,
            event=meaning.event if meaning else Event.RECEIPT,
            at=self.at,
            status=meaning.status if meaning else None,
            reason=Reason.RECEIPT,
            detail=self.detail,
            receipt_key=self.receipt.key,
            postback=postback,
        )


class Reports:
    """Turns receipts into changes."""

    def __init__(self, means: Means, routes: Mapping[str, Route], fallback: Callable[[Message], Route | None]) -> None:
        """``fallback``: the SMS route of a message whose MMS failed; None when it may not or cannot go as SMS."""
        self._means = means
        self._sms_routes = frozenset(name for name, route in routes.items() if route.kind == SMS)
        self._test_routes = frozenset(name for name, route in routes.items() if route.test)
        self._turning = frozenset(name for name, route in routes.items() if route.fallback_on_report)
        self._fallback = fallback

    def is_sms(self, route: str) -> bool:
        """Whether receipts of ``route`` are for segments of SMS."""
        return route in self._sms_routes

    def is_test(self, route: str) -> bool:
        """Whether ``route`` leads to the simulator: nothing that it tells of phones is true."""
        return route in self._test_routes

    def change(self, message: Message, receipt: Receipt, past: Past) -> Change:
        """What ``receipt`` does to ``message``; for an SMS the segment is marked in ``past``."""
        noted = _Noted(self._means.new_id(), self._means.now(), message, receipt)
        if receipt.route in self._sms_routes:
            return self._sms_change(message, receipt, noted.change(), past)
        return self._mms_change(noted, past)

    def _mms_change(self, noted: "_Noted", past: Past) -> Change:
        message, receipt = noted.message, noted.receipt
        meaning = MEANINGS.get(receipt.status)
        if meaning is None:
            return noted.change()
        if message.id in past.seen.turned:
            return replace(noted.change(), event=Event.LATE_RECEIPT)
        final = meaning.code is PostbackCode.DELIVERED
        if not final and receipt.route in self._turning and (turned := self._turned(message, noted.change())):
            return turned
        postback = Postback(
            meaning.code,
            noted.at,
            sent_as="MMS" if final else "",
            details="" if final else noted.detail,
            handset=past.phones[message.receiver].word if message.receiver in past.phones else "",
        )
        return noted.change(meaning, postback_task(self._means, message, postback))

    def _turned(self, message: Message, change: Change) -> Change | None:
        """The MMS did not arrive: on as an SMS, told by that one's N101; None when it cannot be one (settled 27)."""
        route = self._fallback(message) if change.at < message.expires_at else None
        if route is None:
            return None
        text = Task(
            id=self._means.new_id(),
            kind=TaskKind.TEXT,
            queue=TaskKind.TEXT.queue(route.name),
            account_id=message.account_id,
            message_id=message.id,
            due_at=change.at,
            body=fallback_body(change.reason, change.detail),
        )
        return replace(change, event=Event.FALLBACK, status=Status.ACCEPTED, begins=text)

    def _sms_change(self, message: Message, receipt: Receipt, change: Change, past: Past) -> Change:
        """N202 when every segment was delivered, E202 at the first that finally failed (settled 27)."""
        meaning = SMS_MEANINGS.get(receipt.status)
        if meaning is None:
            return change
        delivered = receipt.status is ReceiptStatus.DELIVERED
        state = SegmentState.DELIVERED if delivered else SegmentState.FAILED
        all_alike = past.tell(message.id, receipt.carrier_ref, state)
        if delivered and not all_alike:
            return change
        details = "" if delivered else change.detail
        postback = Postback(meaning.code, change.at, sent_as="SMS", details=details)
        task = postback_task(self._means, message, postback)
        return replace(change, event=meaning.event, status=meaning.status, postback=task)
