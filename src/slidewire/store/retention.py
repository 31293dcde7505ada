"""Takes away what must not be kept: traces of messages by their age, or of one message or number on request.

How far each account's rule has got is kept, so that a round looks only at what became old since the last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, delete, select, update

from slidewire.domain.campaigns import Consent
from slidewire.domain.message import Message
from slidewire.domain.phone import national
from slidewire.domain.retention import Trace, masked, redacted
from slidewire.store import schema
from slidewire.store.batches import forget_in_batches
from slidewire.store.contents import let_go
from slidewire.store.facts import read_fact, set_fact
from slidewire.store.idempotency import mask_answers
from slidewire.store.links import revoke_links
from slidewire.store.partitions import PARTITIONED
from slidewire.store.rows import MESSAGE_COLUMNS, message_of, message_row
from slidewire.store.sql import listed, run, run_many

_BUSY = "SELECT DISTINCT message_id FROM tasks WHERE message_id IN {list}"
_OPEN_PAGES = """SELECT DISTINCT message_id FROM page_links
    WHERE message_id IN {list} AND revoked_at IS NULL AND expires_at > ?"""
#: What an event or a segment says beside its message.
_BESIDE = ("exchanges", "segments")
#: What holds on to a message from tables that are not partitioned.
_ELSEWHERE = ("batch_receivers", "segments", "page_links")
#: What is incomplete is not sent again (settled 22).
_NOT_AGAIN = """DELETE FROM sent_mms WHERE message_id IN {list}
    AND mms_id IN (SELECT mms_id FROM messages WHERE id {among})"""
#: Counted on, but nobody sees any more who it was.
_MASK_IN_BATCH = "UPDATE batch_receivers SET receiver = message_id WHERE message_id = ?"
_MARK = """INSERT INTO retention_marks (account_id, rule, done_until) VALUES (?, ?, ?)
    ON CONFLICT (account_id, rule) DO UPDATE SET done_until = excluded.done_until"""
#: Facts: when retention took something away last, and when the log that still holds it was emptied last.
_REMOVED, _EMPTIED = "retention_removed_at", "log_emptied_at"


@dataclass(frozen=True, slots=True)
class Slice:
    """Messages of some accounts, accepted from ``since`` on and before ``until`` (Unix milliseconds)."""

    accounts: tuple[str, ...]
    since: str  #: what an id begins with; everything behind it
    until: int
    limit: int


@dataclass(slots=True)
class Receipt:
    """What a redaction on request took away, to be shown to whoever asked."""

    messages: list[str] = field(default_factory=list)  #: tracking ids
    waiting: list[str] = field(default_factory=list)  #: left alone: they have not ended yet
    contents: int = 0  #: media that nothing else uses: their bytes go within some hours
    rows: dict[str, int] = field(default_factory=dict)  #: table -> rows that were deleted besides
    kept: dict[str, int] = field(default_factory=dict)  #: what must stay, so that nothing is sent to the number again


def marks(connection: Connection) -> dict[tuple[str, str], int]:
    """(account, rule) -> up to when it has been carried out."""
    table = schema.retention_marks
    return {(row.account_id, row.rule): row.done_until for row in connection.execute(select(table))}


def set_marks(connection: Connection, accounts: Sequence[str], rule: str, done_until: int) -> None:
    """Remember how far a rule has got."""
    run_many(connection, _MARK, [(account, rule, done_until) for account in accounts])


def read_slice(connection: Connection, part: Slice) -> list[Message]:
    """The messages of a slice, oldest first."""
    table = schema.messages
    query = (
        select(*(table.c[name] for name in MESSAGE_COLUMNS))
        .where(table.c.id > part.since, table.c.id < f"{part.until:012x}", table.c.account_id.in_(part.accounts))
        .order_by(table.c.id)
        .limit(part.limit)
    )
    return [message_of(row) for row in connection.execute(query)]


def busy(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those for which something is still to be done: sent, posted or waited for."""
    return {row[0] for row in run(connection, _BUSY, listed(connection, ids))}


def with_open_page(connection: Connection, ids: Sequence[str], now: int) -> set[str]:
    """Those whose page may still be shown."""
    return {row[0] for row in run(connection, _OPEN_PAGES, listed(connection, ids), now)}


def redact_messages(
    connection: Connection, messages: Sequence[Message], traces: frozenset[Trace], now: int
) -> list[str]:
    """Take traces away; the ids of those that had any."""
    changed = [(old, new) for old in messages if (new := redacted(old, traces)) != old]
    for old, new in changed:
        _overwrite(connection, new)
        if Trace.CONTENT in traces:
            revoke_links(connection, new.id, now)
        if Trace.NUMBERS in traces and old.receiver != new.receiver:
            _mask_events(connection, old)
            run(connection, _MASK_IN_BATCH, new.id)
    ids = [new.id for _old, new in changed]
    if {Trace.CONTENT, Trace.TEXT} & traces:
        run(connection, _NOT_AGAIN, *[listed(connection, ids)] * 2)
    if {Trace.TEXT, Trace.NUMBERS} & traces:
        _delete_of(connection, _BESIDE, ids)
    return ids


def delete_messages(connection: Connection, ids: Sequence[str]) -> None:
    """Leave nothing of messages."""
    delete_elsewhere(connection, ids)
    _delete_of(connection, tuple(PARTITIONED), ids)


