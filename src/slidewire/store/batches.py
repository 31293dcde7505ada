"""Batches and what became of their receivers. A new source of receivers is a function and its line in SOURCES."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, delete, func, select, update

from slidewire.domain.batches import Batch, BatchProgress, BatchState, Draft, RefusedReceiver, Source
from slidewire.domain.change import Ending
from slidewire.domain.faults import Fault
from slidewire.domain.message import Content
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store import ends, hot, schema
from slidewire.store.consent import subscribed
from slidewire.store.hot import NewMessage
from slidewire.store.messages import insert_task
from slidewire.store.pins import Insertion, pin
from slidewire.store.sql import insert_into, listed, run, write_rows

_table, _rows = schema.batches, schema.batch_receivers
_decode_draft = msgspec.json.Decoder(Draft).decode
_decode_list = msgspec.json.Decoder(list[str]).decode
_INSERT_RECEIVER = insert_into("batch_receivers", tuple(column.name for column in _rows.columns))
_KNOWN = "SELECT receiver FROM batch_receivers WHERE batch_id = ? AND account_id = ? AND receiver IN {list}"
_OLD = """SELECT id, account_id FROM batches WHERE created_at < ? AND state = 'expanded'
    ORDER BY created_at LIMIT ?"""
#: Whether they are tried again or wait for an admin.
_WAITING = """SELECT message_id FROM tasks WHERE queue >= ? AND queue < ? AND message_id > ?
    ORDER BY message_id LIMIT ?"""
_DRAFTS = "SELECT draft FROM batches WHERE id IN {list} AND created_at <= ? AND draft <> ''"


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch, the task that expands it, and the content that it pins."""

    batch: Batch
    task: Task
    pins: tuple[Content, ...] = ()
    keep_until: int = 0
    written: frozenset[str] = frozenset()
    again: bool = False

    @property
    def at(self) -> int:
        """When it was accepted."""
        return self.batch.created_at


def insert_batches(connection: Connection, items: Sequence[NewBatch]) -> list[Insertion]:
    """Each batch with its task and its content, in one transaction (durability 16)."""
    results = pin(connection, items)
    for item, result in zip(items, results, strict=True):
        if result is Insertion.DONE and find_batch(connection, item.batch.id, item.batch.account_id) is None:
            connection.execute(_table.insert().values(_row(item.batch)))
            insert_task(connection, item.task)
    return results


def find_batch(connection: Connection, batch_id: str, account_id: str = "") -> Batch | None:
    """The batch with this id, of this account where one is named."""
    query = select(_table).where(_table.c.id == batch_id)
    row = connection.execute(query.where(_table.c.account_id == account_id) if account_id else query).first()
    return _batch_of(row) if row else None


@dataclass(frozen=True, slots=True)
class Needed:
    """What some of the batches need that are not expanded yet."""

    digests: tuple[str, ...]
    last: str  #: the batch that was looked at last; empty: there are no more


