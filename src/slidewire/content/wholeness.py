"""Whether a file has all the pixels that it speaks of: decoders fill up in silence what is missing (settled 18).

A PNG's rows are counted. A JPEG is decoded once more with something behind each of its scans: a decoder that has
all its pixels reads no further, so the picture may not change.
"""

import zlib
from typing import Final

from slidewire.content.shapes import CorruptError, jpeg_segments, png_chunks

#: Adam7: column and row where each pass begins, and its steps.
_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
#: Channels by colour type.
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE: Final = 3
#: Bytes inflated at once.
_PIECE: Final = 1 << 20
_SOS: Final = 0xDA
#: Bytes that no flat picture is packed as, and that are no mark.
_MORE: Final = bytes(range(1, 255, 2))


def check_rows(data: bytes) -> None:
    """Raise CorruptError for a PNG with fewer bytes of pixels than its header asks for, or without its palette."""
    chunks = list(png_chunks(data))
    start = chunks[0][1] + 8
    width, height = int.from_bytes(data[start : start + 4], "big"), int.from_bytes(data[start + 4 : start + 8], "big")
    depth, colour, interlaced = data[start + 8], data[start + 9], data[start + 12]
    bits = depth * _CHANNELS.get(colour, 0)
    if colour == _PALETTE:
        entries = sum(end - at - 12 for name, at, end in chunks if name == b"PLTE")
        if not 3 <= entries <= 3 * 256 or entries % 3:
            raise CorruptError("the PNG has no palette that can be read")
    wanted = sum(
        rows * (1 + -(-columns * bits // 8)) for columns, rows in _rasters(width, height, interlaced) if columns
    )
    packed = (memoryview(data)[at + 8 : end - 4] for name, at, end in chunks if name == b"IDAT")
    inflater, found = zlib.decompressobj(), 0
    try:
        for piece in packed:
            left: bytes | memoryview = piece
            while left and found < wanted:
                found += len(inflater.decompress(left, _PIECE))
                left = inflater.unconsumed_tail
    except zlib.error as error:
        raise CorruptError("the pixels of the PNG cannot be unpacked") from error
    if found < wanted:
        raise CorruptError("the PNG lacks some of its rows")


def _rasters(width: int, height: int, interlaced: int) -> list[tuple[int, int]]:
    """Columns and rows of the whole picture, or of each pass."""
    if not interlaced:
        return [(width, height)]
    return [
        (-(-max(width - left, 0) // across), -(-max(height - top, 0) // down)) for left, top, across, down in _PASSES
    ]


def lengthened(jpeg: bytes) -> bytes:
    """The JPEG with bytes behind the pixels of each scan; raises CorruptError."""
    out, at = [], 0
    for segment in jpeg_segments(jpeg):
        if segment.marker == _SOS:
            out += [jpeg[at : segment.end], _MORE]
            at = segment.end
    return b"".join((*out, jpeg[at:]))
