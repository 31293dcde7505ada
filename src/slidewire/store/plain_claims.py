"""Claims of what does not leave us (postbacks most of all), on PostgreSQL in one statement and one round trip.

Nothing of theirs is cut off in a way that matters, none keeps to turns, and nobody asks who is blocked: the claim of
store/hot.py, with its five round trips, has nothing to decide in between.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.task import SUBMITTING, Task
from slidewire.store.hot import Ask, Claimed
from slidewire.store.rows import MESSAGE_COLUMNS, TASK_COLUMNS, message_of, task_of
from slidewire.store.sql import run

_LEAVES = tuple(f"{kind.value}:" for kind in SUBMITTING)
_WIDTH = len(TASK_COLUMNS)
_TASKS = ", ".join(TASK_COLUMNS)
_TAKEN = ", ".join(f"{'due' if name == 'due_at' else 'taken'}.{name}" for name in TASK_COLUMNS)
_MESSAGES = ", ".join(f"m.{name}" for name in MESSAGE_COLUMNS)
_ONE_MESSAGE = f"SELECT {', '.join(MESSAGE_COLUMNS)} FROM messages WHERE id = taken.message_id OFFSET 0"  # noqa: S608
# Rows are found again by their places, and messages one by one: no plan can go through a table for it, however small
# it was when the plan was made (docs/adr/0330). A row that was moved meanwhile is left for the next claim.
_CLAIM = f"""WITH due AS MATERIALIZED (
        SELECT ctid AS place, id, due_at FROM tasks WHERE queue = ? AND due_at <= {{now}}
        ORDER BY due_at LIMIT ? {{skip}}
    ), taken AS (
        UPDATE tasks SET lease = ?, due_at = {{now}} + ?, attempt = attempt + 1,
            transaction_id = COALESCE(NULLIF(transaction_id, ''), message_id || '-' || (attempt + 1))
        WHERE ctid = ANY (ARRAY (SELECT place FROM due)) RETURNING {_TASKS}
    )
    SELECT {_TAKEN}, {_MESSAGES} FROM due JOIN taken ON taken.id = due.id
    LEFT JOIN LATERAL ({_ONE_MESSAGE}) AS m ON true
    ORDER BY due.due_at"""  # noqa: S608  # our own column names


def is_plain(ask: Ask) -> bool:
    """Whether ``claim_plainly`` does for ``ask`` what the claim of everything does."""
    return not ask.later and ask.turns is None and not ask.queue.startswith(_LEAVES)


def claim_plainly(connection: Connection, ask: Ask) -> list[Claimed]:
    """Take due tasks, as store/hot.py does; a transaction by itself, whose snapshot is the statement's."""
    rows = run(connection, _CLAIM, ask.queue, ask.now, ask.limit, ask.lease, ask.now, ask.lease_ms).fetchall()
    return [_claimed(task_of(row), row[_WIDTH:]) for row in rows]


def _claimed(task: Task, message: Sequence[Any]) -> Claimed:
    """``task`` as it has begun, due when it was."""
    return Claimed(task, None if message[0] is None else message_of(message), task.due_at, waited_in=task.queue)
