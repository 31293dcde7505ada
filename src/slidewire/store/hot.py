"""The statements that every message passes, by the driver and in batches (performance 2): kept, and claimed.

Each function takes the items of one group commit and returns one result per item.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.campaigns import Clearance, Question
from slidewire.domain.change import Change
from slidewire.domain.events import Event, Reason
from slidewire.domain.fairness import Fair
from slidewire.domain.frozen import frozen
from slidewire.domain.handset import Handset
from slidewire.domain.message import Content, Message
from slidewire.domain.status import Status
from slidewire.domain.task import SUBMITTING, Hold, Task, TaskKind, begun, door_of
from slidewire.domain.turns import Turns
from slidewire.store import schema
from slidewire.store.consent import clearances
from slidewire.store.fairness import Look, due_rows
from slidewire.store.messages import record
from slidewire.store.pins import Insertion, pin
from slidewire.store.prepaid import Payment, pay_for
from slidewire.store.rows import MESSAGE_COLUMNS, TASK_COLUMNS, message_of, message_row, task_of, task_row
from slidewire.store.sql import insert_into, listed, run, run_many, write_rows
from slidewire.store.tasks import take
from slidewire.store.turns import that_may_leave

_INSERT_MESSAGE = insert_into("messages", MESSAGE_COLUMNS)
_INSERT_TASK = insert_into("tasks", TASK_COLUMNS)
#: On PostgreSQL a task comes with its message or not at all: where a commit's answer was lost and it is made again, the
#: message may be there and the task done already (durability 12).
_INSERT_BOTH = f"""WITH kept AS ({_INSERT_MESSAGE.of()} RETURNING id)
    INSERT INTO tasks ({", ".join(TASK_COLUMNS)})
    SELECT id, {", ".join(f"?::{word}" for word in _INSERT_TASK.types[1:])} FROM kept"""  # noqa: S608  # our own words
_INSERT_SENT = insert_into("sent_mms", tuple(column.name for column in schema.sent_mms.columns))
_MESSAGES = ", ".join(f"m.{name}" for name in MESSAGE_COLUMNS)
_LEASE = TASK_COLUMNS.index("lease")


@frozen
class NewMessage:
    """An accepted message, its first task, and the content that it pins."""

    message: Message
    task: Task
    lease: str | None = None  #: set when this process has already taken the task (performance 5)
    pins: tuple[Content, ...] = ()  #: content that is not known to be pinned long enough
    keep_until: int = 0
    written: frozenset[str] = frozenset()  #: digests whose bytes were stored just now: no row yet is no worry
    again: bool = False  #: the bytes were brought back: doomed rows live on
    reusable: bool = False  #: its MMS id may be sent again (settled 22)
    payment: Payment | None = None  #: None: nobody paid for it in advance

    @property
    def at(self) -> int:
        """When it was accepted."""
        return self.message.accepted_at

    @property
    def is_plain(self) -> bool:
        """Whether message and task are all that is to be written."""
        return not self.pins and not self.reusable and self.payment is None


def insert_messages(connection: Connection, items: Sequence[NewMessage]) -> list[Insertion]:
    """Message, first task, payment and pinned content in one transaction (durability, the heart)."""
    results = _paid(connection, items, pin(connection, items))
    stay = [item for item, result in zip(items, results, strict=True) if result is Insertion.DONE]
    insert_plainly(connection, stay)
    sent = [(item.message.mms_id, item.message.account_id, item.message.id) for item in stay if item.reusable]
    write_rows(connection, _INSERT_SENT, sent)
    return results


def insert_plainly(connection: Connection, items: Sequence[NewMessage]) -> list[Insertion]:
    """Messages and first tasks alone; on PostgreSQL by one statement, which is a transaction if need be."""
    messages = [message_row(item.message) for item in items]
    tasks = [task_row(item.task, item.lease) for item in items]
    if connection.dialect.name == "sqlite":
        write_rows(connection, _INSERT_MESSAGE, messages)
        write_rows(connection, _INSERT_TASK, tasks)
    else:
        run_many(connection, _INSERT_BOTH, [(*one, *other[1:]) for one, other in zip(messages, tasks, strict=True)])
    return [Insertion.DONE] * len(items)


def _paid(connection: Connection, items: Sequence[NewMessage], results: Sequence[Insertion]) -> list[Insertion]:
    """With UNPAID for those for whom nothing is left; what is sent back has paid for nothing."""
    both = list(zip(items, results, strict=True))
    owed = {item.message.id: item.payment for item, result in both if item.payment and result is Insertion.DONE}
    unpaid = pay_for(connection, owed) if owed else set()
    return [Insertion.UNPAID if item.message.id in unpaid else result for item, result in both]


def insert_together(connection: Connection, groups: Sequence[Sequence[NewMessage]]) -> list[list[Insertion]]:
    """The messages of one request at once, group by group; those of one group pin the same content."""
    return [insert_messages(connection, group) for group in groups]


@frozen
class Ask:
    """A claim: at most ``limit`` due tasks of one queue, held until the lease ends."""

    queue: str
    limit: int
    lease: str  #: the node that asks
    now: int
    lease_ms: int
    uncertain_ms: int = 0  #: how long a cut-off submission waits for a receipt
    new_id: Callable[[], str] = str  #: for the events of tasks that were cut off, or whose time has come
    turns: Turns | None = None  #: what its messages keep to besides; None: nothing
    later: str = ""  #: the queue of what was scheduled for the same door; empty: nothing of it is due
    later_first: bool = False  #: whose turn it is when there is room for one alone
    fair: Fair | None = None  #: set while many wait: how they share what may leave; None: first due, first out
    later_fair: Fair | None = None  #: the same of what was scheduled


@frozen
class Claimed:
    """A task that is ours for the time of its lease, with the message that it serves."""

    task: Task
    message: Message | None  #: None: the task serves none (a parked receipt), or the message is gone
    due_at: int  #: when it was due: what it waited is the queue's age (durability 27)
    clearance: Clearance = Clearance.CLEAR  #: of the receiver at the claim, for what leaves us (durability 25)
    handset: Handset | None = None  #: the receiver's phone, where it is known (settled 32)
    waited_in: str = ""  #: the queue that it was found in


_SET_UNCERTAIN = """UPDATE tasks SET lease = NULL, kind = 'uncertain', queue = ?, due_at = {now} + ?
    WHERE message_id = ? AND id = ?"""
_READ = f"""SELECT {_MESSAGES}, h.profile, h.agent, h.seen_at
    FROM messages m LEFT JOIN handsets h ON h.receiver = m.receiver WHERE m.id {{among}}"""  # noqa: S608


def claim(connection: Connection, asks: Sequence[Ask]) -> list[list[Claimed]]:
    """Take due tasks. The attempt and the TransactionID are on disk before a byte leaves (durability 2).

    A submission that is found still marked by another lease was cut off: it is set aside as UNCERTAIN.
    """
    order = sorted(range(len(asks)), key=lambda n: asks[n].queue)  # rows of turns are locked in one (durability 8)
    found = {n: _claim(connection, asks[n]) for n in order}
    return [found[n] for n in range(len(asks))]


def _claim(connection: Connection, ask: Ask) -> list[Claimed]:
    fresh, cut_off = _due(connection, ask)
    _set_uncertain(connection, ask, cut_off)
    if not fresh:
        return []
    taken = [begun(task) for task in fresh]
    hold = Hold(ask.lease, ask.lease_ms)
    take(connection, [(task, hold) for task in taken], ask.now)
    ids = listed(connection, [task.message_id for task in taken if task.message_id])
    rows = run(connection, _READ, ids).fetchall()
    messages = _begun(connection, ask, [message_of(row) for row in rows], taken)
    handsets = {row[0]: Handset(*row[-3:]) for row in rows if row[-1] is not None}
    asked = [task.message_id for task in taken if task.kind in SUBMITTING and task.message_id in messages]
    stand = dict(zip(asked, clearances(connection, [_question(messages[key]) for key in asked]), strict=True))
    return [
        Claimed(
            task,
            messages.get(task.message_id),
            before.due_at,
            stand.get(task.message_id, Clearance.CLEAR),
            handsets.get(task.message_id),
            before.queue,
        )
        for task, before in zip(taken, fresh, strict=True)
    ]


def _due(connection: Connection, ask: Ask) -> tuple[list[Task], list[Task]]:
    """What may leave now, and what was cut off while another had it."""
    cut_off: dict[str, Task] = {}

    def fetch(count: int) -> list[Task]:
        fresh: list[Task] = []
        for row in _rows(connection, ask, count + len(cut_off)):
            task = task_of(row)
            if row[_LEASE] and task.kind in SUBMITTING:
                cut_off[task.id] = task
            else:
                fresh.append(task)
        return fresh

    turns, limit = ask.turns, ask.limit
    fresh = fetch(limit) if turns is None else that_may_leave(connection, turns, limit, ask.now, fetch)
    if cut_off and turns is None and len(fresh) < limit:
        fresh = fetch(limit)  # behind those that were cut off there may be others
    return fresh, list(cut_off.values())[:limit]


def _rows(connection: Connection, ask: Ask, count: int) -> Sequence[Sequence[Any]]:
    """Due tasks. Where some of them were scheduled both kinds have half each, so that neither starves."""
    rows = due_rows(connection, Look(ask.queue, ask.now, count, ask.fair))
    if not ask.later:
        return rows
    timed = due_rows(connection, Look(ask.later, ask.now, count, ask.later_fair))
    first, second = (timed, rows) if ask.later_first else (rows, timed)
    first = first[: max(-(-count // 2), count - len(second))]
    return first + second[: count - len(first)]


def _begun(connection: Connection, ask: Ask, found: Sequence[Message], taken: Sequence[Task]) -> dict[str, Message]:
    """The messages by their ids; those that were scheduled leave now."""
    leaving = {task.message_id: task for task in taken if task.kind in SUBMITTING}
    timed = [message for message in found if message.status is Status.SCHEDULED and message.id in leaving]
    changes = [
        Change(ask.new_id(), message.id, message.account_id, Event.DUE, ask.now, status=Status.ACCEPTED)
        for message in timed
    ]
    record(connection, changes)
    messages = {message.id: message for message in found}
    return messages | {message.id: replace(message, status=Status.ACCEPTED) for message in timed}


def _question(message: Message) -> Question:
    return Question(message.receiver, message.account_id, message.sender, message.campaign_ref)


def _set_uncertain(connection: Connection, ask: Ask, tasks: Sequence[Task]) -> None:
    if not tasks:
        return
    door = TaskKind.UNCERTAIN.queue(door_of(ask.queue))
    rows = [(door, ask.now, ask.uncertain_ms, task.message_id, task.id) for task in tasks]
    run_many(connection, _SET_UNCERTAIN, rows)
    changes = [
        Change(
            id=ask.new_id(),
            message_id=task.message_id,
            account_id=task.account_id,
            event=Event.UNCERTAIN,
            at=ask.now,
            reason=Reason.UNCERTAIN,
            detail="the process that sent it ended before it read the answer",
            attempt=task.attempt,
        )
        for task in tasks
    ]
    record(connection, changes)
