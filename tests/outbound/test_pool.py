"""The pool's handing over, in the moments that a test over the network cannot hit on purpose."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.outbound.conftest import eventually

from slidewire.outbound.answer import AnswerCaps
from slidewire.outbound.connection import Connection
from slidewire.outbound.pool import Pool


@asynccontextmanager
async def a_connection() -> AsyncIterator[tuple[Connection, socket.socket]]:
    """A live connection and its other end."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    connection = Connection(ours, None, AnswerCaps())
    await asyncio.get_running_loop().create_connection(lambda: connection, sock=ours)
    try:
        yield connection, theirs
    finally:
        theirs.close()
        connection.abort()
        await eventually(lambda: ours.fileno() == -1)


@pytest.fixture
def emptied() -> list[bool]:
    """Grows by one whenever the pool says that it is empty."""
    return []


def a_pool(emptied: list[bool], connections: int = 1) -> Pool:
    return Pool(connections, 60, lambda: emptied.append(True))


async def test_hands_a_connection_from_one_to_the_next(emptied: list[bool]) -> None:
    pool = a_pool(emptied)
    assert await pool.turn() is None
    async with a_connection() as (connection, _):
        pool.took(connection)
        waiting = asyncio.create_task(pool.turn())
        await asyncio.sleep(0)
        pool.give_back(connection)
        assert await waiting is connection
        pool.give_back(connection)
        assert (pool.resting(), pool.open) == (connection, 1)
        pool.close()


async def test_a_connection_that_died_while_it_was_handed_over_becomes_a_slot(emptied: list[bool]) -> None:
    pool = a_pool(emptied)
    assert await pool.turn() is None
    async with a_connection() as (connection, other_end):
        pool.took(connection)
        waiting = asyncio.create_task(pool.turn())
        await asyncio.sleep(0)
        other_end.close()  # nothing of it but a goodbye in the socket
        pool.give_back(connection)
        assert (await waiting, pool.open, emptied) == (None, 1, [])
        pool.slot_free()
        assert (pool.open, emptied) == (0, [True])


async def test_a_slot_given_in_the_moment_of_a_cancel_is_not_lost(emptied: list[bool]) -> None:
    pool = a_pool(emptied)
    assert await pool.turn() is None
    waiting = asyncio.create_task(pool.turn())
    await asyncio.sleep(0)
    pool.slot_free()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (pool.open, emptied) == (0, [True])


async def test_a_connection_given_in_the_moment_of_a_cancel_rests(emptied: list[bool]) -> None:
    pool = a_pool(emptied)
    assert await pool.turn() is None
    async with a_connection() as (connection, _):
        pool.took(connection)
        waiting = asyncio.create_task(pool.turn())
        await asyncio.sleep(0)
        pool.give_back(connection)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (pool.resting(), pool.open) == (connection, 1)
        pool.close()


async def test_who_gave_up_is_passed_over(emptied: list[bool]) -> None:
    pool = a_pool(emptied)
    assert await pool.turn() is None
    first, second = asyncio.create_task(pool.turn()), asyncio.create_task(pool.turn())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    pool.slot_free()
    assert (await second, pool.open) == (None, 1)
