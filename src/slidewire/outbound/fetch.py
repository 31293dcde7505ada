"""Fetching media from addresses that customers give, over aiohttp and behind the guard.

Every address that we connect to, of the first hop, of redirects and of literal hosts alike, passes
``Guard.check`` in the connector's socket factory (security 1). What fails is one FetchFailed with a reason,
whose text carries neither a query nor a resolved address (security 4, 11).
"""

import asyncio
import socket
import ssl
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from slidewire.outbound.address import BadAddress, ParsedUrl, check_url
from slidewire.outbound.failure import FetchFailed, Why, failure_of
from slidewire.outbound.guard import Guard, Refused
from slidewire.outbound.inflate import Inflater
from slidewire.outbound.resolve import Gate, Resolver
from slidewire.outbound.spool import Body, Spool

__all__ = ["FetchClient", "FetchConfig", "FetchFailed", "FetchLimits", "FetchRequest", "Fetched", "Why"]

#: Headers that the fetch cache needs (settled 21); nothing else of an answer is kept.
KEPT_HEADERS = ("cache-control", "expires", "date", "age", "etag", "last-modified", "vary", "pragma")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Bytes that aiohttp reads ahead of us for one answer.
_READ_AHEAD = 65536


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bounds of fetching (settled 21, security 4)."""

    connect: float = 5.0  #: seconds for one connection, TLS included
    total: float = 30.0  #: seconds for one file with all its redirects
    redirects: int = 3
    connections: int = 512  #: open at once, all accounts together
    per_account: int = 64  #: files under way at once for one account


@dataclass(frozen=True, slots=True)
class FetchConfig:
    """What a FetchClient is made of. ``proxy`` is ``http://[user:password@]host:port`` or empty (security 2)."""

    guard: Guard
    resolver: Resolver
    spool: Spool
    user_agent: str  #: Slidewire/<version> (settled 21)
    limits: FetchLimits = FetchLimits()
    proxy: str = ""
    tls: ssl.SSLContext | None = None  #: None: the system's authorities


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One file to fetch. The address is already stripped as settled 17 says (``address.strip``)."""

    url: str
    max_bytes: int
    account: str = ""
    headers: tuple[tuple[str, str], ...] = ()  #: credentials: for the address's own origin, until a redirect leaves it
    conditions: tuple[tuple[str, str], ...] = ()  #: If-None-Match and the like: they speak of this address alone


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer. Whoever holds it closes its body."""

    url: str  #: the address that answered, after redirects, without its query
    status: int  #: 200; 304 only when the request carried conditions
    content_type: str
    headers: dict[str, str]  #: those of KEPT_HEADERS that came, names in lower case
    body: Body
    redirected: bool = False  #: another address than the asked one answered: its freshness says nothing of ours


#: On whose behalf the running task resolves names: aiohttp's resolver interface has no room for it.
_account: ContextVar[str] = ContextVar("account", default="")


class FetchClient:
    """The guarded client. ``async with FetchClient(config) as client: await client.fetch(request)``."""

    def __init__(self, config: FetchConfig) -> None:
        """Raise BadAddress for a proxy that cannot be used safely: then the start stops (security 2)."""
        self._config = config
        self._proxy = _read_proxy(config.proxy) if config.proxy else None
        self._gate = Gate(config.limits.per_account)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session; needs the running loop."""
        connector = aiohttp.TCPConnector(
            resolver=_AccountResolver(self._config.resolver),
            use_dns_cache=False,  # it would make one account wait for another's look-up
            ssl=self._config.tls or ssl.create_default_context(),
            limit=self._config.limits.connections,
            socket_factory=self._guarded_socket if self._proxy is None else None,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._config.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._config.limits.connect),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=_READ_AHEAD,
        )

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def fetch(self, request: FetchRequest) -> Fetched:
        """Fetch one file whole; raises FetchFailed. A caller that is cancelled leaves nothing behind."""
        body = self._config.spool.body()
        before = _account.set(request.account)
        try:
            async with asyncio.timeout(self._config.limits.total), self._gate.turn(request.account):
                return await self._follow(request, body)
        except BaseException as error:
            body.close()
            failure = failure_of(error)
            if failure is None:
                raise
            raise failure from None  # the foreign error's text names addresses and queries
        finally:
            _account.reset(before)

    async def _follow(self, request: FetchRequest, body: Body) -> Fetched:
        """Walk the redirects by our own rules: each hop is read and judged like the first."""
        first = hop = check_url(request.url)
        headers = dict(request.headers)
        for _ in range(self._config.limits.redirects + 1):
            conditions = dict(request.conditions) if hop is first else {}
            async with await self._get(hop, headers | conditions, request.account) as response:
                if response.status not in _REDIRECTS:
                    unchanged = response.status == 304 and bool(conditions)
                    fetched = await _read(response, hop, request, body, unchanged=unchanged)
                    return replace(fetched, redirected=hop is not first)
                hop = _next_hop(hop, response.headers.get("Location"))
            if hop.origin != first.origin:
                headers = {}  # nor on the way back: whoever it led to chose the rest of the address
        raise FetchFailed(Why.TOO_MANY_REDIRECTS, f"more than {self._config.limits.redirects} redirects in a row")

    async def _get(self, hop: ParsedUrl, headers: dict[str, str], account: str) -> aiohttp.ClientResponse:
        if self._session is None:
            raise RuntimeError("the client is not open")
        if self._proxy is None:
            return await self._session.get(URL(hop.url, encoded=True), headers=headers, allow_redirects=False)
        # security 2: the proxy is asked for the address that the guard has seen; Host, SNI and the
        # certificate's check keep the name.
        literal = ParsedUrl(hop.scheme, await self._judged(hop, account), hop.port, hop.target)
        return await self._session.get(
            URL(literal.url, encoded=True),
            headers=headers | {"Host": hop.authority},
            allow_redirects=False,
            server_hostname=hop.host if hop.secure else None,
            proxy=self._proxy,
        )

    async def _judged(self, hop: ParsedUrl, account: str) -> str:
        """The first address of the host that may be called; raises Refused when none may."""
        refusal = ""
        for ip in await self._config.resolver.addresses(hop.host, account):
            reason = self._config.guard.refusal(ip, hop.port)
            if reason is None:
                return ip
            refusal = reason
        raise Refused(refusal)

    def _guarded_socket(self, target: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for one address, or refuse it: the last word before every connect."""
        family, kind, protocol, _, address = target
        self._config.guard.check(str(address[0]), int(address[1]))
        return socket.socket(family, kind, protocol)


