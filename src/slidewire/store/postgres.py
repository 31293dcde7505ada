"""PostgreSQL over asyncpg: the same store functions, run through SQLAlchemy's bridge (durability 11)."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

T = TypeVar("T")

_POOL = 8
#: Deadlock, serialization failure: nobody's fault, tried again (durability 8).
_AGAIN = {"40P01", "40001"}
_TRIES = 5


class PostgresDatabase:
    """A server that many nodes share."""

    writers = 4
    has_clock = True

    def __init__(self, url: URL) -> None:
        self._engine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            pool_size=_POOL,
            max_overflow=0,
            pool_timeout=30,
            connect_args={"server_settings": {"jit": "off", "application_name": "slidewire"}},
        )

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction, again when it fell to a deadlock."""
        for attempt in range(1, _TRIES + 1):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(fn)
            except DBAPIError as error:
                if attempt == _TRIES or getattr(error.orig, "sqlstate", None) not in _AGAIN:
                    raise
                await asyncio.sleep(0.01 * attempt)
        raise AssertionError("unreachable: the last try returns or raises")

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` on a snapshot."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(fn)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()
