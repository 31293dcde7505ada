"""The search for the best JPEG that fits a budget, in few encodes: pure arithmetic over an ``encode`` function.

A JPEG's size falls with the quality by a power law whose exponent hardly differs between pictures, so one
probe tells where to aim and the second encode nearly always lands. Boxes come first: the largest at which the
quality stays decent, then the best quality in it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

#: Above it more bytes cannot be seen on a phone.
MAX_QUALITY: Final = 90
#: Below it the box is made smaller rather than the picture coarser.
DECENT_QUALITY: Final = 62
#: What a box made smaller is aimed at.
AIMED_QUALITY: Final = 72
#: A box at which only less than this fits is too large after all.
COARSE_QUALITY: Final = 50
#: The last resort, at the smallest box.
MIN_QUALITY: Final = 30
#: Pixels of the longer side below which a picture is no picture.
MIN_SIDE: Final = 96
#: A result that uses less of its budget is tried again with more quality.
USED_ENOUGH: Final = 0.88
#: What an encode aims at: room for the model's error.
AIM: Final = 0.955
#: What the optimised encode saves against the plain one, and the law's exponents over quality and over pixels.
OPTIMISED: Final = 0.97
QUALITY_EXPONENT: Final = 0.58
PIXEL_EXPONENT: Final = 0.85
#: Bytes for each pixel of a photograph at quality 82, where nothing else is known.
TYPICAL: Final = 0.16
MAX_ENCODES: Final = 10
#: Pixels below which even a probe is optimised: it costs little, and may prove to be the last.
CHEAP: Final = 2_000_000
#: A box that differs by less than this from the right one stays.
NEAR: Final = 0.07

Size = tuple[int, int]
#: Makes the JPEG of a size in pixels at a quality; the last argument asks for the optimised (slower) one.
Encode = Callable[[Size, int, bool], bytes]


class CannotFitError(Exception):
    """Not even the smallest decent picture fits."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes at least")
        self.size = size  #: bytes of the smallest that was made


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search."""

    data: bytes
    size: Size
    quality: int
    encodes: int = 0  #: how many the search took


def inside(size: Size, box: Size) -> Size:
    """``size`` made to fit ``box`` with its shape kept; never enlarged, never less than one pixel."""
    factor = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def coarseness(quality: int) -> float:
    """How much the standard tables are scaled at a quality (1.0 at 50)."""
    return 50 / quality if quality < 50 else max(2 - quality / 50, 0.02)


def quality_of(coarse: float) -> int:
    """The quality for a scale of the standard tables: the inverse of ``coarseness``, within our bounds."""
    quality = 100 - 50 * coarse if coarse <= 1 else 50 / coarse
    return max(MIN_QUALITY, min(MAX_QUALITY, math.floor(quality)))


@dataclass(slots=True)
class _Law:
    """What one picture's encodes cost, by the last one made: bytes over coarseness and pixels."""

    bytes: float
    quality: int
    pixels: float
    exponent: float = QUALITY_EXPONENT

    def at(self, quality: int, pixels: float) -> float:
        """Bytes expected at a quality and a number of pixels."""
        by_quality = math.pow(coarseness(quality) / coarseness(self.quality), -self.exponent)
        return self.bytes * by_quality * math.pow(pixels / self.pixels, PIXEL_EXPONENT)

    def quality_for(self, wanted: float, pixels: float) -> int:
        """The quality at which ``wanted`` bytes are expected."""
        ratio = wanted / self.at(self.quality, pixels)
        return quality_of(coarseness(self.quality) * ratio ** (-1 / self.exponent))

    def learn(self, made: float, quality: int, pixels: float) -> None:
        """Take in an encode; two of one size tell this picture's own exponent."""
        change = math.log(coarseness(quality) / coarseness(self.quality))
        if pixels == self.pixels and abs(change) > 0.05:
            self.exponent = min(0.95, max(0.3, math.log(self.bytes / made) / change))
        self.bytes, self.quality, self.pixels = made, quality, pixels


