"""uvicorn with its holes closed: header bytes and time, body time and rate, connections per address (security 14).

Everything is measured in the protocol; nothing here knows what is served.
"""

import contextlib
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import TYPE_CHECKING, Any, ClassVar, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from slidewire.api.exchange import Exchange, GentleTransport
from slidewire.domain.networks import Network, lies_in, read_address

if TYPE_CHECKING:
    import asyncio

App = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[MutableMapping[str, Any]], Awaitable[None]]],
    Awaitable[None],
]
_BACKLOG = 2048
_TICKS_A_SECOND = 10  #: of uvicorn's main loop
#: Framing of a chunked body that is not body: so many bytes for each of the body, and so many besides.
_FRAMING_FACTOR, _FRAMING_BYTES = 8, 65_536
_MOST_PIPELINED = 16


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of us one connection may take. Times in seconds."""

    header_bytes: int = 16_384  #: of the request line and all headers
    header_time: float = 10.0  #: from the first byte (or the connection) to the last header
    body_time: float = 60.0  #: for a whole body
    body_rate: float = 1_000.0  #: bytes a second at least, after the first `header_time`
    drained: int = 8_000_000  #: bytes of a body that are read on after it was answered, and its connection kept
    linger: float = 3.0  #: a client that still sends when we have ended reads our answer within so long
    answer_time: float = 30.0  #: for a client to take our answer
    keep_alive: int = 15  #: a connection rests so long between two requests
    farewell: float = 0.0  #: when the server ends: one that rests may ask once more within so long
    per_address: int = 512  #: connections from one address at once; 0: any number
    loopback_free: bool = True  #: loopback addresses are not counted
    uncounted: tuple[Network, ...] = ()  #: nor are these: proxies, which bound their own clients


@unique
class _Stage(Enum):
    """What a connection waits for."""

    HEADER = "header"
    BODY = "body"
    ANSWER = "answer"
    REST = "rest"  #: between two requests; the first header is waited for as if it had begun
    LINGER = "linger"  #: for the client to end, too; what it still sends is dropped


class _RefusedError(Exception):
    """The request is refused on sight of its header."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Subclassed by make_server, which gives it its bounds and the count of its neighbours."""

    bounds: ClassVar[Bounds]
    neighbours: ClassVar[Counter[str]]

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]  # as uvicorn's
        """Count the connection; one too many is cut at once."""
        super().connection_made(transport)
        self._stage = _Stage.HEADER
        self._since = self.loop.time()
        self._stuck_since = 0.0  # since when the client takes no answer; 0: it does
        self._chunk = 0  # bytes of the chunk that the parser has now
        self._turned = False  # whether a header became whole inside that chunk: then most of it is something else
        self._header = 0  # bytes of a header that is not whole yet, the present chunk not counted
        self._raw = self._body = 0  # bytes of a body, with its framing and without
        self._too_long = self._offers = False  # of the header that was read last: its length, and an Upgrade in it
        self._method = b""
        self._gentle = GentleTransport(transport, self.close_gently)
        self._is_last = False  # whether the next answer ends the connection
        self._address = self.client[0] if self.client else ""
        self.neighbours[self._address] += 1
        limit = self.bounds.per_address
        if limit and self.neighbours[self._address] > limit and not self._is_free():
            transport.abort()

    def _is_free(self) -> bool:
        here = read_address(self._address)
        if here is None:
            return True  # a local socket has no address
        return (self.bounds.loopback_free and here.is_loopback) or lies_in(here, self.bounds.uncounted)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.neighbours[self._address] -= 1
        if self.neighbours[self._address] <= 0:
            del self.neighbours[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, then see how much of a header or body has come that is not whole."""
        if self._stage is _Stage.LINGER:
            return
        mixed = self._stage is not _Stage.HEADER and self._stage is not _Stage.REST  # a set would hash it
        self._chunk, self._turned = len(data), False
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        if self.transport.is_closing():
            return
        if self._stage is _Stage.HEADER:
            self._header = 0 if mixed or self._turned else self._header + self._chunk
            if self._header > self.bounds.header_bytes:
                self._refuse_header()
        elif self._stage is _Stage.BODY and not self._turned:
            self._raw += self._chunk
            if self._raw > _FRAMING_FACTOR * self._body + _FRAMING_BYTES:
                self.transport.abort()

    def _feed(self, data: bytes) -> None:
        """Parse. An offer to speak another protocol is read once more without it: the parser would drop the body.

        Some clients offer HTTP/2 with every request.
        """
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._without_offer() + data[offer.args[0] :]
            else:
                return

    def _without_offer(self) -> bytes:
        """The head that was read last, without its Upgrade."""
        lines = [self._method + b" " + self.url + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def on_message_begin(self) -> None:
        """A header begins."""
        super().on_message_begin()
        if self._stage is not _Stage.HEADER:
            self._enter(_Stage.HEADER)

    def on_headers_complete(self) -> None:
        """A header is whole. Raises when it is refused: the parser stops, and send_400_response answers."""
        bound = self.bounds.header_bytes
        self._too_long = self._header + self._chunk > bound and self._header_size() > bound
        self._offers = self.parser.should_upgrade()
        self._method = self.parser.get_method() if self._offers else b""
        if self._too_long or self._method == b"CONNECT" or len(self.pipeline) >= _MOST_PIPELINED:
            raise _RefusedError
        if self._offers:
            return  # it comes again without the offer
        self._turned = True
        self._header = self._raw = self._body = 0
        self._enter(_Stage.BODY)
        self._begin_exchange()

    def _begin_exchange(self) -> None:
        """Have the request answered, behind those that came before it."""
        former, self.cycle = self.cycle, Exchange.on(self, self._gentle, is_last=self._is_last)
        if former is None or former.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _header_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        """Some of the body; of one that was answered already only so much is read on."""
        self._body += len(body)
        if self._body > self.bounds.drained and self.cycle.response_complete:
            self._linger()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._offers:
            return
        super().on_message_complete()
        self._enter(_Stage.REST if self.cycle.response_complete else _Stage.ANSWER)

    def on_response_complete(self) -> None:
        """An answer has left."""
        is_last = not self.pipeline
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
        if self._stage is _Stage.ANSWER and is_last:
            self._enter(_Stage.REST)
        elif self._stage is _Stage.BODY and self.expect_100_continue and not self._body:
            self._linger()  # refused before the body was asked for: it may never come

    def _refuse_header(self) -> None:
        self._too_long = True
        self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        """The header cannot be taken: said plainly, then closed."""
        status = b"431 Request Header Fields Too Large" if self._too_long else b"400 Bad Request"
        text = b"" if self._too_long else msg.encode()
        head = b"\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(text)
        self.transport.write(b"HTTP/1.1 " + status + head + text)
        self._linger()

    def close_gently(self) -> None:
        """Close, but not in the middle of what the client sends: it would see a reset instead of the answer."""
        if self._stage is _Stage.BODY:
            self._linger()
        else:
            self.transport.close()

    def _linger(self) -> None:
        """Say that we have ended; read on for a moment, so that nothing lies unread when the connection is closed."""
        if self._stage is _Stage.LINGER or self.transport.is_closing():
            return
        self._enter(_Stage.LINGER)
        for cycle in (self.cycle, *(each for each, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:  # nobody hears its answer any more
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        self.flow.resume_reading()
        self.transport.write_eof()

    def pause_writing(self) -> None:
        """The client does not take what we write."""
        super().pause_writing()
        self._stuck_since = self.loop.time()

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        self._stuck_since = 0.0

    def _enter(self, stage: _Stage) -> None:
        self._stage = stage
        self._since = self.loop.time()

    def is_overdue(self, now: float) -> bool:
        """Whether the client has had its time. ``now`` is the loop's."""
        bounds = self.bounds
        if self._stuck_since and now - self._stuck_since > bounds.answer_time:
            return True
        waited = now - self._since
        if self._stage is _Stage.LINGER:
            return waited > bounds.linger
        if self._stage is _Stage.HEADER:
            return waited > bounds.header_time and not self.flow.read_paused
        if self._stage is _Stage.BODY and not self.flow.read_paused:
            rate_broken = waited > bounds.header_time and self._body < waited * bounds.body_rate
            return waited > bounds.body_time or rate_broken
        return self._stage is _Stage.REST and waited > bounds.keep_alive

    def shutdown(self) -> None:
        """The server ends. What rests is not closed at once: a request may be on its way to it."""
        if not self.bounds.farewell or self._stage not in {_Stage.HEADER, _Stage.REST}:
            super().shutdown()
            return
        self._is_last = True
        self.loop.call_later(self.bounds.farewell, self._close_resting)

    def _close_resting(self) -> None:
        if self._stage in {_Stage.HEADER, _Stage.REST}:
            self.transport.close()

    def cut(self) -> None:
        """End the connection now."""
        self.transport.abort()


class Server(uvicorn.Server):
    """uvicorn's server, leaving signals to whoever runs it and looking after its connections once a second."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: the runtime owns signals."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Cut what is overdue."""
        if counter % _TICKS_A_SECOND == 0 and self.server_state.connections:
            connections = cast("list[BoundedProtocol]", list(self.server_state.connections))
            now = connections[0].loop.time()
            for connection in connections:
                if connection.is_overdue(now):
                    connection.cut()
        return await super().on_tick(counter)


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port`` (0: any free one), for ``Server.serve(sockets=[...])``.

    Its protocol is named, or the standard loop leaves Nagle's algorithm on and stalls 44 ms (performance 12).
    Raises OSError.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def make_server(app: App, bounds: Bounds | None = None, *, stop_grace: int = 30) -> Server:
    """A server for ``app``: run it with ``serve(sockets=[bind(...)])``, end it with ``should_exit = True``.

    ``stop_grace``: seconds that requests under way have when it ends.
    """
    limits = bounds or Bounds()

    class Protocol(BoundedProtocol):
        bounds = limits
        neighbours: ClassVar[Counter[str]] = Counter()

    config = uvicorn.Config(
        cast("Any", app),
        http=Protocol,
        loop="none",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,  # or X-Forwarded-For from loopback would forge the address (E112)
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=stop_grace,
    )
    return Server(config)
