"""Metadata taken out of an image without touching a pixel: positions, comments, thumbnails, what follows the end.

Only what is known to carry pixels or their colours is copied; everything else stays behind. None means that
the file cannot leave as it is and must be encoded anew.
"""

import zlib
from typing import Final

from slidewire.content.formats import Format
from slidewire.content.shapes import (
    IMAGE_BLOCK,
    Segment,
    gif_blocks,
    gif_screen_end,
    jpeg_segments,
    png_chunks,
)

_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
#: Tables, frame header, scans, restart interval: what a decoder of baseline JPEG needs.
_JPEG_KEPT: Final = frozenset((0xC0, 0xC4, 0xDA, 0xDB, 0xDD))
#: DNL and hierarchical marks: legal, read by hardly any phone.
_JPEG_ODD: Final = frozenset((0xDC, 0xDE, 0xDF))
_SOF0, _APP0, _APP14 = 0xC0, 0xE0, 0xEE
_PNG_KEPT: Final = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
#: What the decoder may see besides: profile and orientation are applied, then dropped.
_PNG_SEEN: Final = _PNG_KEPT | {b"iCCP", b"eXIf"}
#: Bytes of a colour profile: the largest known ones are half of it.
_PROFILE: Final = 1_000_000
_GIF_CONTROL, _GIF_TEXT, _GIF_APPLICATION = 0xF9, 0x01, 0xFF
_GIF_LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip(data: bytes, found: Format) -> bytes | None:
    """``data`` without metadata and with the same pixels; None when it must be encoded anew.

    Colour profiles are dropped too: whether the pixels need one is for the caller to know. Raises CorruptError.
    """
    if found is Format.JPEG:
        return _strip_jpeg(data)
    if found is Format.GIF:
        return strip_gif(data)
    if found is Format.PNG:
        return _strip_png(data)
    return None


def png_for_decoder(data: bytes) -> bytes:
    """A PNG with nothing in it but its still image, profile and orientation: no texts, no animation.

    The orientation comes first, for it may stand behind the pixels; a broken profile is none (security 8).
    """
    seen = [(name, data[start:end]) for name, start, end in png_chunks(data) if name in _PNG_SEEN]
    turned = [chunk for name, chunk in seen if name == b"eXIf"]
    others = [chunk for name, chunk in seen if name != b"eXIf" and not (name == b"iCCP" and not _is_sound(chunk))]
    return b"".join((data[:8], others[0], *turned, *others[1:]))


def _is_sound(chunk: bytes) -> bool:
    """Whether a profile can be unpacked to something that is of the size of one."""
    name, _, packed = chunk[8:-4].partition(b"\x00")
    try:
        inflater = zlib.decompressobj()
        inflater.decompress(packed[1:], _PROFILE)
    except zlib.error:
        return False
    return bool(name) and packed[:1] == b"\x00" and inflater.eof


def _strip_jpeg(data: bytes) -> bytes | None:
    out = [data[:2]]
    for segment in jpeg_segments(data):
        if segment.marker == _SOF0 and data[segment.payload + 6 : segment.end : 3] == b"RGB":
            return None  # named by their ids alone: only some decoders know
        if segment.marker in _JPEG_KEPT:
            out.append(data[segment.start : segment.end])
        elif segment.marker in (_APP0, _APP14):
            kept = _strip_marker(data, segment)
            if kept is None:
                return None
            out.append(kept)
        elif segment.marker in _JPEG_ODD:
            return None
    return b"".join((*out, b"\xff\xd9"))


def _strip_marker(data: bytes, segment: Segment) -> bytes | None:
    """The two application segments that say how colours are stored, without thumbnail and extras."""
    content = data[segment.payload : segment.end]
    if segment.marker == _APP0:
        return _JFIF if content.startswith(b"JFIF\x00") else b""
    if not content.startswith(b"Adobe") or len(content) < 12:
        return b""
    if content[11] != 1:  # not the common colours of JPEG: some phones show it in false ones
        return None
    return b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01"


def strip_gif(data: bytes) -> bytes:
    """A GIF with its frames, their times and its loop, and nothing else. Raises CorruptError."""
    screen = gif_screen_end(data)
    out = [b"GIF89a", data[6:screen]]
    control = b""
    for block in gif_blocks(data):
        content = data[block.start : block.end]
        if block.label == _GIF_CONTROL:
            # rebuilt: bytes behind its four are nobody's
            control = b"\x21\xf9\x04" + content[3:7] + b"\x00" if content[2:3] == b"\x04" else b""
        elif block.label == IMAGE_BLOCK:
            out += (control, content)
            control = b""
        elif block.label == _GIF_TEXT:
            control = b""  # it belonged to the text
        elif block.label == _GIF_APPLICATION and content[3:14] in _GIF_LOOPS and content[14:16] == b"\x03\x01":
            out.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + content[16:18] + b"\x00")
    return b"".join((*out, b"\x3b"))


def _strip_png(data: bytes) -> bytes | None:
    chunks = list(png_chunks(data))
    depth, start = data[24], chunks[0][1]
    if depth > 8 or chunks[0][0] != b"IHDR" or start != 8:
        return None
    return data[:8] + b"".join(data[start:end] for name, start, end in chunks if name in _PNG_KEPT)
