"""An animation made to fit as an animated GIF: fewer colours first, then fewer frames, then fewer pixels."""

import math
from dataclasses import dataclass, field
from typing import Final

import msgspec
from PIL import Image

from slidewire.content.fitting import MIN_SIDE, CannotFitError, Size, inside
from slidewire.content.formats import Format
from slidewire.content.images.gif import Frame, write_gif
from slidewire.content.images.opening import Goal, Opened
from slidewire.content.jobs import Fitted
from slidewire.content.strip import strip_gif

#: Colours, every how manieth frame, and the share of the bytes that is left: gentlest first.
_STEPS: Final = ((255, 1, 1.0), (128, 1, 0.85), (64, 1, 0.7), (64, 2, 0.42))
#: Frames are left out only where so many a second are shown: fewer would jump.
_SMOOTH: Final = 8.0
#: Bytes for each pixel of each frame of a GIF in full colours, where the source is none.
_TYPICAL: Final = 0.35
_AIM, _USED_ENOUGH = 0.93, 0.8
_MAX_ENCODES: Final = 6


def fit_animation(opened: Opened, goal: Goal) -> Fitted:
    """The animation within ``goal``; raises CannotFitError, and what BROKEN lists for a damaged one."""
    stored = (opened.shape.width, opened.shape.height)
    size = inside(stored, (goal.max_width, goal.max_height))
    original = strip_gif(opened.data) if opened.found is Format.GIF else b""
    if original and size == stored and len(original) <= goal.budget:
        return Fitted(original, Format.GIF.type, *stored, quality=0, encodes=0)
    return _Reel(opened, size, goal.budget).fitted(len(original))


@dataclass(frozen=True, slots=True)
class _Plan:
    """One way to make it smaller."""

    colours: int
    every: int  #: every how manieth frame is kept
    share: float  #: of the bytes, by what is known of the two
    scale: float  #: of the sides

    @property
    def whole(self) -> bool:
        """Nothing is left out."""
        return self.share == 1.0 and self.scale == 1.0


@dataclass(slots=True)
class _Reel:
    """The frames of one animation and the attempts to make it smaller."""

    opened: Opened
    size: Size  #: the largest that is allowed
    budget: int
    frames: list[Frame] = field(default_factory=list)
    encodes: int = 0
    best: Fitted | None = None
    smallest: int = 0
    tried: set["_Plan"] = field(default_factory=set)

    def fitted(self, original: int) -> Fitted:
        """The best that was found; ``original`` is the size in bytes of a GIF as it came, else 0."""
        self.frames = _frames(self.opened, self.size)
        pixels = self.size[0] * self.size[1]
        full = original * pixels / (self.opened.shape.width * self.opened.shape.height)
        full = full or _TYPICAL * pixels * len(self.frames)
        plan = self._plan(self.budget * _AIM / full)
        while self.encodes < _MAX_ENCODES and plan not in self.tried:
            made = self._attempt(plan)
            if made <= self.budget and (made >= self.budget * _USED_ENOUGH or plan.whole or self.encodes > 2):
                break
            # what the whole would have taken, by this attempt
            plan = self._plan(self.budget * _AIM / (made / (plan.share * plan.scale**2)))
        if self.best is None:
            raise CannotFitError(self.smallest)
        return msgspec.structs.replace(self.best, encodes=self.encodes)

    def _plan(self, ratio: float) -> "_Plan":
        """The gentlest way to ``ratio`` of the bytes that everything would take."""
        seconds = sum(frame.millis for frame in self.frames) / 1000
        smooth = len(self.frames) >= _SMOOTH * 2 * seconds
        steps = [step for step in _STEPS if step[1] == 1 or smooth]
        colours, every, share = next((step for step in steps if step[2] <= ratio), steps[-1])
        scale = min(1.0, round(math.sqrt(ratio / share), 3))
        smallest = min(1.0, MIN_SIDE / max(self.size))
        if scale < smallest:  # no smaller: then it must jump
            fewer = min(math.ceil((smallest / scale) ** 2), max(len(self.frames) // (2 * every), 1))
            every, share, scale = every * fewer, share / fewer, smallest
        return _Plan(colours, every, share, scale)

    def _attempt(self, plan: "_Plan") -> int:
        """Write one GIF, keep it if it is the best that fits, and give its bytes."""
        self.tried.add(plan)
        longer = max(1, round(max(self.size) * plan.scale))
        size = inside(self.size, (longer, longer))
        frames = [
            Frame(_resized(group[0].image, size), sum(frame.millis for frame in group))
            for group in (self.frames[at : at + plan.every] for at in range(0, len(self.frames), plan.every))
        ]
        data = write_gif(frames, plan.colours, self.opened.image.info.get("loop"))
        self.encodes += 1
        self.smallest = min(self.smallest or len(data), len(data))
        if len(data) <= self.budget and (self.best is None or len(data) > len(self.best.data)):
            self.best = Fitted(data, Format.GIF.type, *size, quality=0, encodes=0)
        return len(data)


def _frames(opened: Opened, size: Size) -> list[Frame]:
    """All frames as they are seen, at ``size``: RGB, or RGBA where something is transparent in any of them."""
    frames = []
    for number in range(opened.shape.frames):
        opened.image.seek(number)
        opened.image.load()
        millis = opened.image.info.get("duration", 0)
        seen = _resized(opened.image.convert("RGBA"), size)
        frames.append(Frame(seen, int(millis) or 100))  # players show 0 as a tenth of a second
    if all(frame.image.getchannel("A").getextrema() == (255, 255) for frame in frames):
        for number, frame in enumerate(frames):  # one by one: both lists at once would take too much memory
            frames[number] = Frame(frame.image.convert("RGB"), frame.millis)
    return frames


def _resized(image: Image.Image, size: Size) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BOX if image.mode == "RGBA" else Image.Resampling.BICUBIC)
