"""Image files that no library writes: every bit of them is laid here by hand."""

import struct
import zlib
from dataclasses import dataclass

from PIL import Image
from tests.content.makers import chunk

#: Adam7: column and row where each pass begins, and its steps.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png_of(header: tuple[int, int, int, int], packed: bytes, *, interlaced: bool = False, extra: bytes = b"") -> bytes:
    """A PNG of (width, height, depth, colour type), its rows ``packed`` as they are, ``extra`` chunks before them."""
    start = struct.pack(">IIBBBBB", *header, 0, 0, int(interlaced))
    body = chunk(b"IHDR", start) + extra + chunk(b"IDAT", zlib.compress(packed, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def deep_png(picture: Image.Image, colour: int) -> bytes:
    """16 bits for each channel: colour 0 grey, 2 RGB, 4 grey with alpha, 6 RGBA."""
    mode = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}[colour]
    picture = picture.convert(mode)
    row = picture.width * len(mode)
    pixels = picture.tobytes()
    rows = (pixels[at : at + row] for at in range(0, len(pixels), row))
    packed = b"".join(b"\x00" + b"".join(bytes((value, value)) for value in line) for line in rows)
    return png_of((*picture.size, 16, colour), packed)


def adam7_png(picture: Image.Image) -> bytes:
    """An interlaced PNG in RGB."""
    picture = picture.convert("RGB")
    packed = bytearray()
    for left, top, across, down in _PASSES:
        for y in range(top, picture.height, down):
            packed += b"\x00"
            for x in range(left, picture.width, across):
                packed += bytes(picture.getpixel((x, y)))  # type: ignore[arg-type]  # RGB: three numbers
    return png_of((*picture.size, 8, 2), bytes(packed), interlaced=True)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a handmade GIF, in one colour of its table of 128."""

    colour: int = 1
    left: int = 0
    top: int = 0
    width: int = 16
    height: int = 16
    disposal: int = 1
    hundredths: int = 10
    clear: int = -1  #: the index that is transparent
    interlaced: bool = False


def gif_of(
    size: tuple[int, int], frames: list[Frame], *, loop: int | None = 0, extra: bytes = b"", version: bytes = b"89a"
) -> bytes:
    """A GIF of these frames, packed without packing; ``extra`` blocks stand before the first."""
    table = b"".join(bytes((number * 2, 255 - number * 2, number)) for number in range(128))
    out = [b"GIF" + version, struct.pack("<HHBBB", *size, 0xF6, 0, 0), table, extra]
    if loop is not None:
        out.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loop) + b"\x00")
    for frame in frames:
        if version == b"89a":
            flags, clear = frame.disposal << 2 | (frame.clear >= 0), max(frame.clear, 0)
            out.append(b"\x21\xf9\x04" + struct.pack("<BHB", flags, frame.hundredths, clear) + b"\x00")
        place = struct.pack("<HHHH", frame.left, frame.top, frame.width, frame.height)
        out += (b"\x2c", place, bytes((0x40 if frame.interlaced else 0,)))
        out.append(_unpacked(bytes((frame.colour,)) * (frame.width * frame.height)))
    return b"".join((*out, b"\x3b"))


def comment(text: bytes) -> bytes:
    """A GIF comment block of at most 255 bytes."""
    return b"\x21\xfe" + bytes((len(text),)) + text + b"\x00"


def _unpacked(pixels: bytes) -> bytes:
    """Indexes below 128 as LZW that never grows: the table is cleared before the codes would get longer."""
    codes = bytearray()
    for at in range(0, len(pixels), 100):
        codes += b"\x80" + pixels[at : at + 100]
    codes += b"\x81"
    blocks = (codes[at : at + 255] for at in range(0, len(codes), 255))
    return b"\x07" + b"".join(bytes((len(block),)) + block for block in blocks) + b"\x00"


def webp_canvas(width: int, height: int) -> bytes:
    """A WebP whose extended header claims a canvas, with nothing behind it."""
    body = b"VP8X\x0a\x00\x00\x00" + bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def without_segment(jpeg: bytes, marker: int) -> bytes:
    """A JPEG that lacks every segment of a kind."""
    out, at = bytearray(jpeg[:2]), 2
    while jpeg[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] != marker:
            out += jpeg[at:end]
        at = end
    return bytes(out) + jpeg[at:]


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """A JPEG with one more segment at its beginning."""
    return jpeg[:2] + bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content + jpeg[2:]


def flipped(data: bytes, at: int, mask: int = 0xFF) -> bytes:
    """``data`` with bits of one byte turned over; ``at`` may count from the end."""
    changed = bytearray(data)
    changed[at] ^= mask
    return bytes(changed)
