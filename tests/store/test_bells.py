"""Processes that wake each other, over pipes and over PostgreSQL's channel."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.story.house import until

from slidewire.store.bells import CROWD, LONGER, QUIET, Bell, FolderBell, Gathered, pieces
from slidewire.store.database import Database


@asynccontextmanager
async def bells(database: Database) -> AsyncIterator[tuple[Bell, Bell, list[str], list[str]]]:
    """Two that hear each other, and what each has heard."""
    heard: tuple[list[str], list[str]] = ([], [])
    first, second = database.bell("first"), database.bell("second")
    await first.open(heard[0].append)
    await second.open(heard[1].append)
    try:
        yield first, second, *heard
    finally:
        await first.close()
        await second.close()


def rung(bell: Bell, queue: str, heard: list[str]) -> Callable[[], Awaitable[bool]]:
    """Ring until it was heard: whoever has just begun to listen may miss the first."""

    async def there() -> bool:
        bell.ring(queue)
        return queue in heard

    return there


async def test_others_hear_and_oneself_does_not(database: Database) -> None:
    async with bells(database) as (first, second, by_first, by_second):
        await until(rung(first, "deliver:a", by_second), 10, "the second to hear")
        await until(rung(second, "notify:b", by_first), 10, "the first to hear")
        assert set(by_first) == {"notify:b"}
        assert set(by_second) == {"deliver:a"}


async def test_several_queues_go_in_one_ring_and_none_twice(database: Database) -> None:
    async with bells(database) as (first, _, _, by_second):
        await until(rung(first, "deliver:a", by_second), 10, "the second to hear")
        by_second.clear()
        await asyncio.sleep(0.1)  # the quiet after the last ring
        by_second.clear()
        for number in range(1_000):
            first.ring(f"notify:{number % 500:03}")

        async def all_there() -> bool:
            return len(by_second) >= 500

        await until(all_there, 10, "500 queues")
        assert sorted(by_second) == [f"notify:{number:03}" for number in range(500)]


async def test_in_a_flood_it_is_rung_less_often_and_the_last_ring_still_comes() -> None:
    """Every ring wakes every worker: a quarter of them is enough for those who have plenty to do."""
    sent: list[float] = []
    clock = asyncio.get_running_loop().time
    gathered = Gathered(lambda _queues: sent.append(clock()))

    async def rings(each: int) -> list[float]:
        """The pauses between the rings of a while, of which the first few may still be of what was before."""
        sent.clear()
        for _ in range(60):
            for _ in range(each):
                gathered.add("notify:a")
            await asyncio.sleep(QUIET / 2)
        gathered.add("notify:b")
        last = len(sent)
        await asyncio.sleep(QUIET * LONGER * 2)
        assert len(sent) == last + 1
        return sorted(later - earlier for earlier, later in pairwise(sent[3:]))

    few, many = await rings(1), await rings(CROWD * LONGER)
    gathered.close()
    assert few[0] < QUIET * LONGER / 2 < many[len(many) // 4]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lost_connection_is_made_anew(database: Database) -> None:
    async with bells(database) as (first, _, _, by_second):
        await until(rung(first, "deliver:a", by_second), 10, "the second to hear")
        cut = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        await database.write(lambda c: c.execute(text(cut)).fetchall())
        by_second.clear()
        await until(rung(first, "deliver:b", by_second), 20, "the second to hear again")


async def test_a_killed_listener_leaves_nothing(tmp_path: Path) -> None:
    left = tmp_path / "dead.bell"
    killed = FolderBell(tmp_path, "dead")
    await killed.open(lambda _: None)
    assert left.is_fifo()
    assert killed._pipe is not None
    asyncio.get_running_loop().remove_reader(killed._pipe)
    os.close(killed._pipe)
    bell = FolderBell(tmp_path, "alive")

    async def gone() -> bool:
        bell.ring("deliver:a")
        return not left.exists()

    await until(gone, 10, "the pipe that nobody reads to be removed")
    await bell.close()


def test_names_are_told_in_pieces_that_pass_whole() -> None:
    assert pieces([], 10) == []
    assert pieces(["aaaa", "bbbb", "cccc"], 10) == [b"aaaa\nbbbb\n", b"cccc\n"]
