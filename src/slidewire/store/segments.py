"""The segments of fallback SMS: what is sent, what was taken, what arrived (durability 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique

from sqlalchemy import Connection, select

from slidewire.domain.message import Message
from slidewire.domain.segment import Coding, Segment
from slidewire.store import schema
from slidewire.store.sql import insert_into, run, run_many

_COLUMNS = tuple(column.name for column in schema.segments.columns)
_INSERT = insert_into("segments", _COLUMNS)
_TAKEN = "UPDATE segments SET state = 'taken', carrier_ref = ? WHERE message_id = ? AND number = ?"
_MARK = "UPDATE segments SET state = ? WHERE message_id = ? AND carrier_ref = ? AND state = 'taken'"


@unique
class SegmentState(Enum):
    """Where one segment is."""

    WAITING = "waiting"
    TAKEN = "taken"  #: by the carrier
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment as it is kept."""

    segment: Segment
    state: SegmentState
    carrier_ref: str


def read_segments(connection: Connection, message_id: str) -> list[Kept]:
    """All segments of a message's SMS, in their order; none when it has no SMS yet."""
    table = schema.segments
    query = select(table).where(table.c.message_id == message_id).order_by(table.c.number)
    return [
        Kept(
            Segment(row.number, row.total, Coding(row.coding), bytes(row.body), bytes(row.header)),
            SegmentState(row.state),
            row.carrier_ref,
        )
        for row in connection.execute(query)
    ]


def insert_segments(connection: Connection, message: Message, segments: Sequence[Segment]) -> None:
    """Keep what will be sent: a repetition sends the same bytes."""
    rows = [
        (message.id, s.number, message.account_id, s.total, s.coding.value, s.body, s.header, "waiting", "")
        for s in segments
    ]
    run_many(connection, _INSERT.by_row, rows)


def set_taken(connection: Connection, message_id: str, taken: Sequence[tuple[int, str]]) -> None:
    """The carrier has taken segments (number, its id); they are not sent again."""
    run_many(connection, _TAKEN, [(ref, message_id, number) for number, ref in taken])


def mark(connection: Connection, message_id: str, ref: str, state: SegmentState) -> bool:
    """What a receipt told of a segment; False when that was known, or the id is no segment's."""
    return run(connection, _MARK, state.value, message_id, ref).rowcount > 0
