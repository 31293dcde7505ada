"""The image library's only home: it runs in the media children, never in the process that serves (security 8)."""

from slidewire.content.fitting import CannotFitError
from slidewire.content.formats import BY_TYPE, Format
from slidewire.content.images.animated import fit_animation
from slidewire.content.images.opening import BROKEN, Goal, decode_whole, open_image
from slidewire.content.images.still import fit_still
from slidewire.content.jobs import Fitted, Inspected
from slidewire.content.shapes import CorruptError, OversizeError, check_caps, measure

__all__ = ["CannotFitError", "CorruptError", "Goal", "OversizeError", "fit", "inspect"]


def inspect(data: bytes, mime: str, max_pixels: int) -> Inspected:
    """Decode every frame; raises CorruptError (E341) and OversizeError (E331)."""
    found = BY_TYPE[mime]
    shape = measure(data, found)
    check_caps(shape, max_pixels)
    try:
        orientation = decode_whole(data, found, shape)
    except BROKEN as error:
        raise CorruptError(f"it cannot be decoded ({type(error).__name__})") from error
    except MemoryError as error:
        raise OversizeError("it takes too much memory to decode") from error
    turned = orientation >= 5
    width, height = (shape.height, shape.width) if turned else (shape.width, shape.height)
    return Inspected(width, height, shape.frames, orientation)


def fit(data: bytes, mime: str, goal: Goal) -> Fitted:
    """The best of the goal's types within ``goal``, upright and without metadata; of an animation that may not be a
    GIF, its first picture.

    Raises CorruptError, OversizeError, and CannotFitError when not even a small picture fits.
    """
    found = BY_TYPE[mime]
    shape = measure(data, found)
    check_caps(shape, goal.max_pixels)
    try:
        opened = open_image(data, found, shape)
        if shape.frames > 1 and found in (Format.GIF, Format.WEBP) and Format.GIF.type in goal.types:
            return fit_animation(opened, goal)
        return fit_still(opened, goal)
    except BROKEN as error:
        raise CorruptError(f"it cannot be decoded ({type(error).__name__})") from error
    except MemoryError as error:
        raise OversizeError("it takes too much memory to decode") from error
