"""What phones sent to our numbers, once for each account that owns the number."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select, update

from slidewire.domain.inbound import Inbound, InboundPart, KeptInbound, Word
from slidewire.domain.retention import Rule, Trace, inbound_redacted
from slidewire.domain.usage import Channel
from slidewire.store import schema
from slidewire.store.contents import let_go
from slidewire.store.links import revoke_links
from slidewire.store.retention import Slice, note_removal
from slidewire.store.sql import insert_into, listed, run, write_rows

_table = schema.inbound
_COLUMNS = tuple(column.name for column in _table.columns)
_INSERT = insert_into("inbound", _COLUMNS)
_OWNERS = "SELECT number, account_id FROM senders WHERE number IN {list} ORDER BY account_id"
#: What posting them left behind.
_BESIDE = ("tasks", "exchanges", "page_links")
_FIRST = "INSERT INTO arrivals (route, key, phone, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING key"
_OLD_ARRIVALS = """DELETE FROM arrivals WHERE (route, key) IN
    (SELECT route, key FROM arrivals WHERE at < ? ORDER BY at LIMIT ?)"""
_OLD_UNOWNED = "SELECT id FROM inbound WHERE account_id = '' AND id < ? ORDER BY id LIMIT ?"
_decode_words = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_parts = msgspec.json.Decoder(tuple[InboundPart, ...]).decode


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


def is_new(connection: Connection, message: Inbound, keys: Sequence[str]) -> bool:
    """Whether a message is not known by any of its ``keys``; from now on it is."""
    rows = [run(connection, _FIRST, message.route, key, message.phone, message.received_at).fetchall() for key in keys]
    return all(rows)


def forget_arrivals(connection: Connection, before: int, limit: int) -> int:
    """Forget how at most ``limit`` messages would be known again that came before ``before``; how many."""
    return run(connection, _OLD_ARRIVALS, before, limit).rowcount


def forget_unowned(connection: Connection, before: int, limit: int, *, now: Callable[[], int]) -> int:
    """Delete at most ``limit`` messages to numbers of nobody that came before ``before``; how many.

    No account's retention takes them away. Their media go with their pins.
    """
    found = [row[0] for row in run(connection, _OLD_UNOWNED, f"{before:012x}", limit)]
    if found:
        note_removal(connection, now())
        _delete(connection, found)
    return len(found)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted of what phones sent."""

    messages: int
    contents: int  #: media that nothing else uses: their bytes go within some hours


def forget_inbound(connection: Connection, phone: str, now: int) -> Forgotten:
    """Delete everything that a phone sent, its media, and what is still to be posted of it."""
    found = [_kept(row) for row in connection.execute(select(_table).where(_table.c.phone == phone))]
    run(connection, "DELETE FROM arrivals WHERE phone = ?", phone)
    run(connection, "DELETE FROM answers WHERE phone = ?", phone)
    run(connection, "DELETE FROM inbound_pieces WHERE phone = ?", phone)
    return _forget(connection, found, now)


def forget_one_inbound(connection: Connection, inbound_id: str, now: int) -> Forgotten:
    """The same for one message."""
    found = find_inbound(connection, inbound_id)
    return _forget(connection, [found] if found else [], now)


def _forget(connection: Connection, found: Sequence[KeptInbound], now: int) -> Forgotten:
    _delete(connection, [each.id for each in found])
    return Forgotten(len(found), let_go(connection, _digests(found), now))


def remove_media(connection: Connection, account_id: str, inbound_id: str, now: int) -> bool | None:
    """Take files, subject and text of an account's MMS away: that it came stays known (api.md 3.7).

    False: it had none; None: the account has no such MMS.
    """
    query = select(_table).where(_table.c.id == inbound_id, _table.c.account_id == account_id)
    row = connection.execute(query.with_for_update()).first()
    kept = _kept(row) if row else None
    if kept is None or kept.message.channel is not Channel.MMS:
        return None
    if not (kept.message.parts or kept.message.text or kept.message.subject):
        return False
    _redact(connection, kept, frozenset({Trace.CONTENT, Trace.TEXT}), now)
    let_go(connection, _digests([kept]), now)
    return True


def _digests(found: Sequence[KeptInbound]) -> list[str]:
    return [part.content.digest for each in found for part in each.message.parts]


def redact_inbound(connection: Connection, part: Slice, rule: Rule, now: int) -> str:
    """Do to what was received in a slice as ``rule`` says, and note that; the last id of a full chunk, else empty."""
    query = select(_table).where(
        _table.c.id > part.since, _table.c.id < f"{part.until:012x}", _table.c.account_id.in_(part.accounts)
    )
    found = [_kept(row) for row in connection.execute(query.order_by(_table.c.id).limit(part.limit))]
    if found:
        note_removal(connection, now)
    if rule.deletes:
        _delete(connection, [each.id for each in found])
    else:
        for each in found:
            _redact(connection, each, rule.traces, now)
    return found[-1].id if len(found) == part.limit else ""


def _redact(connection: Connection, kept: KeptInbound, traces: frozenset[Trace], now: int) -> None:
    old = kept.message
    new = inbound_redacted(old, traces)
    if new == old:
        return
    values = dict(zip(_COLUMNS, _row(replace(kept, message=new)), strict=True))
    connection.execute(update(_table).where(_table.c.id == kept.id).values(values))
    run(connection, "DELETE FROM exchanges WHERE message_id = ?", kept.id)
    if old.parts and not new.parts:
        revoke_links(connection, kept.id, now)
    if new.phone != old.phone:
        run(connection, "DELETE FROM arrivals WHERE phone = ? AND at <= ?", old.phone, old.received_at)


def _delete(connection: Connection, ids: Sequence[str]) -> None:
    for name in _BESIDE:
        run(connection, f"DELETE FROM {name} WHERE message_id IN {{list}}", listed(connection, ids))  # noqa: S608  # ours
    connection.execute(delete(_table).where(_table.c.id.in_(ids)))


def _row(kept: KeptInbound) -> tuple[Any, ...]:
    it = kept.message
    return (
        kept.id,
        kept.account_id,
        it.route,
        it.phone,
        it.number,
        kept.word.value,
        it.text,
        it.received_at,
        "" if it.channel is Channel.SMS else it.channel.value,
        it.subject,
        msgspec.json.encode(it.copies).decode() if it.copies else "",
        msgspec.json.encode(it.parts).decode() if it.parts else "",
        it.network,
    )


def _kept(row: Any) -> KeptInbound:
    message = Inbound(
        route=row.route,
        phone=row.phone,
        number=row.number,
        text=row.text,
        received_at=row.received_at,
        channel=Channel(row.channel) if row.channel else Channel.SMS,
        subject=row.subject,
        copies=_decode_words(row.copies) if row.copies else (),
        parts=_decode_parts(row.parts) if row.parts else (),
        network=row.network,
    )
    return KeptInbound(row.id, row.account_id, Word(row.word), message)
