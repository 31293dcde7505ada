"""Puts texts of phones together that came in segments; what never became whole is told with its gaps.

A segment is acknowledged when it is stored. The last one delivers the text in its own transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import structlog

from slidewire.carriers.smpp.text import read_octets
from slidewire.domain.inbound import Inbound, Piece
from slidewire.store.database import Connection
from slidewire.store.pieces import Pieces, add_piece, late_pieces
from slidewire.work.means import Means
from slidewire.work.receive import Arrival, InboundDesk
from slidewire.work.sweep import ClockWatch

log = structlog.get_logger(__name__)

#: What stands where a segment is missing.
GAP = " [...] "
#: Texts of one transaction.
_CHUNK = 100


class TextDesk:
    """Stores texts of phones, whole or in segments; what it returns from is committed (durability 23)."""

    def __init__(self, means: Means, desk: InboundDesk, wait_ms: int) -> None:
        """``wait_ms``: how long a text waits for its segments ([inbound] segments_wait)."""
        self._means = means
        self._desk = desk
        self._wait_ms = wait_ms

    async def take(self, message: Inbound) -> None:
        """Take one; the carrier may be answered when this returns."""
        if message.piece is None:
            await self._desk.take(message)
            return
        self._wake(await self._means.commits.write(self._write, message))

    async def deliver_late(self) -> None:
        """Deliver what has waited long enough, and forget what was delivered."""
        before = self._means.now() - self._wait_ms
        while True:
            count, queues = await self._means.database.write(lambda c: self._deliver_late(c, before))
            self._wake(queues)
            if count < _CHUNK:
                return

    def _write(self, connection: Connection, arrivals: Sequence[Inbound]) -> list[list[str]]:
        order = sorted(range(len(arrivals)), key=lambda at: arrivals[at].phone)  # two nodes never wait for each other
        woken: dict[int, list[str]] = {}
        for at in order:
            piece = arrivals[at].piece
            assert piece is not None  # noqa: S101  # take sends no others here
            woken[at] = self._delivered(connection, add_piece(connection, arrivals[at], piece))
        return [woken[at] for at in range(len(arrivals))]

    def _deliver_late(self, connection: Connection, before: int) -> tuple[int, list[str]]:
        count, late = late_pieces(connection, before, _CHUNK)
        for each in late:
            log.warning("segments of a text never came", route=each.message.route, missing=_missing(each))
        return count, self._delivered(connection, late)

    def _delivered(self, connection: Connection, texts: Sequence[Pieces]) -> list[str]:
        whole = [replace(each.message, text=whole_text(each.pieces)) for each in texts]
        return self._desk.deliver(connection, [Arrival(each, (each.number,)) for each in whole])

    def _wake(self, queues: Sequence[str]) -> None:
        for queue in queues:
            self._means.wake(queue)


class LateTexts:
    """The chore that delivers texts whose segments never came."""

    def __init__(self, desk: TextDesk, clock: ClockWatch) -> None:
        self._desk = desk
        self._clock = clock

    async def look(self) -> None:
        """One look."""
        if self._clock.is_sound:
            await self._desk.deliver_late()


def whole_text(pieces: Sequence[Piece]) -> str:
    """The text of segments in their order. A sign may be cut in two between them: octets are joined, then read."""
    return GAP.join("".join(_read(run)) for run in _runs(pieces)) + _edge(pieces)


def _runs(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Segments that follow one another; an empty run where the first is missing."""
    if pieces[0].number > 1:
        yield []
    for _, run in groupby(enumerate(pieces), key=lambda each: each[1].number - each[0]):
        yield [piece for _, piece in run]


def _read(run: Sequence[Piece]) -> Iterator[str]:
    for coding, same in groupby(run, key=lambda piece: piece.coding):
        yield read_octets(b"".join(piece.octets for piece in same), coding)


def _edge(pieces: Sequence[Piece]) -> str:
    return GAP if pieces[-1].number < pieces[-1].total else ""


def _missing(text: Pieces) -> int:
    return text.pieces[0].total - len(text.pieces)
