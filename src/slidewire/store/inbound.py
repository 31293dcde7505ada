"""What phones sent to our numbers, once for each account that owns the number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from slidewire.domain.inbound import Inbound, KeptInbound, Word
from slidewire.domain.retention import Rule, Trace, masked
from slidewire.store import schema
from slidewire.store.retention import Slice
from slidewire.store.sql import insert_into, listed, run, write_rows

_table = schema.inbound
_INSERT = insert_into("inbound", tuple(column.name for column in _table.columns))
_OWNERS = "SELECT number, account_id FROM senders WHERE number IN {list} ORDER BY account_id"
#: What posting them left behind.
_BESIDE = ("tasks", "exchanges")


def owners_of(connection: Connection, numbers: Iterable[str]) -> dict[str, list[str]]:
    """Number -> the accounts that send from it; those that are nobody's are missing."""
    found: dict[str, list[str]] = defaultdict(list)
    for number, account in run(connection, _OWNERS, listed(connection, sorted(set(numbers)))):
        found[number].append(account)
    return found


def keep_inbound(connection: Connection, messages: Sequence[KeptInbound]) -> None:
    """Write them."""
    write_rows(connection, _INSERT, [_row(each) for each in messages])


def list_inbound(connection: Connection, *, account: str = "", phone: str = "", limit: int = 50) -> list[KeptInbound]:
    """The newest, newest first."""
    query = select(_table).order_by(_table.c.id.desc()).limit(limit)
    if account:
        query = query.where(_table.c.account_id == account)
    if phone:
        query = query.where(_table.c.phone == phone)
    return [_kept(row) for row in connection.execute(query)]


def find_inbound(connection: Connection, inbound_id: str) -> KeptInbound | None:
    """The one with this id."""
    row = connection.execute(select(_table).where(_table.c.id == inbound_id)).first()
    return _kept(row) if row else None


def forget_inbound(connection: Connection, phone: str) -> int:
    """Delete everything that a phone sent, and what is still to be posted of it; how many there were."""
    ids = [row[0] for row in connection.execute(select(_table.c.id).where(_table.c.phone == phone))]
    _delete(connection, ids)
    return len(ids)


def redact_inbound(connection: Connection, part: Slice, rule: Rule) -> str:
    """Do to what was received in a slice as ``rule`` says; the last id of a full chunk, else empty."""
    query = select(_table).where(
        _table.c.id > part.since, _table.c.id < f"{part.until:012x}", _table.c.account_id.in_(part.accounts)
    )
    found = [_kept(row) for row in connection.execute(query.order_by(_table.c.id).limit(part.limit))]
    if rule.deletes:
        _delete(connection, [each.id for each in found])
    else:
        for each in found:
            _redact(connection, each, rule.traces)
    return found[-1].id if len(found) == part.limit else ""


def _redact(connection: Connection, kept: KeptInbound, traces: frozenset[Trace]) -> None:
    values = {}
    if Trace.TEXT in traces and kept.message.text:
        values["text"] = ""
    if Trace.NUMBERS in traces:
        values["phone"] = masked(kept.message.phone)
    if values:
        connection.execute(update(_table).where(_table.c.id == kept.id).values(values))
        run(connection, "DELETE FROM exchanges WHERE message_id = ?", kept.id)


def _delete(connection: Connection, ids: Sequence[str]) -> None:
    for name in _BESIDE:
        run(connection, f"DELETE FROM {name} WHERE message_id IN {{list}}", listed(connection, ids))  # noqa: S608  # ours
    connection.execute(delete(_table).where(_table.c.id.in_(ids)))


def _row(kept: KeptInbound) -> tuple[Any, ...]:
    it = kept.message
    return kept.id, kept.account_id, it.route, it.phone, it.number, kept.word.value, it.text, it.received_at


def _kept(row: Any) -> KeptInbound:
    message = Inbound(row.route, row.phone, row.number, row.text, row.received_at)
    return KeptInbound(row.id, row.account_id, Word(row.word), message)
