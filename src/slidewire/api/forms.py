"""Form fields as they are posted or stand in an address: urlencoded and multipart, small, linear and bounded.

Names and values stay bytes here: what they mean is said by whoever asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from slidewire.api.decoding import unreadable

MOST_FIELDS = 1000
_LONGEST_BOUNDARY = 200  #: the standard says 70; some send more
_LONGEST_HEAD = 8_192  #: bytes of one part's header
_PARAMETER = re.compile(r';\s*([A-Za-z0-9!#$&+.^_`|~*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)')
_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class ContentType:
    """A Content-Type header, read liberally."""

    type: str = ""  #: lower case; empty: there was none
    charset: str = ""
    boundary: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field, not decoded."""

    name: bytes
    value: bytes
    charset: str = ""  #: of this part alone


@lru_cache(maxsize=256)
def read_content_type(header: bytes) -> ContentType:
    """What ``header`` says; whatever it cannot mean counts as not there."""
    text = header.decode("latin-1")
    kind = text.partition(";")[0]
    parameters = _parameters(text)
    return ContentType(kind.strip().lower(), parameters.get("charset", ""), parameters.get("boundary", ""))


def read_urlencoded(body: bytes) -> list[FormField]:
    """The fields of ``a=1&b=2``. Raises FaultError E108 when there are too many."""
    pairs = [pair for pair in body.split(b"&", MOST_FIELDS + 1) if pair]
    if len(pairs) > MOST_FIELDS:
        raise unreadable(f"more than {MOST_FIELDS} form fields")
    return [_urlencoded(pair) for pair in pairs]


def _urlencoded(pair: bytes) -> FormField:
    name, _, value = pair.partition(b"=")
    return FormField(_unquoted(name), _unquoted(value))


def _unquoted(quoted: bytes) -> bytes:
    if b"+" in quoted:
        quoted = quoted.replace(b"+", b" ")
    return unquote_to_bytes(quoted) if b"%" in quoted else quoted


def read_multipart(body: bytes, boundary: str) -> list[FormField]:
    """The fields of multipart/form-data; files are fields too. Raises FaultError E108 for what is malformed."""
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise unreadable("multipart/form-data without a usable boundary")
    line_end = b"\r\n" if b"\r\n" in body else b"\n"
    mark = line_end + b"--" + boundary.encode("latin-1", "replace")
    pieces = (line_end + body).split(mark, MOST_FIELDS + 2)
    if len(pieces) > MOST_FIELDS + 2:
        raise unreadable(f"more than {MOST_FIELDS} form fields")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise unreadable("multipart/form-data without its closing boundary")
    return [_part(piece, line_end) for piece in pieces[1:-1]]


def _part(piece: bytes, line_end: bytes) -> FormField:
    padding, _, rest = piece.partition(line_end)
    if padding.strip(b" \t"):
        raise unreadable("a boundary with something behind it")
    # a part without a header begins with the empty line
    head, gap, value = (line_end + rest).partition(line_end * 2)
    if not gap or len(head) > _LONGEST_HEAD:
        raise unreadable("a form field without the end of its header")
    headers = dict(_headers(head))
    if headers.get("content-transfer-encoding", "").lower() not in _PLAIN_ENCODINGS:
        raise unreadable("form fields are read as they are, without a transfer encoding")
    name = _parameters(headers.get("content-disposition", "")).get("name", "")
    charset = _parameters(headers.get("content-type", "")).get("charset", "")
    return FormField(name.encode("latin-1"), value, charset)


def _headers(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _parameters(header: str) -> dict[str, str]:
    """The parameters of a header's value by their lower-case names; the first of each."""
    found: dict[str, str] = {}
    for name, value in _PARAMETER.findall(header):
        found.setdefault(name.lower(), _unescape(value[1:-1]) if value.startswith('"') else value)
    return found


def _unescape(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)
