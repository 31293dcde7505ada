"""One bind kept up: connect, bind, ask whether the peer is there, come back when it is not, say goodbye at the end.

Who submits while it is down hears so at once, with the reason; nothing waits for a peer that may not return.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from slidewire.carriers.smpp import status
from slidewire.carriers.smpp.link import Link, LinkBroken, Taker
from slidewire.carriers.smpp.pdu import BindRequest, Command, Pdu, write_bind
from slidewire.outbound.address import ParsedUrl
from slidewire.outbound.dial import Dialer
from slidewire.outbound.resolve import NotResolved

_LOG = structlog.get_logger(__name__)

#: Seconds until the next try to connect, the last again and again; each made longer by up to JITTER of itself.
BACKOFF = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
JITTER = 0.25
#: Seconds, at least, after a peer did not let us in: who hammers is locked out (standards.md 5.1).
REFUSED_PAUSE = 30.0
#: Seconds that a bind must last to count as good: one that falls at once keeps backing off.
GOOD_AFTER = 5.0
#: Seconds that a peer may take to answer a goodbye.
GOODBYE = 2.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Where the SMSC is and how to be let in."""

    route: str  #: for logs
    host: str
    port: int
    tls: bool
    command: Command  #: which bind
    bind: BindRequest
    timeout: float = 30.0  #: seconds for connecting, and for each answer
    enquire_link: float = 30.0  #: seconds of silence after which the link is tried


@dataclass(frozen=True, slots=True)
class Means:
    """What a session needs of the world."""

    dialer: Dialer
    jitter: Callable[[], float]  #: from 0 to 1
    taker: Taker
    backoff: tuple[float, ...] = BACKOFF


class NotBound(Exception):  # noqa: N818 - named for what it says
    """There is no bind now. ``refused``: the peer does not want us, a setting must be mended."""

    def __init__(self, words: str, *, refused: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.refused = refused


class Session:
    """One bind. ``start`` it once; ``ask`` while it lives; ``close`` it."""

    def __init__(self, peer: Peer, means: Means) -> None:
        self._peer = peer
        self._means = means
        self._link: Link | None = None
        self._down = NotBound("not connected yet")
        self._tried = asyncio.Event()  # set while there is nothing to wait for: bound, or waiting to try again
        self._keeper: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def bound(self) -> bool:
        """Whether it is up."""
        return self._link is not None

    def start(self) -> None:
        """Begin to connect; comes back at once, and may be called again."""
        if self._keeper is None and not self._closed:
            self._keeper = asyncio.create_task(self._keep())

    async def ask(self, command: Command, body: bytes, seconds: float) -> Pdu:
        """Send a request over the bind and wait for its answer. Raises NotBound or LinkBroken."""
        if self._closed:
            raise NotBound("closed")
        self.start()
        if not self._tried.is_set():
            try:
                await asyncio.wait_for(self._tried.wait(), seconds)
            except TimeoutError:
                raise NotBound(f"not bound within {seconds:g} s") from None
        if self._link is None:
            raise NotBound(self._down.words, refused=self._down.refused)  # a new one: tracebacks grow
        return await self._link.ask(command, body, seconds)

    async def close(self) -> None:
        """Unbind and stop."""
        self._closed = True
        if self._link is not None:
            await self._link.goodbye(GOODBYE)
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        self._down = NotBound("closed")
        self._tried.set()

    async def _keep(self) -> None:
        failures = 0
        while not self._closed:
            self._tried.clear()
            lasted = 0.0
            try:
                lasted = await self._live()
            except NotBound as down:
                self._down = down
                _LOG.warning("smpp bind failed", route=self._peer.route, reason=down.words, refused=down.refused)
            failures = 1 if lasted >= GOOD_AFTER else failures + 1
            self._tried.set()
            await asyncio.sleep(self._pause(failures))

    def _pause(self, failures: int) -> float:
        pause = self._means.backoff[min(failures, len(self._means.backoff)) - 1]
        if self._down.refused and self._means.backoff:
            pause = max(pause, min(REFUSED_PAUSE, self._means.backoff[-1]))
        return pause * (1 + JITTER * self._means.jitter())

    async def _live(self) -> float:
        """Connect, bind and stay until the link ends: for how many seconds. Raises NotBound."""
        loop = asyncio.get_running_loop()
        link = await self._connect()
        try:
            await self._bind(link)
            began = loop.time()
            self._link = link
            self._tried.set()
            _LOG.info("smpp bound", route=self._peer.route, kind=self._peer.command.name.lower())
            await self._watch(link)
            self._down = NotBound(link.why)
            _LOG.warning("smpp link ended", route=self._peer.route, reason=link.why)
            return loop.time() - began
        finally:
            self._link = None
            link.abort("closed by us")

    async def _connect(self) -> Link:
        peer, dialer = self._peer, self._means.dialer
        loop = asyncio.get_running_loop()
        deadline = loop.time() + peer.timeout
        try:
            origin = ParsedUrl("smpp", peer.host, peer.port, "")
            made = await dialer.connect(origin, "", deadline)
            try:
                async with asyncio.timeout_at(deadline):
                    context = dialer.tls if peer.tls else None
                    host = peer.host if peer.tls else None
                    _, link = await loop.create_connection(
                        lambda: Link(self._means.taker), sock=made, ssl=context, server_hostname=host
                    )
            except BaseException:
                made.close()
                raise
        except (OSError, ssl.SSLError, NotResolved) as error:  # TimeoutError too
            raise NotBound(f"no connection: {type(error).__name__}: {error}") from None
        return link

    async def _bind(self, link: Link) -> None:
        try:
            answer = await link.ask(self._peer.command, write_bind(self._peer.bind), self._peer.timeout)
        except LinkBroken as broken:
            raise NotBound(f"bind: {broken.words}") from None
        if answer.status != status.OK:
            meaning = status.judge(answer.status, {})
            raise NotBound(f"bind: {status.describe(answer.status)}", refused=meaning.alarm)

    async def _watch(self, link: Link) -> None:
        """Until the link ends: after a silence, ask whether the peer is still there."""
        loop = asyncio.get_running_loop()
        while not link.ended.is_set():
            silence = loop.time() - link.heard_at
            if silence < self._peer.enquire_link:
                with suppress(TimeoutError):
                    await asyncio.wait_for(link.ended.wait(), self._peer.enquire_link - silence)
                continue
            try:
                await link.ask(Command.ENQUIRE_LINK, b"", self._peer.timeout)
            except LinkBroken as broken:
                link.abort(f"enquire_link: {broken.words}")
                await link.ended.wait()
