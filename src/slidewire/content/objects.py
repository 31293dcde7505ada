"""vCard, iCalendar, PDF and passes believed by a linear look (security 6): the usual libraries take exponential time.

One pass over the lines, every count capped; whatever does not hold together raises DamagedError (settled 18).
A PDF is judged by its marks here, which costs little; what passes is read by a library in a media child (pdf.py).
"""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from slidewire.content.formats import Format

MAX_LINES: Final = 50_000
#: Bytes of one line as it is in the file; embedded pictures are folded by every program that writes them.
MAX_LINE: Final = 1_000_000
MAX_DEPTH: Final = 5

_NAME: Final = re.compile(rb"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)(?=[;:])")
_UNREADABLE: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_QUOTED: Final = re.compile(rb";(?:ENCODING=)?QUOTED-PRINTABLE(?=[;:])", re.IGNORECASE)
_BASE64: Final = re.compile(rb";(?:ENCODING=)?BASE64(?=[;:])", re.IGNORECASE)
_BASE64_LINE: Final = re.compile(rb"[A-Za-z0-9+/=]+")
_PDF_HEAD: Final = re.compile(rb"\s*%PDF-[12]\.\d")
_PDF_TAIL: Final = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
#: Bytes at a PDF's end in which its last marks stand, padding included.
_PDF_END: Final = 2048
#: How far off the place that startxref names the table may be: programs count line ends differently.
_PDF_SLACK: Final = 64


#: Everything that the reader of archives raises for what is none (an encrypted one is a RuntimeError).
_ZIP_ERRORS: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError)


class DamagedError(Exception):
    """An object that does not hold together; its text says where, in words a customer may read."""


def check_object(data: bytes, found: Format) -> None:
    """Raise DamagedError unless ``data`` is a whole vCard, calendar, PDF or pass, as ``found`` says."""
    _CHECKS[found](data)


def check_vcard(data: bytes) -> None:
    """VCard 2.1, 3.0 and 4.0: BEGIN to END, a VERSION that we know, a name in every card."""
    for card in _components(data, b"VCARD"):
        if card.values.get(b"VERSION") not in (b"2.1", b"3.0", b"4.0"):
            raise DamagedError("a vCard without VERSION 2.1, 3.0 or 4.0")
        if not {b"FN", b"N"} & card.values.keys():
            raise DamagedError("a vCard without a name (FN)")


def check_calendar(data: bytes) -> None:
    """ICalendar 2.0 and vCalendar 1.0: BEGIN to END, a VERSION, and an event or task with a SUMMARY."""
    for calendar in _components(data, b"VCALENDAR"):
        if calendar.values.get(b"VERSION") not in (b"1.0", b"2.0"):
            raise DamagedError("a calendar without VERSION 1.0 or 2.0")
        if not any(b"SUMMARY" in inner.values for inner in calendar.inner):
            raise DamagedError("a calendar without an entry that has a SUMMARY")


def check_pdf(data: bytes) -> None:
    """Head, end mark, and a cross-reference where the end says that it is."""
    head = _PDF_HEAD.match(data)
    if head is None:
        raise DamagedError("a PDF without its version")
    tail = _PDF_TAIL.search(data[-_PDF_END:].rstrip(b"\x00 \r\n\t"))
    if tail is None:
        raise DamagedError("a PDF without startxref and %%EOF at its end")
    place = int(tail[1])
    around = data[max(place - _PDF_SLACK, 0) : place + _PDF_SLACK]
    if place >= len(data) or not (b"xref" in around or b" obj" in around):
        raise DamagedError("a PDF whose cross-reference table is not where startxref says")


def check_pass(data: bytes) -> None:
    """A pass is a ZIP with a manifest, a signature and a pass.json that is a JSON object; nothing else is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            missing = {"pass.json", "manifest.json", "signature"} - set(archive.namelist())
            if missing:
                raise DamagedError(f"a pass without {min(missing)}")
            with archive.open("pass.json") as file:
                text = file.read(MAX_LINE + 1)
        if len(text) > MAX_LINE or not isinstance(json.loads(text), dict):
            raise DamagedError("a pass whose pass.json is no object of reasonable size")
    except (*_ZIP_ERRORS, RecursionError, ValueError) as error:
        raise DamagedError("a pass that cannot be unpacked") from error


_CHECKS: Final[dict[Format, Callable[[bytes], None]]] = {
    Format.VCARD: check_vcard,
    Format.ICAL: check_calendar,
    Format.PDF: check_pdf,
    Format.PKPASS: check_pass,
}


@dataclass(slots=True)
class _Component:
    """What stands between BEGIN and END."""

    name: bytes
    values: dict[bytes, bytes] = field(default_factory=dict)  #: the first value of each property
    inner: list["_Component"] = field(default_factory=list)


def _components(data: bytes, name: bytes) -> list[_Component]:
    """The outermost components, all of which must be called ``name``; raises DamagedError."""
    outer: list[_Component] = []
    opened: list[_Component] = []
    for key, value in _properties(data):
        if key == b"BEGIN":
            if len(opened) == MAX_DEPTH:
                raise DamagedError(f"more than {MAX_DEPTH} components inside one another")
            component = _Component(value.upper())
            (opened[-1].inner if opened else outer).append(component)
            opened.append(component)
        elif not opened:
            raise DamagedError("something outside BEGIN and END")
        elif key == b"END":
            if opened.pop().name != value.upper():
                raise DamagedError("an END without its BEGIN")
        else:
            opened[-1].values.setdefault(key, value)
    if opened:
        raise DamagedError("an END is missing")
    if not outer or any(component.name != name for component in outer):
        raise DamagedError(f"something else than {name.decode()} between BEGIN and END")
    return outer


def _properties(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and value of each property, in upper case and trimmed; raises DamagedError at a line that is none."""
    for number, line in _unfolded(data):
        found = _NAME.match(line)
        colon = line.find(b":")
        if found is None or colon < 0:
            raise DamagedError(f"line {number} is neither a property nor the continuation of one")
        yield found[1].upper(), line[colon + 1 :].strip()


def _unfolded(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and beginning of each property's line, its continuations checked off and dropped.

    Continuations begin with white space; after a quoted-printable line that ends in ``=`` and inside BASE64
    of vCard 2.1 they need not.
    """
    quoted = base64 = False
    for number, line in _lines(data):
        if line[:1] in (b" ", b"\t"):
            quoted = quoted and line.endswith(b"=")
        elif quoted:
            quoted = line.endswith(b"=")
        elif not line or (base64 and _BASE64_LINE.fullmatch(line)):
            base64 = base64 and bool(line)
        else:
            head = line[: line.find(b":") + 1]
            quoted = line.endswith(b"=") and _QUOTED.search(head) is not None
            base64 = _BASE64.search(head) is not None
            yield number, line


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The file's lines with their numbers from 1, line ends dropped; raises DamagedError beyond the caps."""
    if _UNREADABLE.search(data):
        raise DamagedError("it contains control characters")
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    end = b"\n" if b"\n" in data else b"\r"
    if data.count(end) >= MAX_LINES:
        raise DamagedError(f"more than {MAX_LINES} lines")
    for number, line in enumerate(data.split(end), start=1):
        if len(line) > MAX_LINE:
            raise DamagedError(f"line {number} is longer than {MAX_LINE} bytes")
        yield number, line.removesuffix(b"\r")
