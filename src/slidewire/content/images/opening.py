"""Opening an image with one decoder only, the one that its bytes ask for, and believing nothing else in it."""

import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from slidewire.content.formats import Format
from slidewire.content.shapes import FULL_DECODE, CorruptError, Shape
from slidewire.content.strip import png_for_decoder, strip_gif
from slidewire.content.wholeness import check_rows, lengthened
from slidewire.domain.rendition import IMAGE_TYPES

#: What decoders raise for files that are not what they should be. A bug of ours looks alike: the detail of the
#: refusal names the exception.
BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
_PILLOW_NAMES: Final = {Format.JPEG: "JPEG", Format.PNG: "PNG", Format.GIF: "GIF", Format.WEBP: "WEBP"}
_ORIENTATION: Final = 0x0112


@dataclass(frozen=True, slots=True)
class Goal:
    """What an image must fit."""

    budget: int  #: bytes
    max_width: int  #: pixels
    max_height: int
    max_pixels: int = 50_000_000  #: of the source
    types: tuple[str, ...] = IMAGE_TYPES  #: what may leave; image/jpeg always among them


@dataclass(frozen=True, slots=True)
class Opened:
    """An image whose header is read and whose pixels are not yet."""

    image: Image.Image
    data: bytes
    found: Format
    shape: Shape
    orientation: int  #: 1 to 8 as EXIF counts them
    profile: bytes  #: ICC; empty: sRGB


def open_image(data: bytes, found: Format, shape: Shape) -> Opened:
    """Open with the one decoder for ``found``; raises what BROKEN lists."""
    clean = data
    if found is Format.PNG:
        clean = png_for_decoder(data)
    elif found is Format.GIF:
        clean = strip_gif(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # broken metadata: it is dropped anyway
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(BytesIO(clean), formats=[_PILLOW_NAMES[found]])
        if image.size != (shape.width, shape.height) and found is not Format.GIF:
            raise ValueError("the decoder sees another size than the header says")
        profile = image.info.get("icc_profile")
        orientation = orientation_of(image) if found is not Format.GIF else 1
    return Opened(image, data, found, shape, orientation, profile if isinstance(profile, bytes) else b"")


def decode_whole(data: bytes, found: Format, shape: Shape) -> int:
    """Decode every frame and give the orientation; raises CorruptError and what BROKEN lists.

    A JPEG is decoded at an eighth of its size: all its bytes are read all the same, in little memory.
    """
    if found is Format.JPEG:
        orientation, small = _decode_small(data, shape)
        if _decode_small(lengthened(data), shape)[1] != small:
            raise CorruptError("the JPEG lacks some of its pixels")
        return orientation
    if found is Format.PNG:
        check_rows(data)
    opened = open_image(data, found, shape)
    for frame in range(shape.frames):
        if shape.frames > 1:
            opened.image.seek(frame)
        opened.image.load()
    return opened.orientation


def _decode_small(data: bytes, shape: Shape) -> tuple[int, bytes]:
    """Orientation and pixels of a JPEG at an eighth of its size."""
    opened = open_image(data, Format.JPEG, shape)
    opened.image.draft(None, (max(shape.width // 8, 1), max(shape.height // 8, 1)))
    opened.image.load()
    return opened.orientation, opened.image.tobytes()


def load_at_least(opened: Opened, wanted: tuple[int, int]) -> Image.Image:
    """The pixels, decoded at a fraction of their size where ``wanted`` and the caps allow (security 8)."""
    image = opened.image
    if opened.found is Format.JPEG:
        width, height = opened.shape.width, opened.shape.height
        least = wanted
        while width * height > FULL_DECODE:
            width, height = width // 2, height // 2
            least = (min(least[0], width), min(least[1], height))
        image.draft(None, (max(least[0], 1), max(least[1], 1)))
    image.load()
    return image


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation; 1 where there is none or it cannot be read."""
    try:
        # Not the image's own way: a PNG would be decoded for it, and what is wrong with it told here, to nobody.
        found = Image.Image.getexif(image).get(_ORIENTATION, 1)
    except BROKEN:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1
