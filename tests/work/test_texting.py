"""SMS from their claim to their receipts, without a wire: the carrier does as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.builders import a_message, a_task, now_ms
from tests.work.kit import Kit, a_kit

from slidewire.carriers.base import Outcome, Receipt, ReceiptStatus, Route, SegmentOutcome, SmsSubmission, Verdict
from slidewire.carriers.health import Breaker
from slidewire.carriers.smpp.pace import Pace
from slidewire.carriers.smpp.text import Writing, read
from slidewire.domain.message import Message
from slidewire.domain.task import TaskKind
from slidewire.store.database import Database
from slidewire.store.links import LinkKey, links_of
from slidewire.store.receipts import list_parked
from slidewire.store.segments import SegmentState, read_segments
from slidewire.work.ends import Ends
from slidewire.work.lanes import Lanes, Neighbours, Shared, Terms
from slidewire.work.leases import Leases, Leave
from slidewire.work.receipts import ReceiptDesk
from slidewire.work.reports import Reports
from slidewire.work.settle import Settler
from slidewire.work.texting import LinkMaker, SmsWay, Text

ROUTE = Route("sms-a", "smpp", "", window=4, rate=1_000.0)


def taken(submission: SmsSubmission) -> Outcome:
    """Every segment is taken; ids are the message's with the segment's number."""
    return answered(submission, {})


def answered(submission: SmsSubmission, refused: dict[int, Verdict]) -> Outcome:
    """As ``taken``, but for the segments in ``refused``."""
    said = tuple(
        SegmentOutcome(each.number, refused[each.number])
        if each.number in refused
        else SegmentOutcome(each.number, Verdict.ACCEPTED, f"{submission.message.id}/{each.number}")
        for each in submission.segments
    )
    worst = next(iter(refused.values()), Verdict.ACCEPTED)
    return Outcome(worst, said[0].carrier_ref if worst is Verdict.ACCEPTED else "", segments=said)


@dataclass
class Carrier:
    """Answers as ``answer`` says; remembers what it was handed."""

    answer: Callable[[SmsSubmission], Outcome] = taken
    before: Callable[[SmsSubmission], Awaitable[None]] | None = None
    handed: list[SmsSubmission] = field(default_factory=list)

    async def submit(self, submission: SmsSubmission) -> Outcome:
        self.handed.append(submission)
        if self.before is not None:
            await self.before(submission)
        return self.answer(submission)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Office:
    """The step with everything around it."""

    kit: Kit
    carrier: Carrier
    desk: ReceiptDesk
    step: Text
    lanes: Lanes

    async def run(self, limit: int = 10) -> None:
        """Claim what is due and run it, all at once."""
        await self.lanes.look(alone)
        claimed = await self.kit.claim("text:sms-a", limit)
        self.step.take("sms-a", len(claimed))
        await asyncio.gather(*(self.step.run(each) for each in claimed))

    async def states(self, message: Message) -> list[SegmentState]:
        kept = await self.kit.means.database.read(lambda c: read_segments(c, message.id))
        return [each.state for each in kept]

    async def receipt(self, message: Message, number: int, status: ReceiptStatus = ReceiptStatus.DELIVERED) -> None:
        ref = f"{message.id}/{number}"
        await self.desk.take(Receipt("sms-a", ref, status, "DELIVRD", now_ms(), other_refs=(ref.upper(),)))


def an_office(database: Database, route: Route = ROUTE) -> Office:
    kit, carrier = a_kit(database, postbacks=False), Carrier()
    settler = Settler(kit.means, (5.0,), lambda _message: None)
    desk = ReceiptDesk(kit.means, Reports(kit.means, {route.name: route}, lambda _message: None))
    way = SmsWay(route, carrier, Breaker(), Writing())
    tokens = iter(f"token{at:06d}" for at in range(1_000_000))
    maker = LinkMaker(lambda: LinkKey.of(b"k" * 32), lambda: "https://m.example.net", lambda: next(tokens))
    shared = {route.name: Shared(f"text:{route.name}", Pace(route))}
    lanes = Lanes(kit.means, shared, {route.name: Terms(route.rate, 1)}, 90.0)
    leave = Leave(lanes, Leases(kit.means, 90.0))
    return Office(kit, carrier, desk, Text(kit.means, {route.name: way}, Ends(settler, desk), maker, leave), lanes)


async def alone() -> Neighbours:
    """There is no other node."""
    return Neighbours(living=1)


async def waiting(office: Office, count: int, **fields: Any) -> list[Message]:
    messages = [a_message(**{"fallback_text": f"Number {at}"} | fields) for at in range(count)]
    for message in messages:
        text = a_task(message, kind=TaskKind.TEXT, queue="text:sms-a", body={"reason": "FORCED"})
        await office.kit.accepted(message, text)
    return messages


def said(submissions: Sequence[SmsSubmission]) -> list[str]:
    return sorted("".join(read(each) for each in one.segments) for one in submissions)


async def test_texts_of_one_commit_are_written_kept_and_taken_apart(database: Database) -> None:
    office = an_office(database)
    messages = await waiting(office, 3)
    await office.run()
    links = [await database.read(lambda c, m=m: links_of(c, m.id)) for m in messages]  # type: ignore[misc]
    assert [len(each) for each in links] == [1, 1, 1]
    assert [text.rpartition(" ")[0] for text in said(office.carrier.handed)] == ["Number 0", "Number 1", "Number 2"]
    assert len({text.rpartition("/")[2] for text in said(office.carrier.handed)}) == 3
    assert [await office.states(message) for message in messages] == [[SegmentState.TAKEN]] * 3
    for message in messages:
        await office.receipt(message, 1)
        assert await office.kit.events(message) == ["submitted", "delivered"]


async def test_only_what_was_not_taken_goes_again_with_the_same_words(database: Database) -> None:
    office = an_office(database)
    [message] = await waiting(office, 1, fallback_text="word " * 60)
    office.carrier.answer = lambda submission: answered(submission, {2: Verdict.THROTTLED})
    await office.run()
    assert await office.states(message) == [SegmentState.TAKEN, SegmentState.WAITING, SegmentState.TAKEN]
    office.carrier.answer = taken
    await database.write(lambda c: c.exec_driver_sql("UPDATE tasks SET due_at = 0"))
    await office.run()
    first, second = office.carrier.handed
    assert second.segments == (first.segments[1],)
    assert await office.states(message) == [SegmentState.TAKEN] * 3
    assert len(await database.read(lambda c: links_of(c, message.id))) == 1


@pytest.mark.parametrize("late", [False, True], ids=["in order", "the last first"])
async def test_every_segment_has_to_arrive(database: Database, late: bool) -> None:
    office = an_office(database)
    [message] = await waiting(office, 1, fallback_text="word " * 60)
    await office.run()
    for number in (3, 1, 2) if late else (1, 2, 3):
        assert await office.kit.status(message) == "submitted"
        await office.receipt(message, number)
    assert await office.kit.status(message) == "delivered"


async def test_receipts_of_one_commit_count_together(database: Database) -> None:
    office = an_office(database)
    [message] = await waiting(office, 1, fallback_text="word " * 60)
    await office.run()
    await asyncio.gather(*(office.receipt(message, number) for number in (1, 2, 3)))
    assert await office.states(message) == [SegmentState.DELIVERED] * 3
    assert (await office.kit.events(message)).count("delivered") == 1


async def test_a_segment_that_failed_ends_it(database: Database) -> None:
    office = an_office(database)
    [message] = await waiting(office, 1, fallback_text="word " * 60)
    await office.run()
    await office.receipt(message, 2, ReceiptStatus.FAILED)
    assert await office.kit.status(message) == "failed"
    assert await office.states(message) == [SegmentState.TAKEN, SegmentState.FAILED, SegmentState.TAKEN]


async def test_a_receipt_does_not_wait_for_ever_for_a_submission_that_goes_on(database: Database) -> None:
    """Where the other segments take their time it is parked, acknowledged, and taken with them."""
    office = an_office(database)
    [message] = await waiting(office, 1, fallback_text="word " * 60)

    async def receipt_meanwhile(submission: SmsSubmission) -> None:
        submission.taken(f"{message.id}/1")
        await office.receipt(message, 1)

    office.carrier.before = receipt_meanwhile
    await office.run()
    assert await office.states(message) == [SegmentState.DELIVERED, SegmentState.TAKEN, SegmentState.TAKEN]
    assert await database.read(list_parked) == []


async def test_a_receipt_waits_while_its_reference_is_being_stored(database: Database) -> None:
    """It often follows the answer in the same packet: then it need not be parked."""
    office = an_office(database)
    [message] = await waiting(office, 1)
    early: list[asyncio.Task[None]] = []

    async def receipt_next(submission: SmsSubmission) -> None:
        submission.taken(f"{message.id}/1")
        early.append(asyncio.create_task(office.receipt(message, 1)))
        await asyncio.sleep(0.05)
        assert not early[0].done()

    office.carrier.before = receipt_next
    await office.run()
    await early[0]
    assert await office.kit.events(message) == ["submitted", "delivered"]
    assert await database.read(list_parked) == []


async def test_a_receipt_before_the_answer_is_parked_and_taken_with_it(database: Database) -> None:
    office = an_office(database)
    [message] = await waiting(office, 1)

    async def receipt_first(submission: SmsSubmission) -> None:
        await office.receipt(submission.message, 1)

    office.carrier.before = receipt_first
    await office.run()
    assert await office.kit.events(message) == ["submitted", "delivered"]
    assert await database.read(list_parked) == []


async def test_a_quick_route_claims_one_window_ahead(database: Database) -> None:
    office = an_office(database)
    await office.lanes.look(alone)
    assert office.step.room("sms-a").count == 4
    await waiting(office, 1)
    await office.run()
    assert office.step.room("sms-a").count == 8


@pytest.mark.parametrize(("rate", "count"), [(0.5, 2), (0.01, 1)], ids=["a text in two seconds", "one in 100 seconds"])
async def test_a_slow_rate_claims_what_it_can_send_soon(database: Database, rate: float, count: int) -> None:
    office = an_office(database, Route("sms-a", "smpp", "", window=50, rate=rate))
    await office.lanes.look(alone)
    assert office.step.room("sms-a").count == count
