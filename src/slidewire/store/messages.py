"""Messages and their events. ``record`` is the one function through which a message changes (durability 13)."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Connection, exists, select

from slidewire.domain.change import Change
from slidewire.domain.events import Event
from slidewire.domain.exchange import BODY_CAP, Exchange
from slidewire.domain.frozen import frozen
from slidewire.domain.message import Message
from slidewire.domain.status import Status, ends_unsent, may_move
from slidewire.domain.task import NEVER, Hold, Task, begun
from slidewire.store import schema
from slidewire.store.facts import read_fact, set_fact
from slidewire.store.prepaid import pay_back
from slidewire.store.rows import MESSAGE_COLUMNS, TASK_COLUMNS, message_of, task_row
from slidewire.store.sql import insert_into, listed, run_many, write_rows
from slidewire.store.together import Together
from slidewire.store.usage import write_usage

_EVENT_COLUMNS = tuple(column.name for column in schema.events.columns)
_EXCHANGE_COLUMNS = tuple(column.name for column in schema.exchanges.columns)
_INSERT_EVENT = insert_into("events", _EVENT_COLUMNS)
_INSERT_EXCHANGE = insert_into("exchanges", _EXCHANGE_COLUMNS)
_INSERT_TASK = insert_into("tasks", TASK_COLUMNS)
_INSERT_TAKEN = insert_into("tasks", TASK_COLUMNS, due_at="{now} + ?")
_DUE = TASK_COLUMNS.index("due_at")
_LOCK = "SELECT id, status FROM messages WHERE id {among} ORDER BY id {lock}"
_MOVE = "UPDATE messages SET status = ? WHERE id {among}"
_REROUTE = "UPDATE messages SET route = ?, operator = ? WHERE id = ? AND account_id = ?"
_PENDING = "SELECT DISTINCT message_id FROM tasks WHERE message_id IN {list} AND kind = 'notify'"

_NO_HOLDS: Mapping[str, Hold] = MappingProxyType({})
#: What an event becomes when the message was already past it.
_LATE = {Event.SUBMITTED: Event.LATE_RESULT}


def record(
    connection: Connection,
    changes: Sequence[Change],
    holds: Mapping[str, Hold] = _NO_HOLDS,
    besides: Together | None = None,
) -> list[Task]:
    """Write every change: status, way, event, exchange, the postback's task, and the task that begins with it.

    A move that the message's present status does not allow is kept as a late event, and nobody is
    told of it: the first final one wins (settled 27). A message that is gone has no history to write.
    ``holds``: id of a change -> who posts its postback at once, if it is due. Returns the postbacks that are due now:
    those that are held as they stand once they are begun. ``besides``: what else is written, and done with it.
    """
    together = besides or Together(connection)
    if not changes:
        together.done()
        return []
    ids = listed(connection, sorted({change.message_id for change in changes}))
    here = {row[0]: Status(row[1]) for row in together.ask(_LOCK, ids).fetchall()}
    known = [change for change in changes if change.message_id in here]
    decided = _decided(known, here)
    told = [change for change in known if change.id not in decided.late]
    new_ways = [(w.route, w.operator, c.message_id, c.account_id) for c in known if (w := c.rerouted) is not None]
    run_many(connection, _REROUTE, new_ways)
    _move(connection, together, decided.moved)
    together.write(_INSERT_EVENT, [_event_row(change, _event_of(change, decided)) for change in known])
    insert_exchanges(together, [(c.message_id, c.id, c.account_id, c.exchange) for c in known if c.exchange])
    write_usage(together, [(c.account_id, c.usage) for c in told if c.usage is not None])
    telling = [(c.postback, holds.get(c.id), c.at) for c in told if c.postback is not None]
    due = _queue_postbacks(connection, together, telling)
    begins = [change.begins for change in told if change.status is not None and change.begins is not None]
    together.write(_INSERT_TASK, [task_row(task) for task in begins])
    together.done()
    pay_back(connection, decided.unsent)
    return due


@frozen
class _Decided:
    """What changes do to their messages, one after the other."""

    moved: dict[str, Status]  #: message -> where it is now
    late: set[str]  #: ids of changes that came too late
    unsent: list[tuple[str, str]]  #: (account, message) of those that ended before they were sent


def _decided(changes: Sequence[Change], here: Mapping[str, Status]) -> _Decided:
    """``here``: where the messages were."""
    decided = _Decided({}, set(), [])
    for change in changes:
        if change.status is None:
            continue
        was = decided.moved.get(change.message_id, here[change.message_id])
        if not may_move(was, change.status):
            decided.late.add(change.id)
            continue
        if ends_unsent(was, change.status):
            decided.unsent.append((change.account_id, change.message_id))
        decided.moved[change.message_id] = change.status
    return decided


def _event_of(change: Change, decided: _Decided) -> Event:
    return _LATE.get(change.event, Event.LATE_RECEIPT) if change.id in decided.late else change.event


def _move(connection: Connection, together: Together, moved: Mapping[str, Status]) -> None:
    """Write where messages are now: a few statements, for one by one each would be planned anew."""
    by_status: dict[Status, list[str]] = {}
    for message_id, status in sorted(moved.items()):
        by_status.setdefault(status, []).append(message_id)
    for status, ids in by_status.items():
        together.change(_MOVE, status.value, listed(connection, ids))


def insert_exchanges(together: Together, exchanges: Sequence[tuple[str, str, str, Exchange]]) -> None:
    """Keep exchanges, each with its message, its own id and its account."""
    rows = [
        (message, key, account, e.at, e.peer, e.request, e.response, e.seconds, e.body[:BODY_CAP], e.failed)
        for message, key, account, e in exchanges
    ]
    together.write(_INSERT_EXCHANGE, rows)


def _event_row(change: Change, event: Event) -> tuple[Any, ...]:
    return (
        change.message_id,
        change.id,
        change.account_id,
        change.at,
        event.value,
        change.reason.name if change.reason.value else "",
        change.detail,
        change.attempt,
        change.receipt_key,
        _kept_postback(change, event),
    )


def _kept_postback(change: Change, event: Event) -> str:
    """What store/postbacks.py reads: a postback that this event queued, or the one that was given up."""
    if change.given_up:
        return msgspec.json.encode({"given_up": change.given_up}).decode()
    if change.postback is None or event is not change.event:
        return ""
    return msgspec.json.encode({"id": change.postback.id, **change.postback.body}).decode()


def _queue_postbacks(
    connection: Connection, together: Together, telling: Sequence[tuple[Task, Hold | None, int]]
) -> list[Task]:
    """Insert the tasks; those that are due: one behind an earlier one of its message is not (durability 24)."""
    if not telling:
        return []
    ids = listed(connection, sorted({task.message_id for task, _, _ in telling}))
    pending = {row[0] for row in together.ask(_PENDING, ids)}
    waiting: list[tuple[Any, ...]] = []
    held: list[tuple[Any, ...]] = []
    due: list[Task] = []
    for task, hold, now in telling:
        if task.body.get("ordered") and task.message_id in pending:
            waiting.append(_with_due(task_row(task), NEVER))
        elif hold is None:
            waiting.append(task_row(task))
            due.append(task)
        else:
            due.append(begun(task))
            held.append(_with_due(task_row(due[-1], hold.lease), now, hold.ms))
        pending.add(task.message_id)
    together.write(_INSERT_TASK, waiting)
    together.write(_INSERT_TAKEN, held)
    return due


def _with_due(row: tuple[Any, ...], *due: int) -> tuple[Any, ...]:
    return (*row[:_DUE], *due, *row[_DUE + 1 :])


def find_message(connection: Connection, tracking_id: str) -> Message | None:
    """The message with this tracking id."""
    columns = [schema.messages.c[name] for name in MESSAGE_COLUMNS]
    row = connection.execute(select(*columns).where(schema.messages.c.id == tracking_id)).first()
    return message_of(row) if row else None


def list_messages(connection: Connection, *, before: str = "", account: str = "", limit: int = 50) -> list[Message]:
    """The newest messages, those older than ``before`` (a tracking id) only."""
    columns = [schema.messages.c[name] for name in MESSAGE_COLUMNS]
    query = select(*columns).order_by(schema.messages.c.id.desc()).limit(limit)
    if before:
        query = query.where(schema.messages.c.id < before)
    if account:
        query = query.where(schema.messages.c.account_id == account)
    return [message_of(row) for row in connection.execute(query)]


#: The name in ``meta`` of the time up to which missing receipts were told.
_LOOKED = "no_receipt_until"


def without_receipt(connection: Connection, until: int, limit: int, *, scheduled: bool = False) -> list[Message]:
    """Messages that left before ``until`` and are still submitted, those not told of before, oldest first.

    ``scheduled``: those that were, whose ids tell another time than that of their leaving.
    """
    table, events = schema.messages, schema.events
    since = read_fact(connection, _LOOKED)
    told = exists().where(events.c.message_id == table.c.id, events.c.event == Event.NO_RECEIPT.value)
    query = select(*(table.c[name] for name in MESSAGE_COLUMNS)).limit(limit)
    query = query.where(table.c.status == Status.SUBMITTED.value, ~told)
    if scheduled:
        query = query.where(schema.SCHEDULED, table.c.send_at >= since, table.c.send_at < until)
        query = query.order_by(table.c.send_at)
    else:
        query = query.where(table.c.id >= f"{since:012x}", table.c.id < f"{until:012x}", table.c.send_at == 0)
        query = query.order_by(table.c.id)
    return [message_of(row) for row in connection.execute(query)]


def receipts_looked_for(connection: Connection, until: int) -> None:
    """Remember that everything accepted before ``until`` was looked at."""
    set_fact(connection, _LOOKED, until)


def message_events(connection: Connection, message_id: str) -> list[dict[str, Any]]:
    """What happened to a message, oldest first."""
    table = schema.events
    query = select(table).where(table.c.message_id == message_id).order_by(table.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's public name


def message_exchanges(connection: Connection, message_id: str) -> list[dict[str, Any]]:
    """What was said with carriers and postback addresses about a message, oldest first."""
    table = schema.exchanges
    query = select(table).where(table.c.message_id == message_id).order_by(table.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's public name


def message_tasks(connection: Connection, message_id: str) -> list[dict[str, Any]]:
    """What still waits to be done for a message."""
    table = schema.tasks
    query = select(table).where(table.c.message_id == message_id).order_by(table.c.id)
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001  # SQLAlchemy's public name


def insert_task(connection: Connection, task: Task) -> None:
    """Queue one task."""
    write_rows(connection, _INSERT_TASK, [task_row(task)])
