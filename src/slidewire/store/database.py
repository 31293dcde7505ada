"""Where transactions run: one protocol, two databases.

Store functions are plain functions that take a Connection (durability 11); nothing awaits inside one.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from slidewire.store.bells import Bell
from slidewire.store.sql import Place

__all__ = [
    "BrokenDiskError",
    "Connection",
    "Database",
    "DatabaseAwayError",
    "DatabaseBusyError",
    "DatabaseError",
    "open_database",
]

T = TypeVar("T")

#: Seconds that a transaction waits for a server that is away, where nobody says otherwise.
WAIT = 1.0


class DatabaseError(Exception):
    """The database cannot be used as it is set, in words for the admin."""


class DatabaseAwayError(DatabaseError):
    """The database cannot be reached now; it may come back."""


class DatabaseBusyError(DatabaseError):
    """Others are in the way of a change that must not keep them waiting: it is tried again later."""


class BrokenDiskError(Exception):
    """A write could not be made durable: the process must end (durability 18)."""


class Database(Protocol):
    """A place for transactions. SQLite and PostgreSQL are the two."""

    #: How many group commits may run at once: 1 where there is one writer.
    writers: int
    #: Whether leases end by this database's clock (durability 5).
    has_clock: bool

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction; what it did is on disk when this returns."""

    async def write_briefly(self, fn: Callable[[Connection], T]) -> T:
        """As ``write``, for so little that its statements may hold up whoever else is served: a group commit."""

    async def alone(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn``, which is one statement that writes: a transaction by itself."""

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` on a snapshot; it must not write."""

    async def look(self, fn: Callable[[Place], T]) -> T:
        """Run ``fn``, which only reads and is short: each statement sees what is committed by then."""

    async def forget(self) -> bool:
        """Empty what of our own keeps a copy of deleted rows; False when somebody was in the way."""

    def bell(self, node: str) -> Bell:
        """How ``node`` and other processes on this database wake each other."""

    async def close(self) -> None:
        """Let go of every connection."""


def open_database(url: str, wait: float = WAIT) -> Database:
    """The database that ``url`` names. Raises DatabaseError for what is no address or a kind that we do not speak.

    ``wait``: seconds that a transaction waits for a server that is away.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # its words could hold a password
        raise DatabaseError("database: write it as sqlite:///slidewire.db or postgresql://user@host/name") from None
    if parsed.get_backend_name() == "sqlite":
        from slidewire.store.sqlite import SqliteDatabase

        return SqliteDatabase(parsed)
    if parsed.get_backend_name() == "postgresql":
        from slidewire.store.postgres import PostgresDatabase

        return PostgresDatabase(parsed, wait)
    raise DatabaseError(f"database = {url.split(':', maxsplit=1)[0]!r}: only sqlite:/// and postgresql:// are spoken")
