"""Takes receipts: matched on the carrier's id alone, in any order, any number of times (standards.md 8).

A receipt that nobody is known for is kept and tried again: the submit answer may still be on its way.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import msgspec
import structlog

from slidewire.carriers.base import Receipt, ReceiptStatus
from slidewire.domain.change import Change, Ending
from slidewire.domain.events import Event, Reason
from slidewire.domain.finding import KeptFinding
from slidewire.domain.frozen import frozen
from slidewire.domain.handset import Handset
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store import ends, messages, receipts
from slidewire.store.database import Connection
from slidewire.store.handsets import find_handsets, note_handsets
from slidewire.store.operators import keep_findings
from slidewire.store.receipts import Known, Parked
from slidewire.store.segments import mark, read_all_segments
from slidewire.work import counting
from slidewire.work.means import Means, postback_task
from slidewire.work.reports import Past, Reports

#: Seconds between the tries to find a parked receipt's submission (durability 23).
PARKED_TRIES = (1.0, 5.0, 30.0, 300.0)
#: Seconds that a receipt waits for its reference to be stored; meanwhile nobody else is held up (durability 23).
PATIENCE = 1.0
#: Seconds before each further look for the submission of a receipt that comes while it is being recorded, perhaps by
#: another process: to park it costs as much as three looks.
LOOKS = (0.02, 0.1)
#: Parked references that this process remembers, to look again the moment their submission is known.
_REMEMBERED = 10_000
#: References that are looked up together.
_LOOKED_UP = 500

log = structlog.get_logger(__name__)


class Expected:
    """The references of one submission, from the carrier's answer to the commit that stores them."""

    def __init__(self, desk: "ReceiptDesk", route: str, expected: dict[tuple[str, str], asyncio.Event]) -> None:
        self._desk = desk
        self._route = route
        self._expected = expected
        self._refs: dict[str, None] = {}
        self._over = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, ref: str) -> None:
        """The carrier has taken a segment as ``ref``; it may be told twice."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._over.set)
        self._refs[ref] = None
        self._expected[self._route, ref] = self._over

    async def stored(self) -> None:
        """The references are stored, or will not be: who waited goes on, and what came before them is taken."""
        if self._timer is not None:
            self._timer.cancel()
        for ref in self._refs:
            self._expected.pop((self._route, ref), None)
        self._over.set()
        for ref in self._refs:
            await self._desk.submitted(self._route, ref)


@frozen
class Arrival:
    """A receipt that has come."""

    receipt: Receipt
    parks: bool = False  #: kept where it is nobody's; else it is looked for once more


class ReceiptDesk:
    """Stores receipts; what it returns from is committed (durability 23)."""

    def __init__(
        self,
        means: Means,
        reports: Reports,
        learnt: Callable[[str, str], KeptFinding | None] = lambda _number, _word: None,
    ) -> None:
        """``learnt``: a receiver and the network that a receipt names -> what is to be kept of it; None: nothing."""
        self._means = means
        self._reports = reports
        self._learnt = learnt
        self._parked: dict[tuple[str, str], None] = {}
        self._fresh: dict[str, list[str]] = {}  # route -> references stored since the last look
        self._expected: dict[tuple[str, str], asyncio.Event] = {}

    async def take(self, receipt: Receipt) -> None:
        """Take one receipt; the carrier may be answered when this returns."""
        for ref in _spellings(receipt):
            if stored := self._expected.get((receipt.route, ref)):
                await stored.wait()
                break
        for pause in LOOKS:
            queue = await self._means.commits.write(self._write, Arrival(receipt))
            if queue is not None:
                break
            await asyncio.sleep(pause)
        else:
            queue = await self._means.commits.write(self._write, Arrival(receipt, parks=True))
        if queue:
            self._means.wake(queue)

    def expect(self, route: str) -> "Expected":
        """What a submission over ``route`` will be known by: receipts that name it wait until that is stored."""
        return Expected(self, route, self._expected)

    async def submitted(self, route: str, ref: str) -> None:
        """A submission's reference is stored now: a receipt that came before it is taken at once.

        One that another process parked is taken at the next ``look``.
        """
        if (route, ref) not in self._parked:
            fresh = self._fresh.setdefault(route, [])
            if len(fresh) < _REMEMBERED:
                fresh.append(ref)
            return
        del self._parked[(route, ref)]
        await self._take_parked(route, [ref])

    async def look(self) -> None:
        """Take what other processes parked before its reference was stored here (durability 23)."""
        fresh, self._fresh = self._fresh, {}
        for route, refs in fresh.items():
            for first in range(0, len(refs), _LOOKED_UP):
                await self._take_parked(route, refs[first : first + _LOOKED_UP])

    async def _take_parked(self, route: str, refs: Sequence[str]) -> None:
        for parked in await self._means.database.read(lambda c: receipts.find_parked(c, route, refs)):
            await self.take(_receipt_of(parked))
            await self._means.database.write(lambda c, p=parked: receipts.unpark(c, p))  # type: ignore[misc]

    async def try_again(self, task: Task) -> None:
        """A parked receipt's turn: match it, adopt it, or let it wait (durability 4)."""
        ending = await self._means.database.write(lambda connection: self._retry(connection, task))
        for queue in filter(None, map(_queue_of, ending.changes)):
            self._means.wake(queue)

    def _write(self, connection: Connection, news: Sequence[Arrival]) -> list[str | None]:
        """For each the queue to wake, or an empty word; None: nobody's yet, and not parked."""
        arrivals = [each.receipt for each in news]
        known = _known(connection, arrivals)
        owners = known.owners
        past = self._past(connection, known, arrivals)
        owned = [_owned(receipt, owners) for receipt in arrivals]
        brought: list[Change | None] = [None] * len(arrivals)
        for n, (ref, owner) in enumerate(owned):
            if owner is not None and (key := (owner.id, arrivals[n].key)) not in past.seen.keys:
                past.seen.keys.add(key)
                receipt = arrivals[n] if ref == arrivals[n].carrier_ref else replace(arrivals[n], carrier_ref=ref)
                brought[n] = self._reports.change(owner, receipt, past)
        mark(connection, past.told)
        due = {task.id for task in messages.record(connection, list(filter(None, brought)))}
        telling = [r for r in arrivals if r.network and not self._reports.is_test(r.route)]
        named = [(owners[key].receiver, r.network) for r in telling for key in _keys(r) if key in owners]
        keep_findings(connection, [kept for each in named if (kept := self._learnt(*each)) is not None])
        lost = [n for n, (_, owner) in enumerate(owned) if owner is None]
        self._park(connection, [arrivals[n] for n in lost if news[n].parks])
        woken: list[str | None] = [_woken_by(change, due) if change else "" for change in brought]
        for n in lost:
            woken[n] = "" if news[n].parks else None
        return woken

    def _past(self, connection: Connection, known: Known, arrivals: Sequence[Receipt]) -> Past:
        owners = known.owners
        texted = [message.id for (route, _ref), message in owners.items() if self._reports.is_sms(route)]
        owned = [(_owned(receipt, owners)[1], receipt) for receipt in arrivals]
        matched = [(owner, receipt) for owner, receipt in owned if owner is not None]
        phones = self._phones(connection, matched, known.phones)
        return Past(known.seen, read_all_segments(connection, texted), phones=phones)

    def _phones(
        self, connection: Connection, matched: Sequence[tuple[Message, Receipt]], known: dict[str, Handset] | None
    ) -> dict[str, Handset]:
        """Keep what receipts tell of phones; those of the receivers who have their message now (settled 32).

        ``known``: what was known of these phones before; None: nobody has looked.
        """
        mms = [(message, receipt) for message, receipt in matched if not self._reports.is_sms(receipt.route)]
        real = [(message, receipt) for message, receipt in mms if not self._reports.is_test(receipt.route)]
        told = note_handsets(connection, ((m.receiver, Handset(r.handset, r.agent, r.received_at)) for m, r in real))
        have = {m.receiver for m, r in mms if r.status is ReceiptStatus.DELIVERED}
        if told or known is None:
            return find_handsets(connection, have)
        return {receiver: phone for receiver, phone in known.items() if receiver in have}

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
        found = [p for p in receipts.find_parked(connection, route, [ref]) if p.id == task.body["id"]]
        ending = Ending(task, self._means.node, at=self._means.now())
        if found:
            receipt = _receipt_of(found[0])
            known = _known(connection, [receipt])
            ref, owner = _owned(receipt, known.owners)
            receipt = replace(receipt, carrier_ref=ref)
            changes = self._matched(connection, known, receipt) if owner else self._adopted(connection, receipt)
            if changes or owner:
                receipts.unpark(connection, found[0])
                ending = replace(ending, changes=tuple(changes))
            elif task.attempt < len(PARKED_TRIES):
                due_at = ending.at + round(PARKED_TRIES[task.attempt] * 1000)
                ending = replace(ending, again=replace(task, due_at=due_at))
            else:
                log.warning("receipt matches no submission", route=route, ref=ref)
        ends.end(connection, [ending])
        return ending

    def _matched(self, connection: Connection, known: Known, receipt: Receipt) -> list[Change]:
        owner, past = known.owners[receipt.route, receipt.carrier_ref], self._past(connection, known, [receipt])
        if (owner.id, receipt.key) in past.seen.keys:
            return []
        change = self._reports.change(owner, receipt, past)
        mark(connection, past.told)
        return [change]

    def _adopted(self, connection: Connection, receipt: Receipt) -> list[Change]:
        """Give the receipt to the one submission that lost its answer, if there is exactly one (durability 4)."""
        if self._reports.is_sms(receipt.route):
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
        past = Past(phones=self._phones(connection, [(message, receipt)], None))
        counted = counting.adopted(adopted, message, self._means.node, test=self._reports.is_test(receipt.route))
        return [counted, self._reports.change(message, receipt, past)]


