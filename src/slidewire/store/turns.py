"""Of what is due, what may leave now: quiet hours, and rates that are counted in the claim's transaction.

Whoever must wait is made due later in the same transaction and is not claimed: a claim holds nothing that waits
(durability 1), and its place is on disk like everything else of its task.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.task import Task
from slidewire.domain.turns import Bound, Count, Line, Turns, Waiting, Waits, waited_for, waiting_body, waiting_of
from slidewire.store.rows import task_body, task_row
from slidewire.store.sql import listed, run, run_many

_BOUND = """SELECT id, account_id, sender, receiver, country, campaign_ref, expires_at
    FROM messages WHERE id {among}"""
_MAKE = "INSERT INTO turns (route, name, at, used, line) VALUES (?, ?, 0, 0, 0) ON CONFLICT DO NOTHING"
_READ = """SELECT name, at, used, line, {now} FROM turns
    WHERE route = ? AND name IN {list} ORDER BY name {lock}"""
_WRITE = "UPDATE turns SET at = ?, used = ?, line = ? WHERE route = ? AND name = ?"
_PUT_OFF = "UPDATE tasks SET due_at = ?, body = ? WHERE message_id = ? AND id = ?"
_FORGET = "DELETE FROM turns WHERE at < ? AND line < ?"
_WAITING = "SELECT id, body, due_at FROM tasks WHERE message_id = ? AND lease IS NULL ORDER BY id"
_LET_GO = "UPDATE tasks SET due_at = ? WHERE message_id = ? AND id = ? AND due_at = ? AND lease IS NULL"
_DROP = "DELETE FROM tasks WHERE message_id = ? AND id = ? AND due_at = ? AND lease IS NULL"
#: Tasks that are looked at together once some had to wait, and how often in one claim.
LOOK = 100
ROUNDS = 5
_DAY = 86_400_000


def that_may_leave(
    connection: Connection, turns: Turns, limit: int, now: int, fetch: Callable[[int], list[Task]]
) -> list[Task]:
    """Up to ``limit`` of the tasks that ``fetch(count)`` finds due, first due first; those before them wait.

    ``fetch`` gives tasks that nobody holds.
    """
    may: dict[str, Task] = {}
    count = limit
    for _ in range(ROUNDS):
        wanted = count + len(may)
        due = fetch(wanted)
        leaving = _judged(connection, turns, [task for task in due if task.id not in may], limit - len(may), now)
        may |= {task.id: task for task in leaving}
        if len(may) == limit or len(due) < wanted:
            break
        count = LOOK
    return list(may.values())


def forget_turns(connection: Connection, now: int) -> int:
    """Forget senders and campaigns that have sent nothing for two days."""
    return run(connection, _FORGET, float(now - 2 * _DAY), float(now)).rowcount


def why_waiting(connection: Connection, message_id: str) -> Waiting | None:
    """Why a message waits that could leave, and until when; None where it does not."""
    rows = run(connection, _WAITING, message_id).fetchall()
    found = [waiting_of(task_body(body), due_at) for _, body, due_at in rows]
    return next((waiting for waiting in found if waiting is not None), None)


def let_go(connection: Connection, message_id: str, why: Waits, due_at: int) -> bool:
    """Make due at ``due_at`` what waits for this; False: it does not."""
    found = _waiting(connection, message_id, why)
    return found is not None and run(connection, _LET_GO, due_at, *found).rowcount == 1


def drop_waiting(connection: Connection, message_id: str, why: Waits) -> bool:
    """Take away the task that waits for this; False: there is none."""
    found = _waiting(connection, message_id, why)
    return found is not None and run(connection, _DROP, *found).rowcount == 1


def _waiting(connection: Connection, message_id: str, why: Waits) -> tuple[str, str, int] | None:
    """The key of a message's task that waits for this, and when it is due."""
    for key, body, due_at in run(connection, _WAITING, message_id).fetchall():
        found = waiting_of(task_body(body), due_at)
        if found is not None and found.why is why:
            return message_id, key, due_at
    return None


def _judged(connection: Connection, turns: Turns, tasks: Sequence[Task], room: int, asked_at: int) -> list[Task]:
    """Those that leave, ``room`` at most; who waits is made due later, the rest is left alone."""
    asked = [task.message_id for task in tasks if turns.hold(task.account_id)]
    if not asked:
        return list(tasks[:room])
    rows = run(connection, _BOUND, listed(connection, asked))
    bounds = {bound.message_id: bound for bound in (Bound(*row) for row in rows)}
    line = _line(connection, turns, list(bounds.values()), asked_at)
    before = dict(line.counts)
    leaving: list[Task] = []
    waiting: list[tuple[Task, Waiting]] = []
    for task in tasks:
        if len(leaving) == room:
            break
        bound = bounds.get(task.message_id)
        # nothing is asked about it; or its time is over, or its message gone: that is for its step to see
        waits = line.judge(bound, waited_for(task.body)) if bound is not None and bound.expires_at > line.now else None
        if bound is None or waits is None:
            leaving.append(task)
        else:
            waiting.append((task, replace(waits, until=min(waits.until, bound.expires_at))))
    changed = {name: count for name, count in line.counts.items() if count != before[name]}
    run_many(connection, _WRITE, [(c.at, c.used, c.line, turns.route, name) for name, c in sorted(changed.items())])
    run_many(connection, _PUT_OFF, [_put_off(task, waits) for task, waits in waiting])
    return leaving


def _line(connection: Connection, turns: Turns, bounds: Sequence[Bound], now: int) -> Line:
    names = sorted({name for bound in bounds for name in turns.names(bound)})
    run_many(connection, _MAKE, [(turns.route, name) for name in names])
    rows = run(connection, _READ, now, turns.route, listed(connection, names)).fetchall()
    counts = {row[0]: Count(row[1], row[2], row[3]) for row in rows}
    return Line(turns, counts, float(rows[0][4] if rows else now))


def _put_off(task: Task, waiting: Waiting) -> tuple[Any, ...]:
    row = task_row(replace(task, body=waiting_body(task.body, waiting)))
    return waiting.until, row[-1], task.message_id, task.id
