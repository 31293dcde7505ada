"""Limits counted over several nodes on one database: never more than they say, and few words with the database."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.store.kit import scalar

from slidewire.domain.limits import ActionRate, CallLimits, Limit, limits_of
from slidewire.store.commits import Commits
from slidewire.store.database import Database, DatabaseAwayError, open_database
from slidewire.store.ledgers import drop_ended
from slidewire.store.meter import MeterTools
from slidewire.store.meters import Meters

ACCOUNT = "acct-1"
NOW = 1_750_000_000_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def limits(**settings: Any) -> tuple[Limit, ...]:
    return limits_of(CallLimits(**settings), "sendmms", NOW)


class Counted(Commits):
    """Commits that count what they are asked."""

    asked = 0

    async def write(self, write: Any, item: Any, *, patient: bool = False) -> Any:
        self.asked += 1
        return await super().write(write, item, patient=patient)


def broken(error: BaseException) -> None:
    raise error


@asynccontextmanager
async def nodes(
    database: Database, count: int, monotonic: Callable[[], float] = time.monotonic
) -> AsyncIterator[list[Meters]]:
    """So many processes, as the database sees them."""
    made = [Meters(MeterTools(Counted(database, broken), f"node-{n}", now_ms, monotonic)) for n in range(count)]
    try:
        yield made
    finally:
        for each in made:
            await each.close()


def words(meters: Meters) -> int:
    commits = meters._tools.commits
    assert isinstance(commits, Counted)
    return commits.asked


async def passed(meters: Meters, limits: Sequence[Limit], calls: int = 1) -> bool:
    return (await meters.take(ACCOUNT, limits, calls)).refused is None


async def test_a_quota_is_reached_exactly_whoever_counts(database: Database) -> None:
    quota = limits(quota=60)
    async with nodes(database, 3) as made:
        answers = await asyncio.gather(*(passed(made[n % 3], quota) for n in range(90)))
        for meters in made:  # what they hold ahead comes back when it is not used
            await meters.close()
        rest = [await passed(made[0], quota) for _ in range(60)]
    assert sum(answers) + sum(rest) <= 60
    assert sum(answers) >= 57


async def test_a_small_quota_is_never_missed_by_one(database: Database) -> None:
    async with nodes(database, 2) as made:
        assert [await passed(made[n % 2], limits(quota=3)) for n in range(5)] == [True, True, True, False, False]
        taken = await made[0].take(ACCOUNT, limits(quota=3))
        assert taken.refused is not None
        assert (taken.refused.name, taken.standing.remaining) == (f"day:{NOW // 86_400_000}", 0)


async def test_two_calls_of_an_interval_lie_apart_on_all_nodes(database: Database) -> None:
    async with nodes(database, 2) as made:
        interval = limits(min_interval=60.0)
        assert [await passed(each, interval) for each in (made[0], made[1], made[0])] == [True, False, False]
        taken = await made[1].take(ACCOUNT, interval)
        assert 59 < taken.wait <= 60


async def test_a_refused_call_does_not_count_against_the_others(database: Database) -> None:
    async with nodes(database, 1) as [meters]:
        both = limits(throughput=(ActionRate("*", "2/s"),), quota=100)
        assert [await passed(meters, both) for _ in range(10)].count(True) <= 3
        quota = limits(quota=100)
        assert await passed(meters, quota, 96)
        assert not await passed(meters, quota, 3)


async def test_a_call_to_many_receivers_counts_each(database: Database) -> None:
    async with nodes(database, 1) as [meters]:
        both = limits(min_interval=60.0, quota=10)
        assert await passed(meters, both, 9)  # one call for the interval
        taken = await meters.take(ACCOUNT, limits(quota=10), 2)
        assert (taken.refused, taken.standing.remaining) == (limits(quota=10)[0], 1)


async def test_most_calls_ask_the_database_nothing(database: Database) -> None:
    async with nodes(database, 1) as [meters]:
        plenty = limits(throughput=(ActionRate("*", "100000/s"),), quota=1_000_000)
        for _ in range(1_000):
            assert await passed(meters, plenty)
        assert words(meters) < 60


async def test_a_refused_call_asks_nothing_until_it_may_pass(database: Database) -> None:
    async with nodes(database, 1) as [meters]:
        quota = limits(quota=1)
        assert await passed(meters, quota)
        assert not await passed(meters, quota)
        before = words(meters)
        assert not any([await passed(meters, quota) for _ in range(200)])
        assert words(meters) <= before + 1


async def test_what_is_not_used_comes_back(database: Database) -> None:
    clock = [1_000.0]
    async with nodes(database, 2, lambda: clock[0]) as made:
        quota = limits(quota=400)
        for _ in range(8):
            assert await passed(made[0], quota)
        held = made[0]._meters[ACCOUNT, quota[0].name]._held
        assert held > 0
        clock[0] += 2
        await made[0].look()
        await made[0].close()
        assert [await passed(made[1], quota, n) for n in (392, 1)] == [True, False]
        clock[0] += 200
        await made[0].look()
        assert made[0]._meters == {}


async def test_a_raised_limit_holds_at_once(database: Database) -> None:
    async with nodes(database, 1) as [meters]:
        assert [await passed(meters, limits(quota=1)) for _ in range(2)] == [True, False]
        assert await passed(meters, limits(quota=2))


async def test_a_rate_is_kept_by_several_nodes(database: Database) -> None:
    """50/s over 1.5 s by three nodes that all want more: at most 50 + 75, and at most 5 % less."""
    rate = limits(throughput=(ActionRate("*", "50/s"),))
    times: list[float] = []

    async def call_on_and_on(meters: Meters, ends: float) -> None:
        while time.monotonic() < ends:
            if await passed(meters, rate):
                times.append(time.monotonic())
            await asyncio.sleep(0.002)

    async with nodes(database, 3) as made:
        started = time.monotonic()
        await asyncio.gather(*(call_on_and_on(each, started + 1.5) for each in made))
        took = time.monotonic() - started
    assert len(times) <= 50 + 50 * took + 1
    assert len(times) >= 0.9 * (50 + 50 * 1.5)


async def test_a_caller_that_leaves_costs_nothing(database: Database) -> None:
    async with nodes(database, 1) as [meters]:
        quota = limits(quota=1)
        waiting = asyncio.create_task(meters.take(ACCOUNT, quota))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await meters.close()
        assert await passed(meters, quota)


async def test_ended_days_are_forgotten(database: Database) -> None:
    async with nodes(database, 1) as [meters]:
        assert await passed(meters, limits(min_interval=1.0, quota=5))
    assert await database.write(lambda c: drop_ended(c, NOW)) == 0
    assert await database.write(lambda c: drop_ended(c, NOW + 86_400_000)) == 1
    assert await database.read(lambda c: scalar(c, "SELECT count(*) FROM ledgers")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_limit_that_cannot_be_counted_is_an_error(database: Database) -> None:
    away = open_database("postgresql://nobody:x@127.0.0.1:9/none")
    async with nodes(away, 1) as [meters]:
        with pytest.raises(DatabaseAwayError):
            await meters.take(ACCOUNT, limits(quota=1))
    await away.close()
