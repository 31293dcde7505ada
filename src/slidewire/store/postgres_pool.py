"""Connections to PostgreSQL that are kept open, each with its driver beside it.

Lending one costs nothing: what a pool would ask or undo around each use is asked and undone where something went wrong.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from slidewire.store.postgres_driver import translated


@dataclass(frozen=True, slots=True)
class Lent:
    """One connection. SQLAlchemy believes that it is in a transaction for ever: those are begun by the driver."""

    connection: AsyncConnection
    driver: Any  #: asyncpg's

    async def tell(self, statement: str) -> str:
        """A statement without values; what the server says that it did. Raises DBAPIError."""
        with translated(self.driver, statement):
            done: str = await self.driver.execute(statement)
        return done


class PostgresPool:
    """At most ``size`` connections, the one that was used last first."""

    def __init__(self, engine: AsyncEngine, size: int, wait: float) -> None:
        """``engine`` keeps none itself. ``wait``: seconds for a free one."""
        self._engine = engine
        self._wait = wait
        self._places = asyncio.Semaphore(size)
        self._idle: list[Lent] = []

    async def lend(self) -> Lent:
        """A connection that is open, as far as anybody knows. Raises TimeoutError, and whatever connecting raises."""
        if self._places.locked():
            async with asyncio.timeout(self._wait):
                await self._places.acquire()
        else:
            await self._places.acquire()
        try:
            while self._idle:
                lent = self._idle.pop()
                if not lent.driver.is_closed():
                    return lent
                await _close(lent)
            return await self._opened()
        except BaseException:
            self._places.release()
            raise

    def take_back(self, lent: Lent) -> None:
        """It is free again, its transaction ended."""
        self._idle.append(lent)
        self._places.release()

    async def undo(self, lent: Lent) -> bool:
        """It is free again once its transaction is rolled back; False: it is lost, and dropped."""
        try:
            await lent.tell("ROLLBACK")
        except DBAPIError:
            await self.drop(lent)
            return False
        except BaseException:
            await self.drop(lent)
            raise
        self.take_back(lent)
        return True

    async def drop(self, lent: Lent) -> None:
        """It is of no use any more."""
        self._places.release()
        await _close(lent)

    async def forget(self) -> None:
        """The server was lost: those that lie idle lead where nobody answers, or to who may not write."""
        idle, self._idle = self._idle, []
        for lent in idle:
            await _close(lent)

    async def close(self) -> None:
        """Close those that are free: nobody uses one any more."""
        idle, self._idle = self._idle, []
        for lent in idle:
            await lent.connection.close()

    async def _opened(self) -> Lent:
        connection = await self._engine.connect()
        try:
            await connection.begin()
            driver: Any = (await connection.get_raw_connection()).driver_connection
        except BaseException:
            await connection.close()
            raise
        return Lent(connection, driver)


async def _close(lent: Lent) -> None:
    lent.driver.terminate()
    with suppress(Exception):  # it is closed; SQLAlchemy hears so
        await lent.connection.invalidate()
        await lent.connection.close()
