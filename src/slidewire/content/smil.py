"""The presentation: SMIL as the MMS conformance document draws it (standards.md 2.1).

One root-layout, two regions called Image and Text, one par for each slide; src is the part's plain name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from slidewire.domain.message import Kind

NAME: Final = "slides.smil"

_HEAD: Final = (
    '<smil><head><layout><root-layout width="320px" height="480px"/>'
    '<region id="Image" left="0" top="0" width="320px" height="320px" fit="meet"/>'
    '<region id="Text" left="0" top="320px" width="320px" height="160px" fit="scroll"/>'
    "</layout></head><body>"
)
_TAIL: Final = "</body></smil>"
#: How a file of a kind is shown; objects, which SMIL cannot show, are referred to.
_TAGS: Final = {
    Kind.IMAGE: '<img src="{}" region="Image"/>',
    Kind.VIDEO: '<video src="{}" region="Image"/>',
    Kind.AUDIO: '<audio src="{}"/>',
}
_REF: Final = '<ref src="{}"/>'
_TEXT: Final = '<text src="{}" region="Text"/>'


@dataclass(frozen=True, slots=True)
class Par:
    """One slide's files by their part names: ASCII letters, digits, dots and hyphens only."""

    seconds: int
    files: tuple[tuple[Kind, str], ...]
    text: str = ""  #: name of the text's part; empty: none


def presentation(pars: Sequence[Par]) -> bytes:
    """The SMIL document."""
    return (_HEAD + "".join(map(_par, pars)) + _TAIL).encode("ascii")


def _par(par: Par) -> str:
    shown = "".join(_TAGS.get(kind, _REF).format(name) for kind, name in par.files)
    text = _TEXT.format(par.text) if par.text else ""
    return f'<par dur="{par.seconds}s">{shown}{text}</par>'
