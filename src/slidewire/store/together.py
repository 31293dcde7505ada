"""What is written together: on PostgreSQL in one statement, for each is a round trip that costs more than its rows.

Its parts see the database as it was before all of them: none may look for what another writes, no two may write the
same row, and what must be seen behind a lock is asked after it. SQLite, which has no round trips, runs each at once.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from slidewire.store.sql import Insert, Rows, insert_of_lists, run, run_gathered, write_rows

#: So many rows of one table at most are written with others: the driver takes longer over more than a round trip costs.
_FEW = 20


class Together:
    """Changes that wait until something is asked, or for ``done``, which whoever makes one calls in the end."""

    __slots__ = ("_connection", "_waiting", "_waits")

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waits = connection.dialect.name != "sqlite"
        self._waiting: list[tuple[str | Insert, Sequence[Any]]] = []  # with its values, or its rows

    def change(self, statement: str, *values: Any) -> None:
        """A statement that changes rows; nobody asks how many."""
        if self._waits:
            self._waiting.append((statement, values))
        else:
            run(self._connection, statement, *values)

    def write(self, insert: Insert, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows of one table, without bytes among their values."""
        if self._waits and 0 < len(rows) <= _FEW:
            self._waiting.append((insert, rows))
        else:
            write_rows(self._connection, insert, rows)

    def ask(self, query: str, *values: Any) -> Rows:
        """What a SELECT finds that sees nothing of what waits, which is written with it."""
        if not self._waiting:
            return run(self._connection, query, *values)
        parts, before = self._taken()
        return run_gathered(self._connection, _joined((*parts, query)), [*before, *values])

    def done(self) -> None:
        """Write what waits."""
        if len(self._waiting) == 1 and isinstance(insert := self._waiting[0][0], Insert):
            write_rows(self._connection, insert, self._waiting.pop()[1])
        elif self._waiting:
            parts, values = self._taken()
            run(self._connection, _joined(parts), *values)

    def _taken(self) -> tuple[tuple[str, ...], list[Any]]:
        """The statements of what waited, and their values in a row."""
        parts: list[str] = []
        values: list[Any] = []
        for what, given in self._waiting:
            parts.append(insert_of_lists(what) if isinstance(what, Insert) else what)
            values += zip(*given, strict=True) if isinstance(what, Insert) else given
        self._waiting = []
        return tuple(parts), values


@lru_cache(maxsize=256)
def _joined(parts: tuple[str, ...]) -> str:
    """One statement of several, the last of which is its own answer."""
    *before, last = parts
    named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(before))
    return f"WITH {named} {last}" if before else last
