"""The HTTP body of a submission: the SOAP part and the MMS body, side by side in a multipart/related.

The rendition's chunks are passed on as they are: what is posted is never joined or copied here.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence

from slidewire.carriers.mm7.soap import CONTENT_ID
from slidewire.domain.frozen import frozen
from slidewire.domain.rendition import Rendition

#: Content-ID of the SOAP part.
SOAP_ID = "mm7-submit"
#: Bytes that overhead() allows for the rendition's Content-Type, which is not known when a budget is made.
TYPE_ALLOWANCE = 512
#: A boundary that nobody chose: a second try is already unheard of.
_TRIES = 8
#: Characters of a word that makes a boundary, and how many words are drawn at once.
WORD = 24
_WORDS_AHEAD = 64
#: A body of at most so many bytes is searched as one piece: a copy of it costs less than looking at every seam.
_ONE_PIECE = 262_144


@frozen
class Envelope:
    """A body ready to be posted."""

    content_type: str
    chunks: tuple[bytes, ...]
    size: int  #: bytes of all chunks


def words() -> Iterator[str]:
    """Words that nobody guesses, drawn many at once: each drawing is a call into the system."""
    while True:
        drawn = secrets.token_hex(WORD // 2 * _WORDS_AHEAD)
        yield from (drawn[at : at + WORD] for at in range(0, len(drawn), WORD))


def wrap(soap: bytes, rendition: Rendition, token: Callable[[], str]) -> Envelope:
    """The SOAP part and the rendition in one body. ``token`` gives random words for the boundary."""
    pieces = (soap, *rendition.chunks)
    boundary = _boundary((b"".join(pieces),) if rendition.size <= _ONE_PIECE else pieces, token)
    head, tail = _head(soap, rendition.content_type, boundary), _tail(boundary)
    content_type = f'multipart/related; boundary="{boundary}"; type="text/xml"; start="<{SOAP_ID}>"'
    return Envelope(content_type, (head, *rendition.chunks, tail), len(head) + rendition.size + len(tail))


def overhead(soap: bytes, token: str) -> int:
    """Bytes, at most, of everything around a rendition of any kind."""
    boundary = _named(token)
    return len(_head(soap, "", boundary)) + TYPE_ALLOWANCE + len(_tail(boundary))


def _head(soap: bytes, content_type: str, boundary: str) -> bytes:
    before = f'--{boundary}\r\nContent-Type: text/xml; charset="utf-8"\r\nContent-ID: <{SOAP_ID}>\r\n\r\n'
    after = f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-ID: <{CONTENT_ID}>\r\n\r\n"
    return b"".join((before.encode(), soap, after.encode()))


def _tail(boundary: str) -> bytes:
    return f"\r\n--{boundary}--\r\n".encode()


def _named(token: str) -> str:
    return f"slidewire-{token}"


def _boundary(pieces: Sequence[bytes], token: Callable[[], str]) -> str:
    """A boundary that is in no body."""
    for _ in range(_TRIES):
        boundary = _named(token())
        if not _holds(pieces, boundary.encode()):
            return boundary
    raise RuntimeError("the source of random words repeats itself")


def _holds(pieces: Sequence[bytes], word: bytes) -> bool:
    """Whether ``word`` is in ``pieces``, also across their seams."""
    width = len(word) - 1
    seam = b""
    for piece in pieces:
        if word in piece or word in seam + piece[:width]:
            return True
        seam = (seam + piece)[-width:] if len(piece) < width else piece[-width:]
    return False
