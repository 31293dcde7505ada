"""Bytes as customers send them become UTF-8, strictly: one encoding for every reader behind this file.

What is not valid in its declared encoding is refused here, before any parser could mend or misread it (settled 3).
"""

import re

from slidewire.domain.faults import Fault, FaultError

#: Every name of the encodings that are read -> Python's name (IANA's aliases; settled 3). All others are refused.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "utf16": "utf-16",
    "utf-16le": "utf-16",
    "utf-16be": "utf-16",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "ansi_x3.4-1968": "ascii",
    "ansi_x3.4-1986": "ascii",
    "iso646-us": "ascii",
    "iso_646.irv:1991": "ascii",
    "iso-ir-6": "ascii",
    "ibm367": "ascii",
    "cp367": "ascii",
    "csascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "iso_8859-1": "iso-8859-1",
    "iso_8859-1:1987": "iso-8859-1",
    "iso-ir-100": "iso-8859-1",
    "latin1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "l1": "iso-8859-1",
    "ibm819": "iso-8859-1",
    "cp819": "iso-8859-1",
    "csisolatin1": "iso-8859-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "gb18030": "gb18030",
}
_UTF8_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_WIDE_LITTLE = re.compile(rb"(?:[ \t\r\n]\x00)*<\x00")
_WIDE_BIG = re.compile(rb"(?:\x00[ \t\r\n])*\x00<")
#: The XML declaration up to its encoding. Where a parser would read another one, it is told to read UTF-8 all the same.
_DECLARATION = re.compile(
    r"<\?xml\s+version\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*')\s+encoding\s*=\s*([\"'])([^\"'<>]*)\1", re.ASCII
)
_DECLARATION_BYTES = re.compile(_DECLARATION.pattern.encode())
#: What may stand before a document; looked through once, however much of it there is.
_BEFORE = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)*+")


def unreadable(reason: str) -> FaultError:
    """E108 with the reason, for whatever cannot be read."""
    return Fault.UNREADABLE.error(error=reason.rstrip("."))


def too_long(limit: int) -> FaultError:
    """E100 for more than ``limit`` bytes."""
    spaced = f"{limit:,}".replace(",", " ")
    return Fault.INVALID_REQUEST.error(f"the request is longer than {spaced} bytes")


def looks_like_xml(raw: bytes) -> bool:
    """Whether ``raw`` begins with ``<`` behind white space and byte order marks: no type counts then (api.md 1.1)."""
    return raw[:1] == b"<" or _unmarked(raw)[:1] == b"<" or bool(_wide(raw))


def xml_to_utf8(raw: bytes, charset: str = "") -> bytes:
    """The document ``raw`` in UTF-8, without what stands before its first ``<``.

    The declaration's encoding wins over ``charset``, the one of Content-Type. Raises FaultError E108.
    """
    wide = _wide(raw)
    if wide:
        return _wide_to_utf8(raw, wide)
    document = raw if raw[:1] == b"<" else _unmarked(raw)
    declared = _DECLARATION_BYTES.match(document) if document[:5] == b"<?xml" else None
    name = declared[2].decode("latin-1") if declared else charset
    if _UTF8_MARK in raw[: len(raw) - len(document)]:
        if declared and _codec(name) != "utf-8" and not document.isascii():
            raise unreadable(f"the byte order mark says UTF-8, the declaration {name}")
        name = "utf-8" if not declared else name
    codec = _codec(name)
    if codec == "utf-16":
        raise unreadable(f"the document is not in {name}")
    if document.isascii():  # so it reads in each of the others
        return document
    text = _decode(document, codec)
    return document if codec in {"utf-8", "ascii"} else text.encode()


def text_to_str(raw: bytes, charset: str = "") -> str:
    """The form value ``raw`` as text; UTF-8 where no ``charset`` is named. Raises FaultError E108."""
    return _decode(raw, _codec(charset))


def _codec(name: str) -> str:
    if not name:
        return "utf-8"
    codec = ENCODINGS.get(name.strip().lower())
    if codec is None:
        raise unreadable(f"the encoding {name[:40]} is not read here")
    return codec


def _decode(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError as error:
        raise unreadable(f"bytes that are not valid {codec.upper()} at byte {error.start}") from error


def _unmarked(raw: bytes) -> bytes:
    """``raw`` without the white space and the UTF-8 marks that stand before it, in whatever order."""
    return raw[_BEFORE.match(raw).end() :]  # type: ignore[union-attr]  # it matches nothing, too


def _wide(raw: bytes) -> str:
    """The byte order of a UTF-16 document, by its mark or by the look of its first character; empty for others."""
    if raw[:1] == b"<" and raw[1:2] != b"\x00":
        return ""
    for mark, codec in _WIDE_MARKS:
        if raw.startswith(mark):
            return codec
    if b"\x00" not in raw[:64]:
        return ""
    if _WIDE_LITTLE.match(raw):
        return "utf-16-le"
    return "utf-16-be" if _WIDE_BIG.match(raw) else ""


def _wide_to_utf8(raw: bytes, codec: str) -> bytes:
    text = _decode(raw, codec).lstrip("\ufeff \t\r\n")
    declared = _DECLARATION.match(text)
    if declared and _codec(declared[2]) != "utf-16":
        raise unreadable(f"the document is in UTF-16, its declaration says {declared[2][:40]}")
    return text.encode()
