"""From the MIME parts that arrived to what a handset shows: the last checks, those of the media themselves.

A part's type must be one that networks carry, and its bytes must be of that type.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slidewire.simulator.mimeheaders import corrupt
from slidewire.simulator.presentation import (
    SMIL,
    Piece,
    PieceKind,
    Slide,
    kind_of,
    read_presentation,
    refused,
)

if TYPE_CHECKING:
    from slidewire.simulator.envelope import Request
    from slidewire.simulator.multipart import Part

#: Image types that MMS networks carry, and how their bytes begin.  # standards.md 2.2
IMAGES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/vnd.wap.wbmp": (b"\0",),
}
OBJECTS = frozenset(
    {
        "text/x-vcard",
        "text/vcard",
        "text/x-vcalendar",
        "text/calendar",
        "application/pdf",
        "application/vnd.apple.pkpass",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
#: Character sets that every phone reads.  # standards.md 2.1
CHARSETS = {"utf-8": "utf-8", "us-ascii": "ascii"}


@dataclass(frozen=True, slots=True)
class Content:
    """What arrived for the handset: all parts (a SMIL first, where there is one) and the slides they make."""

    parts: tuple[Part, ...] = ()
    slides: tuple[Slide, ...] = ()


def find_content(request: Request, entity: Part) -> Part | None:
    """The part that Content/@href names; None where there is neither. Raises RefusedError 2007."""
    inner = entity.parts[1:]
    if not request.href:
        if inner:
            raise corrupt("There is a second part, but no Content that names it.")
        return None
    scheme, _, wanted = request.href.partition(":")
    if scheme.lower() != "cid":
        raise corrupt(f"The href {request.href[:80]!r} is no cid: reference.")
    if [part.content_id for part in inner].count(wanted) != 1:
        raise corrupt(f"The href {request.href[:80]!r} names no part of the request.")
    if len(inner) > 1:
        raise corrupt("There are more parts beside the one that Content names.")
    return inner[0]


def open_content(part: Part | None, *, require_smil: bool) -> Content:
    """Read the content to its last byte. Raises RefusedError 2004 or 2007."""
    if part is None:
        return Content()
    parts = part.parts or (part,)
    for inner in parts:
        _check_part(inner)
    smils = [number for number, inner in enumerate(parts) if inner.type == SMIL]
    if len(smils) > 1:
        raise refused("There are two SMIL parts; a phone would show one of them.")
    if smils and (smils != [0] or part.type != "multipart/related"):
        raise refused("The SMIL must be the first part of a multipart/related.")
    if not smils and (require_smil or part.type == "multipart/related"):
        raise refused("There is no SMIL part.")
    if smils:
        return Content(parts, _with_attachments(read_presentation(parts), parts))
    return Content(parts, tuple(Slide((Piece(kind_of(inner), n),)) for n, inner in enumerate(parts)))


def _with_attachments(slides: tuple[Slide, ...], parts: tuple[Part, ...]) -> tuple[Slide, ...]:
    """Parts that the SMIL does not show come last, each alone, as phones do.  # standards.md 2.1"""
    shown = {piece.number for slide in slides for piece in slide.pieces}
    rest = (number for number in range(1, len(parts)) if number not in shown)
    return slides + tuple(Slide((Piece(kind_of(parts[number]), number),)) for number in rest)


def _check_part(part: Part) -> None:
    if part.parts:
        raise corrupt("A multipart stands inside the content.")
    kind = kind_of(part)
    if part.type == SMIL:
        _check_text(part, default="utf-8")
    elif kind is PieceKind.TEXT:
        _check_text(part, default="us-ascii")
    elif kind is PieceKind.IMAGE:
        _check_image(part)
    elif kind is PieceKind.OBJECT:
        _check_object(part)
    elif not part.body:
        raise refused(f"{part.name} is empty.")


def _check_image(part: Part) -> None:
    beginnings = IMAGES.get(part.type)
    if beginnings is None:
        raise refused(f"{part.type} is not carried by MMS networks.")
    if not part.body.startswith(beginnings):
        raise refused(f"{part.name} is called {part.type}, but its bytes are not.")


def _check_object(part: Part) -> None:
    if part.type not in OBJECTS:
        raise refused(f"{part.type} is not carried by MMS networks.")
    if not part.body:
        raise refused(f"{part.name} is empty.")
    if part.type.startswith("text/") and "charset" in part.media_type.parameters:
        _check_text(part, default="utf-8")


def _check_text(part: Part, default: str) -> None:
    """Text must be in the character set that it names, and in one that phones read."""
    charset = part.media_type.parameters.get("charset", default).lower()
    if charset not in CHARSETS:
        raise refused(f"{part.name} is in {charset[:40]}, which not every phone reads.")
    try:
        text = part.body.decode(CHARSETS[charset])
    except UnicodeDecodeError as error:
        raise refused(f"{part.name} is not in {charset}, as it says, at byte {error.start}.") from error
    if "\0" in text:
        raise refused(f"{part.name} holds a NUL.")


def text_of(part: Part) -> str:
    """The text of a text part that passed the checks; every line end as one line feed."""
    charset = part.media_type.parameters.get("charset", "utf-8").lower()
    raw = part.body.removeprefix(codecs.BOM_UTF8)
    return raw.decode(CHARSETS.get(charset, "utf-8"), "replace").replace("\r\n", "\n").replace("\r", "\n")


def check_soap_part(part: Part) -> None:
    """The first part must be SOAP as text/xml in UTF-8.  # standards.md 1.4"""
    if part.type != "text/xml":
        raise corrupt(f"The SOAP part is {part.type}, not text/xml.")
    charset = part.media_type.parameters.get("charset", "")
    if charset.lower() != "utf-8":
        raise corrupt(f"The SOAP part says charset {charset[:40]!r}, not utf-8.")
