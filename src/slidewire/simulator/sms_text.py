"""What a segment says, read as a phone reads it: user data header, GSM 03.38 or UCS-2, concatenation.

Written apart from carriers/: the alphabet stands here by code points.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slidewire.simulator.smpp_wire import WireError

if TYPE_CHECKING:
    from slidewire.simulator.smpp_wire import Submit

BAD_LENGTH, BAD_CODING, BAD_CLASS = 0x01, 0x08, 0x43
#: Where GSM 03.38 differs from ASCII: septet -> code point.
_DIFFERENT = {
    0x00: 0x40, 0x01: 0xA3, 0x02: 0x24, 0x03: 0xA5, 0x04: 0xE8, 0x05: 0xE9, 0x06: 0xF9, 0x07: 0xEC,
    0x08: 0xF2, 0x09: 0xC7, 0x0A: 0x0A, 0x0B: 0xD8, 0x0C: 0xF8, 0x0D: 0x0D, 0x0E: 0xC5, 0x0F: 0xE5,
    0x10: 0x394, 0x11: 0x5F, 0x12: 0x3A6, 0x13: 0x393, 0x14: 0x39B, 0x15: 0x3A9, 0x16: 0x3A0, 0x17: 0x3A8,
    0x18: 0x3A3, 0x19: 0x398, 0x1A: 0x39E, 0x1C: 0xC6, 0x1D: 0xE6, 0x1E: 0xDF, 0x1F: 0xC9,
    0x24: 0xA4, 0x40: 0xA1, 0x5B: 0xC4, 0x5C: 0xD6, 0x5D: 0xD1, 0x5E: 0xDC, 0x5F: 0xA7,
    0x60: 0xBF, 0x7B: 0xE4, 0x7C: 0xF6, 0x7D: 0xF1, 0x7E: 0xFC, 0x7F: 0xE0,
}  # fmt: skip
_BEHIND_ESCAPE = {
    0x0A: 0x0C, 0x14: 0x5E, 0x28: 0x7B, 0x29: 0x7D, 0x2F: 0x5C, 0x3C: 0x5B, 0x3D: 0x7E, 0x3E: 0x5D, 0x40: 0x7C,
    0x65: 0x20AC,
}  # fmt: skip
_ESCAPE = 0x1B


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment: which text it belongs to, and where in it."""

    reference: int
    total: int
    number: int
    text: str


def read_piece(submit: Submit) -> Piece:
    """A submit_sm as one piece of a text. Raises WireError with what a strict network would say."""
    header, body = _split(submit)
    reference, total, number = _concatenation(header) if header else (0, 1, 1)
    if submit.coding == 0:
        if -(-len(header) * 8 // 7) + len(body) > 160:
            raise WireError(BAD_LENGTH, "more than 160 septets")
        return Piece(reference, total, number, _gsm(body))
    if submit.coding == 8:
        if len(header) + len(body) > 140 or len(body) % 2:
            raise WireError(BAD_LENGTH, "more than 140 octets, or half a character")
        try:
            return Piece(reference, total, number, body.decode("utf-16-be"))
        except UnicodeDecodeError:
            raise WireError(BAD_CODING, "half of a surrogate pair") from None
    raise WireError(BAD_CODING, f"data_coding {submit.coding}")


def _split(submit: Submit) -> tuple[bytes, bytes]:
    if not submit.esm_class & 0x40:
        return b"", submit.octets
    if not submit.octets or submit.octets[0] + 1 > len(submit.octets):
        raise WireError(BAD_CLASS, "esm_class promises a header that is not there")
    end = submit.octets[0] + 1
    return submit.octets[:end], submit.octets[end:]


def _concatenation(header: bytes) -> tuple[int, int, int]:
    """Reference, total and number from a header that holds nothing else. Raises WireError."""
    size = {b"\x05\x00\x03": 1, b"\x06\x08\x04": 2}.get(header[:3])
    if size is None or len(header) != 5 + size:
        raise WireError(BAD_CLASS, "a header that is no concatenation")
    total, number = header[-2], header[-1]
    if not 1 <= number <= total or total == 1:
        raise WireError(BAD_CLASS, f"segment {number} of {total}")
    return int.from_bytes(header[3 : 3 + size], "big") + (size << 16), total, number


def _gsm(septets: bytes) -> str:
    text, escaped = [], False
    for septet in septets:
        if septet > 0x7F:
            raise WireError(BAD_CODING, "an octet that is no septet")
        if escaped:
            if septet not in _BEHIND_ESCAPE:
                raise WireError(BAD_CODING, "nothing is behind this escape")
            text.append(chr(_BEHIND_ESCAPE[septet]))
        elif septet != _ESCAPE:
            text.append(chr(_DIFFERENT.get(septet, septet)))
        escaped = not escaped and septet == _ESCAPE
    if escaped:
        raise WireError(BAD_CODING, "a segment that ends with an escape")
    return "".join(text)


class Puzzle:
    """Puts pieces together by sender, receiver and reference; what never becomes whole is forgotten, oldest first."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._open: OrderedDict[tuple[str, str, int, int], dict[int, tuple[str, str]]] = OrderedDict()

    def add(self, submit: Submit, piece: Piece, message_id: str) -> list[tuple[str, str]] | None:
        """The (text, id) of every segment in order once all are there, else None."""
        if piece.total == 1:
            return [(piece.text, message_id)]
        key = (submit.source, submit.receiver, piece.reference, piece.total)
        found = self._open.setdefault(key, {})
        found[piece.number] = (piece.text, message_id)
        if len(found) == piece.total:
            del self._open[key]
            return [found[number] for number in sorted(found)]
        if len(self._open) > self._most:
            self._open.popitem(last=False)
        return None
