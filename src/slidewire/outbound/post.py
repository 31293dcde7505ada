"""Our own keep-alive POST client, for MM7, postbacks and operator look-ups, which may be a GET (performance 1).

A request is sent once over one connection; what a failure means is told exactly by its Phase (durability 3).
Nothing is resent silently, redirects are not followed, cookies and the environment are not looked at.
"""

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from slidewire.outbound.address import BadAddress, ParsedUrl, check_url
from slidewire.outbound.answer import AnswerCaps, Phase, PostFailed, Reply
from slidewire.outbound.connection import Connection
from slidewire.outbound.dial import Dialer
from slidewire.outbound.guard import Refused
from slidewire.outbound.pool import Pool
from slidewire.outbound.resolve import NotResolved

__all__ = ["AnswerCaps", "Dialer", "Phase", "PostClient", "PostFailed", "PostLimits", "PostRequest", "Reply"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
#: Headers that this client writes itself, or that would change how the message is framed.
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"})


@dataclass(frozen=True, slots=True)
class PostLimits:
    """Bounds of one client; times in seconds."""

    connections: int = 8  #: to one origin at once
    idle: float = 4.0  #: a connection that rested so long is closed; below the peer's keep-alive (durability 3)
    connect: float = 5.0  #: for one connection: name, TCP and TLS
    total: float = 30.0  #: for one request, the wait for a free connection included
    answer: AnswerCaps = field(default_factory=AnswerCaps)


@dataclass(frozen=True, slots=True)
class PostRequest:
    """One POST. The body may come in pieces, which are written as they are. A GET has none."""

    url: str
    body: bytes | Sequence[bytes]
    headers: tuple[tuple[str, str], ...] = ()
    account: str = ""  #: on whose behalf the name is resolved (security 3)
    total: float | None = None  #: seconds; None: the client's
    method: str = "POST"  #: or "GET"


class PostClient:
    """A pool of connections for each origin. ``busy`` counts the requests under way."""

    def __init__(self, dialer: Dialer, limits: PostLimits | None = None) -> None:
        self._dialer = dialer
        self._limits = limits or PostLimits()
        self._pools: dict[str, Pool] = {}
        self._start = lru_cache(1024)(_start)
        self._name = lru_cache(256)(_name)
        self._closed = False
        self.busy = 0

    async def post(self, request: PostRequest) -> Reply:
        """Send one request and read its answer.

        Raises PostFailed, and ValueError for headers that cannot be written.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        deadline = started + (self._limits.total if request.total is None else request.total)
        origin, pieces = self._written(request)
        pool = self._pools.get(origin.origin) or self._new_pool(origin.origin)
        self.busy += 1
        try:
            connection = pool.resting() or await self._connected(pool, origin, request.account, deadline)
            try:
                return await connection.exchange(pieces, started, deadline)
            finally:
                pool.give_back(connection)
        finally:
            self.busy -= 1

    def open_connections(self, url: str) -> int:
        """Connections to that address's origin, busy, resting or being made."""
        pool = self._pools.get(check_url(url).origin)
        return pool.open if pool is not None else 0

    async def close(self) -> None:
        """Close every connection; requests under way fail by their phase, later ones as NOT_CONNECTED."""
        self._closed = True
        for pool in tuple(self._pools.values()):
            pool.close()
        await asyncio.sleep(0)  # the transports close in the loop's next turn

    def _written(self, request: PostRequest) -> tuple[ParsedUrl, list[bytes]]:
        """The request's origin and its bytes, a POST always with Content-Length."""
        try:
            origin, start = self._start(request.method, request.url)
        except BadAddress as error:
            raise PostFailed(Phase.REFUSED, str(error)) from None
        body = (request.body,) if isinstance(request.body, bytes) else request.body
        lines = [b"%b%b\r\n" % (self._name(name), _value(name, value)) for name, value in request.headers]
        if request.method == "GET":
            return origin, [b"".join((start, *lines, b"\r\n"))]
        length = b"Content-Length: %d\r\n\r\n" % sum(map(len, body))
        return origin, [b"".join((start, *lines, length)), *body]

    def _new_pool(self, origin: str) -> Pool:
        def forget() -> None:
            self._pools.pop(origin, None)

        pool = self._pools[origin] = Pool(self._limits.connections, self._limits.idle, forget)
        return pool

    async def _connected(self, pool: Pool, origin: ParsedUrl, account: str, deadline: float) -> Connection:
        """A connection that came free, or a new one; raises PostFailed with nothing sent."""
        try:
            async with asyncio.timeout_at(deadline):
                connection = await pool.turn()
        except TimeoutError:
            raise PostFailed(Phase.NOT_CONNECTED, "no connection came free in time") from None
        if connection is not None:
            return connection
        try:
            connection = await self._dial(pool, origin, account, deadline)
        except BaseException as error:
            pool.slot_free()
            failure = _not_connected(error)
            if failure is None:
                raise
            raise failure from None  # the foreign error's text names addresses
        return connection

    async def _dial(self, pool: Pool, origin: ParsedUrl, account: str, deadline: float) -> Connection:
        if self._closed:
            raise PostFailed(Phase.NOT_CONNECTED, "the client is closed")
        loop = asyncio.get_running_loop()
        deadline = min(deadline, loop.time() + self._limits.connect)
        sock = await self._dialer.connect(origin, account, deadline)
        try:
            connection = Connection(sock, self._dialer.tls_for(origin), self._limits.answer)
        except BaseException:
            sock.close()
            raise
        pool.took(connection)
        try:
            async with asyncio.timeout_at(deadline):
                await loop.create_connection(lambda: connection, sock=sock)
                await connection.ready
        except BaseException:
            pool.failed(connection)
            raise
        return connection


def _start(method: str, url: str) -> tuple[ParsedUrl, bytes]:
    """The address and how each request to it begins; raises BadAddress."""
    origin = check_url(url)
    return origin, f"{method} {origin.target} HTTP/1.1\r\nHost: {origin.authority}\r\n".encode("ascii")


def _name(name: str) -> bytes:
    """How a header's line begins; raises ValueError for a name that would break out of it or belongs to us."""
    if not _NAME.fullmatch(name):
        raise _unwritable(name)
    if name.lower() in _OURS:
        raise ValueError(f"header {name!r} is written by the client itself")
    return f"{name}: ".encode("ascii")


def _value(name: str, value: str) -> bytes:
    """What a header says; raises ValueError for what would break out of its line."""
    if not (value.isascii() and value.isprintable()) and not _VALUE.fullmatch(value):
        raise _unwritable(name)
    return value.encode("latin-1")


def _unwritable(name: str) -> ValueError:
    return ValueError(f"header {name!r} cannot be written: it has a line break or another control character")


def _not_connected(error: BaseException) -> PostFailed | None:
    """What a failed attempt to connect means, in our words; None for bugs and cancellation."""
    if isinstance(error, PostFailed):
        return error
    if isinstance(error, Refused):
        return PostFailed(Phase.REFUSED, error.reason)
    if isinstance(error, TimeoutError):
        return PostFailed(Phase.NOT_CONNECTED, "no connection in time")
    if isinstance(error, NotResolved):
        return PostFailed(Phase.NOT_CONNECTED, "the host name was not found")
    if isinstance(error, OSError):
        words = os.strerror(error.errno) if error.errno else "no connection"
        return PostFailed(Phase.NOT_CONNECTED, words)
    return None
