"""Routes that are away: what is known of them in every process, what moves, and how one is found to be back."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from tests.builders import a_message, a_task, now_ms
from tests.work.kit import Kit, a_kit

from slidewire.carriers.base import Route
from slidewire.carriers.health import BACKOFF, Breaker
from slidewire.domain.message import Message
from slidewire.domain.task import NEVER
from slidewire.domain.turns import Waiting, Waits, waiting_body
from slidewire.store.database import Database
from slidewire.work.failover import Away, Detours, Failover
from slidewire.work.settle import Settler

NAME = "mmsc-a"
HERE, THERE = Route(NAME, "mm7", ""), Route("mmsc-b", "mm7", "")


class Seconds:
    """A monotonic clock that goes only when it is told to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Node:
    """A process that sends on the route, and one beside it that only chooses."""

    kit: Kit
    clock: Seconds
    breaker: Breaker
    away: Away
    beside: Away

    async def look(self) -> None:
        await self.away.look()
        await self.beside.look()


def nodes(database: Database, holds: Callable[[str], bool] = lambda _route: True) -> Node:
    kit, clock = a_kit(database), Seconds()
    means, breaker = replace(kit.means, monotonic=clock), Breaker(1)
    sends = Away(means, {NAME: breaker}, holds)
    return Node(kit, clock, breaker, sends, Away(means, {}, lambda _route: False))


async def test_all_processes_go_round_a_route_that_is_away(database: Database) -> None:
    node = nodes(database)
    await node.look()
    assert node.beside.avoided() == frozenset()
    node.breaker.failed(node.clock())
    await node.look()
    assert (node.beside.routes, node.beside.avoided()) == ({NAME}, {NAME})
    node.breaker.succeeded()
    await node.look()
    assert (node.beside.routes, node.beside.avoided()) == (frozenset(), frozenset())


async def test_a_route_for_which_nothing_waits_is_probed_with_one_new_message_of_each_process(
    database: Database,
) -> None:
    node = nodes(database)
    node.breaker.failed(node.clock())
    await node.look()
    node.clock.now += BACKOFF[0]
    await node.look()
    for process in (node.away, node.beside):
        assert (process.routes, process.avoided()) == ({NAME}, frozenset())
        process.chosen("mmsc-b")
        assert process.avoided() == frozenset()
        process.chosen(NAME)
        assert process.avoided() == {NAME}


async def test_a_message_that_never_became_a_probe_is_not_the_last(database: Database) -> None:
    """It was refused for another reason, or waits for something else."""
    node = nodes(database)
    node.breaker.failed(node.clock())
    node.clock.now += BACKOFF[0]
    await node.look()
    node.beside.chosen(NAME)
    node.clock.now += 2
    assert node.beside.avoided() == frozenset()


@pytest.mark.parametrize(
    ("waits_ms", "avoided"),
    [
        pytest.param(5_000, frozenset({NAME}), id="soon: it is probe enough"),
        pytest.param(3_600_000, frozenset(), id="for an hour: it is none"),
    ],
)
async def test_what_waits_there_may_be_the_probe(database: Database, waits_ms: int, avoided: frozenset[str]) -> None:
    node = nodes(database)
    node.breaker.failed(node.clock())
    node.clock.now += BACKOFF[0]
    message = a_message()
    await node.kit.accepted(message, a_task(message, due_at=now_ms() + waits_ms))
    await node.look()
    assert node.beside.avoided() == avoided


async def test_before_its_time_no_probe_is_wanted(database: Database) -> None:
    node = nodes(database)
    node.breaker.failed(node.clock())
    node.clock.now += BACKOFF[0]
    await node.look()
    node.breaker.take(node.clock())  # it left, and says nothing yet
    await node.look()
    assert node.beside.avoided() == {NAME}


def mover(kit: Kit, other: Callable[[Message], Route | None] = lambda _message: THERE) -> tuple[Failover, Breaker]:
    breaker = Breaker(1)
    away = Away(kit.means, {NAME: breaker}, lambda _route: True)
    settler = Settler(kit.means, (5.0, 30.0), lambda _message: None)
    return Failover(kit.means, {NAME: HERE}, settler, Detours(away, other, 0.0)), breaker


async def queue_of(kit: Kit, message: Message) -> object:
    [row] = await kit.task_rows(message)
    return row["queue"]


async def test_what_waits_moves_and_what_waits_for_something_else_stays(database: Database) -> None:
    kit = a_kit(database)
    failover, breaker = mover(kit)
    waits, held, parked = a_message(), a_message(), a_message()
    until = now_ms() + 3_600_000
    await kit.accepted(waits, a_task(waits, due_at=until))
    await kit.accepted(held, a_task(held, due_at=until, body=waiting_body({}, Waiting(Waits.REPEATED, until))))
    await kit.accepted(parked, a_task(parked, due_at=NEVER))
    await failover.look()
    assert await queue_of(kit, waits) == "deliver:mmsc-a"
    breaker.failed(0.0)
    await failover.look()
    found = [await queue_of(kit, each) for each in (waits, held, parked)]
    assert found == ["deliver:mmsc-b", "deliver:mmsc-a", "deliver:mmsc-a"]
    assert await kit.events(waits) == ["rerouted"]


async def test_what_no_other_route_takes_stays(database: Database) -> None:
    kit = a_kit(database)
    failover, breaker = mover(kit, lambda _message: None)
    message = a_message()
    await kit.accepted(message, a_task(message))
    breaker.failed(0.0)
    await failover.look()
    assert await queue_of(kit, message) == "deliver:mmsc-a"
