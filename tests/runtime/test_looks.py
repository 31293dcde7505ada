"""Looks that are shared, good for a while, and waited for only so long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.builders import Clock

from slidewire.runtime.looks import PATIENCE, Look


class Sight:
    """What is looked at: counts the looks, which end when they are let."""

    def __init__(self) -> None:
        self.looks = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.broken = False

    async def look(self) -> int:
        self.looks += 1
        seen = self.looks
        await self.may_end.wait()
        if self.broken:
            raise OSError("the database is away")
        return seen


@asynccontextmanager
async def looking(sight: Sight, clock: Clock, patience: float = PATIENCE) -> AsyncIterator[Look[int]]:
    look = Look(sight.look, 30_000, clock, patience)
    yield look
    await look.close()


async def test_all_who_ask_share_a_look_until_it_is_old() -> None:
    sight, clock = Sight(), Clock()
    async with looking(sight, clock) as look:
        assert await asyncio.gather(look.found(), look.found()) == [1, 1]
        clock.advance(29_999)
        assert await look.found() == 1
        clock.advance(1)
        assert (await look.found(), sight.looks) == (2, 2)


async def test_a_look_that_takes_long_is_not_waited_for_and_the_one_before_it_is_known() -> None:
    sight, clock = Sight(), Clock()
    async with looking(sight, clock, patience=0.01) as look:
        assert await look.found() == 1
        clock.advance(30_000)
        sight.may_end.clear()
        assert (await look.found(), await look.found(), look.last, sight.looks) == (None, None, 1, 2)


async def test_what_failed_is_known_no_more() -> None:
    sight, clock = Sight(), Clock()
    async with looking(sight, clock) as look:
        assert (await look.found(), look.last) == (1, 1)
        sight.broken = True
        clock.advance(30_000)
        assert (await look.found(), look.last) == (None, None)


async def test_a_look_under_way_ends_with_the_gateway() -> None:
    sight = Sight()
    sight.may_end.clear()
    async with looking(sight, Clock(), patience=0.01) as look:
        assert await look.found() is None
    assert (sight.looks, look.last) == (1, None)
