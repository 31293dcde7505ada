"""A media origin on loopback: pages with settable behaviour, every request remembered.

async with Origin() as origin:
    address = origin.page("/cat.jpg", Page(JPEG, content_type="image/jpeg"))
    ...
assert origin.hits("/cat.jpg") == 1
"""

import asyncio
from dataclasses import dataclass, replace
from ssl import SSLContext
from typing import Self

from tests.fakes.raw_server import Peer, RawServer, Received, chunked

#: Passes for a JPEG by its first bytes only.
JPEG_START = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"


@dataclass(frozen=True, slots=True)
class Page:
    """What the origin does when one path is asked for."""

    body: bytes = JPEG_START
    status: str = "200 OK"
    content_type: str = "image/jpeg"  #: empty: no such header
    headers: tuple[tuple[str, str], ...] = ()
    chunked: bool = False  #: in chunks of 16 kB instead of Content-Length
    until_close: bool = False  #: neither: the end of the connection ends the body
    length: int | None = None  #: a false Content-Length
    cut_after: int | None = None  #: close after so many bytes of the body
    reset: bool = False  #: end a cut body with RST
    piece: int = 0  #: send the body in pieces of so many bytes ...
    pause: float = 0.0  #: ... with so many seconds after each
    delay: float = 0.0  #: seconds before the first byte
    wants: tuple[tuple[str, str], ...] = ()  #: headers that a request must carry; 401 without them

    @classmethod
    def redirect(cls, to: str, status: str = "302 Found") -> Self:
        return cls(body=b"", status=status, content_type="", headers=(("Location", to),))


class Origin:
    """The server. Unknown paths answer 404."""

    def __init__(self, *, tls: SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.raw = RawServer(self._script, tls=tls, host=host)
        self._pages: dict[str, Page] = {}

    @property
    def port(self) -> int:
        return self.raw.port

    @property
    def requests(self) -> list[Received]:
        return self.raw.requests

    def url(self, path: str = "/", host: str = "") -> str:
        return self.raw.url(path, host)

    def page(self, path: str, page: Page) -> str:
        """Set or replace a page (by path, whatever the query) and give its address."""
        self._pages[path] = page
        return self.url(path)

    def hits(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(_path(request) == path for request in self.requests)

    async def __aenter__(self) -> Self:
        await self.raw.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.raw.__aexit__()

    async def _script(self, peer: Peer) -> None:
        while (request := await peer.request()) is not None:
            page = self._pages.get(_path(request), Page(b"not here", "404 Not Found", "text/plain"))
            if any(request.headers.get(name.lower()) != value for name, value in page.wants):
                page = Page(b"who are you?", "401 Unauthorized", "text/plain")
            if page.delay:
                await asyncio.sleep(page.delay)
            await _send(peer, page)
            if page.until_close or page.cut_after is not None:
                if page.reset:
                    peer.reset()
                return


def _path(request: Received) -> str:
    return request.target.partition("?")[0]


async def _send(peer: Peer, page: Page) -> None:
    head = [f"HTTP/1.1 {page.status}"]
    if page.content_type:
        head.append(f"Content-Type: {page.content_type}")
    if page.chunked:
        head.append("Transfer-Encoding: chunked")
    elif not page.until_close:
        head.append(f"Content-Length: {len(page.body) if page.length is None else page.length}")
    head += [f"{name}: {value}" for name, value in page.headers]
    await peer.send("\r\n".join(head).encode("latin-1") + b"\r\n\r\n")
    body = page.body if page.cut_after is None else page.body[: page.cut_after]
    step = page.piece or 16384
    for start in range(0, len(body), step):
        piece = body[start : start + step]
        await peer.send(chunked(piece, end=False) if page.chunked else piece)
        if page.pause:
            await asyncio.sleep(page.pause)
    if page.chunked and page.cut_after is None:
        await peer.send(chunked())


def endless(size: int) -> Page:
    """A chunked page of ``size`` zero bytes: for caps."""
    return replace(Page(chunked=True), body=bytes(size))
