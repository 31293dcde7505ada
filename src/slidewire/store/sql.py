"""The few words in which SQLite and PostgreSQL differ, so that a hot statement is written once.

``?`` stands for a value, ``IN {list}`` for a list bound as one value, ``{among}`` for ``IN`` such a list of
keys of a partitioned table, which the planner must see to know where they lie, ``{each}`` for the rows
``each.value`` of such a list, ``{now}`` for the present time by the clock that leases end by (durability 5),
``{lock}`` and ``{skip}`` for row locks, ``{octets}`` for bytes written in hex.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol

import msgspec
from sqlalchemy import BigInteger, Boolean, Connection, Float, Integer, LargeBinary, String, Text
from sqlalchemy.types import TypeEngine
from sqlalchemy.util.concurrency import await_only, in_greenlet

from slidewire.store.postgres_driver import ask, ask_many, find
from slidewire.store.schema import metadata

_PG = "postgresql"
_WORDS = {
    "sqlite": {
        "IN {list}": "IN (SELECT value FROM json_each(?))",
        "{among}": "IN (SELECT value FROM json_each(?))",
        "{each}": "json_each(?) AS each",
        "{now}": "?",
        "{lock}": "",
        "{skip}": "",
        "{octets}": "unhex(?)",
    },
    "postgresql": {
        # a condition that searches the index, however small the table was when the plan was made; the planner does
        # not see how many they are: a few would look so cheap to it that it would plan anew each time
        "IN {list}": "= ANY ((SELECT ?::text[])::text[])",
        "{among}": "= ANY(?::text[])",
        "{each}": "unnest((SELECT ?::text[])) AS each(value)",
        # the statement's time, not the clock's: only what stays the same within a statement can search an index
        "{now}": "(extract(epoch from statement_timestamp()) * 1000 + 0 * ?::bigint)::bigint",
        "{lock}": "FOR UPDATE",
        "{skip}": "FOR UPDATE SKIP LOCKED",
        "{octets}": "decode(?, 'hex')",
    },
}


def _in_words_of(dialect: str, statement: str) -> str:
    for word, spoken in _WORDS[dialect].items():
        statement = statement.replace(word, spoken)
    return statement


@lru_cache(maxsize=256)
def _spoken(dialect: str, statement: str) -> str:
    statement = _in_words_of(dialect, statement)
    if dialect == "postgresql":
        pieces = statement.split("?")
        statement = pieces[0] + "".join(f"${n}{piece}" for n, piece in enumerate(pieces[1:], start=1))
    return statement


class SqliteReader:
    """SQLite's own connection, for looks that are too short to pay for what a Connection does around them.

    Every statement sees the database as it stands by then.
    """

    __slots__ = ("_driver",)

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def run(self, statement: str, values: Sequence[Any]) -> "Rows":
        """One statement, in SQLite's words; the rows can be gone through once."""
        found: Rows = self._driver.execute(statement, values)
        return found


#: Where a statement of one of these rooms may run.
Place = Connection | SqliteReader


class Rows(Protocol):
    """What a statement found, once to be gone through or fetched; its columns by their places."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any:
        """The next row; None after the last."""

    def fetchall(self) -> Sequence[Any]:
        """The rows that are left."""


def run(place: Place, statement: str, *values: Any) -> Rows:
    """One statement by the driver."""
    if isinstance(place, SqliteReader):
        return place.run(_spoken("sqlite", statement), values)
    if place.dialect.name == "sqlite":
        found: Rows = driver_of(place).execute(_spoken("sqlite", statement), values)
        return found
    return ask(place, _spoken("postgresql", statement), values)


def run_gathered(connection: Connection, statement: str, values: Sequence[Any]) -> Rows:
    """On PostgreSQL: a SELECT with changes before it; the rows that it finds."""
    return find(connection, _spoken("postgresql", statement), values)


def run_many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement for every row."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        driver_of(connection).executemany(_spoken("sqlite", statement), rows)
    else:
        ask_many(connection, _spoken("postgresql", statement), rows)


def driver_of(connection: Connection) -> Any:
    """The driver's own connection, in the same transaction: around a statement SQLAlchemy costs more than it."""
    return connection.connection.driver_connection


