"""PostgreSQL over asyncpg: the same store functions, run through SQLAlchemy's bridge (durability 11)."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import structlog
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from slidewire.store.bells import Bell
from slidewire.store.database import DatabaseAwayError, DatabaseBusyError
from slidewire.store.postgres_bell import PostgresBell

log = structlog.get_logger(__name__)

T = TypeVar("T")

_POOL = 8
#: Seconds to wait for a free connection, or for a new one: after that the database counts as away.
_WAIT = 10
#: Deadlock, serialization failure: nobody's fault, tried again (durability 8).
_AGAIN = {"40P01", "40001"}
_TRIES = 5
#: A server that stops, has crashed, starts, or has no place for us: it, or another, may be there in a moment.
_AWAY = {"57P01", "57P02", "57P03", "53300"}
#: A lock was not had in the time that the transaction itself set for it, or a look took longer.
_BUSY = {"55P03", "57014"}
#: It may only be read: it was changed over, or will be.
_READ_ONLY = "25006"
#: Seconds between two tries while the server is away, the last again and again.
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5)


class PostgresDatabase:
    """A server that many nodes share."""

    writers = 4
    has_clock = True

    def __init__(self, url: URL, wait: float) -> None:
        """``wait``: seconds that a transaction waits for a server that is away: stopped, changed over, or read-only."""
        self._wait = wait
        self._url = url.set(drivername="postgresql+asyncpg")
        self._engine = _engine(self._url, pool_size=_POOL, max_overflow=0, pool_timeout=_WAIT)
        self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction, again when it fell to a deadlock, its connection was cut or the server away.

        Whether a cut commit was made nobody knows: ``fn`` must bear to be run after itself (durability 12).
        Raises DatabaseAwayError, and DatabaseBusyError when a time was over that ``fn`` had set itself.
        """
        return await self._repeated(self._engine, fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` on a snapshot. Raises DatabaseAwayError."""
        return await self._repeated(self._reader, fn)

    async def forget(self) -> bool:
        """Nothing of ours: dead rows are for the server's vacuum, its log for whoever runs it."""
        return True

    def bell(self, node: str) -> Bell:
        """The server's own channel."""
        return PostgresBell(_engine(self._url, poolclass=NullPool), node)

    async def close(self) -> None:
        """Close the pool."""
        await self._engine.dispose()

    async def _repeated(self, engine: AsyncEngine, fn: Callable[[Connection], T]) -> T:
        until = asyncio.get_running_loop().time() + self._wait
        refused = absent = 0
        while True:
            try:
                return await self._once(engine, fn)
            except DatabaseAwayError as error:
                pause = _PAUSES[min(absent, len(_PAUSES) - 1)]
                if asyncio.get_running_loop().time() + pause > until:
                    raise
                if not absent:
                    log.warning("the database is away: waiting for it", error=str(error)[:300])
                absent += 1
            except DBAPIError as error:
                refused += 1
                if _state(error) not in _AGAIN or refused == _TRIES:
                    raise
                log.warning("transaction run again", attempt=refused, error=repr(error.orig)[:300])
                pause = 0.01 * refused
            await asyncio.sleep(pause)

    async def _once(self, engine: AsyncEngine, fn: Callable[[Connection], T]) -> T:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(engine.connect())
            except DBAPIError as error:
                raise (_away(error) if _is_away(error) else error) from error
            except Exception as error:  # the driver, the pool and the system each have their own words for it
                raise _away(error) from error
            try:
                async with connection.begin():
                    return await connection.run_sync(fn)
            except DBAPIError as error:
                if _state(error) in _BUSY:
                    raise DatabaseBusyError(f"others are in the way: {error.orig!r:.300}") from error
                if not (_is_away(error) or (engine is not self._reader and _state(error) == _READ_ONLY)):
                    raise
                await connection.invalidate()  # where this one leads nobody can write: the next may lead elsewhere
                raise _away(error) from error


def _engine(url: URL, **pool: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,  # an error's words may be logged: never a message's text (security 11)
        connect_args={"timeout": _WAIT, "server_settings": {"jit": "off", "application_name": "slidewire"}},
        **pool,
    )


def _away(error: Exception) -> DatabaseAwayError:
    return DatabaseAwayError(f"the database cannot be reached: {error!r:.300}")


def _is_away(error: DBAPIError) -> bool:
    return error.connection_invalidated or _state(error) in _AWAY


def _state(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state
