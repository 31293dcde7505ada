"""The segments of fallback SMS: what is sent, what was taken, what arrived (durability 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.message import Message
from slidewire.domain.segment import Coding, Segment
from slidewire.store.sql import Insert, Many, listed, run, write_rows

_INSERT = Insert(
    "INSERT INTO segments (message_id, number, account_id, total, coding, body, header, state, carrier_ref)",
    "(?, ?, ?, ?, ?, {octets}, {octets}, 'waiting', '')",
    "ON CONFLICT DO NOTHING",
)
_TAKEN = Many(
    "UPDATE segments SET state = 'taken', carrier_ref = ? WHERE message_id = ? AND number = ?",
    """UPDATE segments SET state = 'taken', carrier_ref = j.value ->> 0 FROM json_each(?) AS j
    WHERE segments.message_id = j.value ->> 1 AND segments.number = j.value ->> 2""",
)
_MARK = Many(
    "UPDATE segments SET state = ? WHERE message_id = ? AND number = ? AND state = 'taken'",
    """UPDATE segments SET state = j.value ->> 0 FROM json_each(?) AS j
    WHERE segments.message_id = j.value ->> 1 AND segments.number = j.value ->> 2 AND segments.state = 'taken'""",
)
_READ = """SELECT message_id, number, total, coding, body, header, state, carrier_ref FROM segments
    WHERE message_id IN {list} ORDER BY message_id, number"""


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
    return read_all_segments(connection, [message_id]).get(message_id, [])


def read_all_segments(connection: Connection, message_ids: Sequence[str]) -> dict[str, list[Kept]]:
    """Of every message that has an SMS, its segments in their order."""
    found: dict[str, list[Kept]] = {}
    if message_ids:
        for row in run(connection, _READ, listed(connection, message_ids)).fetchall():
            segment = Segment(row[1], row[2], Coding(row[3]), bytes(row[4]), bytes(row[5]))
            found.setdefault(row[0], []).append(Kept(segment, SegmentState(row[6]), row[7]))
    return found


def insert_segments(connection: Connection, made: Sequence[tuple[Message, Sequence[Segment]]]) -> None:
    """Keep what will be sent of messages: a repetition sends the same bytes."""
    rows: list[tuple[Any, ...]] = [
        (message.id, s.number, message.account_id, s.total, s.coding.value, s.body.hex(), s.header.hex())
        for message, segments in made
        for s in segments
    ]
    write_rows(connection, _INSERT, rows)


def set_taken(connection: Connection, taken: Sequence[tuple[str, int, str]]) -> None:
    """The carrier has taken segments (message, number, its id): they are not sent again. In id order (durability 8)."""
    write_rows(connection, _TAKEN, [(ref, message_id, number) for message_id, number, ref in sorted(taken)])


def mark(connection: Connection, told: Sequence[tuple[str, int, SegmentState]]) -> None:
    """What receipts told of segments (message, number); of one that is not on its way nothing is changed."""
    in_order = sorted(told, key=lambda each: each[:2])  # durability 8
    write_rows(connection, _MARK, [(state.value, message_id, number) for message_id, number, state in in_order])
