"""What became of an account's messages in a time, page by page: what reports are written from.

Each message is in one group: those of a batch, words about subscriptions, or all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from slidewire.domain.campaigns import Campaign
from slidewire.domain.message import ANSWER, SUBSCRIPTION, Message
from slidewire.domain.statistics import Period
from slidewire.store import schema
from slidewire.store.campaigns import read_campaigns
from slidewire.store.rows import MESSAGE_COLUMNS, message_of
from slidewire.store.segments import read_all_segments

_messages, _receivers = schema.messages, schema.batch_receivers
_COLUMNS = tuple(_messages.c[name] for name in MESSAGE_COLUMNS)
_ABOUT_SUBSCRIPTIONS = and_(_messages.c.mms_id == 0, _messages.c.name.in_((ANSWER, SUBSCRIPTION)))
_IN_A_BATCH = select(_receivers.c.message_id).where(_receivers.c.message_id == _messages.c.id).exists()


@dataclass(frozen=True, slots=True)
class Sending:
    """One message and its history."""

    message: Message
    is_sms: bool  #: it was, or will be, sent as SMS
    place: str  #: where the next page begins when it is the last of its own
    events: list[dict[str, Any]] = field(default_factory=list)  #: oldest first


@dataclass(frozen=True, slots=True)
class SentBatch:
    """What the messages of one batch that were accepted in a time have in common; None where they differ."""

    id: str
    account_id: str
    scheduled_at: int  #: Unix milliseconds
    sender: str | None
    mms_id: int | None
    name: str | None
    campaign: Campaign | None


def read_batches(connection: Connection, account_id: str, period: Period) -> list[SentBatch]:
    """The batches of which there are messages in ``period``, the oldest first."""
    shared = [_messages.c[name] for name in ("sender", "mms_id", "name", "campaign_ref")]
    bounds = [each for column in shared for each in (func.min(column), func.max(column))]
    times = func.max(_messages.c.send_at), func.min(_messages.c.accepted_at)
    query = (
        select(_receivers.c.batch_id, *times, *bounds)
        .select_from(_messages.join(_receivers, _receivers.c.message_id == _messages.c.id))
        .where(*_within(account_id, period))
        .group_by(_receivers.c.batch_id)
        .order_by(_receivers.c.batch_id)
    )
    campaigns = {each.ref: each for each in read_campaigns(connection, account_id)}
    found = []
    for batch_id, send_at, accepted_at, *given in connection.execute(query):
        pairs = zip(given[::2], given[1::2], strict=True)
        sender, mms_id, name, ref = (low if low == high else None for low, high in pairs)
        campaign = campaigns.get(ref or "")
        found.append(SentBatch(batch_id, account_id, send_at or accepted_at, sender, mms_id, name, campaign))
    return found


def read_batch(
    connection: Connection, batch: SentBatch, period: Period, *, after: str = "", limit: int = 500
) -> Sequence[Sending]:
    """The messages of a batch in the order of their receivers, those behind ``after`` (a place) only."""
    query = (
        select(*_COLUMNS, _receivers.c.receiver)
        .select_from(_receivers.join(_messages, _messages.c.id == _receivers.c.message_id))
        .where(_receivers.c.batch_id == batch.id, _receivers.c.account_id == batch.account_id)
        .where(_receivers.c.receiver > after, *_within(batch.account_id, period))
        .order_by(_receivers.c.receiver)
    )
    return _with_histories(connection, query.limit(limit))


def read_subscriptions(
    connection: Connection, account_id: str, period: Period, *, after: str = "", limit: int = 500
) -> Sequence[Sending]:
    """What phones were told about their subscriptions, those behind ``after`` (a place) only."""
    query = _in_order(account_id, period, after).where(_ABOUT_SUBSCRIPTIONS)
    return _with_histories(connection, query.limit(limit))


def read_sendings(
    connection: Connection, account_id: str, period: Period, *, after: str = "", limit: int = 500
) -> Sequence[Sending]:
    """All other messages of ``period``, those behind ``after`` (a place) only."""
    query = _in_order(account_id, period, after).where(~_ABOUT_SUBSCRIPTIONS, ~_IN_A_BATCH)
    return _with_histories(connection, query.limit(limit))


def _in_order(account_id: str, period: Period, after: str) -> Select[Any]:
    """An account's messages; the place of one is its id."""
    query = select(*_COLUMNS, _messages.c.id.label("place")).where(*_within(account_id, period))
    return query.where(_messages.c.id > after).order_by(_messages.c.id)


def _within(account_id: str, period: Period) -> tuple[ColumnElement[bool], ...]:
    ids = _messages.c.id
    return _messages.c.account_id == account_id, ids > f"{period.since:012x}", ids < f"{period.until:012x}"


def _with_histories(connection: Connection, query: Select[Any]) -> Sequence[Sending]:
    rows = [(message_of(row), row[-1]) for row in connection.execute(query)]
    ids = [message.id for message, _ in rows]
    texts = read_all_segments(connection, ids)
    found = {each.id: Sending(each, each.is_text or each.force_sms or each.id in texts, place) for each, place in rows}
    events = schema.events
    history = select(events).where(events.c.message_id.in_(ids)).order_by(events.c.message_id, events.c.id)
    for row in connection.execute(history):
        found[row.message_id].events.append(dict(row._mapping))  # noqa: SLF001  # SQLAlchemy's public name
    return list(found.values())