def needed_by_waiting(connection: Connection, before: int, after: str, limit: int) -> Needed:
    """The content of waiting batches behind ``after``, an id, that were made before ``before``; looks at ``limit``."""
    kind = TaskKind.EXPAND.value
    ids = [row[0] for row in run(connection, _WAITING, f"{kind}:", f"{kind};", after, limit)]
    drafts = [_decode_draft(row[0]) for row in run(connection, _DRAFTS, listed(connection, ids), before)]
    digests = {part.content.digest for draft in drafts for slide in draft.slides for part in slide.parts}
    return Needed(tuple(sorted(digests)), ids[-1] if len(ids) == limit else "")


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What a list shows of a batch: neither its receivers nor its slides are read."""

    id: str
    account_id: str
    created_at: int
    state: BatchState
    total: int
    seen: int


def list_batches(connection: Connection, account_id: str, before: str, limit: int) -> list[BatchRow]:
    """The newest batches first, of one account or with "" of all; those older than ``before``, an id, only."""
    columns = (_table.c[name] for name in ("id", "account_id", "created_at", "state", "total", "seen"))
    query = select(*columns).order_by(_table.c.id.desc()).limit(limit)
    if account_id:
        query = query.where(_table.c.account_id == account_id)
    if before:
        query = query.where(_table.c.id < before)
    return [
        BatchRow(row.id, row.account_id, row.created_at, BatchState(row.state), row.total, row.seen)
        for row in connection.execute(query)
    ]


def read_progress(
    connection: Connection, batch_id: str, account_id: str, skip: int, limit: int
) -> BatchProgress | None:
    """How far a batch is, of this account where one is named, with some of its refused receivers; None: no such."""
    batch = find_batch(connection, batch_id, account_id)
    if batch is None:
        return None
    refused = list_refused(connection, batch, skip, limit)
    return BatchProgress(batch, count_refused(connection, batch), count_messages(connection, batch), refused)


@dataclass(frozen=True, slots=True)
class Portion:
    """The next receivers of a batch, and where it stands after them."""

    receivers: tuple[str, ...]
    after: Batch


def next_portion(connection: Connection, batch: Batch, limit: int) -> Portion:
    """At most ``limit`` receivers that have not been looked at."""
    return SOURCES[batch.source](connection, batch, limit)


def _from_list(connection: Connection, batch: Batch, limit: int) -> Portion:  # noqa: ARG001  # other sources read it
    receivers = _decode_list(batch.receivers or "[]")
    end = batch.seen + limit
    return Portion(tuple(receivers[batch.seen : end]), _moved(batch, min(end, len(receivers)), len(receivers)))


def _moved(batch: Batch, seen: int, of: int) -> Batch:
    """``batch`` once so many receivers were looked at; at its end it forgets what it was made of."""
    if seen < of:
        return replace(batch, seen=seen, cursor=str(seen))
    return replace(batch, seen=seen, cursor="", receivers="", draft=None, state=BatchState.EXPANDED)


def _from_campaign(connection: Connection, batch: Batch, limit: int) -> Portion:
    """Those who are in the campaign now, in the order of their numbers: who leaves meanwhile gets nothing."""
    campaign = (batch.account_id, batch.receivers)
    receivers = tuple(subscribed(connection, *campaign, after=batch.cursor, limit=limit))
    seen = batch.seen + len(receivers)
    if len(receivers) < limit:
        return Portion(receivers, replace(_moved(batch, seen, seen), total=seen))
    return Portion(receivers, replace(batch, seen=seen, cursor=receivers[-1], total=max(batch.total, seen)))


#: source -> what reads the next receivers of a batch and says where it stands after them.
SOURCES: dict[Source, Callable[[Connection, Batch, int], Portion]] = {
    Source.LIST: _from_list,
    Source.CAMPAIGN: _from_campaign,
}


def write_receivers(receivers: Sequence[str]) -> str:
    """``Batch.receivers`` of a batch whose request named them."""
    return msgspec.json.encode(receivers).decode()


def known_receivers(connection: Connection, batch: Batch, receivers: Sequence[str]) -> set[str]:
    """Those of ``receivers`` (E.164) that the batch has a message for already."""
    return {row[0] for row in run(connection, _KNOWN, batch.id, batch.account_id, listed(connection, receivers))}


@dataclass(frozen=True, slots=True)
class Expanded:
    """A part of a batch that has its messages."""

    ending: Ending
    batch: Batch  #: as it is from now on
    messages: tuple[tuple[str, NewMessage], ...] = ()  #: each with its receiver as given
    refused: tuple[RefusedReceiver, ...] = ()


@unique
class ExpansionEnd(Enum):
    """Whether it was written."""

    DONE = "done"
    LATE = "late"  #: the lease had gone to another: nothing was changed
    CONTENT_LEAVING = "content leaving"  #: nothing was changed: write the bytes again, then come back


def end_expansions(connection: Connection, items: Sequence[Expanded]) -> list[ExpansionEnd]:
    """Each part with its messages, its refusals and the end of its task, or not at all."""
    return [_end_one(connection, item) for item in items]


def _end_one(connection: Connection, item: Expanded) -> ExpansionEnd:
    made = [new for _, new in item.messages]
    if Insertion.CONTENT_LEAVING in pin(connection, made):
        return ExpansionEnd.CONTENT_LEAVING
    if not ends.end(connection, [item.ending])[0].held:
        return ExpansionEnd.LATE
    batch = item.batch
    results = hot.insert_messages(connection, made)
    head, unpaid = (batch.id, batch.account_id), Fault.BILLING.error()
    rows = [(*head, "", each.given, "", each.code, each.words) for each in item.refused]
    for (given, new), result in zip(item.messages, results, strict=True):
        if result is Insertion.UNPAID:
            rows.append((*head, "", given, "", unpaid.fault.code, unpaid.words))
        else:
            rows.append((*head, new.message.receiver, "", new.message.id, "", ""))
    write_rows(connection, _INSERT_RECEIVER, rows)
    connection.execute(update(_table).where(*_is(batch)).values(_row(batch)))
    return ExpansionEnd.DONE


def count_messages(connection: Connection, batch: Batch) -> dict[Status, int]:
    """How many messages of a batch have each status."""
    messages = schema.messages
    query = (
        select(messages.c.status, func.count())
        .select_from(_rows.join(messages, messages.c.id == _rows.c.message_id))
        .where(_rows.c.batch_id == batch.id, _rows.c.account_id == batch.account_id, _rows.c.message_id != "")
        .group_by(messages.c.status)
    )
    return {Status(row[0]): int(row[1]) for row in connection.execute(query)}


def count_refused(connection: Connection, batch: Batch) -> int:
    """How many receivers of a batch get no message."""
    return int(connection.execute(select(func.count()).select_from(_rows).where(*_refused(batch))).scalar() or 0)


def list_refused(connection: Connection, batch: Batch, skip: int, limit: int) -> tuple[RefusedReceiver, ...]:
    """Some of the receivers that get no message, in the order of what was given."""
    query = select(_rows.c.given, _rows.c.code, _rows.c.words).where(*_refused(batch))
    page = query.order_by(_rows.c.given).offset(skip).limit(limit)
    return tuple(RefusedReceiver(*row) for row in connection.execute(page))


def forget_batches(connection: Connection, before: int, limit: int) -> int:
    """Forget at most ``limit`` batches made before ``before``; their messages stay. How many."""
    old = run(connection, _OLD, before, limit).fetchall()
    for batch_id, account_id in old:
        connection.execute(delete(_rows).where(_rows.c.batch_id == batch_id, _rows.c.account_id == account_id))
        connection.execute(delete(_table).where(_table.c.id == batch_id, _table.c.account_id == account_id))
    return len(old)


def forget_in_batches(connection: Connection, receiver: str) -> int:
    """Take a number out of batches: its messages are counted on, a refusal goes. In how many rows it was."""
    refused = _rows.c.given.in_((receiver, f"+{receiver}"))
    gone = connection.execute(delete(_rows).where(refused)).rowcount
    sent = update(_rows).where(_rows.c.receiver == receiver).values(receiver=_rows.c.message_id)
    return gone + connection.execute(sent).rowcount


def _refused(batch: Batch) -> tuple[Any, ...]:
    return _rows.c.batch_id == batch.id, _rows.c.account_id == batch.account_id, _rows.c.message_id == ""


def _is(batch: Batch) -> tuple[Any, ...]:
    return (and_(_table.c.id == batch.id, _table.c.account_id == batch.account_id),)


def _row(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "account_id": batch.account_id,
        "created_at": batch.created_at,
        "state": batch.state.value,
        "source": batch.source.value,
        "receivers": batch.receivers,
        "cursor": batch.cursor,
        "total": batch.total,
        "seen": batch.seen,
        "draft": msgspec.json.encode(batch.draft).decode() if batch.draft else "",
    }


def _batch_of(row: Row[Any]) -> Batch:
    return Batch(
        id=row.id,
        account_id=row.account_id,
        created_at=row.created_at,
        total=row.total,
        draft=_decode_draft(row.draft) if row.draft else None,
        source=Source(row.source),
        receivers=row.receivers,
        cursor=row.cursor,
        seen=row.seen,
        state=BatchState(row.state),
    )
