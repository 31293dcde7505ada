"""PostgreSQL's own driver, spoken to from within a store function: for hot statements, past SQLAlchemy's cursors.

Its errors come out as SQLAlchemy's, so that whoever runs transactions knows one kind.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util.concurrency import await_only

#: How a statement that changes rows reads, also behind a look of its own; ``FOR UPDATE`` changes none.
_CHANGES = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b|\s*WITH\b.*\b(INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Given:
    """What a statement gave: rows, or only how many it changed."""

    rows: Sequence[Any] = ()
    rowcount: int = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def fetchall(self) -> Sequence[Any]:
        """All rows."""
        return self.rows

    def fetchone(self) -> Any:
        """The first row, or None."""
        return self.rows[0] if self.rows else None


def ask(connection: Connection, statement: str, values: Sequence[Any]) -> Given:
    """One statement with its values. Raises DBAPIError."""
    if _has_rows(statement):
        return find(connection, statement, values)
    driver: Any = connection.connection.driver_connection
    with translated(driver, statement):
        told: str = await_only(driver.execute(statement, *values))
    return Given(rowcount=int(told.rpartition(" ")[2]))


def find(connection: Connection, statement: str, values: Sequence[Any]) -> Given:
    """The rows of a statement that has some, whatever it changes besides. Raises DBAPIError."""
    driver: Any = connection.connection.driver_connection
    with translated(driver, statement):
        rows: Sequence[Any] = await_only(driver.fetch(statement, *values))
    return Given(rows, len(rows))


def ask_many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for every row, in one round trip. Raises DBAPIError."""
    driver: Any = connection.connection.driver_connection
    with translated(driver, statement):
        await_only(driver.executemany(statement, rows))


@lru_cache(maxsize=512)
def _has_rows(statement: str) -> bool:
    return "RETURNING" in statement or _CHANGES.match(statement) is None


@contextmanager
def translated(driver: Any, statement: str) -> Iterator[None]:
    """The driver's errors as SQLAlchemy's, without the values: they may hold a message's text (security 11)."""
    try:
        yield
    except _errors() as error:
        gone = driver.is_closed() or isinstance(error, _errors()[0])
        raise DBAPIError(statement, None, error, hide_parameters=True, connection_invalidated=gone) from error


@cache
def _errors() -> tuple[type[Exception], ...]:
    """What a statement may raise. The first: the server's farewell lay unread, nothing can be asked there any more."""
    import asyncpg  # it takes its time, and nobody needs it on SQLite

    return (asyncpg.InternalClientError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