def _queue_of(change: Change) -> str:
    """The queue in which a change puts something; empty: in none."""
    task = change.begins or change.postback
    return task.queue if task else ""


def _woken_by(change: Change, due: set[str]) -> str:
    """Likewise, where it is due. ``due``: the postbacks that are."""
    waits = change.begins is None and change.postback is not None and change.postback.id not in due
    return "" if waits else _queue_of(change)


def _spellings(receipt: Receipt) -> tuple[str, ...]:
    """The carrier's id as it was given, then as it may be meant (standards.md 5.1: hex or decimal)."""
    return (receipt.carrier_ref, *receipt.other_refs)


def _keys(receipt: Receipt) -> list[tuple[str, str]]:
    return [(receipt.route, ref) for ref in _spellings(receipt)]


def _known(connection: Connection, arrivals: Sequence[Receipt]) -> Known:
    """Whose the receipts are; other spellings are looked for only where the one that was given is nobody's."""
    known = receipts.find_owners(connection, [(r.route, r.carrier_ref) for r in arrivals])
    stray = [r for r in arrivals if r.other_refs and (r.route, r.carrier_ref) not in known.owners]
    if stray:
        known |= receipts.find_owners(connection, [(r.route, ref) for r in stray for ref in r.other_refs])
    return known


def _owned(receipt: Receipt, owners: Mapping[tuple[str, str], Message]) -> tuple[str, Message | None]:
    """The spelling that is known, and whose it is."""
    for ref in _spellings(receipt):
        if (receipt.route, ref) in owners:
            return ref, owners[receipt.route, ref]
    return receipt.carrier_ref, None


def _receipt_of(parked: Parked) -> Receipt:
    return msgspec.json.decode(parked.body, type=Receipt)
