"""Fresh databases for the rounds of a case."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from tests.fixtures.postgres import dropping, start_server

#: Says instead of an address: a server of our own, with fsync, for as long as the case lasts.
OWN = "postgresql"


@contextmanager
def fresh_databases(address: str, count: int) -> Iterator[tuple[list[str], int]]:
    """So many empty databases on the server of ``address``, and the server's process where it is ours.

    Without an address: SQLite, where each gateway has a file of its own.
    """
    if address != OWN:
        with _fresh(address, count) as made:
            yield made, 0
        return
    server = start_server(fsync=True)
    try:
        with _fresh(server.url_for("postgres"), count) as made:
            yield made, server.process.pid
    finally:
        server.stop()


@contextmanager
def _fresh(address: str, count: int) -> Iterator[list[str]]:
    if not address:
        yield [""] * count
        return
    names = [f"slidewire_bench_{n}" for n in range(count)]
    for name in names:
        _tell(address, *dropping(name), f"CREATE DATABASE {name}")
    try:
        yield [f"{address.rpartition('/')[0]}/{name}" for name in names]
    finally:
        for name in names:
            _tell(address, *dropping(name))


def _tell(address: str, *statements: str) -> None:
    asyncio.run(_told(address, statements))


async def _told(address: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(address)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
