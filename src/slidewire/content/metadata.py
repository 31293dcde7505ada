"""What a file carries besides what is shown and heard, by name, from its structure: for `slidewire content inspect`.

A place is named by itself, whatever holds it. Nothing is decoded, and damage ends the reading quietly.
"""

from collections.abc import Callable, Iterator
from typing import Final, Literal

from slidewire.content.containers import behind_tags, boxes
from slidewire.content.formats import Format
from slidewire.content.shapes import CorruptError, OversizeError, gif_blocks, jpeg_segments, png_chunks

_PLACE: Final = "GPS"
#: The entry of EXIF's first table that leads to the place.
_GPS: Final = 0x8825
_MAX_ENTRIES: Final = 512
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
        for marker, mark, name in _JPEG_MARKS:
            if segment.marker == marker and start.startswith(mark):
                yield name
                yield from _place_in(name, data[segment.payload : segment.payload + 65_536])


def _of_png(data: bytes) -> Iterator[str]:
    for name, start, end in png_chunks(data):
        if name in _PNG_NAMES:
            yield _PNG_NAMES[name]
            yield from _place_in(_PNG_NAMES[name], data[start + 8 : end])


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
            yield from _place_in(_WEBP_NAMES[name], data[at + 8 : at + 8 + length])
        at += 8 + length + (length & 1)


def _place_in(name: str, block: bytes) -> Iterator[str]:
    """Whether EXIF or XMP tells where the picture was taken."""
    if (name == "EXIF" and _exif_has_place(block)) or (name in {"XMP", "text"} and b"GPSLatitude" in block):
        yield _PLACE


def _exif_has_place(block: bytes) -> bool:
    tiff = block.removeprefix(b"Exif\x00\x00")
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], order)

    table = number(4, 4)
    count = min(number(table, 2), _MAX_ENTRIES)
    return any(number(table + 2 + 12 * entry, 2) == _GPS for entry in range(count))


#: Names inside a film's index that tell of a place: of phones, and of the 3GPP family.
_FILM_PLACES: Final = (b"\xa9xyz", b"loci", b"com.apple.quicktime.location")


def _of_boxes(data: bytes) -> Iterator[str]:
    """MP4, 3GP, MOV: what stands in the index beside the tracks, and beside what each track is made of."""
    for name, begin, end in boxes(data, 0, len(data)):
        if name == b"moov":
            tracks = [(begin, end), *((b, e) for each, b, e in boxes(data, begin, end) if each == b"trak")]
            for track_begin, track_end in tracks:
                for each, b, e in boxes(data, track_begin, track_end):
                    if each in {b"udta", b"meta"} and e > b:
                        yield "tags"
                        if any(mark in data[b:e] for mark in _FILM_PLACES):
                            yield _PLACE
        elif name == b"uuid":
            yield "XMP"


def _of_frames(data: bytes) -> Iterator[str]:
    """MP3 and AAC: tags before and behind the sound."""
    if behind_tags(data) != 0:
        yield "ID3"
    if data[-128:-125] == b"TAG":
        yield "ID3"


def _of_riff(data: bytes) -> Iterator[str]:
    """WAV and AVI: lists of words."""
    at = 12
    while at + 12 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"LIST" and data[at + 8 : at + 12] == b"INFO":
            yield "tags"
        elif name.lower() == b"id3 ":
            yield "ID3"
        at += 8 + length + (length & 1)


_BOXED: Final = (Format.MP4, Format.M4A, Format.THREEGP, Format.THREEG2, Format.AUDIO_3GP, Format.MOV)
_READERS: Final[dict[Format, Callable[[bytes], Iterator[str]]]] = {
    Format.JPEG: _of_jpeg,
    Format.PNG: _of_png,
    Format.GIF: _of_gif,
    Format.WEBP: _of_webp,
    Format.MP3: _of_frames,
    Format.AAC: _of_frames,
    Format.WAV: _of_riff,
    Format.AVI: _of_riff,
    **dict.fromkeys(_BOXED, _of_boxes),
}
