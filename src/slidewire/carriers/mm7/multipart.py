"""Takes apart what a peer sends: plain XML, or multipart bodies inside one another (standards.md 1.4, 1.6).

A splitter of our own with limits; linear in the body's length for each level.
"""

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from slidewire.carriers.mm7.tree import MalformedError

MAX_PARTS = 64
#: Bytes of one part's headers.
MAX_HEADERS = 8_192
#: Bytes that may follow a boundary on its line: some peers write blanks there (standards.md 1.6).
MAX_PADDING = 100
#: Bodies inside one another: the request, the MMS, and what a phone may have put into it.
MAX_LEVELS = 4
#: Lines that look like a boundary and are none; a real body has few.
_MAX_STRAY = 10_000
_MAX_BOUNDARY = 200
_PARAMETER = re.compile(r';\s*([\w*-]{1,40})\s*=\s*(?:"([^"]*)"|([^;\s"]*))', re.ASCII)
_XML_TYPES = ("text/xml", "application/xml", "application/soap+xml")
_FIRST_LINE = re.compile(rb"\s{0,100}--([^\s][^\r\n]{0,99})\r?\n")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


class TooManyPartsError(MalformedError):
    """More parts than are looked at."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a body."""

    headers: dict[str, str]  #: names in lower case
    raw: bytes

    @property
    def type(self) -> str:
        """Its Content-Type as it was written."""
        return self.headers.get("content-type", "")

    @property
    def is_multipart(self) -> bool:
        """Whether it holds parts itself."""
        return read_content_type(self.type)[0].startswith("multipart/")

    @property
    def name(self) -> str:
        """What it is called, by whichever header says so; empty: none does."""
        disposed = read_content_type(self.headers.get("content-disposition", ""))[1]
        typed = read_content_type(self.type)[1]
        told = (typed.get("name"), disposed.get("filename"), self.headers.get("content-location"))
        return next(filter(None, (each.strip() for each in told if each)), bare_id(self.headers.get("content-id", "")))

    def decoded(self) -> bytes:
        """Its bytes. What a phone sent is not lost for a bad transfer encoding: what can be read of it is."""
        try:
            return _decoded(self.headers, self.raw)
        except MalformedError:
            bare = _NO_BASE64.sub(b"", self.raw)
            return binascii.a2b_base64(bare[: len(bare) // 4 * 4])

    def is_called(self, reference: str) -> bool:
        """Whether ``reference`` (an href, with or without cid:) means this part."""
        wanted = unquote(reference.strip()).removeprefix("cid:")
        names = (bare_id(self.headers.get("content-id", "")), self.headers.get("content-location", "").strip())
        return bool(wanted) and any(name and bare_id(wanted) == bare_id(name) for name in names)


@dataclass(frozen=True, slots=True)
class Split:
    """A request taken apart."""

    soap: bytes
    others: tuple[Part, ...] = ()


def split(body: bytes, content_type: str, most: int = MAX_PARTS) -> Split:
    """The XML in ``body`` and what came with it. Raises MalformedError when a multipart body has no part."""
    kind, parameters = read_content_type(content_type)
    boundary = parameters.get("boundary", "").strip()
    if not kind.startswith("multipart/") or not boundary:
        return Split(body)
    parts = list(_parts(body, boundary.encode("latin-1", "replace"), most))
    if not parts:
        raise MalformedError("a multipart body without a part")
    chosen = _soap_at(parts, bare_id(parameters.get("start", "")))
    soap = _decoded(parts[chosen].headers, parts[chosen].raw)
    return Split(soap, (*parts[:chosen], *parts[chosen + 1 :]))


def soap_part(body: bytes, content_type: str) -> bytes:
    """The XML in ``body``. Raises MalformedError when a multipart body has none."""
    return split(body, content_type).soap


def _soap_at(parts: Sequence[Part], start: str) -> int:
    named = (at for at, part in enumerate(parts) if start and bare_id(part.headers.get("content-id", "")) == start)
    typed = (at for at, part in enumerate(parts) if read_content_type(part.type)[0] in _XML_TYPES)
    return next(named, next(typed, 0))


def leaves(parts: Sequence[Part], most: int, level: int = 1) -> Iterator[Part]:
    """The parts that hold no others, in their order, at most ``most``. Raises TooManyPartsError, MalformedError."""
    left = most
    for part in parts:
        inside = _inside(part, left, level)
        for leaf in [part] if inside is None else leaves(inside, left, level + 1):
            left -= 1
            if left < 0:
                raise TooManyPartsError(f"more than {most} files")
            yield leaf


def _inside(part: Part, most: int, level: int) -> list[Part] | None:
    """The parts of a part; None when it has none."""
    if not part.is_multipart or level >= MAX_LEVELS:
        return None
    body = part.decoded()
    boundary = read_content_type(part.type)[1].get("boundary", "").strip().encode("latin-1", "replace")
    if not boundary and (first := _FIRST_LINE.match(body)):
        boundary = first[1].rstrip()  # some leave the parameter out
    try:
        return list(_parts(body, boundary, most + 1)) or None if boundary else None
    except TooManyPartsError:
        raise
    except MalformedError:
        return None  # it is kept as the one file that it is


def read_content_type(value: str) -> tuple[str, dict[str, str]]:
    """The type in lower case, and its parameters with lower-case names."""
    value = value[:2_000]
    parameters: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(value):
        parameters.setdefault(name.lower(), quoted or bare)
    return value.partition(";")[0].strip().lower(), parameters


def bare_id(content_id: str) -> str:
    """A Content-ID without its brackets."""
    return content_id.strip().removeprefix("<").removesuffix(">").strip()


def _decoded(headers: dict[str, str], content: bytes) -> bytes:
    encoding = headers.get("content-transfer-encoding", "").strip().lower()
    try:
        if encoding == "base64":
            return binascii.a2b_base64(content)
        return binascii.a2b_qp(content) if encoding == "quoted-printable" else content
    except binascii.Error as error:
        raise MalformedError(f"the part is not {encoding}: {error}") from None


def _parts(body: bytes, boundary: bytes, most: int = MAX_PARTS) -> Iterator[Part]:
    begin = -1  # where the present part starts; -1: still before the first boundary
    if len(boundary) > _MAX_BOUNDARY:
        raise MalformedError("a boundary without end")
    for count, (mark, behind, is_last) in enumerate(_boundaries(body, b"--" + boundary), start=1):
        if begin >= 0:
            yield _part(body[begin : max(mark, begin)])
        begin = behind
        if is_last:
            return
        if count > most:
            raise TooManyPartsError(f"more than {most} parts")
    if begin >= 0:  # the closing boundary is missing: the rest is the last part
        yield _part(body[begin:])


def _boundaries(body: bytes, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each boundary line starts (its line break included), where the next line starts, and whether it closes."""
    at, stray = body.find(mark), 0
    while at >= 0:
        behind = at + len(mark)
        line_end = body.find(b"\n", behind, behind + MAX_PADDING)
        after = line_end + 1 if line_end >= 0 else len(body)
        rest = body[behind : min(after, behind + MAX_PADDING)].strip()
        ends_line = line_end >= 0 or len(body) - behind < MAX_PADDING
        if (at == 0 or body[at - 1 : at] == b"\n") and ends_line and rest in (b"", b"--"):
            yield _line_start(body, at), after, rest == b"--"
        else:
            stray += 1
            if stray > _MAX_STRAY:
                raise MalformedError("a boundary that is everywhere")
        at = body.find(mark, behind)


def _line_start(body: bytes, at: int) -> int:
    """Where the line break before ``at`` starts: it belongs to the boundary, not to the part."""
    if body[max(at - 2, 0) : at] == b"\r\n":
        return at - 2
    return max(at - 1, 0)


def _part(part: bytes) -> Part:
    if part.startswith((b"\r\n", b"\n")):  # no headers at all
        return Part({}, part.removeprefix(b"\r\n").removeprefix(b"\n"))
    ends = [(at, len(gap)) for gap in (b"\r\n\r\n", b"\n\n") if (at := part.find(gap, 0, MAX_HEADERS)) >= 0]
    if not ends:
        raise MalformedError("a part whose headers do not end")
    at, gap = min(ends)
    return Part(_read_headers(part[:at]), part[at + gap :])


def _read_headers(lines: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    unfolded = re.sub(r"\r?\n[ \t]+", " ", lines.decode("latin-1"))
    for line in unfolded.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers
