"""An image's measures from its headers alone, so that a bomb is refused before memory is spent (security 8).

Our own readers, one bounded pass each, no decoding: decoders allocate before they tell. They also see to it
that the file has an end: a decoder may be content with a file that was cut off behind its last row.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from slidewire.content.formats import Format

#: Bytes that all decoded pixels of all frames may take, at 4 each (security 8).
MAX_DECODED: Final = 100_000_000
MAX_FRAMES: Final = 1000
#: Scans of a progressive JPEG: encoders make about ten; each costs a pass over the whole image.
MAX_SCANS: Final = 64
#: Segments of a JPEG, far beyond what profiles and previews take.
MAX_SEGMENTS: Final = 5000
#: Pixels that are decoded at once, all frames together.
FULL_DECODE: Final = MAX_DECODED // 4
#: Pixels of a WebP: its decoder holds the canvas four times.
WEBP_DECODE: Final = FULL_DECODE // 2
#: A baseline JPEG above FULL_DECODE is decoded at half its size or less.
_ANY: Final = 1 << 32


def spaced(number: int) -> str:
    """Digits in groups of three, as settled 24 writes them."""
    return f"{number:,}".replace(",", " ")


class CorruptError(Exception):
    """The image is broken or cut off (E341); its text says where."""


class OversizeError(Exception):
    """The image would take too much to decode (E331); its text carries the figure and the limit."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What headers say of an image."""

    width: int  #: pixels as they are stored, before any orientation
    height: int
    frames: int = 1
    baseline: bool = False  #: a baseline JPEG of 8 bits in one or three colours
    alpha: bool = False
    most: int = FULL_DECODE  #: pixels of one frame that its decoder may be given (security 8)


def check_caps(shape: Shape, max_pixels: int) -> None:
    """Raise OversizeError when decoding would take more than we give (settled 18, security 8)."""
    pixels = shape.width * shape.height
    if pixels == 0:
        raise CorruptError("an image without pixels")
    if pixels > max_pixels:
        raise OversizeError(f"{spaced(pixels)} pixels, at most {spaced(max_pixels)}")
    if shape.frames > MAX_FRAMES:
        raise OversizeError(f"more than {spaced(MAX_FRAMES)} frames")
    if pixels > shape.most:
        raise OversizeError(f"{spaced(pixels)} pixels, at most {spaced(shape.most)} for this kind of image")
    if shape.frames > 1 and pixels * shape.frames > FULL_DECODE:
        all_pixels = spaced(pixels * shape.frames)
        raise OversizeError(f"{all_pixels} pixels in {shape.frames} frames, at most {spaced(FULL_DECODE)}")


def measure(data: bytes, found: Format) -> Shape:
    """The shape of an image of a format that we decode.

    Raises CorruptError, OversizeError for what costs too much to decode, and KeyError for another format.
    """
    return _READERS[found](data)


# JPEG

#: The next marker in entropy-coded data: 0xFF and neither a stuffed zero, a restart mark nor a fill byte.
_JPEG_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
#: The next marker outside of it.
_JPEG_NEXT: Final = re.compile(rb"\xff[^\x00\xff]")
_SOF: Final = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))
_SOS, _EOI = 0xDA, 0xD9
_STANDALONE: Final = frozenset((0x01, *range(0xD0, 0xD9)))


@dataclass(frozen=True, slots=True)
class Segment:
    """One JPEG segment: its marker byte, its bytes with the marker, entropy-coded data included behind SOS."""

    marker: int
    start: int
    payload: int  #: where the content begins
    end: int


def jpeg_segments(data: bytes) -> Iterator[Segment]:
    """The segments between SOI and EOI; raises CorruptError when there is no EOI or a length is impossible.

    Raises OversizeError when there are more than any camera writes.
    """
    at = 2
    for _ in range(MAX_SEGMENTS):
        found = _JPEG_NEXT.search(data, at)  # decoders skip what stands between segments, and so do we
        if found is None:
            raise CorruptError("a JPEG segment is missing or cut off")
        at, marker = found.start(), data[found.start() + 1]
        if marker == _EOI:
            return
        if marker in _STANDALONE:
            yield Segment(marker, at, at + 2, at + 2)
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise CorruptError("a JPEG segment is cut off")
        if marker == _SOS:
            following = _JPEG_MARKER.search(data, end)
            if following is None:
                raise CorruptError("the JPEG is cut off inside its pixels")
            end = following.start()
        yield Segment(marker, at, at + 4, end)
        at = end
    raise OversizeError(f"more than {spaced(MAX_SEGMENTS)} segments")


