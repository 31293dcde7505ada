"""What is written together: on PostgreSQL in one statement, for each is a round trip that costs more than its rows.

Its parts see the database as it was before all of them: none may look for what another writes, no two may write the
same row, and what must be seen behind a lock is asked after it. SQLite, which has no round trips, runs each at once.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from slidewire.store.sql import Insert, Rows, insert_of_lists, run, run_gathered, write_rows


class Together:
    """Changes that wait until something is asked, or for ``done``, which whoever makes one calls in the end."""

    __slots__ = ("_connection", "_parts", "_values", "_waits")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waits = connection.dialect.name != "sqlite"
        self._parts: list[str] = []
        self._values: list[Any] = []

    def change(self, statement: str, *values: Any) -> None:
        """A statement that changes rows; nobody asks how many."""
        if self._waits:
            self._parts.append(statement)
            self._values += values
        else:
            run(self._connection, statement, *values)

    def write(self, insert: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows of one table, without bytes among their values."""
        if not rows:
            return
        if self._waits:
            self.change(insert_of_lists(insert), *zip(*rows, strict=True))
        else:
            write_rows(self._connection, insert, rows)

    def ask(self, query: str, *values: Any) -> Rows:
        """What a SELECT finds that sees nothing of what waits, which is written with it."""
        if not self._parts:
            return run(self._connection, query, *values)
        parts, before = self._taken()
        return run_gathered(self._connection, _joined((*parts, query)), [*before, *values])

    def done(self) -> None:
        """Write what waits."""
        if self._parts:
            parts, values = self._taken()
            run(self._connection, _joined(parts), *values)

    def _taken(self) -> tuple[tuple[str, ...], list[Any]]:
        parts, values = tuple(self._parts), self._values
        self._parts, self._values = [], []
        return parts, values


@lru_cache(maxsize=256)
def _joined(parts: tuple[str, ...]) -> str:
    """One statement of several, the last of which is its own answer."""
    *before, last = parts
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(before))
    return f"WITH {named} {last}" if before else last
