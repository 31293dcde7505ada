"""Segments of texts that phones sent, until all are here; those of a whole text for a while, to know a repetition.

One row for each text: whoever adds to it holds it, so that of two nodes one sees the last segment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select, update

from slidewire.domain.inbound import Inbound, Piece
from slidewire.store import schema
from slidewire.store.sql import run

_table = schema.inbound_pieces
_MAKE = """INSERT INTO inbound_pieces (route, phone, number, reference, first_at, done, pieces)
    VALUES (?, ?, ?, ?, ?, ?, '') ON CONFLICT DO NOTHING"""
_decode = msgspec.json.Decoder(tuple[Piece, ...]).decode


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is here of one text."""

    message: Inbound  #: who wrote to whom, and when its first segment came; without its text
    pieces: tuple[Piece, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return len(self.pieces) == self.pieces[0].total


def add_piece(connection: Connection, message: Inbound, piece: Piece) -> list[Pieces]:
    """Keep one segment; the texts that are to be delivered now: the one that it completed.

    Where its reference has begun again, what was there of the former text is delivered as it is.
    """
    reference = f"{piece.reference}/{piece.total}"
    run(connection, _MAKE, message.route, message.phone, message.number, reference, message.received_at, False)
    mine = _row_of(message, reference)
    row = connection.execute(select(_table).where(*mine).with_for_update()).one()
    here = _decode(row.pieces) if row.pieces else ()
    same = next((each for each in here if each.number == piece.number), None)
    if same == piece:
        return []  # brought twice
    begins = row.done or same is not None
    former = [_pieces(row, here)] if begins and not row.done else []
    first_at = message.received_at if begins else row.first_at
    kept = tuple(sorted((*(() if begins else here), piece), key=lambda each: each.number))
    now = Pieces(replace(message, received_at=first_at, text="", piece=None), kept)
    values = {"first_at": first_at, "done": now.is_whole, "pieces": msgspec.json.encode(kept).decode()}
    connection.execute(update(_table).where(*mine).values(values))
    return [*former, now] if now.is_whole else former


def late_pieces(connection: Connection, before: int, limit: int) -> tuple[int, list[Pieces]]:
    """Forget at most ``limit`` texts that began before ``before``; how many, and those that never became whole."""
    query = select(_table).where(_table.c.first_at < before).order_by(_table.c.first_at).limit(limit)
    rows = connection.execute(query.with_for_update(skip_locked=True)).fetchall()
    for row in rows:
        connection.execute(delete(_table).where(*_row_of(row, row.reference)))
    return len(rows), [_pieces(row, _decode(row.pieces)) for row in rows if not row.done and row.pieces]


def _row_of(of: Any, reference: str) -> Sequence[Any]:
    table = _table.c
    return table.route == of.route, table.phone == of.phone, table.number == of.number, table.reference == reference


def _pieces(row: Any, pieces: tuple[Piece, ...]) -> Pieces:
    return Pieces(Inbound(row.route, row.phone, row.number, "", row.first_at), pieces)
