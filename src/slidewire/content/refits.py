"""Audio and video of a saved message made smaller for one network: what each file must fit, by what the others need.

A saved message is encoded once, for one budget, before its networks are known (docs/adr/0085, 0132). What is made for a
smaller one lies in the cache of fitted files, so that it is made once for all who are sent it there.
"""

from collections.abc import Sequence
from typing import Final

from slidewire.content.fitted import Wanted
from slidewire.content.sharing import STEP, share
from slidewire.domain.message import Content, Kind, Slide
from slidewire.domain.rendition import TooBigError
from slidewire.domain.template import ENCODED

#: Bytes that an image is left beside them, at most half of the room for all of them together.
_IMAGE: Final = 60_000


class NotRefittedError(Exception):
    """Files must be made smaller first; ``too_big`` says what was reached without."""

    def __init__(self, wanted: tuple[Wanted, ...], too_big: TooBigError) -> None:
        super().__init__(f"{len(wanted)} files to be encoded again")
        self.wanted = wanted
        self.too_big = too_big


def wanted(slides: Sequence[Slide], room: int) -> dict[str, Wanted]:
    """What each file that is too large for its share must become, by digest; ``room``: bytes for all media.

    Empty where no file can be made smaller: then something else is too large.
    """
    parts = [part for slide in slides for part in slide.parts]
    images = sum(min(part.content.size, _IMAGE) for part in parts if part.kind is Kind.IMAGE)
    played = [part.content for part in parts if part.kind in ENCODED]
    shares = share([content.size for content in played], room - min(images, room // 2))
    asked: dict[str, Wanted] = {}
    for content, mine in zip(played, shares, strict=True):
        budget = mine // STEP * STEP
        if budget > 0 and mine < content.size:
            known = asked.get(content.digest)
            asked[content.digest] = _as(content, min(budget, known.budget) if known else budget)
    return asked


def _as(content: Content, budget: int) -> Wanted:
    return Wanted(content.digest, budget, (0, 0), (content.type,))
