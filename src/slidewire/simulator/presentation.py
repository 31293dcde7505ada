"""The strict reader of MMS SMIL: which parts make which slide, as a phone would show them.

Written from standards.md 2.1. What a phone would guess at is refused here, with the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from slidewire.simulator.status import Code, RefusedError
from slidewire.simulator.xmlread import BrokenXmlError, attributes, local, loose_text, namespace, read_xml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slidewire.simulator.multipart import Part
    from slidewire.simulator.xmlread import Element

SMIL = "application/smil"
LANGUAGES = frozenset({"", "http://www.w3.org/2000/SMIL20/CR/Language", "http://www.w3.org/2001/SMIL20/Language"})
MAX_SLIDES = 30


class PieceKind(Enum):
    """What a slide is made of; the value is the SMIL element that shows it."""

    IMAGE = "img"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    OBJECT = "ref"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing on a slide: the part with this number in the content."""

    kind: PieceKind
    number: int


@dataclass(frozen=True, slots=True)
class Slide:
    """One screen of the message. ``seconds`` is 0 where the SMIL says nothing."""

    pieces: tuple[Piece, ...]
    seconds: float = 0.0


def refused(sentence: str) -> RefusedError:
    """The refusal for a presentation that phones would show in different ways."""
    return RefusedError(Code.CONTENT_REFUSED, sentence)


def kind_of(part: Part) -> PieceKind:
    """How a phone shows the part."""
    if part.type == "text/plain":
        return PieceKind.TEXT
    family = part.type.partition("/")[0]
    kinds = {"image": PieceKind.IMAGE, "video": PieceKind.VIDEO, "audio": PieceKind.AUDIO}
    return kinds.get(family, PieceKind.OBJECT)


def read_presentation(parts: Sequence[Part]) -> tuple[Slide, ...]:
    """The slides of a content whose first part is its SMIL. Raises RefusedError 2004."""
    try:
        root = read_xml(parts[0].body)
    except BrokenXmlError as error:
        raise refused(f"The SMIL is refused: {error}.") from error
    head, body = _frame(root)
    regions = _read_layout(head)
    if not 1 <= len(body) <= MAX_SLIDES:
        raise refused(f"The SMIL's body holds {len(body)} slides.")
    slides = tuple(_read_par(par, parts, regions) for par in body)
    _check_order(slides)
    return slides


def _frame(root: Element) -> tuple[Element, Element]:
    if local(root) != "smil" or namespace(root) not in LANGUAGES:
        raise refused("The root of the SMIL is no smil of a language that phones know.")
    for element in root.iter():
        if namespace(element) != namespace(root):
            raise refused(f"{local(element)} is in another namespace than the SMIL.")
        if loose_text(element):
            raise refused(f"{local(element)} in the SMIL holds text.")
    if [local(child) for child in root] != ["head", "body"]:
        raise refused("The SMIL must hold head and body, in this order.")
    _only(root)
    head, body = root
    return head, body


_ANY = r"[ -~]{1,120}"
_LENGTH = r"[0-9]{1,4}(?:px)?|100%|[0-9]{1,2}%"
_TIME = r"[0-9]{1,6}(?:\.[0-9]{1,3})?(?:s|ms)"
_SIZES = {"width": _LENGTH, "height": _LENGTH}
_LOOK = {"background-color": _ANY, "backgroundColor": _ANY, "title": _ANY}
_TIMING = {"begin": _TIME, "end": _TIME, "dur": _TIME}
_MEDIUM = {**_TIMING, "id": _ANY, "src": r"[!-~]{1,160}", "region": "Image|Text", "alt": r"[^<]{0,200}"}
#: Element -> its attributes and what each may look like.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "smil": {},
    "head": {},
    "meta": {"name": _ANY, "content": r"[^<]{0,200}"},
    "layout": {},
    "root-layout": {**_SIZES, **_LOOK},
    "region": {
        **_SIZES,
        **_LOOK,
        "id": "Image|Text",
        "left": _LENGTH,
        "top": _LENGTH,
        "fit": "fill|hidden|meet|scroll|slice",
    },
    "body": {},
    "par": {"id": _ANY, "dur": _TIME},
    **{kind.value: {**_MEDIUM, "type": _ANY} for kind in PieceKind},
}


