"""Postbacks that nobody claims: the transaction that makes them due gives them to who has a place for them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from tests.builders import a_message, a_task, now_ms
from tests.fakes.catcher import Catcher
from tests.store.kit import a_change, a_postback
from tests.work.kit import NO_CROWD, POSTBACK_URL, Counted, Kit, a_kit

from slidewire.carriers.base import Outcome, Route, Verdict
from slidewire.domain.account import AccountSettings
from slidewire.domain.events import Event
from slidewire.domain.fairness import Sharing
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.outbound.dial import Dialer
from slidewire.outbound.post import PostClient
from slidewire.outbound.resolve import DnsLookup, Resolver
from slidewire.store.database import Database
from slidewire.store.messages import record
from slidewire.work.endings import Attempt
from slidewire.work.endpoints import Endpoints
from slidewire.work.fairness import Fairness
from slidewire.work.letters import Letters, LetterSources
from slidewire.work.notify import Desk, Notify, Pace
from slidewire.work.seats import Coming, Seat
from slidewire.work.settle import Settler
from slidewire.work.worker import Worker

ROUTE = Route("mmsc-a", "mm7", url="http://127.0.0.1:9/mm7")
QUEUE = "notify:acct-1"


@dataclass
class Wires:
    """From the steps to their worker, which is made after them."""

    worker: Worker | None = None

    def wake(self, queue: str) -> None:
        if self.worker:
            self.worker.wake(queue)

    def freed(self, queue: str) -> None:
        if self.worker:
            self.worker.freed(queue)

    def expect(self, queue: str, follows: bool) -> Coming | None:
        return self.worker.expect(queue, follows) if self.worker else None


@dataclass
class Office:
    """A worker that tells customers, and the settler beside it."""

    kit: Kit
    commits: Counted
    notify: Notify
    settler: Settler
    worker: Worker

    async def settled(self, *messages: Message) -> None:
        """All of these are taken by their carrier; claims are counted from there on."""
        for message in messages:
            await self.kit.accepted(message, a_task(message))
        claimed = await self.kit.claim("deliver:mmsc-a")
        attempts = [Attempt(each.task, each.message, ROUTE) for each in claimed if each.message]
        outcome = Outcome(Verdict.ACCEPTED, carrier_ref="")
        self.commits.claims = 0
        await asyncio.gather(*(self.settler.outcome(attempt, outcome) for attempt in attempts))

    async def drained(self) -> None:
        """The queue was asked for once, and gave nothing."""
        self.worker.wake(QUEUE)
        await _until(lambda: self.commits.claimed == 1)
        await asyncio.sleep(0)


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def an_office(database: Database, customer: Catcher, places: int = 4) -> AsyncIterator[Office]:
    kit = a_kit(database)
    settings = AccountSettings(postback_url=customer.url)
    account = kit.means.account("acct-1")
    assert account is not None
    assert account.settings.postback_url == POSTBACK_URL
    account = replace(account, settings=settings)
    commits = Counted(database, _broken)
    wires = Wires()
    means = replace(
        kit.means,
        commits=commits,
        account=lambda _id: account,
        wake=wires.wake,
        freed=wires.freed,
        expect=wires.expect,
    )
    post = PostClient(Dialer(Resolver(DnsLookup())))
    sources = LetterSources(lambda _operator: (), lambda _file: "")
    desk = Desk(Letters(sources, lambda _sealed, _place: b"", means.now), Endpoints(means, 0))
    notify = Notify(means, post, Pace(5, {"published": (300,), "long": (5,)}, places), desk)
    worker = wires.worker = Worker(
        means, [notify], lambda _queue: None, Fairness(Sharing(0.1, lambda _account: 1), 60_000), NO_CROWD
    )
    settler = Settler(means, (5.0,), lambda _message: None, seats=notify.seat)
    try:
        yield Office(replace(kit, means=means), commits, notify, settler, worker)
    finally:
        await worker.stop(5)
        await post.close()


def _broken(error: BaseException) -> None:
    raise AssertionError(error)


async def test_a_postback_of_a_drained_queue_is_posted_without_a_claim(database: Database) -> None:
    async with Catcher() as customer, an_office(database, customer) as office:
        await office.drained()
        message = a_message()
        await office.settled(message)
        await _until(lambda: customer.received(message.id))
        assert [caught.code for caught in customer.received(message.id)] == ["N101"]
        assert customer.posts[0].headers["x-slidewire-attempt"] == "1"
        await _until_gone(office, message)
        assert office.commits.claims == 0


async def test_before_its_queue_was_asked_for_a_postback_is_claimed(database: Database) -> None:
    async with Catcher() as customer, an_office(database, customer) as office:
        message = a_message()
        await office.settled(message)
        await _until(lambda: customer.received(message.id))
        await _until_gone(office, message)
        assert office.commits.claims > 0


async def test_no_more_are_held_than_there_are_places(database: Database) -> None:
    async with Catcher(delay=0.2) as customer, an_office(database, customer, places=1) as office:
        await office.drained()
        messages = [a_message() for _ in range(3)]
        await office.settled(*messages)
        rows = [row for message in messages for row in await office.kit.task_rows(message)]
        assert sum(row["lease"] is not None for row in rows) <= 1
        await _until(lambda: len(customer.received()) == 3)
        for message in messages:
            await _until_gone(office, message)


async def test_a_place_that_nothing_came_of_is_free_again(database: Database) -> None:
    async with Catcher() as customer, an_office(database, customer, places=1) as office:
        await office.drained()
        for _ in range(3):
            seat = office.notify.seat(QUEUE)
            assert seat is not None
            assert office.notify.seat(QUEUE) is None
            seat.settle(None, None)
            await asyncio.sleep(0)
        assert office.notify.room("acct-1").count == 1


@pytest.mark.parametrize(("places", "left"), [pytest.param(1, 0, id="the only one"), pytest.param(4, 2, id="half")])
async def test_a_claim_and_what_nobody_claims_share_the_places(database: Database, places: int, left: int) -> None:
    async with Catcher() as customer, an_office(database, customer, places=places) as office:
        await office.drained()
        seats: list[Seat | None] = []
        office.commits.meanwhile = lambda: seats.extend(office.notify.seat(QUEUE) for _ in range(places))
        office.worker.wake(QUEUE)
        await _until(lambda: seats)
        office.commits.meanwhile = None
        given = [seat for seat in seats if seat is not None]
        for seat in given:
            seat.settle(None, None)
        assert len(given) == left


async def test_who_stops_holds_nothing_more(database: Database) -> None:
    async with Catcher() as customer, an_office(database, customer) as office:
        await office.drained()
        await office.worker.stop(5)
        assert office.notify.seat(QUEUE) is None


async def _until_gone(office: Office, message: Message) -> None:
    async with asyncio.timeout(20):
        while await office.kit.task_rows(message):
            await asyncio.sleep(0.005)


async def test_the_next_postback_of_a_message_goes_on_where_the_one_before_ended(database: Database) -> None:
    async with Catcher(delay=0.3) as customer, an_office(database, customer, places=1) as office:
        await office.drained()
        message, waiting = a_message(), a_message()
        await office.settled(message, waiting)  # one of them has the only place, the other waits in the queue
        first = await _leased(office, message, waiting)
        delivered = a_postback(first.id, body={"code": "DELIVERED", "ordered": True, "at": now_ms()})
        change = a_change(delivered, Event.DELIVERED, status=Status.DELIVERED, postback=delivered)
        await database.write(lambda c: record(c, [change]))
        await _until(lambda: len(customer.received()) == 3)
        assert [caught.fields["TRACKINGID"] for caught in customer.received()][:2] == [first.id, first.id]
        for each in (message, waiting):
            await _until_gone(office, each)


async def _leased(office: Office, *messages: Message) -> Message:
    """The one whose postback is under way."""
    rows = [(message, row) for message in messages for row in await office.kit.task_rows(message)]
    [found] = [message for message, row in rows if row["lease"] is not None]
    return found
