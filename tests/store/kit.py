"""Short ways to put things into a store and to see what is in it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from tests.builders import DAY, a_message, a_task, an_id, now_ms

from slidewire.domain.change import Change, Ending
from slidewire.domain.events import Event
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store.database import Database
from slidewire.store.ends import end
from slidewire.store.hot import Ask, Claimed, NewMessage, claim, insert_messages
from slidewire.store.messages import find_message, message_events, message_tasks, record
from slidewire.store.partitions import PARTITIONED

QUEUE = "deliver:mmsc-a"
LEASE_MS = 60_000


async def stored(database: Database, message: Message | None = None, **task: Any) -> Task:
    """Insert a message with its first task; returns the task."""
    message = message or a_message()
    first = a_task(message, **task)
    await database.write(lambda c: insert_messages(c, [NewMessage(message, first)]))
    return first


def an_ask(**changes: Any) -> Ask:
    """A claim of ten deliveries by node-1."""
    ask = Ask(QUEUE, 10, "node-1", now_ms(), LEASE_MS, 120_000, an_id)
    return replace(ask, **changes)


async def claimed(database: Database, **ask: Any) -> list[Claimed]:
    """What one claim takes."""
    [taken] = await database.write(lambda c: claim(c, [an_ask(**ask)]))
    return taken


async def claimed_task(database: Database, **ask: Any) -> Task:
    """The one task that a claim takes."""
    [taken] = await claimed(database, **ask)
    return taken.task


def a_change(task: Task, event: Event = Event.SUBMITTED, **changes: Any) -> Change:
    """Something that happened to the message of ``task``."""
    change = Change(an_id(), task.message_id, task.account_id, event, now_ms(), attempt=task.attempt)
    return replace(change, **changes)


def an_ending(task: Task, *changes: Change, **more: Any) -> Ending:
    """``task`` is done, by node-1."""
    return replace(Ending(task, "node-1", changes, at=now_ms()), **more)


async def ended(database: Database, *endings: Ending) -> list[bool]:
    """Write endings in one transaction."""
    return [each.held for each in await database.write(lambda c: end(c, endings))]


async def recorded(database: Database, *changes: Change) -> None:
    """Write changes in one transaction."""
    await database.write(lambda c: record(c, changes))


def a_postback(message_id: str, **changes: Any) -> Task:
    """A postback that keeps to its message's order, due now."""
    task = Task(
        id=an_id(),
        kind=TaskKind.NOTIFY,
        queue=TaskKind.NOTIFY.queue("acct-1"),
        account_id="acct-1",
        message_id=message_id,
        due_at=now_ms(),
        body={"code": "SENT", "ordered": True},
    )
    return replace(task, **changes)


async def status_of(database: Database, message_id: str) -> Status:
    """Where a message is."""
    message = await database.read(lambda c: find_message(c, message_id))
    assert message is not None
    return message.status


async def events_of(database: Database, message_id: str) -> list[str]:
    """The events of a message, oldest first."""
    rows = await database.read(lambda c: message_events(c, message_id))
    return [row["event"] for row in rows]


async def tasks_of(database: Database, message_id: str) -> list[dict[str, Any]]:
    """The tasks of a message, oldest first."""
    return await database.read(lambda c: message_tasks(c, message_id))


#: What a partition of a table is called: its parent's name, and when it begins.
PARTITION = re.compile(r"(?P<table>messages|events|exchanges)_(?:first|rest|\d{8})")


def scalar(connection: Connection, statement: str) -> Any:
    """The one value that ``statement`` gives."""
    return connection.exec_driver_sql(statement).scalar()


def ids_of(taken: Sequence[Claimed]) -> list[str]:
    """The messages that a claim took, in its order."""
    return [each.task.message_id for each in taken]


async def only_the_first_partition(database: Database) -> None:
    """What a new database has, made anew after a test that has dropped it or made others: they would stay."""
    end = f"{(now_ms() // DAY + 2) * DAY:012x}"

    def make(connection: Connection) -> None:
        found = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
        names = [row[0] for row in found if PARTITION.match(row[0]) and not row[0].endswith("_rest")]
        if names:
            connection.exec_driver_sql(f"DROP TABLE {', '.join(names)}")
        for table in PARTITIONED:
            bounds = f"FOR VALUES FROM (MINVALUE) TO ('{end}')"
            connection.exec_driver_sql(f"CREATE TABLE {table}_first PARTITION OF {table} {bounds}")

    await database.write(make)
