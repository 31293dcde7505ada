"""Making connections for the POST client: names, guard, sockets, TLS.

TLS runs through memory buffers of our own, so that every byte lies in the one transport whose write buffer
tells whether a request has wholly left us (durability 3); asyncio's TLS transport hides that.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from slidewire.outbound.address import ParsedUrl
from slidewire.outbound.guard import Guard, Refused
from slidewire.outbound.resolve import Resolver

#: Plain bytes taken out of TLS at once: more than a record holds.
_TLS_READ = 65536


@dataclass(frozen=True, slots=True)
class Dialer:
    """How connections are made. ``guard`` is for addresses that customers give (postbacks); routes have none."""

    resolver: Resolver
    guard: Guard | None = None
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)  #: for https; the system's authorities

    async def connect(self, origin: ParsedUrl, account: str, deadline: float) -> socket.socket:
        """Connect to the first address of the host that lets us, before ``deadline`` (the loop's time).

        Raises Refused when the guard lets none pass, NotResolved, TimeoutError or OSError.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout_at(deadline):
            addresses = await self.resolver.addresses(origin.host, account)
        failure: OSError = OSError("the host has no address")
        for tried, ip in enumerate(addresses):
            share = (deadline - loop.time()) / (len(addresses) - tried)  # one dead address leaves time for the next
            try:
                async with asyncio.timeout(share):
                    return await self._connect(ip, origin.port)
            except Refused as error:
                failure = failure if tried else error  # a real attempt's error tells more than a refusal
            except OSError as error:  # TimeoutError too
                failure = error
        raise failure

    async def _connect(self, ip: str, port: int) -> socket.socket:
        if self.guard is not None:
            self.guard.check(ip, port)  # security 1: on the address that the next line connects to
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            made.setblocking(False)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.get_running_loop().sock_connect(made, (ip, port))
        except BaseException:
            made.close()
            raise
        return made

    def tls_for(self, origin: ParsedUrl) -> "TlsLayer | None":
        """The TLS of a new connection, verified for the host's name; None for plain http."""
        if not origin.secure:
            return None
        return TlsLayer(self.tls, origin.host)


class TlsLayer:
    """A client's TLS between two buffers: ciphertext in, plain bytes out, and the other way round."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.ready = False  #: the handshake is done, the peer's certificate verified
        self.ended = False  #: the peer has said goodbye; it may keep TCP open until we close

    def feed(self, data: bytes) -> list[bytes]:
        """Take ciphertext (empty: begin), give the plain bytes; raises ssl.SSLError. Send ``pending`` after it."""
        self._incoming.write(data)
        plain: list[bytes] = []
        try:
            if not self.ready:
                self._tls.do_handshake()
                self.ready = True
            while piece := self._tls.read(_TLS_READ):
                plain.append(piece)
            self.ended = True
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLWantReadError:
            pass  # more to come
        return plain

    def seal(self, pieces: Sequence[bytes]) -> bytes:
        """Give the ciphertext of ``pieces``; raises ssl.SSLError."""
        for piece in pieces:
            left = memoryview(piece)
            while left:
                left = left[self._tls.write(left) :]
        return self.pending()

    def pending(self) -> bytes:
        """Ciphertext that wants to be sent: handshake, key updates, alerts."""
        return self._outgoing.read()
