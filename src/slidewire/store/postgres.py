"""PostgreSQL over asyncpg: the same store functions, run through SQLAlchemy's bridge (durability 11).

Transactions are begun and ended by the driver, and hot statements go straight to it (store/sql.py): of SQLAlchemy
only what Core's statements need is in the way.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from slidewire.store.bells import Bell
from slidewire.store.database import DatabaseAwayError, DatabaseBusyError
from slidewire.store.postgres_bell import PostgresBell
from slidewire.store.postgres_pool import Lent, PostgresPool
from slidewire.store.postgres_watch import watched

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: Connections of one process, beside its bell's.
_POOL = 8
#: Seconds to wait for a free connection, or for a new one: after that the database counts as away.
_WAIT = 10
#: Deadlock, serialization failure: nobody's fault, tried again (durability 8).
_AGAIN = {"40P01", "40001"}
_TRIES = 5
#: A server that stops, has crashed, starts, or has no place for us: it, or another, may be there in a moment. The last
#: three: it ended while the connection was being made (18 cuts it off where 15 gives its reason).
_AWAY = {"57P01", "57P02", "57P03", "53300", "08001", "08003", "08006"}
#: A lock was not had in the time that the transaction itself set for it, or a look took longer.
_BUSY = {"55P03", "57014"}
#: It may only be read: it was changed over, or will be.
_READ_ONLY = "25006"
#: Seconds between two tries while the server is away, the last again and again.
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5)
#: How a transaction begins that writes, and one that reads; statements that are one each need no words.
_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL enable_seqscan = on"
_ALONE = ""
#: What each connection is set to. A plan is kept for as long as its connection: made while a table held a few rows it
#: would go through that table from end to end when a flood has come, until the server looks at it again, so that no
#: plan but of those who read at leisure may do so (docs/adr/0330).
_SETTINGS = {"jit": "off", "enable_seqscan": "off", "application_name": "slidewire"}


class PostgresDatabase:
    """A server that many nodes share."""

    writers = 4
    has_clock = True

    def __init__(self, url: URL, wait: float) -> None:
        """``wait``: seconds that a transaction waits for a server that is away: stopped, changed over, or read-only."""
        self._wait = wait
        self._url = url.set(drivername="postgresql+asyncpg")
        self._engine = _engine(self._url, wait)
        self._pool = PostgresPool(self._engine, _POOL, _WAIT)

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction, again when it fell to a deadlock, its connection was cut or the server away.

        Whether a cut commit was made nobody knows: ``fn`` must bear to be run after itself (durability 12).
        Raises DatabaseAwayError, and DatabaseBusyError when a time was over that ``fn`` had set itself.
        """
        return await self._repeated(_WRITING, fn)

    async def write_briefly(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` as ``write`` does: nobody waits for the event loop here."""
        return await self.write(fn)

    async def alone(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn``, which is one statement: one round trip instead of three. Raises what ``write`` raises."""
        return await self._repeated(_ALONE, fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` on a snapshot. Raises DatabaseAwayError."""
        return await self._repeated(_READING, fn)

    async def look(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn``, which only reads; every statement sees the database as it stands by then, and is one round trip.

        Raises DatabaseAwayError.
        """
        return await self._repeated(_ALONE, fn)

    async def forget(self) -> bool:
        """Nothing of ours: dead rows are for the server's vacuum, its log for whoever runs it."""
        return True

    def bell(self, node: str) -> Bell:
        """The server's own channel."""
        return PostgresBell(_engine(self._url, self._wait), node)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()
        await self._engine.dispose()

    async def _repeated(self, begin: str, fn: Callable[[Connection], T]) -> T:
        until = asyncio.get_running_loop().time() + self._wait
        refused = absent = 0
        while True:
            try:
                return await self._once(begin, fn)
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

    async def _once(self, begin: str, fn: Callable[[Connection], T]) -> T:
        try:
            lent = await self._pool.lend()
        except DBAPIError as error:
            raise (_away(error) if _is_away(error) else error) from error
        except Exception as error:  # the driver, the pool and the system each have their own words for it
            raise _away(error) from error
        try:
            result = await _run(lent, begin, fn)
        except DBAPIError as error:
            if _is_away(error) or (begin != _READING and _state(error) == _READ_ONLY):
                await self._pool.drop(lent)  # where this one leads nobody can write: the next may lead elsewhere
                await self._pool.forget()
                raise _away(error) from error
            if not await self._pool.undo(lent):
                raise _away(error) from error
            if _state(error) in _BUSY:
                raise DatabaseBusyError(f"others are in the way: {error.orig!r:.300}") from error
            raise
        except Exception:
            await self._pool.undo(lent)
            raise
        except BaseException:  # cancelled in the middle of something: the server undoes it when it hears no more
            await self._pool.drop(lent)
            raise
        self._pool.take_back(lent)
        return result


async def _run(lent: Lent, begin: str, fn: Callable[[Connection], T]) -> T:
    if begin == _ALONE:
        return await lent.connection.run_sync(fn)
    await lent.tell(begin)
    result = await lent.connection.run_sync(fn)
    if await lent.tell("COMMIT") != "COMMIT":
        raise RuntimeError("a statement of this transaction had failed: nothing of it was committed")
    return result


def _engine(url: URL, wait: float) -> AsyncEngine:
    return create_async_engine(
        url,
        poolclass=NullPool,  # what is kept is kept by PostgresPool, or by the bell
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # an error's words may be logged: never a message's text (security 11)
        connect_args={"timeout": _WAIT, "server_settings": _SETTINGS, "connection_class": watched(wait)},
    )


def _away(error: Exception) -> DatabaseAwayError:
    return DatabaseAwayError(f"the database cannot be reached: {error!r:.300}")


def _is_away(error: DBAPIError) -> bool:
    return error.connection_invalidated or _state(error) in _AWAY


def _state(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state
