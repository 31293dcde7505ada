"""Many who want the same share one piece of work; it ends when nobody waits for it any more."""

import asyncio
from dataclasses import dataclass, field

import pytest

from slidewire.content.flights import Flights


@dataclass
class Work:
    """Something slow that is counted."""

    done: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    cancelled: int = 0
    error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        try:
            await self.done.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error:
            raise self.error
        return number


async def joined(flights: Flights[int], work: Work, count: int) -> list["asyncio.Task[tuple[int, bool]]"]:
    tasks = [asyncio.ensure_future(flights.join("key", work)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_one_for_all() -> None:
    flights, work = Flights[int](), Work()
    tasks = await joined(flights, work, 5)
    work.done.set()
    assert sorted(await asyncio.gather(*tasks)) == [(1, False)] * 4 + [(1, True)]
    assert await flights.join("key", work) == (2, True)


async def test_other_keys_fly_apart() -> None:
    flights, work = Flights[int](), Work()
    work.done.set()
    assert list(await asyncio.gather(flights.join("a", work), flights.join("b", work))) == [(1, True), (2, True)]


async def test_whoever_began_may_leave() -> None:
    flights, work = Flights[int](), Work()
    first, second = await joined(flights, work, 2)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    work.done.set()
    assert await second == (1, False)
    assert work.cancelled == 0


async def test_it_ends_when_all_have_left() -> None:
    flights, work = Flights[int](), Work()
    tasks = await joined(flights, work, 3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    later = asyncio.ensure_future(flights.join("key", work))
    async with asyncio.timeout(5):
        while (work.begun, work.cancelled) != (2, 1):
            await asyncio.sleep(0)
    work.done.set()
    assert await later == (2, True)


async def test_all_get_the_error_and_the_next_tries_again() -> None:
    flights, work = Flights[int](), Work(error=LookupError("x"))
    tasks = await joined(flights, work, 3)
    work.done.set()
    assert [type(error) for error in await asyncio.gather(*tasks, return_exceptions=True)] == [LookupError] * 3
    with pytest.raises(LookupError):
        await flights.join("key", work)
    assert work.begun == 2


async def test_an_error_that_nobody_waits_for_is_nobodys(caplog: pytest.LogCaptureFixture) -> None:
    flights, work = Flights[int](), Work(error=LookupError("x"))
    (task,) = await joined(flights, work, 1)
    work.done.set()
    task.cancel()
    with pytest.raises((asyncio.CancelledError, LookupError)):
        await task
    await asyncio.sleep(0.01)
    assert caplog.records == []
