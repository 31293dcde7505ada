"""One picture made to fit: as it is where it may leave so, else the best JPEG, else a PNG that is smaller still.

A format that the goal does not name never leaves.
"""

import math
from io import BytesIO
from typing import Final

from PIL import Image, JpegImagePlugin

from slidewire.content import fitting
from slidewire.content.fitting import Size, inside
from slidewire.content.formats import Format
from slidewire.content.images import colour
from slidewire.content.images.opening import Goal, Opened, load_at_least
from slidewire.content.jobs import Fitted
from slidewire.content.strip import strip

#: EXIF orientation -> how to turn the picture upright.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: The sum of the standard luminance table: what a source's own table is measured against.
_STANDARD_TABLE: Final = 3692
#: PNG: colours up to which a palette holds them all.
_PALETTE: Final = 256


def fit_still(opened: Opened, goal: Goal) -> Fitted:
    """The best that fits; raises CannotFitError, and what BROKEN lists for a damaged image."""
    picture = _Picture(opened, goal)
    return picture.untouched() or picture.encoded()


class _Picture:
    """One opened picture on its way out."""

    def __init__(self, opened: Opened, goal: Goal) -> None:
        self._opened = opened
        self._goal = goal
        self._turned = opened.orientation >= 5
        box = (goal.max_height, goal.max_width) if self._turned else (goal.max_width, goal.max_height)
        self._stored = (opened.shape.width, opened.shape.height)
        self._size = inside(self._stored, box)  #: as it is stored, before it is turned upright
        self._upright_as_it_is = opened.orientation == 1 and self._size == self._stored
        self._base: Image.Image | None = None
        self._made: tuple[Size, Image.Image] | None = None

    def untouched(self) -> Fitted | None:
        """The same pixels without metadata, where the file may leave so."""
        opened = self._opened
        plain = opened.found is Format.GIF or (opened.found is Format.JPEG and opened.shape.baseline)
        plain = plain and opened.found.type in self._goal.types
        if not plain or not self._upright_as_it_is or not colour.is_srgb(opened.profile):
            return None
        data = strip(opened.data, opened.found)
        if data is None or len(data) > self._goal.budget:
            return None
        return Fitted(data, opened.found.type, *self._stored, quality=0, encodes=0)

    def encoded(self) -> Fitted:
        """The best JPEG, or the PNG where that is smaller and loses nothing."""
        kept = self._with_own_tables()
        if kept is not None:
            return kept
        png = self._png()
        if png is not None:
            return self._smaller(png)
        found = fitting.search(self._encode, self._size, self._goal.budget, self._guess())
        return Fitted(found.data, Format.JPEG.type, *self._upright(found.size), found.quality, found.encodes)

    def _smaller(self, png: Fitted) -> Fitted:
        """The PNG, or the JPEG of the best quality where that is smaller."""
        quality = fitting.MAX_QUALITY
        data = self._encode(self._size, quality, True)
        if len(png.data) <= len(data):
            return png
        return Fitted(data, Format.JPEG.type, *self._upright(self._size), quality, png.encodes + 1)

    def _upright(self, size: Size) -> Size:
        return (size[1], size[0]) if self._turned else size

    def _pixels(self, size: Size) -> Image.Image:
        """The picture at a size, upright, grey or sRGB, ready to be encoded; the last one is kept."""
        if self._made is None or self._made[0] != size:
            self._made = None  # before the next one takes memory
            image = self._base = self._base or self._load()
            if image.size != size:
                image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
            image = colour.to_srgb(image, self._opened.profile)
            if self._opened.orientation in _TURNS:
                image = image.transpose(_TURNS[self._opened.orientation])
            self._made = size, image
        return self._made[1]

    def _load(self) -> Image.Image:
        """The pixels in a mode that can be resized, on white; the decoder's own copy is let go (security 8)."""
        loaded = load_at_least(self._opened, self._size)
        base = colour.on_white(colour.to_plain(loaded))
        if base is not loaded:
            loaded.close()
        return base

    def _encode(self, size: Size, quality: int, optimised: bool) -> bytes:
        return _save(self._pixels(size), "JPEG", quality=quality, optimize=optimised, subsampling=2)

    def _guess(self) -> float:
        """Bytes that a JPEG of quality 82 at full size might take."""
        pixels = self._size[0] * self._size[1]
        typical = fitting.TYPICAL * pixels
        share = pixels / (self._stored[0] * self._stored[1])
        scaled = len(self._opened.data) * math.pow(share, fitting.PIXEL_EXPONENT)
        if self._opened.found is not Format.JPEG:
            return min(typical, scaled * 2)
        coarse = max(self._coarseness(), 0.02)
        return scaled * math.pow(fitting.coarseness(82) / coarse, -fitting.QUALITY_EXPONENT)

    def _coarseness(self) -> float:
        """How much the source's own luminance table is scaled against the standard one."""
        tables = _tables(self._opened.image)
        return sum(tables[min(tables)]) / _STANDARD_TABLE if tables else 1.0

    def _with_own_tables(self) -> Fitted | None:
        """A JPEG that must be encoded anew for its form only (progressive, turned): with its own tables, once."""
        opened = self._opened
        tables = _tables(opened.image)
        if self._size != self._stored or len(opened.data) > self._goal.budget or not tables:
            return None
        if opened.image.mode not in ("L", "RGB") or set(tables) - {0, 1} or max(map(max, tables.values())) > 255:
            return None  # tables that our encoder would give to other colours, or that baseline does not know
        sampling = JpegImagePlugin.get_sampling(opened.image)
        mode = opened.image.mode
        image = self._pixels(self._size)
        if image.mode != mode:
            return None
        data = _save(image, "JPEG", qtables=tables, subsampling=max(sampling, 0), optimize=True)
        if len(data) > self._goal.budget:
            return None
        quality = fitting.quality_of(self._coarseness())
        return Fitted(data, Format.JPEG.type, *self._upright(self._size), quality=quality, encodes=1)

    def _png(self) -> Fitted | None:
        """The PNG itself without metadata, on white where it was transparent; None where it cannot stay a PNG."""
        opened, budget = self._opened, self._goal.budget
        if opened.found is not Format.PNG or opened.found.type not in self._goal.types:
            return None
        if len(opened.data) > budget or not self._upright_as_it_is:
            return None
        data = strip(opened.data, opened.found) if colour.is_srgb(opened.profile) else None
        encodes = 0
        if data is None or opened.shape.alpha:
            image = self._pixels(self._size)
            if image.mode == "RGB" and image.getcolors(_PALETTE) is not None:
                image = image.quantize(_PALETTE, dither=Image.Dither.NONE)
            data, encodes = _save(image, "PNG", optimize=True), 1
        return Fitted(data, Format.PNG.type, *self._size, quality=0, encodes=encodes) if len(data) <= budget else None


def _tables(image: Image.Image) -> dict[int, list[int]]:
    """A JPEG's quantisation tables; of anything else, none."""
    tables = getattr(image, "quantization", None)
    return dict(tables) if isinstance(tables, dict) else {}


def _save(image: Image.Image, name: str, **how: object) -> bytes:
    """Encode with nothing but pixels: whatever the source carried is cut off here."""
    image.info = {}
    out = BytesIO()
    image.save(out, name, **how)
    return out.getvalue()
