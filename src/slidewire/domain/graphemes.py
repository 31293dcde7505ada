"""Where a text may be cut without breaking what a reader sees as one character.

Cautious rather than complete: where the rule is in doubt, there is no boundary (settled 6).
"""

import unicodedata

_ZWJ = "\u200d"
_VIRAMA = 9  #: canonical combining class of the signs that bind the next consonant
_REGIONAL = range(0x1F1E6, 0x1F200)
_LEADING = range(0x1100, 0x1160)
_VOWEL = range(0x1160, 0x11A8)
_TRAILING = range(0x11A8, 0x1200)
_SYLLABLES = range(0xAC00, 0xD7A4)
_MARKS = frozenset({"Mn", "Mc", "Me"})
#: No marks by category, yet part of what is before: joiners, skin tones, tags, half-width voicing, Thai and Lao AM.
_EXTENDERS = frozenset(
    {0x200C, 0x200D, 0xFF9E, 0xFF9F, 0x0E33, 0x0EB3, *range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080)}
)
#: Signs that belong to what follows them.
_PREPENDED = frozenset({*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x0D4E, 0x110BD, 0x110CD})


def cut_at_grapheme(text: str, limit: int) -> str:
    """At most ``limit`` code points from the start of ``text``, never ending inside a grapheme.

    A single grapheme longer than ``limit`` is cut at ``limit``: nothing else would be left of it.
    """
    if len(text) <= limit:
        return text
    for position in range(limit, 0, -1):
        if _is_boundary(text, position):
            return text[:position]
    return text[:limit]


def _is_boundary(text: str, position: int) -> bool:
    before, after = text[position - 1], text[position]
    if before.isascii() and after.isascii():
        return (before, after) != ("\r", "\n")
    if before == _ZWJ or unicodedata.combining(before) == _VIRAMA or ord(before) in _PREPENDED:
        return False
    if ord(after) in _EXTENDERS or unicodedata.category(after) in _MARKS:
        return False
    if ord(before) in _REGIONAL and ord(after) in _REGIONAL:
        return _regionals_before(text, position) % 2 == 0
    return not _joins_hangul(ord(before), ord(after))


def _regionals_before(text: str, position: int) -> int:
    """How many regional indicators stand in a row before ``position``: two make a flag."""
    first = position
    while first and ord(text[first - 1]) in _REGIONAL:
        first -= 1
    return position - first


def _joins_hangul(before: int, after: int) -> bool:
    """Whether two letters belong to one Hangul syllable."""
    if before in _LEADING:
        return after in _LEADING or after in _VOWEL or after in _SYLLABLES
    if before in _VOWEL:
        return after in _VOWEL or after in _TRAILING
    if before in _TRAILING:
        return after in _TRAILING
    return before in _SYLLABLES and (after in _VOWEL or after in _TRAILING)
