"""Fresh databases for a case that compares two stores."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from tests.fixtures.postgres import start_server

#: Says instead of an address: a server of our own, with fsync, for as long as the case lasts.
OWN = "postgresql"
#: What the two are called.
_NAMES = ("slidewire_bench_one", "slidewire_bench_other")


@contextmanager
def two_databases(address: str) -> Iterator[tuple[str, str, int]]:
    """Two empty databases on the server of ``address``, and the server's process where it is ours.

    Without an address: SQLite, where each gateway has a file of its own.
    """
    if address != OWN:
        with _two(address) as (one, other):
            yield one, other, 0
        return
    server = start_server(fsync=True)
    try:
        with _two(server.url_for("postgres")) as (one, other):
            yield one, other, server.process.pid
    finally:
        server.stop()


@contextmanager
def _two(address: str) -> Iterator[tuple[str, str]]:
    if not address:
        yield "", ""
        return
    for name in _NAMES:
        _tell(address, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _tell(address, f"CREATE DATABASE {name}")
    try:
        one, other = (f"{address.rpartition('/')[0]}/{name}" for name in _NAMES)
        yield one, other
    finally:
        for name in _NAMES:
            _tell(address, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _tell(address: str, statement: str) -> None:
    asyncio.run(_told(address, statement))


async def _told(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
