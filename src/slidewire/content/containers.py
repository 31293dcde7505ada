"""Audio and video recognised by their bytes: enough to tell kind and container apart.

Whether such a file can be played is probed later, after Success (settled 19): a damaged one is recognised here
all the same. Every walk is bounded: so many boxes, so many frames, never the whole file.
"""

import mmap
import re
from collections.abc import Callable, Iterator
from typing import Final

from slidewire.content.formats import Format

Bytes = bytes | mmap.mmap

_MAGIC: Final = (
    (b"#!AMR", Format.AMR),
    (b"\x00\x00\x01\xba", Format.MPEG),
    (b"\x00\x00\x01\xb3", Format.MPEG),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format.WMV),
    (b"\x1a\x45\xdf\xa3", Format.WEBM),
)
#: Brands of ISO base media files; the first that the file names decides.
_BRANDS: Final = (
    (re.compile(rb"qt  "), Format.MOV),
    (re.compile(rb"3g2."), Format.THREEG2),
    (re.compile(rb"3g[pegsrh]."), Format.THREEGP),
    (re.compile(rb"M4[ABP] "), Format.M4A),
    (re.compile(rb"hei[cxms]|hev[cx]|mif1|msf1"), Format.HEIC),
    (re.compile(rb"avi[fs]"), Format.AVIF),
    (re.compile(rb"iso[m2-9]|mp4[12]|avc1|M4V |MSNV|dash|mmp4|f4v "), Format.MP4),
)
#: The same container without a picture track.
_SOUND_ONLY: Final = {
    Format.MP4: Format.M4A,
    Format.THREEGP: Format.AUDIO_3GP,
    Format.THREEG2: Format.AUDIO_3GP,
    Format.MOV: Format.M4A,
}
#: First boxes of QuickTime files older than brands.
_OLD_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"pnot"})
_MAX_BOXES: Final = 512
_MAX_TAGS: Final = 4
#: Kilobits by index for layer III: MPEG 1, then MPEG 2 and 2.5.
_KBITS: Final = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
#: Samples a second by index: MPEG 2.5, (reserved), 2, 1.
_RATES: Final = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))


def sniff(data: Bytes, declared: str = "") -> Format | None:
    """The audio or video format of ``data``, HEIC and AVIF too as they share a container; None: none of them."""
    head = data[:12]
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"OggS":
        return Format.OGG if b"theora" not in data[:256] else None
    if head[:1] == b"\x47" and data[188:189] == b"\x47" and data[376:377] == b"\x47":
        return Format.MPEG_TS
    if head[4:8] == b"ftyp" or head[4:8] in _OLD_BOXES:
        return _sniff_boxes(data, declared)
    return _sniff_frames(data)


def _sniff_boxes(data: Bytes, declared: str) -> Format | None:
    """MP4, 3GP, QuickTime and the image formats in the same boxes."""
    if data[4:8] != b"ftyp":
        branded: Format | None = Format.MOV
    else:
        length = min(int.from_bytes(data[:4], "big"), 256)
        brands = [bytes(data[at : at + 4]) for at in (8, *range(16, length - 3, 4))]
        branded = next((found for brand in brands for mark, found in _BRANDS if mark.fullmatch(brand)), None)
    if branded not in _SOUND_ONLY:
        return branded
    tracks = _tracks(data)
    # No track that says what it is: the bytes leave it open, so the header decides (settled 18).
    silent = b"vide" not in tracks if tracks & {b"vide", b"soun"} else declared.startswith("audio/")
    return _SOUND_ONLY[branded] if silent else branded


def _tracks(data: Bytes) -> set[bytes]:
    """The handler types of a file's tracks, such as ``vide`` and ``soun``."""
    return {
        bytes(data[start + 8 : start + 12])
        for name, begin, end in boxes(data, 0, len(data))
        if name == b"moov"
        for track, track_begin, track_end in boxes(data, begin, end)
        if track == b"trak"
        for media, media_begin, media_end in boxes(data, track_begin, track_end)
        if media == b"mdia"
        for handler, start, _ in boxes(data, media_begin, media_end)
        if handler == b"hdlr"
    }


def boxes(data: Bytes, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, first and last byte of the content of each box in a stretch; ends quietly where it is damaged."""
    for _ in range(_MAX_BOXES):
        if begin + 8 > end:
            return
        size, start = int.from_bytes(data[begin : begin + 4], "big"), begin + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), begin + 16
        elif size == 0:  # to the end of the file
            size = end - begin
        if size < start - begin:
            return
        yield bytes(data[begin + 4 : begin + 8]), start, min(begin + size, end)
        begin += size


def _sniff_frames(data: Bytes) -> Format | None:
    """MP3 and AAC: tags, then frames that follow one another."""
    at = behind_tags(data)
    if at is None:
        return None
    if _follows(data, _aac_length, at):
        return Format.AAC
    # A tag alone says what the file means to be; whether sound follows it is probed later.
    return Format.MP3 if at or _follows(data, mp3_length, at) else None


def behind_tags(data: Bytes) -> int | None:
    """Where sound begins behind ID3 tags; None when a tag ends with the file."""
    at = 0
    for _ in range(_MAX_TAGS):
        if data[at : at + 3] != b"ID3":
            break
        size = [byte & 0x7F for byte in data[at + 6 : at + 10]]
        if len(size) < 4:
            return None
        at += 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
    return at


def _follows(data: Bytes, length_of: Callable[[bytes], int], at: int) -> bool:
    """Whether whole frames follow one another from ``at``: three of them, or fewer up to the end of the file."""
    for count in range(3):
        length = length_of(data[at : at + 6])
        if not length:
            return count > 0 and at == len(data)
        at += length
        if at > len(data):
            return count > 0
    return True


def mp3_length(header: bytes) -> int:
    """Bytes of an MPEG layer III frame; 0: no such frame."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return 0
    lowered = version != 3
    return (72 if lowered else 144) * _KBITS[lowered][bitrate] * 1000 // _RATES[version][rate] + (header[2] >> 1 & 1)


def mp3_seconds(header: bytes) -> float:
    """How long the sound of a frame of which ``mp3_length`` knows the length is."""
    version = header[1] >> 3 & 3
    return (1152 if version == 3 else 576) / _RATES[version][header[2] >> 2 & 3]


def _aac_length(header: bytes) -> int:
    """Bytes of an ADTS frame; 0: no such frame."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length >= 7 else 0
