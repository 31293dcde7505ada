"""What an account asks about its messages: found by index, a page at a time, and taken back while they wait.

An account's own messages lie together by the time of their acceptance, so that a page is one walk along an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from slidewire.domain.change import Change
from slidewire.domain.message import Message
from slidewire.domain.task import SUBMITTING, WAITING, TaskKind
from slidewire.domain.tracking import Listing, Named, Past, Traces, past_of
from slidewire.store import schema
from slidewire.store.messages import record
from slidewire.store.rows import MESSAGE_COLUMNS, TASK_COLUMNS, message_of, task_of
from slidewire.store.sql import listed, run

#: Messages that are looked at for one page, when few of them are of the status that is asked for.
LOOKED_AT = 10_000
_UNSENT = sorted(kind.value for kind in WAITING)
_SENDING = [*_UNSENT, TaskKind.UNCERTAIN.value]
_EVENTS = """SELECT message_id, event, reason, detail, at FROM events
    WHERE message_id {among} ORDER BY message_id, id"""
_TASKS = f"""SELECT {", ".join(TASK_COLUMNS)} FROM tasks WHERE message_id IN {{list}} AND kind IN {{list}}
    ORDER BY message_id, id"""  # noqa: S608  # our own names
_SEGMENTS = "SELECT message_id, count(*) FROM segments WHERE message_id IN {list} GROUP BY message_id"
_LEASE = TASK_COLUMNS.index("lease")


@dataclass(frozen=True, slots=True)
class Page:
    """Some of an account's messages, the newest first."""

    messages: tuple[Message, ...]
    cursor: str = ""  #: where the next page begins; empty: this is the last


def find_own(connection: Connection, account_id: str, named: Named, limit: int = 2) -> list[Message]:
    """The account's messages of this name, the newest first, ``limit`` at most."""
    return [message_of(row) for row in connection.execute(named_query(account_id, named).limit(limit))]


def named_query(account_id: str, named: Named) -> Select[Any]:
    """What looks for the account's messages of this name."""
    table = schema.messages
    if named.tracking_id:
        return _own(account_id).where(table.c.id == named.tracking_id)
    return _own(account_id).where(schema.REFERRED, table.c.client_reference == named.client_reference)


def list_own(connection: Connection, account_id: str, listing: Listing, look_at: int = LOOKED_AT) -> Page:
    """A page of the account's messages. It may hold fewer than were asked for, and yet not be the last.

    With "" those of all, for admins: by time, cursor and status only, for the other indexes begin with the account.
    ``look_at``: messages that are looked at, at most, for those of one status.
    """
    table, query, last = schema.messages, listing_query(account_id, listing), ""
    if listing.status is not None:
        ids = query.with_only_columns(table.c.id).offset(look_at - 1).limit(1)
        last = str(connection.execute(ids).scalar() or "")
        query = query.where(table.c.status == listing.status.value)
    if last:
        query = query.where(table.c.id >= last)
    rows = connection.execute(query.limit(listing.per_page + 1)).fetchall()
    found = tuple(message_of(row) for row in rows[: listing.per_page])
    return Page(found, found[-1].id if len(rows) > listing.per_page else last)


def listing_query(account_id: str, listing: Listing) -> Select[Any]:
    """What walks along the account's messages, whatever their status."""
    table, query = schema.messages, _own(account_id)
    if listing.cursor:
        query = query.where(table.c.id < listing.cursor)
    if listing.since:
        query = query.where(table.c.id >= f"{max(listing.since, 0):012x}")
    if listing.until:
        query = query.where(table.c.id < f"{max(listing.until, 0) + 1:012x}")
    if listing.receiver:
        query = query.where(table.c.receiver == listing.receiver)
    if listing.client_reference:
        query = query.where(schema.REFERRED, table.c.client_reference == listing.client_reference)
    return query


def read_traces(connection: Connection, messages: Sequence[Message]) -> dict[str, Traces]:
    """What is known of each besides itself."""
    ids = listed(connection, [message.id for message in messages])
    past: dict[str, list[Any]] = {}
    for message_id, *event in run(connection, _EVENTS, ids):
        past.setdefault(message_id, []).append(event)
    rows = run(connection, _TASKS, ids, listed(connection, _SENDING)).fetchall()
    tasks = {row[0]: row for row in rows}
    segments = {row[0]: row[1] for row in run(connection, _SEGMENTS, ids)}
    return {
        message.id: Traces(
            past=_past(past.get(message.id, ())),
            task=task_of(tasks[message.id]) if message.id in tasks else None,
            leased=message.id in tasks and tasks[message.id][_LEASE] is not None,
            segments=segments.get(message.id, 0),
        )
        for message in messages
    }


_WAITING = f"""SELECT {", ".join(TASK_COLUMNS)} FROM tasks
    WHERE message_id IN {{list}} AND kind IN {{list}}
    ORDER BY message_id, id {{lock}}"""  # noqa: S608  # our own names
_DROP = "DELETE FROM tasks WHERE message_id IN {list} AND id || '' IN {list}"
_BEGUN = "SELECT DISTINCT message_id FROM segments WHERE message_id IN {list} AND state <> 'waiting'"


def cancel(connection: Connection, changes: Sequence[Change]) -> list[bool]:
    """Take messages back that wait, each by its change; False: it has left, or may have.

    The task's row decides who was first, this or a claim: a claim marks it before anything leaves (durability 2).
    """
    ids = listed(connection, sorted({change.message_id for change in changes}))
    begun = {row[0] for row in run(connection, _BEGUN, ids)}
    tasks = {}
    for row in run(connection, _WAITING, ids, listed(connection, _UNSENT)).fetchall():
        task = task_of(row)
        # what is made of audio and video sends nothing: it finds its task gone when it is over
        held = row[_LEASE] is not None and task.kind in SUBMITTING
        if not (held or task.may_have_left or task.message_id in begun):
            tasks[task.message_id] = task
    mine = {change.message_id: change for change in changes if change.message_id in tasks}
    if mine:
        gone = [tasks[message_id] for message_id in mine]
        keys = [task.message_id for task in gone], [task.id for task in gone]
        run(connection, _DROP, *(listed(connection, key) for key in keys))
        record(connection, list(mine.values()))
    return [mine.get(change.message_id) is change for change in changes]


def _own(account_id: str) -> Select[Any]:
    table = schema.messages
    columns = (table.c[name] for name in MESSAGE_COLUMNS)
    query = select(*columns).order_by(table.c.id.desc())
    return query.where(table.c.account_id == account_id) if account_id else query


def _past(rows: Sequence[Any]) -> tuple[Past, ...]:
    return past_of([(row[0], row[1], row[2], row[3]) for row in rows])