class _AccountResolver(AbstractResolver):
    """Our resolver in aiohttp's shape."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
            for ip in await self._resolver.addresses(host, _account.get())
        ]

    async def close(self) -> None:
        """Nothing: the resolver is shared and belongs to whoever made it."""


def _read_proxy(text: str) -> URL:
    """Read the proxy setting; credentials are allowed here, TLS to the proxy is not (untried, so refused)."""
    try:
        url = URL(text)
        check_url(f"{url.scheme}://{url.host_port_subcomponent}{url.path}")
    except ValueError as error:
        raise BadAddress(f"[fetch] proxy cannot be used: {error}") from None
    if url.scheme != "http" or url.path not in ("", "/") or url.query_string or url.fragment:
        raise BadAddress("[fetch] proxy must be http://host:port: no other kind can be kept to the guard's word")
    return url


def _next_hop(hop: ParsedUrl, location: str | None) -> ParsedUrl:
    """Where a redirect leads; its own query is kept (settled 17). Raises BadAddress and FetchFailed."""
    if not location:
        raise FetchFailed(Why.STATUS, "a redirect without a Location")
    try:
        following = check_url(urljoin(hop.url, location.strip().replace(" ", "%20")))
    except ValueError as error:
        reason = str(error) if isinstance(error, BadAddress) else "the address cannot be read"
        raise BadAddress(f"it redirects to a bad address: {reason}") from None
    if hop.secure and not following.secure:
        raise FetchFailed(Why.REFUSED, "it redirects from https to http")  # security 4
    return following


async def _read(
    response: aiohttp.ClientResponse, hop: ParsedUrl, request: FetchRequest, body: Body, *, unchanged: bool
) -> Fetched:
    """Take the final answer's body within the cap; raises FetchFailed."""
    if response.status != 200 and not unchanged:
        raise FetchFailed(Why.STATUS, f"the answer was HTTP {response.status}", status=response.status)
    if response.content_length is not None and response.content_length > request.max_bytes:
        raise _too_big(response.content_length, request.max_bytes)
    await _take(response, request.max_bytes, body)
    if not body.size and not unchanged:
        raise FetchFailed(Why.EMPTY, "the answer was empty")
    await body.finish()
    headers = {
        name: _plain(", ".join(response.headers.getall(name))) for name in KEPT_HEADERS if name in response.headers
    }
    content_type = _plain(response.headers.get("Content-Type", ""))
    return Fetched(hop.loggable, response.status, content_type, headers, body)


def _plain(text: str) -> str:
    """A header's text without what no header should hold, and no database takes: aiohttp lets surrogates through."""
    return text.encode("ascii", "replace").decode("ascii")


async def _take(response: aiohttp.ClientResponse, max_bytes: int, body: Body) -> None:
    """Stream the answer into ``body``; the cap holds for the bytes on the wire and for the inflated ones."""
    protocol = response.connection.protocol if response.connection is not None else None
    wire = 0
    inflater = Inflater(response.headers.get("Content-Encoding", ""))
    async for chunk in response.content.iter_any():
        wire += len(chunk)
        if wire > max_bytes:
            raise _too_big(wire, max_bytes)
        for piece in inflater.pieces(chunk):
            if body.size + len(piece) > max_bytes:
                raise _too_big(body.size + len(piece), max_bytes)
            await body.write(piece)
    inflater.finish()
    # An answer that runs until the connection closes looks whole to aiohttp even when a reset ended it.
    if protocol is not None and isinstance(protocol.exception(), aiohttp.ClientOSError):
        raise FetchFailed(Why.CUT_OFF, "the connection broke inside the answer")


def _too_big(size: int, max_bytes: int) -> FetchFailed:
    return FetchFailed(Why.TOO_BIG, f"{size} bytes or more, at most {max_bytes}", size=size)