@dataclass(slots=True)
class Search:
    """One picture's way to its best JPEG."""

    encode: Encode
    budget: int
    box: Size  #: the largest that is allowed
    law: _Law
    size: Size = (0, 0)  #: what is tried now
    encodes: int = 0
    best: Found | None = None
    smallest: int = 0
    too_high: int = MAX_QUALITY + 1  #: the lowest quality at ``size`` that was too big
    tried: set[tuple[Size, int]] = field(default_factory=set)

    def run(self) -> Found:
        """The best JPEG found; raises CannotFitError."""
        self.size = self._box()
        quality = self._aim()
        # A probe may be plain where that saves time, unless it is sure to be the last.
        sure = quality == MAX_QUALITY and self.law.at(quality, _pixels(self.size)) < self.budget * 0.9
        optimised = sure or _pixels(self.size) < CHEAP
        while self.encodes < MAX_ENCODES:
            self._try(quality, optimised)
            if not self._changes_box() and self._enough():
                break
            quality, optimised = self._aim(), True
            if (self.size, quality) in self.tried:
                break
        if self.best is None:
            raise CannotFitError(self.smallest)
        return replace(self.best, encodes=self.encodes)

    def _box(self) -> Size:
        """The largest box at which a decent quality is expected to fit."""
        wanted, pixels = self.budget * AIM, _pixels(self.box)
        if self.law.quality_for(wanted, pixels) >= DECENT_QUALITY:
            return self.box
        ratio = math.pow(wanted / self.law.at(AIMED_QUALITY, pixels), 0.5 / PIXEL_EXPONENT)
        longer = max(min(MIN_SIDE, *self.box), round(max(self.box) * min(ratio, 1.0)))
        return inside(self.box, (longer, longer))

    def _changes_box(self) -> bool:
        """Take another box when the first encode told that it is right, or when this one proved too large."""
        first = self.encodes == 1
        coarse = self.best is None and self._expected() < COARSE_QUALITY
        if not (first or coarse):
            return False
        size = self._box()
        ratio = max(size) / max(self.size)
        if not (first and abs(ratio - 1) > NEAR) and not (coarse and ratio < 1):
            return False
        self.size, self.too_high, self.best = size, MAX_QUALITY + 1, None
        return True

    def _expected(self) -> int:
        """The quality that is expected to fit at this size."""
        return self.law.quality_for(self.budget * AIM, _pixels(self.size))

    def _aim(self) -> int:
        """The quality to try next at this size: what the law says, halfway where it contradicts what was seen."""
        lowest = self.best.quality + 1 if self.best is not None else MIN_QUALITY
        expected, highest = self._expected(), self.too_high - 1
        if self.best is not None and not lowest <= expected <= highest:
            return (lowest + highest) // 2
        if expected > highest:
            careful = self.encodes < 4  # no law holds for this picture: down in great steps
            return max(MIN_QUALITY, highest - (highest - MIN_QUALITY) // (8 if careful else 2))
        return max(expected, lowest)

    def _try(self, quality: int, optimised: bool) -> None:
        """Make one JPEG and learn from it."""
        data = self.encode(self.size, quality, optimised)
        made = len(data)
        self.encodes += 1
        self.smallest = min(self.smallest or made, made)
        self.law.learn(made * (1 if optimised else OPTIMISED), quality, _pixels(self.size))
        if not optimised:
            return
        self.tried.add((self.size, quality))
        if made > self.budget:
            self.too_high = min(self.too_high, quality)
        elif self.best is None or made >= len(self.best.data):
            self.best = Found(data, self.size, quality)

    def _enough(self) -> bool:
        """Whether the best one cannot be bettered by much."""
        if self.best is None:
            return False
        done = self.best.quality >= min(MAX_QUALITY, self.too_high - 1)
        return done or len(self.best.data) >= self.budget * USED_ENOUGH


def _pixels(size: Size) -> float:
    return float(size[0] * size[1])


def search(encode: Encode, size: Size, budget: int, guess: float) -> Found:
    """The best JPEG of at most ``budget`` bytes in at most ``size`` pixels; raises CannotFitError.

    ``guess`` is how many bytes it might take at quality 82 and full ``size``: a wrong one costs an encode.
    """
    return Search(encode, budget, size, _Law(max(guess, 1.0), 82, _pixels(size))).run()
