"""What an image carries besides its pixels, by name, from its structure alone: for `slidewire content inspect`."""

from collections.abc import Callable, Iterator
from typing import Final

from slidewire.content.formats import Format
from slidewire.content.shapes import CorruptError, OversizeError, gif_blocks, jpeg_segments, png_chunks

_JPEG_MARKS: Final = (
    (0xE1, b"Exif\x00", "EXIF"),
    (0xE1, b"http://ns.adobe.com/xap", "XMP"),
    (0xE2, b"ICC_PROFILE\x00", "colour profile"),
    (0xED, b"Photoshop", "IPTC"),
    (0xFE, b"", "comment"),
)
_PNG_NAMES: Final = {
    b"eXIf": "EXIF",
    b"iCCP": "colour profile",
    b"tEXt": "text",
    b"zTXt": "text",
    b"iTXt": "text",
    b"tIME": "time",
}
_WEBP_NAMES: Final = {b"EXIF": "EXIF", b"XMP ": "XMP", b"ICCP": "colour profile"}
_GIF_COMMENT, _GIF_APPLICATION = 0xFE, 0xFF


def metadata(data: bytes, found: Format) -> tuple[str, ...]:
    """Names of what is there, each once; nothing for other formats, and what stands before any damage."""
    reader = _READERS.get(found)
    names: dict[str, None] = {}
    try:
        for name in reader(data) if reader else ():
            names[name] = None
    except (CorruptError, OversizeError):
        pass  # told elsewhere
    return tuple(names)


def _of_jpeg(data: bytes) -> Iterator[str]:
    for segment in jpeg_segments(data):
        start = data[segment.payload : segment.payload + 32]
        yield from (name for marker, mark, name in _JPEG_MARKS if segment.marker == marker and start.startswith(mark))


def _of_png(data: bytes) -> Iterator[str]:
    yield from (_PNG_NAMES[name] for name, _, _ in png_chunks(data) if name in _PNG_NAMES)


def _of_gif(data: bytes) -> Iterator[str]:
    for block in gif_blocks(data):
        if block.label == _GIF_COMMENT:
            yield "comment"
        elif block.label == _GIF_APPLICATION and b"XMP" in data[block.start : block.start + 14]:
            yield "XMP"


def _of_webp(data: bytes) -> Iterator[str]:
    at = 12
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name in _WEBP_NAMES:
            yield _WEBP_NAMES[name]
        at += 8 + length + (length & 1)


_READERS: Final[dict[Format, Callable[[bytes], Iterator[str]]]] = {
    Format.JPEG: _of_jpeg,
    Format.PNG: _of_png,
    Format.GIF: _of_gif,
    Format.WEBP: _of_webp,
}
