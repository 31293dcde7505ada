"""What a phone is given as itself and what as words: objects as a link, the subject in the first text. Pure.

A slide never becomes empty: what nothing can stand for is sent as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, unique

from slidewire.domain.message import Kind, Part, Slide


@unique
class Objects(Enum):
    """What a route does with objects (interfaces.md, [[routes]])."""

    ATTACH = "attach"  #: they are sent
    LINK = "link"  #: a link to the message's page stands for them
    BOTH = "both"  #: they are sent, and the link besides


@dataclass(frozen=True, slots=True)
class Showing:
    """How the slides of one message are shown on one phone."""

    objects: Objects = Objects.ATTACH
    known: frozenset[Kind] | None = None  #: objects that the phone is known to show; None: nothing is known
    subject: str = ""  #: to be read in the first text; empty: nowhere


def wants_link(slides: Sequence[Slide], showing: Showing) -> bool:
    """Whether a link to the message's page would be of use."""
    return any(_is_linked(slide, showing) for slide in slides)


def shown(slides: Sequence[Slide], showing: Showing, link: str = "") -> tuple[Slide, ...]:
    """The slides as they are sent. ``link``: the page's address; empty where there is none."""
    changed = [_shown(slide, showing, link) for slide in slides]
    if showing.subject:
        first = next((at for at, slide in enumerate(changed) if slide.text), 0)
        changed[first] = replace(changed[first], text=_lines(showing.subject, changed[first].text))
    return tuple(changed)


def left_out(before: Sequence[Slide], after: Sequence[Slide]) -> tuple[str, ...]:
    """What stands no longer on the slides, for `message show`."""
    return tuple(
        f"{part.kind.value} in slide {number} left out: its text stands for it"
        for number, (old, new) in enumerate(zip(before, after, strict=True), start=1)
        for part in old.parts
        if part not in new.parts
    )


def _shown(slide: Slide, showing: Showing, link: str) -> Slide:
    text = _lines(slide.text, link) if link and _is_linked(slide, showing) else slide.text
    out = [part for part in slide.parts if _is_replaced(part, showing, linked=text != slide.text)]
    if not out or not text:
        return slide if text == slide.text else replace(slide, text=text)
    return replace(slide, text=text, parts=tuple(part for part in slide.parts if part not in out))


def _is_hidden(part: Part, showing: Showing) -> bool:
    """The phone is known not to show it (settled 32)."""
    return part.kind.is_object and showing.known is not None and part.kind not in showing.known


def _is_linked(slide: Slide, showing: Showing) -> bool:
    """A link helps: the route wants it, or nothing else stands for what the phone does not show."""
    if showing.objects is not Objects.ATTACH:
        return any(part.kind.is_object for part in slide.parts)
    return not slide.text and any(_is_hidden(part, showing) for part in slide.parts)


def _is_replaced(part: Part, showing: Showing, *, linked: bool) -> bool:
    return _is_hidden(part, showing) or (linked and showing.objects is Objects.LINK and part.kind.is_object)


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))
