"""Undoing the Content-Encoding of an answer, in pieces of bounded size.

We ask for identity; an origin that compresses all the same is understood, and the caller's cap counts
inflated bytes, so that a bomb ends at the cap (settled 17).
"""

import zlib
from collections.abc import Iterator

#: Inflated bytes given out at once.
PIECE = 65536
_MAGIC = b"\x1f\x8b"
_GZIP = frozenset({"gzip", "x-gzip"})
#: How zlib is told the wrapping.
_GZIP_WRAPPED, _ZLIB_WRAPPED, _BARE = 31, 15, -15


class DamagedError(Exception):
    """The compressed bytes are broken or end too early."""


class Inflater:
    """One answer's decoder. Encodings that it does not know (and false labels) pass through unchanged."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._inflate: zlib._Decompress | None = None
        self._started = False

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Give what ``chunk`` holds, at most PIECE bytes at a time; raises DamagedError."""
        if not self._started and chunk:
            self._started = True
            wrapping = _wrapping(self._encoding, chunk)
            self._inflate = None if wrapping is None else zlib.decompressobj(wrapping)
        if self._inflate is None:
            yield chunk
            return
        while not self._inflate.eof:
            try:
                piece = self._inflate.decompress(chunk, PIECE)
            except zlib.error as error:
                raise DamagedError(str(error)) from None
            if piece:
                yield piece
            chunk = self._inflate.unconsumed_tail
            if not (chunk or self._inflate.eof or len(piece) == PIECE):
                return  # a full piece may have more behind it even when all input is taken
        if (self._inflate.unused_data or chunk).startswith(_MAGIC):
            # Thousands of tiny members would cost seconds; and taking the first alone would cut silently.
            raise DamagedError("the compressed answer has several members")

    def finish(self) -> None:
        """Raise DamagedError when the compressed bytes had not come to their end."""
        if self._inflate is not None and not self._inflate.eof:
            raise DamagedError("the compressed answer ends too early")


def _wrapping(encoding: str, start: bytes) -> int | None:
    """What to undo: by the label, where the first bytes do not contradict it."""
    if encoding in _GZIP:
        return _GZIP_WRAPPED if start.startswith(_MAGIC[:1]) else None
    if encoding == "deflate":
        # By the standard in zlib's wrapping; some servers send it bare.
        return _ZLIB_WRAPPED if start[0] & 0x0F == 8 else _BARE
    return None
