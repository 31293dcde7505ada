"""The pieces of the drawn screen: text bubbles, pictures and cards. Each knows its height before it is drawn."""

from __future__ import annotations

import io
import struct
import unicodedata
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, ImageOps

if TYPE_CHECKING:
    from slidewire.simulator.multipart import Part

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

MAX_PIXELS = 16_000_000  # of one image that arrived
MAX_TEXT = 6_000  # characters drawn of one text
MAX_LINES = 300
BUBBLE = 560  # widest bubble
FRAME = 12  # pixels of bubble around a picture
PICTURE_ROOM = (BUBBLE - 2 * FRAME, 900)
PAD = 24
RADIUS = 28
LINE_STEP = 1.3  # line height over font size

INK, MUTED, LINE = "#14161c", "#6b7280", "#dfe3ec"
BUBBLE_FILL, ACCENT, WHITE = "#ffffff", "#4f46e5", "#ffffff"


def font(size: int) -> Font:
    """Pillow's own font: the machine needs none."""
    return ImageFont.load_default(size)


def drawable(text: str) -> str:
    """The text without what no font draws: controls and direction marks. Line breaks stay."""
    kept = text[:MAX_TEXT].replace("\t", "    ")
    return "".join(letter for letter in kept if letter == "\n" or unicodedata.category(letter)[0] != "C")


def cut(text: str, size: int, width: int) -> str:
    """The text on one line of ``width`` pixels, with an ellipsis where it is too long."""
    line = drawable(text).replace("\n", " ")[:200]
    if font(size).getlength(line) <= width:
        return line
    while line and font(size).getlength(line + "…") > width:
        line = line[:-1]
    return line + "…"


def wrap(text: str, size: int, width: int) -> list[str]:
    """The lines of ``text``, each at most ``width`` pixels; words that are longer are broken."""
    lines: list[str] = []
    for paragraph in drawable(text).split("\n"):
        lines += _wrap_paragraph(paragraph, font(size), width)
        if len(lines) > MAX_LINES:
            return [*lines[:MAX_LINES], "…"]
    return lines


def _wrap_paragraph(paragraph: str, face: Font, width: int) -> list[str]:
    lines, line = [], ""
    for word in paragraph.split(" "):
        candidate = f"{line} {word}" if line else word
        if face.getlength(candidate) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        *full, line = _break_word(word, face, width)
        lines += full
    return [*lines, line]


def _break_word(word: str, face: Font, width: int) -> list[str]:
    if face.getlength(word) <= width:
        return [word]
    pieces, piece = [], ""
    for letter in word:
        if piece and face.getlength(piece + letter) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


Box = tuple[int, int, int, int]
SMOOTH = 4  # shapes are drawn so much larger and shrunk, because Pillow's own have ragged edges


def rounded(canvas: Image.Image, box: Box, radius: int, fill: str) -> None:
    """Fill a rectangle with round corners and smooth edges; a radius of half the side makes a circle."""
    width, height = box[2] - box[0], box[3] - box[1]
    mask = Image.new("L", (width * SMOOTH, height * SMOOTH))
    edge = (0, 0, width * SMOOTH - 1, height * SMOOTH - 1)
    ImageDraw.Draw(mask).rounded_rectangle(edge, radius * SMOOTH, 255)
    canvas.paste(fill, box, mask.resize((width, height), Image.Resampling.BOX))


def bubble(canvas: Image.Image, box: Box) -> None:
    """A white bubble with a thin line around it."""
    rounded(canvas, box, RADIUS, LINE)
    rounded(canvas, (box[0] + 2, box[1] + 2, box[2] - 2, box[3] - 2), RADIUS - 2, BUBBLE_FILL)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Wrapped text, in a bubble or bare."""

    lines: list[str]
    size: int
    ink: str = INK
    bubble: bool = True

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return len(self.lines) * round(self.size * LINE_STEP) + (2 * PAD if self.bubble else 0)

    def draw(self, canvas: Image.Image, left: int, top: int) -> None:
        """Draw at this corner."""
        draw, face = ImageDraw.Draw(canvas), font(self.size)
        if self.bubble:
            widest = max(round(face.getlength(line)) for line in self.lines)
            right = left + max(widest, RADIUS) + 2 * PAD
            bubble(canvas, (left, top, right, top + self.height))
            left, top = left + PAD, top + PAD
        for number, line in enumerate(self.lines):
            draw.text((left, top + number * round(self.size * LINE_STEP)), line, self.ink, face)


@dataclass(frozen=True, slots=True)
class PictureBlock:
    """An image inside a frame of bubble."""

    image: Image.Image
    part: int

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.image.height + 2 * FRAME

    def box(self, left: int, top: int) -> tuple[int, int, int, int]:
        """Where the image itself comes to lie."""
        left, top = left + FRAME, top + FRAME
        return left, top, left + self.image.width, top + self.image.height

    def draw(self, canvas: Image.Image, left: int, top: int) -> None:
        """Draw at this corner."""
        bubble(canvas, (left, top, left + self.image.width + 2 * FRAME, top + self.height))
        canvas.paste(self.image, self.box(left, top)[:2])


@dataclass(frozen=True, slots=True)
class CardBlock:
    """A file that is only named: sound, film, contact, document."""

    title: str
    detail: str
    height: int = 104

    def draw(self, canvas: Image.Image, left: int, top: int) -> None:
        """Draw at this corner."""
        draw = ImageDraw.Draw(canvas)
        bubble(canvas, (left, top, left + BUBBLE, top + self.height))
        rounded(canvas, (left + 22, top + 22, left + 82, top + 82), 16, ACCENT)
        draw.text((left + 52, top + 52), self.detail[:1].upper(), WHITE, font(32), anchor="mm")
        draw.text((left + 104, top + 36), cut(self.title, 28, BUBBLE - 130), INK, font(28), anchor="lm")
        draw.text((left + 104, top + 70), cut(self.detail, 22, BUBBLE - 130), MUTED, font(22), anchor="lm")


#: What Pillow raises for bytes that are no image, or one made to hurt.
UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def load_picture(part: Part) -> Image.Image | None:
    """The image fitted to its room, or None for what cannot be decoded within limits."""
    try:
        with Image.open(io.BytesIO(part.body), formats=("JPEG", "GIF", "PNG")) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            image.draft("RGB", (PICTURE_ROOM[0] * 2, PICTURE_ROOM[1] * 2))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except UNREADABLE:
        return None
    white = Image.new("RGB", upright.size, WHITE)
    white.paste(upright, mask=upright)
    return _fit(white)


def _fit(image: Image.Image) -> Image.Image:
    """At most the room; smaller ones stay as they are, so that their pixels stay theirs."""
    room_width, room_height = PICTURE_ROOM
    scale = min(room_width / image.width, room_height / image.height, 1)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
