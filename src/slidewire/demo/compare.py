"""Is the picture on the phone the picture that was sent? By decoding both and comparing pixel by pixel."""

import io
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageStat

#: Mean difference of all channels, of 255, that fitting may cost. A mirrored or shifted picture is far over it.
BOUND = 6.0
#: How far width : height may be off, relative: one pixel of rounding on a small picture.
_SHAPE_BOUND = 0.01


class DifferentError(Exception):
    """What arrived is not what was sent, in words."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How the arrived picture compares with its source."""

    width: int
    height: int
    error: float  #: mean difference of all channels, of 255


def compare(source: bytes, arrived: bytes) -> Likeness:
    """Hold ``arrived`` against ``source`` scaled to its size. Raises DifferentError when it is another picture."""
    original, copy = _decoded(source), _decoded(arrived)
    if abs(original.width / original.height - copy.width / copy.height) > _SHAPE_BOUND * copy.width / copy.height:
        raise DifferentError(f"the picture changed its shape: {original.size} became {copy.size}")
    scaled = original.resize(copy.size, Image.Resampling.LANCZOS)
    means = ImageStat.Stat(ImageChops.difference(scaled, copy)).mean
    error = sum(means) / len(means)
    if error > BOUND:
        raise DifferentError(f"the picture differs from its source by {error:.1f} of 255 a pixel, over {BOUND}")
    return Likeness(copy.width, copy.height, error)


def _decoded(image: bytes) -> Image.Image:
    """The whole picture in RGB. Raises DifferentError when it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(image), formats=("JPEG", "PNG")) as opened:
            return opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DifferentError(f"the picture cannot be decoded: {error}") from error
