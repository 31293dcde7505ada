"""Host names to addresses, without the default executor.

A slow name stalls only the account that asked for it: each account waits behind its own look-ups, never
behind another's (security 3). What comes out is not yet judged: the guard does that at connect.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from socket import SOCK_STREAM

import aiodns
import pycares

from slidewire.outbound.address import BadAddress, check_url
from slidewire.outbound.guard import IPAddress


class NotResolved(OSError):  # noqa: N818 - named for what it says
    """The name has no address, or nobody could be asked."""


#: Asks for one name's addresses; raises NotResolved. DnsLookup is the real one, tests hand in a table.
Lookup = Callable[[str], Awaitable[Sequence[str]]]


class DnsLookup:
    """aiodns: /etc/hosts, then DNS. Queries run on its own thread and end by themselves after about 6 s."""

    def __init__(self, *, search: bool = False, servers: Sequence[str] = ()) -> None:
        """``search`` adds the machine's search domains: for names that the admin set, never for strangers'."""
        self._flags = pycares.ARES_FLAG_EDNS | (0 if search else pycares.ARES_FLAG_NOSEARCH)
        self._servers = servers
        self._dns: aiodns.DNSResolver | None = None

    async def __call__(self, host: str) -> Sequence[str]:
        """Give the addresses of ``host`` in the order to try them (RFC 6724)."""
        if self._dns is None:
            self._dns = aiodns.DNSResolver(self._servers or None, timeout=2.0, tries=2, flags=self._flags)
        try:
            found = await self._dns.getaddrinfo(host, type=SOCK_STREAM)
        except aiodns.error.DNSError as error:
            raise NotResolved(str(error.args[-1])) from None
        return [node.addr[0].decode("ascii") for node in found.nodes]

    async def close(self) -> None:
        """Drop the queries under way and the thread."""
        if self._dns is not None:
            await self._dns.close()
            self._dns = None


class Gate:
    """At most ``width`` at once for one account; the others of that account wait in line."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._lines: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def turn(self, account: str) -> AsyncIterator[None]:
        """Wait for a place of that account and hold it."""
        line, users = self._lines.get(account) or (asyncio.Semaphore(self._width), 0)
        self._lines[account] = (line, users + 1)
        try:
            async with line:
                yield
        finally:
            users = self._lines[account][1] - 1
            if users:
                self._lines[account] = (line, users)
            else:
                del self._lines[account]  # the table never outgrows the accounts at work


@dataclass(frozen=True, slots=True)
class ResolveLimits:
    """Bounds of looking names up."""

    timeout: float = 5.0  #: seconds for one name, the wait for the account's turn included
    per_account: int = 4  #: look-ups under way at once for one account
    addresses: int = 8  #: of one name that are tried at most


class Resolver:
    """Addresses of a host within a time limit, fair between accounts."""

    def __init__(self, lookup: Lookup, limits: ResolveLimits | None = None) -> None:
        self._lookup = lookup
        self._limits = limits or ResolveLimits()
        self._gate = Gate(self._limits.per_account)
        self._asking: set[asyncio.Task[Sequence[str]]] = set()

    async def addresses(self, host: str, account: str = "") -> tuple[str, ...]:
        """Give the addresses to try in order; raises NotResolved or TimeoutError.

        Literal addresses and ``localhost`` need no DNS.
        """
        if _is_literal(host):
            return (host,)
        if host == "localhost" or host.endswith(".localhost"):
            return ("127.0.0.1", "::1")
        asking = asyncio.create_task(self._ask(host, account))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        asking.add_done_callback(_mark_seen)
        # Shielded: a look-up that its caller gave up keeps its place in the account's line until it really
        # ends, or giving up quickly would be a way around the limit.
        async with asyncio.timeout(self._limits.timeout):
            found = await asyncio.shield(asking)
        if not found:
            raise NotResolved("the name has no address")
        return tuple(found[: self._limits.addresses])

    async def _ask(self, host: str, account: str) -> Sequence[str]:
        async with self._gate.turn(account):
            return await self._lookup(host)

    async def close(self) -> None:
        """Give up what is still being asked."""
        for asking in tuple(self._asking):
            asking.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)


def _mark_seen(asking: asyncio.Task[Sequence[str]]) -> None:
    """Fetch the error of a look-up nobody waits for any more, so that asyncio does not complain of it."""
    if not asking.cancelled():
        asking.exception()


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def addresses_of(url: str, resolver: Resolver) -> frozenset[IPAddress]:
    """Find the addresses behind our own ``public_url``, for the guard; empty when it cannot be resolved."""
    try:
        return frozenset(map(ip_address, await resolver.addresses(check_url(url).host)))
    except (BadAddress, OSError, TimeoutError):
        return frozenset()
