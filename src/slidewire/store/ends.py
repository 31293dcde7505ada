"""How tasks end: gone or waiting again, in one transaction with everything that their steps changed (performance 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.change import Change, Ending
from slidewire.domain.events import Event
from slidewire.domain.frozen import frozen
from slidewire.domain.task import NEVER, Hold, Task, TaskKind, begun
from slidewire.store import schema
from slidewire.store.consent import add_blocks
from slidewire.store.messages import insert_exchanges, record
from slidewire.store.rows import TASK_COLUMNS, task_of, task_row
from slidewire.store.segments import set_taken
from slidewire.store.sql import insert_into, listed, run, run_many
from slidewire.store.tasks import take
from slidewire.store.together import Together

_INSERT_REF = insert_into("carrier_refs", tuple(column.name for column in schema.carrier_refs.columns))
# their messages are looked up and their own ids picked out: to look up both would be a look for each pair
_THESE = "message_id IN {list} AND id || '' IN {list}"
_HELD = f"SELECT id, lease, kind, transaction_id FROM tasks WHERE {_THESE} ORDER BY message_id, id {{lock}}"  # noqa: S608
_DROP = f"DELETE FROM tasks WHERE {_THESE}"  # noqa: S608  # our own words
_WAIT = """UPDATE tasks SET lease = NULL, kind = ?, queue = ?, due_at = ?, attempt = ?, transaction_id = ?, body = ?
    WHERE message_id = ? AND id = ?"""
_NEXT = f"""SELECT {", ".join(TASK_COLUMNS)} FROM tasks
    WHERE message_id IN {{list}} AND kind = 'notify' AND NOT (id || '' IN {{list}}) ORDER BY message_id, id"""  # noqa: S608
# On PostgreSQL each statement is a round trip. Chains are locked before their tasks are; who follows is looked for in
# a statement behind that lock, for it must see what was written while we waited. It may be that which drops the tasks,
# and does not see them gone.
_HELD_OF_CHAINS = f"""WITH chains AS MATERIALIZED (SELECT id FROM messages WHERE id {{among}} ORDER BY id {{lock}})
    {_HELD.replace("WHERE", "WHERE (SELECT count(*) FROM chains) IS NOT NULL AND")}"""  # noqa: S608
_WAKE = "UPDATE tasks SET due_at = ? WHERE message_id = ? AND id = ? AND due_at = ?"


@frozen
class Ended:
    """What came of the end of a task."""

    held: bool  #: False: the lease had gone to another (durability 5)
    followed: bool = False  #: the next postback of its chain is due now
    taken: Task | None = None  #: a postback that is due by it, and held as it asked


def end(connection: Connection, endings: Sequence[Ending]) -> list[Ended]:
    """End tasks with everything that their steps changed."""
    rows = _held(connection, endings)
    held = [_is_held(rows.get(ending.task.id), ending) for ending in endings]
    ours = [ending for ending, ok in zip(endings, held, strict=True) if ok]
    done = [ending for ending in ours if ending.again is None]
    together = Together(connection)
    _drop(connection, together, done)
    refs = [(e.route, e.carrier_ref, e.task.message_id, e.task.account_id, e.at) for e in endings if e.carrier_ref]
    refs += [(e.route, ref, e.task.message_id, e.task.account_id, e.at) for e in endings for _, ref in e.taken if ref]
    together.write(_INSERT_REF, refs)
    exchanges = [(e.task.message_id, e.exchange_id, e.task.account_id, e.exchange) for e in endings if e.exchange]
    insert_exchanges(together, exchanges)
    following = _following(connection, together, done)
    run_many(connection, _WAIT, [_waiting_row(e.again) for e in ours if e.again is not None])
    set_taken(connection, [(e.task.message_id, number, ref) for e in endings for number, ref in e.taken])
    changes: list[Change] = []
    for ending, ok in zip(endings, held, strict=True):
        changes.extend(ending.changes if ok else (_late(change) for change in ending.changes))
    holds = {change.id: ending.hold for ending in endings if ending.hold is not None for change in ending.changes}
    told = {task.id: task for task in record(connection, changes, holds, together)}
    add_blocks(connection, [ending.block for ending in endings if ending.block])
    due = _wake_next(connection, _of_chains(done), following)
    return [_ended(ending, ok, told, due) for ending, ok in zip(endings, held, strict=True)]


def _held(connection: Connection, endings: Sequence[Ending]) -> dict[str, Sequence[Any]]:
    """Who holds the tasks, which are locked; and before them the messages whose chains move.

    Who adds a link meanwhile must see this one gone, or be seen. Messages that only change are locked with them:
    locking them later would be out of id order (durability 8).
    """
    ids = _task_ids(connection, [ending.task for ending in endings])
    messages = {ending.task.message_id for ending in _of_chains(endings)}
    if messages and connection.dialect.name == "postgresql":
        messages.update(change.message_id for ending in endings for change in ending.changes)
        rows = run(connection, _HELD_OF_CHAINS, listed(connection, sorted(messages)), *ids)
    else:
        rows = run(connection, _HELD, *ids)
    return {row[0]: row for row in rows.fetchall()}


def _drop(connection: Connection, together: Together, done: Sequence[Ending]) -> None:
    """These tasks are gone."""
    if done:
        together.change(_DROP, *_task_ids(connection, [ending.task for ending in done]))


def _following(connection: Connection, together: Together, done: Sequence[Ending]) -> Sequence[Sequence[Any]]:
    """The rows of the postbacks that stand behind these, each chain's in its order."""
    chains = [ending.task.message_id for ending in _of_chains(done)]
    if not chains:
        return ()
    gone = listed(connection, [ending.task.id for ending in done])
    return together.ask(_NEXT, listed(connection, chains), gone).fetchall()


