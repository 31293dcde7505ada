"""A route that is away for longer than the retry schedule: its MMS become SMS where its setting says so."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.builders import a_message, a_task, now_ms
from tests.work.kit import Kit, a_kit

from slidewire.carriers.base import Outcome, Route, Verdict
from slidewire.carriers.health import Breaker
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.turns import Waiting, Waits, waiting_body
from slidewire.store.database import Database
from slidewire.work.endings import FEW_TRIES, Attempt
from slidewire.work.failover import Away
from slidewire.work.outage import Outage
from slidewire.work.settle import Settler

ROUTE = Route("mmsc-a", "mm7", "http://127.0.0.1:9/mm7", fallback_on_outage=True)
STAYS = replace(ROUTE, fallback_on_outage=False)
SMS = Route("sms-a", "smpp", "")
PATIENCE = 60.0
DOWN = Outcome(Verdict.RETRY, detail="not connected", route_down=True)


class Seconds:
    """A monotonic clock that goes only when it is told to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def may(message: Message) -> Route | None:
    return SMS if message.fallback_allowed else None


def an_outage(
    kit: Kit, clock: Seconds, route: Route = ROUTE, holds: Callable[[str], bool] = lambda _route: True
) -> tuple[Outage, Breaker]:
    means = replace(kit.means, monotonic=clock)
    breaker = Breaker(1)
    away = Away(means, {route.name: breaker}, holds)
    return Outage(means, [route], Settler(means, (5.0, 30.0), may), away.ours, PATIENCE), breaker


def waited(seconds: float, **changes: object) -> Message:
    return a_message(accepted_at=now_ms() - round(seconds * 1000), **changes)


async def queues(kit: Kit, *messages: Message) -> list[object]:
    return [row["queue"] for message in messages for row in await kit.task_rows(message)]


async def test_what_has_waited_as_long_as_the_route_was_away_becomes_an_sms(database: Database) -> None:
    kit, clock = a_kit(database), Seconds()
    outage, breaker = an_outage(kit, clock)
    old, young, forbidden = waited(100), waited(10), waited(100, fallback_allowed=False)
    for message in (old, young, forbidden):
        await kit.accepted(message, a_task(message))
    breaker.failed(clock())
    await outage.look()  # it is away since now
    clock.now += PATIENCE - 1
    await outage.look()
    assert await queues(kit, old, young, forbidden) == ["deliver:mmsc-a"] * 3
    clock.now += 1
    await outage.look()
    assert await queues(kit, old, young, forbidden) == ["text:sms-a", "deliver:mmsc-a", "deliver:mmsc-a"]
    assert await kit.events(old) == ["fallback"]
    assert await kit.status(old) == "accepted"
    assert "text:sms-a" in kit.woken
    [claimed] = await kit.claim("text:sms-a")
    assert claimed.task.body == {"reason": "CONNECTION", "detail": "mmsc-a"}


async def test_what_waits_for_something_else_than_the_route_goes_on_waiting(database: Database) -> None:
    kit, clock = a_kit(database), Seconds()
    outage, breaker = an_outage(kit, clock)
    held = waited(100)
    until = now_ms() + 3_600_000
    body = waiting_body({}, Waiting(Waits.REPEATED, until))
    await kit.accepted(held, a_task(held, due_at=until, body=body))
    breaker.failed(clock())
    await outage.look()
    clock.now += PATIENCE
    await outage.look()
    assert await queues(kit, held) == ["deliver:mmsc-a"]


async def test_a_route_that_came_back_is_not_away(database: Database) -> None:
    kit, clock = a_kit(database), Seconds()
    outage, breaker = an_outage(kit, clock)
    message = waited(100)
    await kit.accepted(message, a_task(message))
    breaker.failed(clock())
    await outage.look()
    clock.now += PATIENCE
    breaker.succeeded()
    await outage.look()
    breaker.failed(clock())
    await outage.look()  # away anew
    clock.now += PATIENCE - 1
    await outage.look()
    assert await queues(kit, message) == ["deliver:mmsc-a"]


async def test_who_may_not_send_on_a_route_knows_nothing_of_it(database: Database) -> None:
    """Its lane went to another while it was away here; it may be well for long."""
    kit, clock, lanes = a_kit(database), Seconds(), {ROUTE.name}
    outage, breaker = an_outage(kit, clock, holds=lanes.__contains__)
    message = waited(100)
    await kit.accepted(message, a_task(message))
    breaker.failed(clock())
    await outage.look()
    lanes.clear()
    clock.now += PATIENCE
    await outage.look()
    assert await queues(kit, message) == ["deliver:mmsc-a"]
    lanes.add(ROUTE.name)
    await outage.look()  # away anew, for all that is known
    assert await queues(kit, message) == ["deliver:mmsc-a"]


async def test_a_route_without_the_setting_waits(database: Database) -> None:
    kit, clock = a_kit(database), Seconds()
    outage, breaker = an_outage(kit, clock, STAYS)
    message = waited(100)
    await kit.accepted(message, a_task(message))
    breaker.failed(clock())
    await outage.look()
    clock.now += 10 * PATIENCE
    await outage.look()
    assert await queues(kit, message) == ["deliver:mmsc-a"]


FEW = Outcome(Verdict.RETRY, few_tries=True)


@pytest.mark.parametrize(
    ("outcome", "attempt", "allowed", "queue"),
    [
        pytest.param(DOWN, 2, True, "deliver:mmsc-a", id="the schedule is not over"),
        pytest.param(DOWN, 3, True, "text:sms-a", id="the schedule is over"),
        pytest.param(DOWN, 3, False, "deliver:mmsc-a", id="no SMS may go: on, until the validity ends"),
        pytest.param(FEW, FEW_TRIES, True, "text:sms-a", id="few tries"),
        pytest.param(FEW, FEW_TRIES, False, None, id="few tries, no SMS"),
    ],
)
async def test_attempts_that_ran_out(
    database: Database, outcome: Outcome, attempt: int, allowed: bool, queue: str | None
) -> None:
    kit = a_kit(database, postbacks=False)
    message = a_message(fallback_allowed=allowed)
    await kit.accepted(message, a_task(message, attempt=attempt - 1))
    [claimed] = await kit.claim("deliver:mmsc-a")
    await Settler(kit.means, (5.0, 30.0), may).outcome(Attempt(claimed.task, message, ROUTE), outcome)
    assert await queues(kit, message) == ([queue] if queue else [])


async def test_a_route_that_does_not_say_so_is_tried_on(database: Database) -> None:
    kit = a_kit(database, postbacks=False)
    message = a_message()
    await kit.accepted(message, a_task(message, attempt=99))
    [claimed] = await kit.claim("deliver:mmsc-a")
    await Settler(kit.means, (5.0, 30.0), may).outcome(Attempt(claimed.task, message, STAYS), DOWN)
    assert await queues(kit, message) == ["deliver:mmsc-a"]


async def test_what_is_scheduled_waits_from_its_time_on(database: Database) -> None:
    kit, clock = a_kit(database), Seconds()
    outage, breaker = an_outage(kit, clock)
    now = now_ms()
    was_due = waited(100, send_at=now - 90_000, status=Status.SCHEDULED)
    not_yet = waited(100, send_at=now + 90_000, status=Status.SCHEDULED)
    for message in (was_due, not_yet):
        await kit.accepted(message, a_task(message, queue="later-deliver:mmsc-a", due_at=message.send_at))
    breaker.failed(clock())
    await outage.look()
    clock.now += PATIENCE
    await outage.look()
    assert await queues(kit, was_due, not_yet) == ["text:sms-a", "later-deliver:mmsc-a"]
