"""What was posted about messages, as their events tell it, and posting it again.

An event that queued a postback holds it; one that says that it was given up names it. The newest word counts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select, update

from slidewire.domain.change import Change
from slidewire.domain.events import Event
from slidewire.domain.ids import first_id
from slidewire.domain.task import NEVER, Task, TaskKind
from slidewire.store import schema
from slidewire.store.messages import record

#: Rows, or messages of an account, read at once while the newest are looked for.
_CHUNK = 500
#: So many of them are looked at where nobody says since when: they could be all that there are.
LOOKED_AT = 10_000
#: Milliseconds by which an event's id may be older than its time.
_SLACK = 3_600_000


@unique
class PostbackState(Enum):
    """How far a postback came."""

    WAITING = "waiting"
    RECEIVED = "received"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class PastPostback:
    """One postback. Times are Unix milliseconds."""

    id: str
    message_id: str
    account_id: str
    at: int  #: when it was queued, the last time
    state: PostbackState
    body: dict[str, object]  #: of its task
    attempt: int = 0  #: of one that waits
    due_at: int = 0  #: of one that waits; NEVER: behind an earlier one


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which postbacks are meant; what is blank does not matter."""

    account_id: str = ""
    message_id: str = ""
    since: int = 0
    state: PostbackState | None = None


def past_postbacks(connection: Connection, wanted: Wanted, limit: int) -> list[PastPostback]:
    """The newest of those that are wanted, newest first.

    Without a time those of the newest messages of an account, or of one state among the newest postbacks: LOOKED_AT.
    """
    found: list[PastPostback] = []
    seen: set[str] = set()
    given_up: set[str] = set()
    for rows in _chunks(connection, wanted):
        waiting = _waiting(connection, [row.message_id for row in rows])
        for row in rows:
            body = msgspec.json.decode(row.postback, type=dict[str, object])
            if "given_up" in body:
                given_up.add(str(body["given_up"]))
                continue
            key = str(body.pop("id"))
            if key in seen:
                continue
            seen.add(key)
            task = waiting.get((row.message_id, key))
            state = PostbackState.GIVEN_UP if key in given_up else PostbackState.RECEIVED
            state = PostbackState.WAITING if task else state
            if wanted.state in {None, state}:
                attempt, due_at = task or (0, 0)
                found.append(PastPostback(key, row.message_id, row.account_id, row.at, state, body, attempt, due_at))
            if len(found) == limit:
                return found
    return found


def _chunks(connection: Connection, wanted: Wanted) -> Iterator[Sequence[Any]]:
    table = schema.events
    query = select(table.c.message_id, table.c.id, table.c.account_id, table.c.at, table.c.postback)
    # an event's id carries its time: the newest first, whichever message it is of
    query = query.where(schema.TOLD).order_by(table.c.id.desc())
    if wanted.message_id:
        query = query.where(table.c.message_id == wanted.message_id)
    elif wanted.account_id and not wanted.since:
        yield from _of_newest_messages(connection, query, wanted.account_id)
        return
    if wanted.account_id:
        query = query.where(table.c.account_id == wanted.account_id)
    if wanted.since > _SLACK:
        query = query.where(table.c.id >= first_id(wanted.since - _SLACK))
    query = query.where(table.c.at >= wanted.since).limit(_CHUNK)
    rows = connection.execute(query).fetchall()
    looked_at = 0
    while rows and (wanted.since or looked_at < LOOKED_AT):
        yield rows
        looked_at += len(rows)
        rows = connection.execute(query.where(table.c.id < rows[-1].id)).fetchall()


def _of_newest_messages(connection: Connection, query: Select[Any], account_id: str) -> Iterator[Sequence[Any]]:
    """What ``query`` finds of an account, by its messages: by events it would go through those of all accounts."""
    table = schema.messages
    page = select(table.c.id).where(table.c.account_id == account_id).order_by(table.c.id.desc()).limit(_CHUNK)
    messages = [row.id for row in connection.execute(page)]
    looked_at = 0
    while messages and looked_at < LOOKED_AT:
        yield connection.execute(query.where(schema.events.c.message_id.in_(messages))).fetchall()
        looked_at += len(messages)
        messages = [row.id for row in connection.execute(page.where(table.c.id < messages[-1]))]


def _waiting(connection: Connection, messages: Sequence[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """(message, task) -> attempt and due time of the postbacks that wait."""
    tasks = schema.tasks
    query = select(tasks.c.message_id, tasks.c.id, tasks.c.attempt, tasks.c.due_at)
    query = query.where(tasks.c.message_id.in_(sorted(set(messages))), tasks.c.kind == TaskKind.NOTIFY.value)
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}


def post_again(connection: Connection, postbacks: Sequence[PastPostback], now: int, new_id: Callable[[], str]) -> int:
    """Post each at once, under its old id; one that waits for its next attempt needs to wait no longer.

    How many will be posted: one behind an earlier one of its message keeps its place.
    """
    changes = [
        Change(
            id=new_id(),
            message_id=each.message_id,
            account_id=each.account_id,
            event=Event.POSTBACK_AGAIN,
            at=now,
            detail=str(each.body.get("code", "")),
            postback=_task(each, now),
        )
        for each in reversed(postbacks)  # the oldest first: they go out in the order in which they once did
        if each.state is not PostbackState.WAITING
    ]
    record(connection, changes)
    hurried = 0
    for each in postbacks:
        if each.state is PostbackState.WAITING and each.due_at < NEVER:
            tasks = schema.tasks
            here = (tasks.c.message_id == each.message_id, tasks.c.id == each.id, tasks.c.lease.is_(None))
            hurried += connection.execute(update(tasks).where(*here).values(due_at=now)).rowcount
    return len(changes) + hurried


def _task(postback: PastPostback, now: int) -> Task:
    return Task(
        id=postback.id,
        kind=TaskKind.NOTIFY,
        queue=TaskKind.NOTIFY.queue(postback.account_id),
        account_id=postback.account_id,
        message_id=postback.message_id,
        due_at=now,
        body=postback.body,
    )
