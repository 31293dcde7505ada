"""How the images of a message share its room: by their need, not equally. Pure arithmetic."""

from collections.abc import Sequence
from typing import Final

from slidewire.content.fitting import TYPICAL, inside
from slidewire.content.formats import Format
from slidewire.domain.message import Content

#: Budgets come in steps, so that a longer name in the text does not mean another rendition (durability 22).
STEP: Final = 8192
#: What an image may need when it has to be encoded anew at high quality, against its typical bytes.
_GENEROUS: Final = 1.6


def stays(content: Content, box: tuple[int, int]) -> bool:
    """Whether an image may leave as it came, or hardly larger: larger budgets give the same result."""
    size = (content.width, content.height)
    return inside(size, box) == size and content.type in (Format.JPEG.type, Format.GIF.type)


def need(content: Content, box: tuple[int, int]) -> int:
    """Bytes that would do an image justice: its own, or those of a good JPEG of its size in the box."""
    if stays(content, box) or content.frames > 1:
        return -(-content.size // STEP) * STEP
    width, height = inside((content.width, content.height), box)
    typical = round(width * height * TYPICAL * _GENEROUS) + STEP
    return min(typical, max(content.size, STEP))


def share(needs: Sequence[int], room: int) -> list[int]:
    """Room for each: small needs whole, the rest of the room evenly among the large; what is left over, by need."""
    shares = [0] * len(needs)
    left, waiting = room, sorted(range(len(needs)), key=lambda at: needs[at])
    while waiting:
        even = left // len(waiting)
        at = waiting.pop(0)
        shares[at] = min(needs[at], even)
        left -= shares[at]
    total = sum(needs)
    return [mine + left * own // total for mine, own in zip(shares, needs, strict=True)] if total else shares


def stepped(budget: int, content: Content, box: tuple[int, int]) -> int:
    """A budget rounded down to a step, and to no more than the image can use where that is known."""
    if budget >= STEP:
        budget = budget // STEP * STEP
    if stays(content, box):
        budget = min(budget, (content.size * 9 // 8 // STEP + 2) * STEP)
    return budget
