"""What became of an account's messages in a time, page by page: what reports are written from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from slidewire.domain.message import Message
from slidewire.domain.statistics import Period
from slidewire.store import schema
from slidewire.store.rows import MESSAGE_COLUMNS, message_of
from slidewire.store.segments import read_all_segments


@dataclass(frozen=True, slots=True)
class Sending:
    """One message and its history."""

    message: Message
    is_sms: bool  #: it was, or will be, sent as SMS
    events: list[dict[str, Any]] = field(default_factory=list)  #: oldest first


def read_sendings(
    connection: Connection, account_id: str, period: Period, *, after: str = "", limit: int = 500
) -> Sequence[Sending]:
    """The messages that an account's requests made in ``period``, those behind ``after`` (a tracking id) only."""
    table, events = schema.messages, schema.events
    query = (
        select(*(table.c[name] for name in MESSAGE_COLUMNS))
        .where(table.c.account_id == account_id)
        .where(table.c.id > (after or f"{period.since:012x}"), table.c.id < f"{period.until:012x}")
        .order_by(table.c.id)
        .limit(limit)
    )
    messages = [message_of(row) for row in connection.execute(query)]
    ids = [message.id for message in messages]
    texts = read_all_segments(connection, ids)
    found = {each.id: Sending(each, each.is_text or each.force_sms or each.id in texts) for each in messages}
    rows = connection.execute(
        select(events).where(events.c.message_id.in_(ids)).order_by(events.c.message_id, events.c.id)
    )
    for row in rows:
        found[row.message_id].events.append(dict(row._mapping))  # noqa: SLF001  # SQLAlchemy's public name
    return list(found.values())
