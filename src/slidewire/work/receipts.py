"""Takes receipts: matched on the carrier's id alone, in any order, any number of times (standards.md 8).

A receipt that nobody is known for is kept and tried again: the submit answer may still be on its way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import structlog

from slidewire.carriers.base import Receipt, ReceiptStatus, Route
from slidewire.carriers.choice import SMS
from slidewire.domain.change import Change, Ending
from slidewire.domain.events import Event, Reason
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store import hot, messages, receipts
from slidewire.store.database import Connection
from slidewire.store.receipts import Parked, Seen
from slidewire.store.segments import SegmentState, mark, read_segments
from slidewire.work.means import Means, postback_task
from slidewire.work.settle import fallback_body

#: Seconds between the tries to find a parked receipt's submission (durability 23).
PARKED_TRIES = (1.0, 5.0, 30.0, 300.0)
#: Parked references that this process remembers, to look again the moment their submission is known.
_REMEMBERED = 10_000

log = structlog.get_logger(__name__)


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


class ReceiptDesk:
    """Stores receipts; what it returns from is committed (durability 23)."""

    def __init__(self, means: Means, routes: Mapping[str, Route], fallback: Callable[[Message], Route | None]) -> None:
        """``fallback``: the SMS route of a message whose MMS failed; None when it may not or cannot go as SMS."""
        self._means = means
        self._sms_routes = frozenset(name for name, route in routes.items() if route.kind == SMS)
        self._turning = frozenset(name for name, route in routes.items() if route.fallback_on_report)
        self._fallback = fallback
        self._parked: dict[tuple[str, str], None] = {}

    async def take(self, receipt: Receipt) -> None:
        """Take one receipt; the carrier may be answered when this returns."""
        queue = await self._means.commits.write(self._write, receipt)
        if queue:
            self._means.wake(queue)

    async def submitted(self, route: str, ref: str) -> None:
        """A submission's reference is stored now: a receipt that came before it is taken at once."""
        if (route, ref) not in self._parked:
            return
        del self._parked[(route, ref)]
        for parked in await self._means.database.read(lambda c: receipts.find_parked(c, route, ref)):
            await self.take(_receipt_of(parked))
            await self._means.database.write(lambda c, p=parked: receipts.unpark(c, p))  # type: ignore[misc]

    async def try_again(self, task: Task) -> None:
        """A parked receipt's turn: match it, adopt it, or let it wait (durability 4)."""
        ending = await self._means.database.write(lambda connection: self._retry(connection, task))
        for queue in filter(None, map(_woken_by, ending.changes)):
            self._means.wake(queue)

    def _write(self, connection: Connection, arrivals: Sequence[Receipt]) -> list[str]:
        owners = receipts.owners(connection, [(r.route, ref) for r in arrivals for ref in _spellings(r)])
        seen = receipts.seen_receipts(connection, [m.id for m in owners.values()])
        changes: list[Change] = []
        woken: list[str] = []
        stray: list[Receipt] = []
        for receipt in arrivals:
            ref, owner = _owned(receipt, owners)
            queue = ""
            if owner is None:
                stray.append(receipt)
            elif (owner.id, receipt.key) not in seen.keys:
                seen.keys.add((owner.id, receipt.key))
                change = self._change(connection, owner, replace(receipt, carrier_ref=ref), seen)
                changes.append(change)
                queue = _woken_by(change)
            woken.append(queue)
        messages.record(connection, changes)
        self._park(connection, stray)
        return woken

    def _change(self, connection: Connection, message: Message, receipt: Receipt, seen: Seen) -> Change:
        at = self._means.now()
        change = Change(
            id=self._means.new_id(),
            message_id=message.id,
            account_id=message.account_id,
            event=Event.RECEIPT,
            at=at,
            reason=Reason.RECEIPT,
            detail=f"{receipt.word} {receipt.detail}".strip(),
            receipt_key=receipt.key,
        )
        if receipt.route in self._sms_routes:
            return self._sms_change(connection, message, receipt, change)
        return self._mms_change(message, receipt, change, seen)

    def _mms_change(self, message: Message, receipt: Receipt, change: Change, seen: Seen) -> Change:
        meaning = MEANINGS.get(receipt.status)
        if meaning is None:
            return change
        if message.id in seen.turned:
            return replace(change, event=Event.LATE_RECEIPT)
        final = meaning.code is PostbackCode.DELIVERED
        if not final and receipt.route in self._turning and (turned := self._turned(message, change)):
            return turned
        postback = Postback(
            meaning.code,
            change.at,
            sent_as="MMS" if final else "",
            details="" if final else change.detail,
            handset=receipt.handset,
        )
        task = postback_task(self._means, message, postback)
        return replace(change, event=meaning.event, status=meaning.status, postback=task)

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

    def _sms_change(self, connection: Connection, message: Message, receipt: Receipt, change: Change) -> Change:
        """N202 when every segment was delivered, E202 at the first that finally failed (settled 27)."""
        meaning = SMS_MEANINGS.get(receipt.status)
        if meaning is None:
            return change
        delivered = receipt.status is ReceiptStatus.DELIVERED
        mark(
            connection,
            message.id,
            receipt.carrier_ref,
            SegmentState.DELIVERED if delivered else SegmentState.FAILED,
        )
        kept = read_segments(connection, message.id)
        if delivered and any(each.state is not SegmentState.DELIVERED for each in kept):
            return change
        details = "" if delivered else change.detail
        postback = Postback(meaning.code, change.at, sent_as="SMS", details=details)
        task = postback_task(self._means, message, postback)
        return replace(change, event=meaning.event, status=meaning.status, postback=task)

    def _park(self, connection: Connection, stray: Sequence[Receipt]) -> None:
        parked = [
            Parked(r.route, r.carrier_ref, self._means.new_id(), r.received_at, msgspec.json.encode(r).decode())
            for r in stray
        ]
        receipts.park(connection, parked)
        now = self._means.now()
        for each in parked:
            self._remember(each)
            messages.insert_task(
                connection,
                Task(
                    id=self._means.new_id(),
                    kind=TaskKind.RECEIPT,
                    queue=TaskKind.RECEIPT.queue(),
                    account_id="",
                    message_id=f"parked-{each.id}",
                    due_at=now + round(PARKED_TRIES[0] * 1000),
                    body={"route": each.route, "ref": each.ref, "id": each.id},
                ),
            )

    def _remember(self, parked: Parked) -> None:
        if len(self._parked) >= _REMEMBERED:
            del self._parked[next(iter(self._parked))]
        self._parked[(parked.route, parked.ref)] = None

    def _retry(self, connection: Connection, task: Task) -> Ending:
        route, ref = str(task.body["route"]), str(task.body["ref"])
        found = [p for p in receipts.find_parked(connection, route, ref) if p.id == task.body["id"]]
        ending = Ending(task, self._means.node, at=self._means.now())
        if found:
            receipt = _receipt_of(found[0])
            owners = receipts.owners(connection, [(route, spelt) for spelt in _spellings(receipt)])
            ref, owner = _owned(receipt, owners)
            receipt = replace(receipt, carrier_ref=ref)
            changes = self._matched(connection, owner, receipt) if owner else self._adopted(connection, receipt)
            if changes or owner:
                receipts.unpark(connection, found[0])
                ending = replace(ending, changes=tuple(changes))
            elif task.attempt < len(PARKED_TRIES):
                due_at = ending.at + round(PARKED_TRIES[task.attempt] * 1000)
                ending = replace(ending, again=replace(task, due_at=due_at))
            else:
                log.warning("receipt matches no submission", route=route, ref=ref)
        hot.end(connection, [ending])
        return ending

    def _matched(self, connection: Connection, owner: Message, receipt: Receipt) -> list[Change]:
        seen = receipts.seen_receipts(connection, [owner.id])
        return [] if (owner.id, receipt.key) in seen.keys else [self._change(connection, owner, receipt, seen)]

    def _adopted(self, connection: Connection, receipt: Receipt) -> list[Change]:
        """Give the receipt to the one submission that lost its answer, if there is exactly one (durability 4)."""
        if receipt.route in self._sms_routes:
            return []  # its segments wait for their own answers
        candidates = receipts.candidates(connection, receipt.route, receipt.numbers)
        if len(candidates) != 1 or candidates[0].in_flight:
            return []
        task, message = candidates[0].task, candidates[0].message
        if not receipts.drop_uncertain(connection, task):
            return []
        at = self._means.now()
        receipts.add_ref(connection, receipt.route, receipt.carrier_ref, message, at)
        postback = postback_task(self._means, message, Postback(PostbackCode.SENT, at, sent_as="MMS"))
        adopted = Change(
            id=self._means.new_id(),
            message_id=message.id,
            account_id=message.account_id,
            event=Event.ADOPTED,
            at=at,
            status=Status.SUBMITTED,
            reason=Reason.UNCERTAIN,
            detail=f"{receipt.route} {receipt.carrier_ref}",
            attempt=task.attempt,
            postback=postback,
        )
        return [adopted, self._change(connection, message, receipt, Seen(set(), set()))]


def _woken_by(change: Change) -> str:
    """The queue in which a change put something that is due; empty: in none."""
    task = change.begins or change.postback
    return task.queue if task else ""


def _spellings(receipt: Receipt) -> tuple[str, ...]:
    """The carrier's id as it was given, then as it may be meant (standards.md 5.1: hex or decimal)."""
    return (receipt.carrier_ref, *receipt.other_refs)


def _owned(receipt: Receipt, owners: dict[tuple[str, str], Message]) -> tuple[str, Message | None]:
    """The spelling that is known, and whose it is."""
    for ref in _spellings(receipt):
        if (receipt.route, ref) in owners:
            return ref, owners[receipt.route, ref]
    return receipt.carrier_ref, None


def _receipt_of(parked: Parked) -> Receipt:
    return msgspec.json.decode(parked.body, type=Receipt)