def _only(element: Element) -> dict[str, str]:
    """The element's attributes, each known and of the right look."""
    name = local(element)
    if name not in ATTRIBUTES:
        raise refused(f"The SMIL holds {name}, which phones do not know there.")
    found = {}
    for space, key, value in attributes(element):
        shape = ATTRIBUTES[name].get(key)
        if space or shape is None:
            raise refused(f"{name} has the unknown attribute {key}.")
        if not re.fullmatch(shape, value):
            raise refused(f"{name} has {key}={value[:60]!r}, which is no value for it.")
        found[key] = value
    return found


def _read_layout(head: Element) -> frozenset[str]:
    """The names of the regions: exactly one root-layout, at most Image and Text."""
    _only(head)
    names = [local(child) for child in head]
    if names.count("layout") != 1 or set(names) - {"layout", "meta"}:
        raise refused("The head must hold one layout and nothing else than meta.")
    for child in head:
        _only(child)
    (layout,) = (child for child in head if local(child) == "layout")
    names = [local(child) for child in layout]
    if names.count("root-layout") != 1 or set(names) - {"root-layout", "region"}:
        raise refused("The layout must hold exactly one root-layout, and regions.")
    regions: list[str] = []
    for child in layout:
        found = _only(child)
        _childless(child)
        if local(child) == "root-layout" and not {"width", "height"} <= found.keys():
            raise refused("The root-layout needs width and height.")
        if local(child) == "region":
            regions.append(found.get("id", ""))
    if "" in regions or len(regions) != len(set(regions)):
        raise refused("Each region needs an id of its own: Image or Text.")
    return frozenset(regions)


def _childless(element: Element) -> None:
    if len(element):
        raise refused(f"{local(element)} in the SMIL must be empty.")


#: How many of these elements one slide may hold.  # standards.md 2.1
AT_MOST_ONE = (
    frozenset({PieceKind.IMAGE, PieceKind.VIDEO}),
    frozenset({PieceKind.AUDIO, PieceKind.VIDEO}),
    frozenset({PieceKind.TEXT}),
    frozenset({PieceKind.AUDIO}),
    frozenset({PieceKind.OBJECT}),
)
_SHOWN_IN_REGION = frozenset({PieceKind.IMAGE, PieceKind.VIDEO, PieceKind.TEXT})


def _read_par(par: Element, parts: Sequence[Part], regions: frozenset[str]) -> Slide:
    if local(par) != "par":
        raise refused(f"The SMIL's body holds {local(par)} where a par belongs.")
    found = _only(par)
    pieces = tuple(_read_medium(child, parts, regions) for child in par)
    if not pieces:
        raise refused("A slide of the SMIL is empty.")
    for kinds in AT_MOST_ONE:
        if sum(piece.kind in kinds for piece in pieces) > 1:
            names = " or ".join(sorted(kind.value for kind in kinds))
            raise refused(f"A slide of the SMIL holds more than one {names}.")
    return Slide(pieces, _seconds(found.get("dur", "0s")))


def _read_medium(element: Element, parts: Sequence[Part], regions: frozenset[str]) -> Piece:
    kinds = {kind.value: kind for kind in PieceKind}
    if local(element) not in kinds:
        raise refused(f"A slide of the SMIL holds {local(element)}.")
    found, kind = _only(element), kinds[local(element)]
    _childless(element)
    if "src" not in found:
        raise refused(f"{local(element)} has no src.")
    region = found.get("region", "")
    if (region or kind in _SHOWN_IN_REGION) and region not in regions:
        raise refused(f"{local(element)} is for the region {region!r}, which the layout lacks.")
    number = _resolve(found["src"], parts)
    if kind_of(parts[number]) is not kind:
        raise refused(f"{local(element)} shows {found['src']!r}, which is {parts[number].type}.")
    return Piece(kind, number)


def _resolve(src: str, parts: Sequence[Part]) -> int:
    """The part that ``src`` means: by Content-ID after cid:, else by Content-Location."""
    by_id = src.startswith("cid:")
    wanted = src.removeprefix("cid:")
    for number, part in enumerate(parts):
        if number and wanted == (part.content_id if by_id else part.location):
            return number
    raise refused(f"The SMIL shows {src!r}, which is no part of the message.")


def _check_order(slides: tuple[Slide, ...]) -> None:
    """Phones that ignore SMIL show parts in MIME order: it must be that of the slides.  # standards.md 2.1"""
    seen: set[int] = set()
    for slide in slides:
        fresh = {piece.number for piece in slide.pieces} - seen
        if fresh and seen and min(fresh) < max(seen):
            raise refused("The parts do not stand in the order of the slides.")
        seen |= fresh


def _seconds(value: str) -> float:
    if value.endswith("ms"):
        return float(value.removesuffix("ms")) / 1000
    return float(value.removesuffix("s"))
