"""What bytes are, by themselves (settled 18): the header only decides between kinds that the bytes leave open.

Only beginnings and a bounded number of marks are looked at, so the time does not grow with the file's size.
"""

import mmap
import re
from typing import Final

from slidewire.content import containers
from slidewire.content.formats import Format

#: Bytes in memory, or a file that is mapped into it.
Bytes = bytes | mmap.mmap

_MAGIC: Final = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (b"II*\x00", Format.TIFF),
    (b"MM\x00*", Format.TIFF),
)
_RIFF: Final = {b"WEBP": Format.WEBP, b"WAVE": Format.WAV, b"AVI ": Format.AVI}
#: How far a text format's first mark may stand behind white space, comments and declarations.
_TEXT_HEAD: Final = 1024
_TEXT: Final = (
    (re.compile(rb"begin:vcard\b"), Format.VCARD),
    (re.compile(rb"begin:vcalendar\b"), Format.ICAL),
    (re.compile(rb"%pdf-\d"), Format.PDF),
    (re.compile(rb"<!doctype\s+html|<html|<head|<body|<script|<title|<iframe"), Format.HTML),
    (re.compile(rb"<svg|<!doctype\s+svg"), Format.SVG),
)
#: How XML and HTML may begin before the mark that names them.
_MARKUP: Final = re.compile(rb"<\?xml|<!--|<!doctype")
_INNER: Final = (
    (re.compile(rb"<svg[\s>/:]|<!doctype\s+svg"), Format.SVG),
    (re.compile(rb"<html|<!doctype\s+html|<script|<body"), Format.HTML),
)


def sniff(data: Bytes, declared: str = "") -> Format | None:
    """The format of ``data``; None when we do not recognise it.

    ``declared`` is the Content-Type that came with it; it decides only where the bytes leave two kinds open.
    """
    head = data[:64]
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00":
        return Format.BMP
    if head[:4] == b"PK\x03\x04":
        return Format.PKPASS if b"pass.json" in data[:4096] else None
    return containers.sniff(data, declared) or _sniff_text(data[:_TEXT_HEAD])


def _sniff_text(head: bytes) -> Format | None:
    """The text formats: their mark stands first, but for a BOM and white space."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, found in _TEXT:
        if mark.match(text):
            return found
    if not _MARKUP.match(text):
        return None
    return next((found for mark, found in _INNER if mark.search(text)), Format.XML)