def _measure_jpeg(data: bytes) -> Shape:
    shape: Shape | None = None
    scans = 0
    for segment in jpeg_segments(data):
        if segment.marker in _SOF:
            frame = data[segment.payload : segment.end]
            if shape is not None or len(frame) < 6:
                raise CorruptError("the JPEG has two frames, or half of one")
            width, height = int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")
            plain = segment.marker == 0xC0 and frame[0] == 8 and frame[5] in (1, 3)
            shape = Shape(width, height, baseline=plain, most=_ANY if segment.marker == 0xC0 else FULL_DECODE)
        elif segment.marker == _SOS:
            scans += 1
            if scans > MAX_SCANS:
                raise OversizeError(f"more than {MAX_SCANS} scans")
    if shape is None or not scans:
        raise CorruptError("the JPEG has no pixels")
    # More than one scan makes the decoder hold the whole image twice, whatever the header calls it.
    return replace(shape, baseline=False, most=FULL_DECODE) if scans > 1 else shape


# PNG


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, first and last byte (length and checksum included) of each chunk up to IEND; raises CorruptError."""
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            break
        if zlib.crc32(memoryview(data)[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise CorruptError(f"a checksum of the PNG is wrong ({name.decode('latin-1')!a})")
        yield name, at, end
        if name == b"IEND":
            return
        at = end
    raise CorruptError("the PNG is cut off")


def _measure_png(data: bytes) -> Shape:
    shape: Shape | None = None
    seen = set()
    for name, start, _ in png_chunks(data):
        if (name == b"IHDR") != (shape is None):
            raise CorruptError("the PNG does not begin with its one header")
        if shape is None:
            header = data[start + 8 : start + 21]
            width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
            shape = Shape(width, height, alpha=header[9:10] in (b"\x04", b"\x06"))
        seen.add(name)
    if shape is None or b"IDAT" not in seen:
        raise CorruptError("the PNG has no pixels")
    return Shape(shape.width, shape.height, alpha=shape.alpha or b"tRNS" in seen)


# GIF


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a GIF: IMAGE_BLOCK, else the label of an extension, with where it begins and ends."""

    label: int
    start: int
    end: int


IMAGE_BLOCK: Final = -1


def gif_blocks(data: bytes) -> Iterator[Block]:
    """The blocks between the screen and the trailer; raises CorruptError when there is no trailer."""
    at = gif_screen_end(data)
    while at < len(data):
        start, kind = at, data[at]
        if kind == 0x3B:
            return
        if kind == 0:  # padding between blocks: some programs write it, decoders skip it
            at += 1
            continue
        if kind == 0x21 and at + 1 < len(data):
            label, at = data[at + 1], at + 2
        elif kind == 0x2C and at + 10 < len(data):
            label, flags = IMAGE_BLOCK, data[at + 9]
            at += 11 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)  # a colour table, the code size
        else:
            break
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
        if at > len(data):
            break
        yield Block(label, start, at)
    raise CorruptError("the GIF is cut off or damaged")


def gif_screen_end(data: bytes) -> int:
    """Where the first block begins: behind header, screen and global colour table."""
    if len(data) < 13:
        raise CorruptError("the GIF is cut off")
    return 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)


def _measure_gif(data: bytes) -> Shape:
    frames = 0
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    for block in gif_blocks(data):
        if block.label == IMAGE_BLOCK:
            left, top, wide, high = (
                int.from_bytes(data[block.start + at : block.start + at + 2], "little") for at in (1, 3, 5, 7)
            )
            width, height, frames = max(width, left + wide), max(height, top + high), frames + 1
            if frames > MAX_FRAMES:
                break
    if not frames:
        raise CorruptError("the GIF has no frame")
    return Shape(width, height, frames)


# WebP


def _measure_webp(data: bytes) -> Shape:
    if len(data) < 30 or int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise CorruptError("the WebP is cut off")
    kind = data[12:16]
    width = height = 0
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    elif kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    else:
        raise CorruptError("the WebP has no header that we know")
    return Shape(width, height, max(_webp_frames(data), 1), most=WEBP_DECODE)


def _webp_frames(data: bytes) -> int:
    """Frames of an animated WebP, counted up to one more than we take."""
    frames, at = 0, 12
    while at + 8 <= len(data) and frames <= MAX_FRAMES:
        frames += data[at : at + 4] == b"ANMF"
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + (length & 1)
    return frames


_READERS: Final[dict[Format, Callable[[bytes], Shape]]] = {
    Format.JPEG: _measure_jpeg,
    Format.PNG: _measure_png,
    Format.GIF: _measure_gif,
    Format.WEBP: _measure_webp,
}