def listed(place: Place, values: Sequence[str]) -> Any:
    """``values`` as the one value that ``IN {list}``, ``{among}`` or ``{each}`` takes."""
    if isinstance(place, Connection) and place.dialect.name == "postgresql":
        return list(values)
    return msgspec.json.encode(values).decode()


def wait(work: Callable[[], None]) -> None:
    """Do inside a transaction what blocks, and not in the database.

    SQLite's transactions have a thread of their own; PostgreSQL's run on the event loop, which must not stand still.
    """
    if not in_greenlet():
        work()
        return
    with ThreadPoolExecutor(1, thread_name_prefix="waited") as thread:
        await_only(asyncio.wrap_future(thread.submit(work)))


@dataclass(frozen=True, slots=True)
class Many:
    """One statement for many rows.

    On SQLite all rows come out of one JSON text: the driver gives the interpreter away at every row, and each time
    waits for the event loop to get it back.
    """

    by_row: str
    at_once: str


@dataclass(frozen=True, slots=True)
class Insert:
    """An insert of many rows.

    On SQLite one statement with a place for each value: half of what it costs to take them out of a JSON text.
    """

    head: str
    row: str
    tail: str
    types: tuple[str, ...] = ()  #: PostgreSQL's words for the values of a row, where it may be written with others

    def of(self, rows: int = 1) -> str:
        """The statement for so many rows."""
        return f"{self.head} VALUES {', '.join([self.row] * rows)} {self.tail}"


#: What columns hold -> PostgreSQL's word for it.
_TYPES: dict[type[TypeEngine[Any]], str] = {
    String: "text",
    Text: "text",
    Integer: "integer",
    BigInteger: "bigint",
    Float: "double precision",
    Boolean: "boolean",
    LargeBinary: "bytea",
}
#: Rows of one insert: so many values are far fewer than SQLite takes.
_MOST_ROWS = 250


def insert_into(table: str, columns: Sequence[str], **values: str) -> Insert:
    """An insert that a repetition leaves alone: a commit that was cut off may be tried again (durability 12).

    ``values``: what is written into a column where that is more than ``?``.
    """
    blanks = [values.get(column, "?") for column in columns]
    held = [_TYPES[type(metadata.tables[table].c[column].type)] for column in columns]
    types = [one for one, blank in zip(held, blanks, strict=True) for _ in range(_in_words_of(_PG, blank).count("?"))]
    head, row = f"INSERT INTO {table} ({', '.join(columns)})", f"({', '.join(blanks)})"
    return Insert(head, row, "ON CONFLICT DO NOTHING", tuple(types))


@lru_cache(maxsize=256)
def insert_of_lists(insert: Insert) -> str:
    """The statement for all rows at once, on PostgreSQL: for each value of a row a list of those of all rows."""
    names = [f"v{n}" for n in range(len(insert.types))]
    row = _in_words_of(_PG, insert.row)
    for name in names:
        row = row.replace("?", name, 1)
    lists = ", ".join(f"?::{each}[]" for each in insert.types)
    given = f"unnest({lists}) AS given({', '.join(names)})"
    return f"{insert.head} SELECT {row[1:-1]} FROM {given} {insert.tail}"  # noqa: S608  # our own words


@lru_cache(maxsize=1024)
def _insert_of(insert: Insert, rows: int) -> str:
    return _spoken("sqlite", insert.of(rows))


def write_rows(connection: Connection, many: Many | Insert, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement for every row. Bytes may be among the values of an insert alone."""
    if connection.dialect.name != "sqlite":
        run_many(connection, many.of() if isinstance(many, Insert) else many.by_row, rows)
    elif isinstance(many, Insert):
        for start in range(0, len(rows), _MOST_ROWS):
            page = rows[start : start + _MOST_ROWS]
            driver_of(connection).execute(_insert_of(many, len(page)), list(chain.from_iterable(page)))
    elif len(rows) > 1:
        driver_of(connection).execute(many.at_once, (msgspec.json.encode(rows).decode(),))
    else:
        run_many(connection, many.by_row, rows)
