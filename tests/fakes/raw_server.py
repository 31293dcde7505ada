"""A TCP or TLS peer on loopback that does exactly what a script says, byte by byte.

    async with RawServer(answering(http_answer(b"hello"))) as server:
        await client.get(server.url("/path"))
    assert server.requests[0].body == b""

A script is an async function that is called with a Peer for every connection; when it returns, the connection
is closed. The ready ones are at the end of this file.
"""

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Received:
    """One HTTP request as it came."""

    line: str  #: POST /mm7 HTTP/1.1
    headers: dict[str, str]  #: names in lower case
    body: bytes
    connection: int  #: number of the connection it came over, the first is 0

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]


class Peer:
    """Our end of one connection."""

    def __init__(
        self, number: int, server: "RawServer", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.number = number
        self.server = server
        self.reader = reader
        self.writer = writer

    async def request_head(self) -> Received | None:
        """Read a request up to its empty line; None when the connection ended before."""
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        line, *rest = head.rstrip("\r\n").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (text.partition(":") for text in rest)}
        return Received(line, headers, b"", self.number)

    async def request(self) -> Received | None:
        """Read a whole request (its body by Content-Length) and note it; None when the connection ended before."""
        head = await self.request_head()
        if head is None:
            return None
        try:
            body = await self.reader.readexactly(int(head.headers.get("content-length", "0")))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        received = Received(head.line, head.headers, body, self.number)
        self.server.requests.append(received)
        return received

    async def send(self, *pieces: bytes) -> None:
        """Send each piece in a write of its own."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def gone(self) -> None:
        """Wait until the other side has closed, dropping what it sends."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass


Script = Callable[[Peer], Awaitable[None]]
#: Turns of the loop in which a connection that was accepted is handed over.
_TURNS = 4


class RawServer:
    """The listening peer. ``script`` may be changed while it runs; it holds from the next connection on."""

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        receive_buffer: int = 0,
    ) -> None:
        self.script = script
        self.requests: list[Received] = []  #: whole requests, in the order they came
        self.connections = 0  #: accepted so far
        self.open = 0  #: being served now
        self._tls = tls
        self._host = host
        self._receive_buffer = receive_buffer  #: bytes; small, so that a peer which never reads is soon felt
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    def url(self, path: str = "/", host: str = "") -> str:
        """An address of this server, under another host name where given."""
        name = host or (f"[{self._host}]" if ":" in self._host else self._host)
        return f"{'https' if self._tls else 'http'}://{name}:{self.port}{path}"

    async def __aenter__(self) -> Self:
        listener = socket.socket(socket.AF_INET6 if ":" in self._host else socket.AF_INET, socket.SOCK_STREAM)
        if self._receive_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        listener.bind((self._host, 0))
        self.port = listener.getsockname()[1]
        self._server = await asyncio.start_server(self._take, sock=listener, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        await nobody_more(self._server)
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(Peer(self.connections, self, reader, writer)))
        self.connections += 1
        self.open += 1
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._end(task, writer))

    def _end(self, task: asyncio.Task[None], writer: asyncio.StreamWriter) -> None:
        """Also of a task that was cancelled before it began."""
        self.open -= 1
        self._tasks.discard(task)
        if self._tls:
            writer.transport.abort()  # without waiting for the other side's goodbye
        writer.close()
        if not task.cancelled() and task.exception() is not None:
            task.get_loop().call_exception_handler({"message": "a script broke", "exception": task.exception()})

    async def _serve(self, peer: Peer) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            await self.script(peer)


async def nobody_more(server: asyncio.Server) -> None:
    """Accept nobody else, and wait until whoever was accepted is handed over: asyncio would lose that connection."""
    for listener in server.sockets:
        asyncio.get_running_loop().remove_reader(listener.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def http_answer(
    body: bytes = b"", status: str = "200 OK", headers: tuple[tuple[str, str], ...] = (), *, length: int | None = None
) -> bytes:
    """The bytes of a whole answer with Content-Length (a false one where ``length`` is given)."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*pieces: bytes, end: bool = True) -> bytes:
    """A chunked body; without its last chunk when ``end`` is false."""
    body = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return body + (b"0\r\n\r\n" if end else b"")


def answering(*answers: bytes, close: bool = False) -> Script:
    """Answer each request of a connection with the next of ``answers`` (the last again and again)."""

    async def script(peer: Peer) -> None:
        left = list(answers)
        while await peer.request() is not None:
            await peer.send(left.pop(0) if len(left) > 1 else left[0])
            if close:
                return

    return script


async def closing_at_once(peer: Peer) -> None:
    """Accept and close."""


async def silent(peer: Peer) -> None:
    """Read everything, never answer."""
    while await peer.request() is not None:
        pass


async def never_reading(peer: Peer) -> None:
    """Leave everything in the socket's buffers; stays until the server stops."""
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
    await asyncio.Event().wait()
