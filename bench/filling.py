"""Many messages with their events in a store, as copies of one that is there, made in the past."""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
#: Bytes of the whole store, with its indexes.
_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
_EVENTS = "SELECT id, postback FROM events WHERE message_id = '{}' ORDER BY id"


@dataclass(frozen=True)
class Model:
    """What is copied: a message that was delivered, its events, and the reference that its carrier gave it."""

    message: str
    events: tuple[tuple[str, str], ...]  #: each with the id of the postback that it queued, or its own


def fill(config: Path, count: int) -> dict[str, Any]:
    """Store ``count`` copies of the newest message: how long that takes, and how large the store is then."""
    return asyncio.run(_fill(open_database(load(str(config)).database), count))


async def _fill(database: Database, count: int) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        model = await database.read(_model)
        for first in range(1, count + 1, _PORTION):
            end = min(first + _PORTION, count + 1)
            await database.write(lambda connection, a=first, b=end: _copy(connection, model, a, b))  # type: ignore[misc]
        await _settled(database)
        size = await database.read(lambda c: c.exec_driver_sql(_SIZE[c.dialect.name]).scalar())
    finally:
        await database.close()
    return {"stored": count, "filling_s": time.perf_counter() - began, "store_mb": size / 1e6}


async def _settled(database: Database) -> None:
    """What the database does by itself after so many rows is done now, not while something is measured."""
    if not database.has_clock:
        await database.write(lambda connection: connection.exec_driver_sql("ANALYZE") and None)
        await database.forget()  # the log goes back into the file
        os.sync()  # and what the system has not written yet would stand before the first commits
        return
    for statement in ("VACUUM (ANALYZE)", "CHECKPOINT"):  # PostgreSQL takes neither within a transaction
        await database.look(lambda place, words=statement: place.exec_driver_sql(words) and None)  # type: ignore[misc,union-attr]


def _model(connection: Connection) -> Model:
    message = connection.exec_driver_sql("SELECT max(id) FROM messages WHERE status = 'delivered'").scalar_one()
    events = connection.exec_driver_sql(_EVENTS.format(message)).fetchall()
    told = [(event, json.loads(postback or "{}").get("id", event)) for event, postback in events]
    return Model(message, tuple(told))


def _copy(connection: Connection, model: Model, first: int, end: int) -> None:
    numbers, message_id, event_id = _NUMBERS[connection.dialect.name]
    numbers = numbers.format(first=first, end=end)
    _insert(connection, numbers, schema.messages, {"id": message_id}, f"it.id = '{model.message}'")
    for number, (event, postback) in enumerate(model.events):
        new = event_id.format(of=number)
        own = {"message_id": message_id, "id": new, "postback": f"replace(it.postback, '{postback}', {new})"}
        _insert(connection, numbers, schema.events, own, f"it.message_id = '{model.message}' AND it.id = '{event}'")
    own = {
        "route": "'sink'",
        "ref": message_id,
        "message_id": message_id,
        "account_id": "it.account_id",
        "at": "it.accepted_at",
    }
    connection.exec_driver_sql(
        f"{numbers} INSERT INTO carrier_refs ({', '.join(own)}) SELECT {', '.join(own.values())}"
        f" FROM n, messages it WHERE it.id = '{model.message}'"
    )


def _insert(connection: Connection, numbers: str, table: Table, own: dict[str, str], which: str) -> None:
    """One copy for each number of the row of ``table`` that is ``which``, but for what is its ``own``."""
    names = [column.name for column in table.columns]
    picked = ", ".join(own.get(name, f"it.{name}") for name in names)
    connection.exec_driver_sql(
        f"{numbers} INSERT INTO {table.name} ({', '.join(names)}) SELECT {picked} FROM n, {table.name} it WHERE {which}"
    )
