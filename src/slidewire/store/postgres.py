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
from slidewire.store.database import DatabaseAwayError
from slidewire.store.postgres_bell import PostgresBell

log = structlog.get_logger(__name__)

T = TypeVar("T")

_POOL = 8
#: Seconds to wait for a free connection, or for a new one: after that the database counts as away.
_WAIT = 10
#: Deadlock, serialization failure: nobody's fault, tried again (durability 8).
_AGAIN = {"40P01", "40001"}
_TRIES = 5


class PostgresDatabase:
    """A server that many nodes share."""

    writers = 4
    has_clock = True

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+asyncpg")
        self._engine = _engine(self._url, pool_size=_POOL, max_overflow=0, pool_timeout=_WAIT)
        self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction, again when it fell to a deadlock or its connection was cut.

        Whether a cut commit was made nobody knows: ``fn`` must bear to be run after itself (durability 12).
        Raises DatabaseAwayError.
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
        for attempt in range(1, _TRIES + 1):
            try:
                return await _once(engine, fn)
            except DBAPIError as error:
                if not _may_pass(error):
                    raise
                if attempt == _TRIES:
                    raise (_away(error) if error.connection_invalidated else error) from error
                log.warning("transaction run again", attempt=attempt, error=repr(error.orig)[:300])
                await asyncio.sleep(0.01 * attempt)
        raise AssertionError("unreachable: the last try returns or raises")


def _engine(url: URL, **pool: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,  # an error's words may be logged: never a message's text (security 11)
        connect_args={"timeout": _WAIT, "server_settings": {"jit": "off", "application_name": "slidewire"}},
        **pool,
    )


async def _once(engine: AsyncEngine, fn: Callable[[Connection], T]) -> T:
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.connect())
        except DBAPIError:
            raise
        except Exception as error:  # the driver, the pool and the system each have their own words for it
            raise _away(error) from error
        async with connection.begin():
            return await connection.run_sync(fn)


def _away(error: Exception) -> DatabaseAwayError:
    return DatabaseAwayError(f"the database cannot be reached: {error!r:.300}")


def _may_pass(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _AGAIN
