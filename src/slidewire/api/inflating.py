"""Bodies that come compressed: Content-Encoding is undone up to the cap of a request, so that a bomb ends there."""

import zlib

from slidewire.api.decoding import too_long, unreadable

#: How zlib is told the wrapping.
_WRAPPINGS = {b"gzip": 31, b"x-gzip": 31, b"deflate": 15}
#: Said of a body that is as it is.
_PLAIN = (b"", b"identity")


def inflated(body: bytes, encoding: bytes, limit: int) -> bytes:
    """``body`` without its Content-Encoding. Raises FaultError: E100 over ``limit`` bytes, E108 for damaged ones."""
    word = encoding.strip().lower()
    if word in _PLAIN:
        return body
    wrapping = _WRAPPINGS.get(word)
    if wrapping is None:
        raise unreadable(f"the content encoding {word[:40].decode('latin-1')} is not read here")
    inflate = zlib.decompressobj(wrapping)
    try:
        plain = inflate.decompress(body, limit + 1)
    except zlib.error:
        raise unreadable("the compressed body is damaged") from None
    if len(plain) > limit:
        raise too_long(limit)
    if not inflate.eof:
        raise unreadable("the compressed body ends too early")
    if inflate.unused_data:
        raise unreadable("something stands behind the compressed body")
    return plain