def _of_chains(endings: Sequence[Ending]) -> list[Ending]:
    return [ending for ending in endings if ending.task.kind is TaskKind.NOTIFY]


def _is_held(row: Sequence[Any] | None, ending: Ending) -> bool:
    if row is None:
        return False
    _id, lease, kind, transaction_id = row
    if lease == ending.lease:
        return True
    # set aside as uncertain while we were still reading the answer: the answer settles it after all
    return lease is None and kind == TaskKind.UNCERTAIN.value and transaction_id == ending.task.transaction_id


def _late(change: Change) -> Change:
    return Change(
        id=change.id,
        message_id=change.message_id,
        account_id=change.account_id,
        event=Event.LATE_RESULT,
        at=change.at,
        reason=change.reason,
        detail=f"{change.event.value}: {change.detail}",
        attempt=change.attempt,
        exchange=change.exchange,
    )


def _waiting_row(task: Task) -> tuple[Any, ...]:
    row = task_row(task)
    return (
        task.kind.value,
        task.queue,
        task.due_at,
        task.attempt,
        task.transaction_id,
        row[-1],
        task.message_id,
        task.id,
    )


def _task_ids(connection: Connection, tasks: Sequence[Task]) -> tuple[Any, Any]:
    return listed(connection, [t.message_id for t in tasks]), listed(connection, [t.id for t in tasks])


def _ended(ending: Ending, held: bool, told: Mapping[str, Task], due: Mapping[str, Task | None]) -> Ended:
    key = ending.task.message_id
    if ending.task.kind is TaskKind.NOTIFY:
        return Ended(held, key in due, due.get(key))
    if ending.hold is None:
        return Ended(held)
    mine = (told.get(change.postback.id) for change in ending.changes if change.postback is not None)
    return Ended(held, taken=next(filter(None, mine), None))


def _wake_next(
    connection: Connection, ended: Sequence[Ending], following: Sequence[Sequence[Any]]
) -> dict[str, Task | None]:
    """The next postback of each chain becomes due (durability 24): message -> it, where the ending holds it."""
    if not ended:
        return {}
    by_message = {ending.task.message_id: ending for ending in ended}
    due: dict[str, Task | None] = {}
    woken: list[tuple[int, str, str, int]] = []
    taken: list[tuple[Task, Hold]] = []
    for task in map(task_of, following):
        if task.message_id in due:
            continue  # it stands behind the next one
        ending, due[task.message_id] = by_message[task.message_id], None
        if task.due_at != NEVER:
            continue
        if ending.hold is None:
            woken.append((ending.at, task.message_id, task.id, NEVER))
        else:
            taken.append((begun(replace(task, due_at=ending.at)), ending.hold))
            due[task.message_id] = taken[-1][0]
    run_many(connection, _WAKE, woken)
    take(connection, taken, max(ending.at for ending in ended))
    return due
