"""Audio and video read by ourselves, without decoding: whether the container is whole, and how long it says it is.

It is all there is where no ffmpeg is; beside one it finds what decoders are too forgiving to mind.
"""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from slidewire.content.av.facts import AvFacts, AvRefusedError
from slidewire.content.containers import Bytes, behind_tags, boxes, mp3_length, mp3_seconds
from slidewire.content.formats import Format
from slidewire.domain.message import Kind

_ISO: Final = frozenset(
    {Format.MP4, Format.THREEGP, Format.THREEG2, Format.MOV, Format.M4A, Format.AUDIO_3GP},
)
#: Boxes that make the file; junk behind them is none of our business.
_VITAL: Final = frozenset({b"moov", b"mdat", b"moof"})
_HOLDERS: Final = frozenset({b"mdia", b"minf", b"stbl"})
#: Boxes of an index that are looked at, and how deep they may lie.
_MOST_BOXES: Final = 20_000
_DEPTH: Final = 4
#: Frames of an MP3 that are walked: three hours of the shortest.
_MOST_FRAMES: Final = 500_000
#: Frames that a header may promise too many, as encoders count their own padding.
_FEW: Final = 4


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a file."""

    data: Bytes
    start: int
    end: int


def walk(path: Path, found: Format) -> AvFacts:
    """What the container says; a length of 0 is one that we cannot tell. Raises AvRefusedError."""
    if not path.stat().st_size:
        raise AvRefusedError("it is empty")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if found is Format.MP3:
            return _walk_mp3(data)
        if found in _ISO:
            return _walk_boxes(data, found)
    return AvFacts(found, 0, decoded=False)


def _walk_mp3(data: Bytes) -> AvFacts:
    """Frame by frame; the last must be whole, and as many must be there as the first says."""
    at, frames, seconds = behind_tags(data) or 0, 0, 0.0
    promised = _promised(data[at : at + 200])
    while frames < _MOST_FRAMES and (size := mp3_length(header := bytes(data[at : at + 4]))):
        if at + size > len(data):
            raise AvRefusedError("it is cut off: its last frame is not whole")
        at, frames, seconds = at + size, frames + 1, seconds + mp3_seconds(header)
    if not frames:
        raise AvRefusedError("it has no sound")
    if at >= len(data) and frames + _FEW < promised:
        raise AvRefusedError(f"it is cut off: {frames} frames of {promised}")
    if promised:  # the frame that says so is silent
        seconds *= (frames - 1) / frames
    return AvFacts(Format.MP3, round(seconds * 1000), audio="mp3", decoded=False)


def _promised(frame: bytes) -> int:
    """How many frames the first one announces; 0: it does not."""
    for name in (b"Xing", b"Info"):
        at = frame.find(name)
        if at > 0 and len(frame) >= at + 12 and frame[at + 7] & 1:
            return int.from_bytes(frame[at + 8 : at + 12], "big")
    return 0


def _walk_boxes(data: Bytes, found: Format) -> AvFacts:
    """Every vital box ends inside the file, one of them is the index, and the index has a track of the right kind."""
    facts = AvFacts(found, 0, decoded=False)
    indexed = False
    for name, start, end, whole in _top(data):
        if name in _VITAL and not whole:
            raise AvRefusedError("it is cut off")
        if name == b"moov":
            indexed = True
            facts = _index(data, start, end, facts)
    if not indexed:
        raise AvRefusedError("its index (moov) is missing")
    if found.kind is Kind.VIDEO and not facts.video:
        raise AvRefusedError("it has no picture")
    if found.kind is Kind.AUDIO and not facts.audio:
        raise AvRefusedError("it has no sound")
    return facts


def _top(data: Bytes) -> Iterator[tuple[bytes, int, int, bool]]:
    """The outermost boxes, and whether the file holds all of each."""
    at = 0
    for name, start, end in boxes(data, 0, len(data)):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        yield name, start, end, at + size <= len(data)
        at = end


def _index(data: Bytes, start: int, end: int, facts: AvFacts) -> AvFacts:
    left = iter(range(_MOST_BOXES))
    for _, (name, begin, close) in zip(left, boxes(data, start, end), strict=False):
        if name == b"mvhd":
            facts = replace(facts, length_ms=_milliseconds(data[begin : begin + 32]))
        elif name == b"trak":
            kind, codec = _track(_Stretch(data, begin, close), left, _DEPTH)
            if kind == b"vide" and not facts.video:
                facts = replace(facts, video=codec)
            elif kind == b"soun" and not facts.audio:
                facts = replace(facts, audio=codec)
    return facts


def _milliseconds(header: bytes) -> int:
    """Length of a movie header: version 0 has times of 4 bytes, version 1 of 8."""
    wide = header[:1] == b"\x01"
    scale_at, size = (20, 8) if wide else (12, 4)
    scale = int.from_bytes(header[scale_at : scale_at + 4], "big")
    length = int.from_bytes(header[scale_at + 4 : scale_at + 4 + size], "big")
    return round(length * 1000 / scale) if scale else 0


def _track(where: _Stretch, left: Iterator[int], depth: int) -> tuple[bytes, str]:
    """A track's kind and the name of its codec, such as ``avc1``; ``left`` counts the boxes that may be looked at."""
    kind, codec, data = b"", "", where.data
    for _, (name, begin, close) in zip(left, boxes(data, where.start, where.end), strict=False):
        if name in _HOLDERS and depth:
            inner = _track(_Stretch(data, begin, close), left, depth - 1)
            kind, codec = kind or inner[0], codec or inner[1]  # what lies deeper may tell of where the data are
        elif name == b"hdlr" and not kind:
            kind = bytes(data[begin + 8 : begin + 12])
        elif name == b"stsd":
            codec = bytes(data[begin + 12 : begin + 16]).decode("latin-1").strip() or "unknown"
    return kind, codec
