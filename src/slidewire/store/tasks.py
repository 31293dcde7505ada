"""The queue beside the hot path: what waits where, and leases whose holders are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from slidewire.domain.message import Message
from slidewire.domain.task import NEVER, WAITING, Hold, Task, later
from slidewire.store import schema
from slidewire.store.rows import MESSAGE_COLUMNS, TASK_COLUMNS, message_of, task_of
from slidewire.store.sql import Many, Place, run, run_many, write_rows

_HEAD = (
    select(schema.tasks.c.queue, schema.tasks.c.due_at).order_by(schema.tasks.c.queue, schema.tasks.c.due_at).limit(1)
)


@dataclass(frozen=True, slots=True)
class Head:
    """The first of a queue."""

    queue: str
    due_at: int


def queue_heads(connection: Connection) -> list[Head]:
    """Every queue with the time its first task is due: one step along the claim index per queue."""
    heads: list[Head] = []
    query = _HEAD
    while (row := connection.execute(query).first()) is not None:
        heads.append(Head(row[0], row[1]))
        query = _HEAD.where(schema.tasks.c.queue > row[0])
    return heads


def ages(heads: Sequence[Head], now: int) -> dict[str, int]:
    """Milliseconds that the first of each queue has been due; queues where nothing is due are left out."""
    return {head.queue: now - head.due_at for head in heads if head.due_at <= now}


def lease_holders(connection: Connection) -> list[str]:
    """The nodes that hold tasks."""
    column = schema.tasks.c.lease
    return [row[0] for row in connection.execute(select(column).where(column.is_not(None)).distinct())]


def end_leases(connection: Connection, holders: Sequence[str], now: int) -> int:
    """Make due what dead nodes held; the claim will see the old mark and know it uncertain (durability 2)."""
    tasks = schema.tasks
    done = connection.execute(update(tasks).where(tasks.c.lease.in_(holders)).values(due_at=now))
    return done.rowcount


#: Tasks with the messages that they serve; read by ``_read``.
_WITH_MESSAGES = select(
    *(schema.tasks.c[name] for name in TASK_COLUMNS), *(schema.messages.c[name] for name in MESSAGE_COLUMNS)
).join(schema.messages, schema.messages.c.id == schema.tasks.c.message_id)


def _read(connection: Connection, query: Select[Any]) -> list[tuple[Task, Message]]:
    width = len(TASK_COLUMNS)
    return [(task_of(row[:width]), message_of(row[width:])) for row in connection.execute(query).fetchall()]


_DUE_BY = "SELECT 1 FROM tasks WHERE queue = ? AND due_at <= {now} + ? LIMIT 1"


def has_due(place: Place, queue: str, now: int, within_ms: int) -> bool:
    """Whether anything of ``queue`` is due within so many milliseconds, or its lease over."""
    return run(place, _DUE_BY, queue, now, within_ms).fetchone() is not None


def expired_waiting(connection: Connection, now: int, limit: int = 200) -> list[tuple[Task, Message]]:
    """Messages whose validity ended while they waited, with their tasks."""
    tasks, messages = schema.tasks, schema.messages
    query = (
        _WITH_MESSAGES.where(
            tasks.c.kind.in_([kind.value for kind in WAITING]),
            tasks.c.lease.is_(None),
            # of what is scheduled only what was due: nothing expires before its time
            (tasks.c.due_at <= now) | ~tasks.c.queue.startswith(later("")),
            messages.c.expires_at <= now,
        )
        .order_by(tasks.c.message_id)
        .limit(limit)
    )
    return _read(connection, query)


def waiting_since(connection: Connection, queue: str, before: int, limit: int) -> list[tuple[Task, Message]]:
    """The tasks of ``queue``, scheduled ones too, that nobody holds, of messages that may become SMS.

    ``before``: when they may have left first, Unix milliseconds.
    """
    tasks, messages = schema.tasks, schema.messages
    query = (
        _WITH_MESSAGES.where(
            tasks.c.queue.in_((queue, later(queue))),
            tasks.c.lease.is_(None),
            messages.c.accepted_at <= before,
            messages.c.send_at <= before,
            messages.c.fallback_allowed.is_(True),
        )
        .order_by(tasks.c.due_at)
        .limit(limit)
    )
    return _read(connection, query)


def waiting_after(connection: Connection, queue: str, after: str, limit: int) -> list[tuple[Task, Message]]:
    """The tasks of ``queue`` that nobody holds and that are not parked, of messages behind ``after``, by acceptance."""
    tasks = schema.tasks
    query = (
        _WITH_MESSAGES.where(
            tasks.c.queue == queue, tasks.c.lease.is_(None), tasks.c.message_id > after, tasks.c.due_at < NEVER
        )
        .order_by(tasks.c.message_id)
        .limit(limit)
    )
    return _read(connection, query)


def lease_one(connection: Connection, task: Task, node: str, until: int) -> bool:
    """Hold one task that nobody holds and that is still as it was read; False when another was quicker.

    A task keeps its id whatever becomes of it: one that has been sent meanwhile, and is uncertain by now, waits for its
    receipt, and nobody may go on with what it was before (durability 3).
    """
    tasks = schema.tasks
    done = connection.execute(
        update(tasks)
        .where(
            tasks.c.message_id == task.message_id,
            tasks.c.id == task.id,
            tasks.c.lease.is_(None),
            tasks.c.kind == task.kind.value,
            tasks.c.queue == task.queue,
            tasks.c.attempt == task.attempt,
        )
        .values(lease=node, due_at=until)
    )
    return done.rowcount == 1


def overdue(
    connection: Connection, queue: str, before: int, limit: int, *, held: bool = False
) -> list[tuple[Task, Message]]:
    """The tasks of ``queue`` that have been due since ``before``; ``held``: those alone whose lease has been over."""
    tasks = schema.tasks
    query = _WITH_MESSAGES.where(tasks.c.queue == queue, tasks.c.due_at <= before).order_by(tasks.c.due_at).limit(limit)
    if held:
        query = query.where(tasks.c.lease.is_not(None))
    return _read(connection, query)


def take_over(connection: Connection, task: Task, node: str, until: int) -> bool:
    """Hold one task that is due, whoever held it before; False when another was quicker."""
    tasks = schema.tasks
    done = connection.execute(
        update(tasks)
        .where(
            tasks.c.message_id == task.message_id,
            tasks.c.id == task.id,
            tasks.c.queue == task.queue,
            tasks.c.due_at == task.due_at,
        )
        .values(lease=node, due_at=until)
    )
    return done.rowcount == 1


_RENEW = "UPDATE tasks SET due_at = {now} + ? WHERE message_id = ? AND id = ? AND lease = ?"


def renew_lease(connection: Connection, task: Task, node: str, now: int, lease_ms: int) -> bool:
    """Hold a task for longer; False: another has it by now."""
    return run(connection, _RENEW, now, lease_ms, task.message_id, task.id, node).rowcount == 1


def renew_leases(connection: Connection, held: Sequence[Task], node: str, now: int, lease_ms: int) -> None:
    """Hold tasks for longer, those that are still ours."""
    run_many(connection, _RENEW, [(now, lease_ms, task.message_id, task.id, node) for task in held])


def waiting_counts(connection: Connection) -> dict[str, int]:
    """How many tasks each queue holds."""
    tasks = schema.tasks
    query = select(tasks.c.queue, func.count()).where(tasks.c.due_at < NEVER).group_by(tasks.c.queue)
    return {row[0]: row[1] for row in connection.execute(query)}


def queue_length(connection: Connection, queue: str, most: int) -> int:
    """How many tasks of a queue wait for their time or their turn, counted up to ``most``: a walk along the index."""
    tasks = schema.tasks
    some = select(tasks.c.id).where(tasks.c.queue == queue, tasks.c.due_at < NEVER).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar() or 0)


def parked_in(connection: Connection, queue: str, limit: int) -> list[str]:
    """Messages whose task in ``queue`` nothing tries again, ``limit`` at most.

    Not for postbacks: one of theirs that is due never may stand behind another.
    """
    tasks = schema.tasks
    query = select(tasks.c.message_id).where(tasks.c.queue == queue, tasks.c.due_at == NEVER).limit(limit)
    return [row[0] for row in connection.execute(query)]


_TAKE = Many(
    """UPDATE tasks SET lease = ?, due_at = {now} + ?, attempt = ?, transaction_id = ?, queue = ?
    WHERE message_id = ? AND id = ?""",
    """UPDATE tasks SET lease = j.value ->> 0, due_at = (j.value ->> 1) + (j.value ->> 2),
    attempt = j.value ->> 3, transaction_id = j.value ->> 4, queue = j.value ->> 5
    FROM json_each(?) AS j WHERE tasks.message_id = j.value ->> 6 AND tasks.id = j.value ->> 7""",
)


def take(connection: Connection, taken: Sequence[tuple[Task, Hold]], now: int) -> None:
    """Write that tasks have begun, each as it stands then, and who holds it for how long from ``now`` on."""
    rows = [
        (hold.lease, now, hold.ms, task.attempt, task.transaction_id, task.queue, task.message_id, task.id)
        for task, hold in taken
    ]
    write_rows(connection, _TAKE, rows)