def delete_elsewhere(connection: Connection, ids: Sequence[str]) -> None:
    """Leave nothing of messages outside their partition, which goes as a whole."""
    run(connection, _NOT_AGAIN, *[listed(connection, ids)] * 2)
    _delete_of(connection, _ELSEWHERE, ids)


def _overwrite(connection: Connection, message: Message) -> None:
    table = schema.messages
    values = dict(zip(MESSAGE_COLUMNS, message_row(message), strict=True))
    connection.execute(
        update(table).where(table.c.id == message.id, table.c.account_id == message.account_id).values(values)
    )


def _mask_events(connection: Connection, message: Message) -> None:
    """Carriers' words may name the receiver, and so do the keys by which receipts are known again."""
    statement = """UPDATE events SET detail = replace(detail, ?, ?), postback = replace(postback, ?, ?),
        receipt_key = replace(receipt_key, ?, ?) WHERE message_id = ? AND account_id = ?"""
    for number in (message.receiver, national(message.receiver)):  # a carrier may leave the calling code out
        change = (number, masked(number))
        run(connection, statement, *change, *change, *change, message.id, message.account_id)


def _delete_of(connection: Connection, tables: Sequence[str], ids: Sequence[str]) -> None:
    for name in tables:
        which = f"{PARTITIONED[name]} {{among}}" if name in PARTITIONED else "message_id IN {list}"
        run(connection, f"DELETE FROM {name} WHERE {which}", listed(connection, ids))  # noqa: S608  # ours


def messages_to(connection: Connection, receiver: str, account_id: str = "") -> list[Message]:
    """Every message to a number, of one account or of all; looks at every message there is."""
    table = schema.messages
    query = select(*(table.c[name] for name in MESSAGE_COLUMNS)).where(table.c.receiver == receiver)
    if account_id:
        query = query.where(table.c.account_id == account_id)
    return [message_of(row) for row in connection.execute(query.order_by(table.c.id))]


def redact_now(connection: Connection, messages: Sequence[Message], now: int) -> Receipt:
    """Take every trace of messages away, and their media where nothing else uses them (security 15)."""
    waiting = busy(connection, [message.id for message in messages])
    ended = [message for message in messages if message.id not in waiting]
    digests = [part.content.digest for message in ended for slide in message.slides for part in slide.parts]
    receipt = Receipt(waiting=sorted(waiting))
    receipt.messages = redact_messages(connection, ended, frozenset(Trace), now)
    for message in ended:
        mask_answers(connection, message.receiver, message.id)
    receipt.contents = let_go(connection, digests, now)
    return receipt


def _forget_in_groups(connection: Connection, receiver: str) -> int:
    """Take a number out of the messages that show it as one of a group; looks at every message there is."""
    table = schema.messages
    shown = select(table.c.id, table.c.display_only).where(table.c.display_only.contains(f'"{receiver}"'))
    rows = connection.execute(shown).all()
    for message_id, given in rows:
        left = given.replace(f'"{receiver}"', f'"{masked(receiver)}"')
        connection.execute(update(table).where(table.c.id == message_id).values(display_only=left))
    _delete_of(connection, ("exchanges",), [message_id for message_id, _ in rows])  # they name it too
    return len(rows)


def forget_number(connection: Connection, receiver: str, receipt: Receipt) -> None:
    """Take away what else is known of a number; that it must not be written to stays known."""
    table = schema.subscriptions
    mine = table.c.receiver == receiver
    out = table.c.state == Consent.OPTED_OUT.value
    gone = connection.execute(delete(table).where(and_(mine, ~out)))
    receipt.rows["subscriptions"] = gone.rowcount
    cache = schema.operator_cache
    receipt.rows["operator cache"] = connection.execute(delete(cache).where(cache.c.number == receiver)).rowcount
    phones = schema.handsets
    receipt.rows["handsets"] = connection.execute(delete(phones).where(phones.c.receiver == receiver)).rowcount
    parked = schema.parked_receipts
    named = parked.c.body.contains(receiver)
    receipt.rows["parked receipts"] = connection.execute(delete(parked).where(named)).rowcount
    receipt.kept["opt-outs"] = len(connection.execute(select(table.c.receiver).where(mine, out)).all())
    receipt.rows["groups"] = _forget_in_groups(connection, receiver)
    receipt.rows["batches"] = forget_in_batches(connection, receiver)
    receipt.rows["kept answers"] = mask_answers(connection, receiver)
    blocks = schema.blocks
    receipt.kept["blocks"] = len(connection.execute(select(blocks.c.sender).where(blocks.c.receiver == receiver)).all())


def note_removal(connection: Connection, now: int) -> None:
    """Something was taken away, in the transaction that takes it."""
    set_fact(connection, _REMOVED, now)


def log_is_due(connection: Connection, now: int, every_ms: int) -> bool:
    """Whether the log holds what was taken away, and was emptied last at least ``every_ms`` ago."""
    emptied = read_fact(connection, _EMPTIED)
    return read_fact(connection, _REMOVED) > emptied and now >= emptied + every_ms


def note_emptied(connection: Connection, began: int) -> None:
    """The log was emptied; what is taken away from ``began`` on is another matter."""
    set_fact(connection, _EMPTIED, began - 1)
