"""What a request asks of one file: all of it, a range, or nothing new (RFC 9110, sections 13 and 14). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RANGE = re.compile(rb"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file that are answered, with the status that says so."""

    status: int  #: 200, 206, 304 or 416
    start: int = 0
    count: int = 0

    def content_range(self, size: int) -> str:
        """The header of that name; empty where it has no place."""
        if self.status == 206:
            return f"bytes {self.start}-{self.start + self.count - 1}/{size}"
        return f"bytes */{size}" if self.status == 416 else ""


def wanted(method: str, headers: Mapping[bytes, bytes], etag: str, size: int) -> Span:
    """What to answer for a file of ``size`` bytes. ``headers``: names in lower case.

    Several ranges at once are answered with the whole file, as RFC 9110 allows: no player asks for them.
    """
    if _matches(headers.get(b"if-none-match", b""), etag):
        return Span(304)
    whole = Span(200, 0, size)
    found = _RANGE.fullmatch(headers.get(b"range", b""))
    if method != "GET" or found is None or not _is_fresh(headers.get(b"if-range"), etag):
        return whole
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(size - int(suffix), 0), size
        bad = int(suffix) == 0 or size == 0
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return whole  # no range at all: as if there were none
        bad = start >= size
    return Span(416) if bad else Span(206, start, end - start)


def _matches(header: bytes, etag: str) -> bool:
    tags = [tag.strip().removeprefix(b"W/") for tag in header.split(b",")]
    return etag.encode() in tags or tags == [b"*"]


def _is_fresh(header: bytes | None, etag: str) -> bool:
    """If-Range: our tag, strongly; a date never is, as we give none."""
    return header is None or header.strip() == etag.encode()
