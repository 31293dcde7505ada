"""Many messages with their events in a store, as copies of those that are there, made in the past."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, Table

from slidewire.settings import load
from slidewire.store import schema
from slidewire.store.database import Database, open_database

#: Rows of one transaction.
_PORTION = 200_000
#: What differs from copy to copy: a message's id, from the beginning of time on.
_NUMBERS = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end})",
        "printf('%032x', n.i)",
        "printf('%032x', n.i * 16 + {of})",
    ),
    "postgresql": (
        "WITH n(i) AS (SELECT generate_series({first}, {end} - 1))",
        "lpad(to_hex(n.i), 32, '0')",
        "lpad(to_hex(n.i * 16 + {of}), 32, '0')",
    ),
}


def fill(config: Path, count: int) -> None:
    """Store ``count`` copies of the newest message with its events."""
    asyncio.run(_fill(open_database(load(str(config)).database), count))


async def _fill(database: Database, count: int) -> None:
    try:
        for first in range(1, count, _PORTION):
            end = min(first + _PORTION, count + 1)
            await database.write(lambda connection, a=first, b=end: _copy(connection, a, b))  # type: ignore[misc]
        await database.write(lambda connection: connection.exec_driver_sql("ANALYZE") and None)
    finally:
        await database.close()


def _copy(connection: Connection, first: int, end: int) -> None:
    model = connection.exec_driver_sql("SELECT max(id) FROM messages").scalar()
    events = connection.exec_driver_sql(f"SELECT id FROM events WHERE message_id = '{model}' ORDER BY id").fetchall()
    numbers, message_id, event_id = _NUMBERS[connection.dialect.name]
    numbers = numbers.format(first=first, end=end)
    _insert(connection, numbers, schema.messages, {"id": message_id}, f"it.id = '{model}'")
    for number, (event,) in enumerate(events):
        own = {"message_id": message_id, "id": event_id.format(of=number)}
        _insert(connection, numbers, schema.events, own, f"it.message_id = '{model}' AND it.id = '{event}'")


def _insert(connection: Connection, numbers: str, table: Table, own: dict[str, str], which: str) -> None:
    """One copy for each number of the row of ``table`` that is ``which``, but for what is its ``own``."""
    names = [column.name for column in table.columns]
    picked = ", ".join(own.get(name, f"it.{name}") for name in names)
    connection.exec_driver_sql(
        f"{numbers} INSERT INTO {table.name} ({', '.join(names)}) SELECT {picked} FROM n, {table.name} it WHERE {which}"
    )
