"""The demo's own small web server on loopback: it serves the picture and catches postbacks. And a GET beside it.

One request a connection, ten seconds for each: it never stands in the way of stopping.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import socket

#: Bytes of a posted body that are read; postbacks are far smaller.
_MOST_BODY = 1_000_000
_PATIENCE = 10.0
#: Ports below those that systems give to whoever asks for any (Linux: from 32768 on).
_OURS = (15_000, 32_000)


@dataclass(frozen=True, slots=True)
class File:
    """What one path is answered with."""

    type: str
    body: bytes


class Loopback:
    """``async with`` it; ``url`` leads to it. ``posts`` holds the bodies that were posted, in their order."""

    def __init__(self, port: int = 0, on_post: Callable[[bytes], None] | None = None) -> None:
        """Port 0 takes a free one; ``on_post`` is told of every body as it comes."""
        self.files: dict[str, File] = {}
        self.posts: list[bytes] = []
        self.hits = 0  #: files that were asked for
        self.port = port
        self._on_post = on_post
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Its address, without a slash at the end; known once started."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                writer.write(await self._answer(head, reader))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # whoever called hung up or spoke no HTTP: nobody is left to be told
        finally:
            writer.close()

    async def _answer(self, head: str, reader: asyncio.StreamReader) -> bytes:
        """The whole answer to one request. Raises ValueError for what is no HTTP."""
        first, *lines = head.splitlines()
        method, path, _ = first.split(" ", 2)
        if method == "POST":
            headers = dict(line.lower().split(":", 1) for line in lines if ":" in line)
            size = int(headers.get("content-length", "0"))
            if not 0 <= size <= _MOST_BODY:
                return _written("413 Content Too Large", File("text/plain", b"too much\n"))
            self._keep(await reader.readexactly(size))
            return _written("200 OK", File("text/plain", b"thank you\n"))
        file = self.files.get(path.partition("?")[0])
        if method != "GET" or file is None:
            return _written("404 Not Found", File("text/plain", b"there is nothing here\n"))
        self.hits += 1
        return _written("200 OK", file)

    def _keep(self, body: bytes) -> None:
        self.posts.append(body)
        if self._on_post is not None:
            self._on_post(body)


def _written(status: str, file: File) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {file.type}\r\nContent-Length: {len(file.body)}\r\nConnection: close"
    return head.encode() + b"\r\n\r\n" + file.body


async def get(url: str) -> bytes:
    """The body behind a loopback address. Raises OSError when it is not answered with 200."""
    host, _, path = url.removeprefix("http://").partition("/")
    name, _, port = host.partition(":")
    async with asyncio.timeout(_PATIENCE):
        reader, writer = await asyncio.open_connection(name, int(port))
        try:
            writer.write(f"GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        finally:
            writer.close()
    status = head.split(b" ", 2)[1:2]
    if status != [b"200"]:
        raise OSError(f"{url} answered {b''.join(status).decode('latin-1') or 'nothing'}")
    return body


def free_port() -> int:
    """A port of 127.0.0.1 for a server that takes it within a minute: nobody who asks here is given it meanwhile.

    Below those that the system chooses from: such a port is free only until it chooses again, for a connection too.
    """
    import secrets
    import socket

    first, end = _OURS
    while True:
        port = first + secrets.randbelow(end - first)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _leave_waiting(probe)
        return port


def _leave_waiting(server: "socket.socket") -> None:
    """Have ``server``'s port in TIME_WAIT: servers may take it (they set SO_REUSEADDR), this module's bind may not."""
    import socket

    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.listen(1)
    with socket.create_connection(server.getsockname()) as caller:
        server.accept()[0].close()  # who closes first waits
        caller.recv(1)
