"""What an SMS says, cut into segments: GSM 03.38 by our own table, else UCS-2. Pure.

An escape pair and a surrogate pair are never split; what the segments carry, put together, is the text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from slidewire.domain.characters import without_forbidden
from slidewire.domain.graphemes import cut_at_grapheme
from slidewire.domain.segment import Coding, Segment

#: GSM 03.38, default alphabet, in its order; the sign at 0x1B is the escape to the second table.
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
#: GSM 03.38, extension table: the sign behind an escape.
EXTENSION = MappingProxyType(
    {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
)
#: Character -> its one or two septets.
_GSM = {sign: bytes((at,)) for at, sign in enumerate(ALPHABET) if at != ESCAPE} | {
    sign: bytes((ESCAPE, at)) for sign, at in EXTENSION.items()
}
_IN_GSM = frozenset(_GSM)
_SIGNS = {septets: sign for sign, septets in _GSM.items()}
#: data_coding as (mask, value): SMPP's own, with a message class, with a waiting indication (3GPP 23.038, 4).
_UCS2 = ((0xFF, 0x08), (0xFC, 0x18), (0xF0, 0xE0))
_DEFAULT = ((0xFF, 0x00), (0xFC, 0x10), (0xE0, 0xC0), (0xF4, 0xF0))

#: Typographic signs that word processors put in, and what GSM 03.38 has for them.
PUNCTUATION = MappingProxyType(
    {ord(sign): plain for signs, plain in (
        ("\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u00b4\u2039\u203a", "'"),
        ("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb", '"'),
        ("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u00ad", "-"),
        ("\u2026", "..."),
        ("\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        ("\u2028\u2029", "\n"),
        ("\u2022\u00b7\u2219", "*"),
        ("\u200b\u2060\ufeff", ""),
    ) for sign in signs}
)  # fmt: skip

#: Units of one segment: septets or UTF-16 code units, alone and behind a header of 6 or 7 octets (issue 4 part 3).
_ALONE = {Coding.GSM: 160, Coding.UCS2: 70}
_JOINED = {(Coding.GSM, 8): 153, (Coding.GSM, 16): 152, (Coding.UCS2, 8): 67, (Coding.UCS2, 16): 66}
MAX_SEGMENTS = 255
#: Characters: where no blank comes for so long, there are no words to cut at.
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Writing:
    """How a route wants its texts."""

    reference_bits: int = 8  #: of the concatenation reference: 8 or 16
    punctuation: bool = True  #: typographic signs become plain ones where that keeps a text in GSM 03.38


def segments(text: str, reference: int, writing: Writing) -> tuple[Segment, ...]:
    """``text`` as short messages; ``reference`` tells the phone which belong together.

    Its lower bits are taken. Raises ValueError for a text of more than MAX_SEGMENTS.
    """
    coding, units = _coded(plain(text, writing))
    if sum(map(len, units)) // _unit(coding) <= _ALONE[coding]:
        return (Segment(1, 1, coding, b"".join(units)),)
    room = _JOINED[coding, writing.reference_bits] * _unit(coding)
    bodies = list(_filled(units, room))
    if len(bodies) > MAX_SEGMENTS:
        raise ValueError(f"{len(bodies)} segments; a phone puts together at most {MAX_SEGMENTS}")
    total = len(bodies)
    return tuple(
        Segment(number, total, coding, body, _header(reference, number, total, writing.reference_bits))
        for number, body in enumerate(bodies, start=1)
    )


def count(text: str, writing: Writing) -> int:
    """How many segments ``text`` takes."""
    coding, units = _coded(plain(text, writing))
    if sum(map(len, units)) // _unit(coding) <= _ALONE[coding]:
        return 1
    return sum(1 for _ in _filled(units, _JOINED[coding, writing.reference_bits] * _unit(coding)))


def room(text: str, most: int, writing: Writing) -> int | None:
    """How many characters of ``text`` go into ``most`` segments, written as they are here; None: all (settled 30)."""
    begin = text[: most * _ALONE[Coding.GSM] + 1]
    coding, units = _coded(plain(begin, writing))
    size = _unit(coding)
    if sum(map(len, units)) <= _ALONE[coding] * size:
        return None
    one = (_ALONE[coding] if most == 1 else _JOINED[coding, writing.reference_bits]) * size
    used = 0
    for fitting, unit in enumerate(units):
        used += len(unit)
        if used > one:
            most, used = most - 1, len(unit)
            if not most:
                return fitting
    return None if len(begin) == len(text) else len(units)


def plain(text: str, writing: Writing) -> str:
    """``text`` with plain punctuation, if that and nothing else brings it into GSM 03.38; else as it is."""
    if not writing.punctuation or _IN_GSM.issuperset(text):
        return text
    turned = text.translate(PUNCTUATION)
    return turned if _IN_GSM.issuperset(turned) else text


def fallback_text(text: str, link: str, most: int, writing: Writing) -> str:
    """``text``, a blank and ``link``, within ``most`` segments: the text is cut at a word, never the link (settled 30).

    A link that does not fit by itself is all that is left.
    """
    text = text.strip()
    if count(_joined(text, link), writing) <= most:
        return _joined(text, link)
    fitting, too_long = 0, len(text)  # more of the text never takes fewer segments
    while too_long - fitting > 1:
        middle = (fitting + too_long) // 2
        if count(_joined(text[:middle], link), writing) <= most:
            fitting = middle
        else:
            too_long = middle
    return _joined(_cut(text, fitting), link)


def foretold(text: str, link: str, most: int, writing: Writing) -> str:
    """What the customer is told of a fallback SMS that would be more than one segment (settled 25); empty: nothing."""
    takes = count(_joined(text.strip(), link), writing)
    if takes > most:
        return f"the fallback SMS would take {takes} segments: its text is cut to {most}"
    return f"the fallback SMS takes {takes} segments" if takes > 1 else ""


def read(segment: Segment) -> str:
    """The characters of a segment."""
    if segment.coding is Coding.UCS2:
        return segment.body.decode("utf-16-be")
    return "".join(_SIGNS[septets] for septets in _pairs(segment.body))


def read_octets(octets: bytes, coding: int, *, headed: bool = False) -> str:
    """The text of a message that a phone sent; what cannot be read becomes a replacement character.

    ``coding``: data_coding. ``headed``: a user data header stands before it, which is not text.
    """
    if headed and octets:
        octets = octets[octets[0] + 1 :]
    if _matches(coding, _UCS2):
        text = octets.decode("utf-16-be", "replace")
    elif _matches(coding, _DEFAULT) and max(octets, default=0) < 0x80:
        text = _from_gsm(octets)
    else:
        text = octets.decode("latin-1")
    return without_forbidden(text)


def _matches(coding: int, rows: Iterable[tuple[int, int]]) -> bool:
    return any(coding & mask == value for mask, value in rows)


def _from_gsm(octets: bytes) -> str:
    signs = []
    rest = iter(octets)
    for octet in rest:
        septets = bytes((octet,)) if octet != ESCAPE else bytes((octet, next(rest, 0)))
        signs.append(_SIGNS.get(septets) or _SIGNS.get(septets[-1:], "\ufffd"))
    return "".join(signs)


def _joined(text: str, link: str) -> str:
    return f"{text.rstrip()} {link}".strip()


def _cut(text: str, limit: int) -> str:
    """At most ``limit`` characters of ``text``, ending with a word where it has words."""
    if limit >= len(text):
        return text
    for at in range(limit, max(limit - LONGEST_WORD, 0), -1):
        if text[at].isspace():
            return text[:at].rstrip()
    return cut_at_grapheme(text, limit).rstrip()


def _coded(text: str) -> tuple[Coding, list[bytes]]:
    """The coding that ``text`` takes, and each of its characters in it."""
    try:
        return Coding.GSM, [_GSM[sign] for sign in text]
    except KeyError:
        return Coding.UCS2, [sign.encode("utf-16-be", "replace") for sign in text]


def _unit(coding: Coding) -> int:
    """Octets of a septet as SMPP writes it, or of a code unit."""
    return 1 if coding is Coding.GSM else 2


def _filled(units: Iterable[bytes], room: int) -> Iterator[bytes]:
    """Characters put together into bodies of at most ``room`` octets, none of them split."""
    body = bytearray()
    for unit in units:
        if len(body) + len(unit) > room:
            yield bytes(body)
            body.clear()
        body += unit
    yield bytes(body)


def _header(reference: int, number: int, total: int, bits: int) -> bytes:
    """The user data header that joins segments: element 0 with an 8-bit reference, 8 with a 16-bit one."""
    if bits == 16:
        return bytes((6, 8, 4, reference >> 8 & 0xFF, reference & 0xFF, total, number))
    return bytes((5, 0, 3, reference & 0xFF, total, number))


def _pairs(body: bytes) -> Iterator[bytes]:
    octets = iter(body)
    for octet in octets:
        yield bytes((octet, next(octets))) if octet == ESCAPE else bytes((octet,))
