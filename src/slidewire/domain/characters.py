"""Which characters a text may hold: those of XML 1.0, whatever door it came through (durability 12)."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS = re.compile("\r\n?")


def first_forbidden(text: str) -> str:
    """The first character of ``text`` that no XML text may hold; empty when there is none."""
    if text.isprintable():  # the common case, many times faster; nothing forbidden is printable
        return ""
    found = _FORBIDDEN.search(text)
    return found.group() if found else ""


def without_forbidden(text: str) -> str:
    """``text`` with a replacement character for each that no XML text may hold, nor any UTF-8."""
    return text if text.isprintable() else _FORBIDDEN.sub("\ufffd", text)


def one_line_end(text: str) -> str:
    """``text`` with every line end as one line feed: CR LF counts as one character (settled 6)."""
    return _LINE_ENDS.sub("\n", text) if "\r" in text else text
