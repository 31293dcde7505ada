"""Who may post to /mm7/{route}: decided from the request's head alone, before its body is read (security 12).

An unknown route, bad credentials and a peer from elsewhere are one and the same to whoever asks.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from slidewire.carriers.base import Route

_Network = IPv4Network | IPv6Network
#: Headers of a proxy: behind one every peer looks like loopback, which then proves nothing.
_PROXY_HEADERS = (b"forwarded", b"via", b"x-forwarded-for", b"x-real-ip")


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's head, as far as it tells who is there."""

    address: str  #: of the peer; empty: not known
    authorizations: tuple[bytes, ...]  #: every Authorization header
    through_proxy: bool

    @classmethod
    def of(cls, client: Sequence[object] | None, headers: Iterable[tuple[bytes, bytes]]) -> "Caller":
        """The caller in an ASGI scope, whose header names are in lower case."""
        fields = tuple(headers)
        return cls(
            address=str(client[0]) if client else "",
            authorizations=tuple(value for name, value in fields if name == b"authorization"),
            through_proxy=any(name in _PROXY_HEADERS for name, _ in fields),
        )


@dataclass(frozen=True, slots=True)
class _Lock:
    """What one route asks of its callers. With credentials and networks both must hold."""

    pair: bytes  #: SHA-256 of what Basic must carry; empty: no credentials
    networks: tuple[_Network, ...]


class Doorkeeper:
    """Lets callers in by the credentials and networks of the routes."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises ValueError for a network that cannot be read."""
        self._locks = {route.name: _lock(route) for route in routes}
        self._nobody = _Lock(_digest(b"no such route"), ())

    def admits(self, name: str, caller: Caller) -> bool:
        """Whether ``caller`` may speak as the MMSC of route ``name``. The same work for a route that is none."""
        lock = self._locks.get(name)
        is_known = lock is not None
        lock = lock or self._nobody
        has_pair = hmac.compare_digest(_digest(_basic(caller)), lock.pair or _digest(b"nothing"))
        address = _address(caller.address)
        if not lock.pair and not lock.networks:
            return is_known and address is not None and address.is_loopback and not caller.through_proxy
        is_near = not lock.networks or (address is not None and any(address in network for network in lock.networks))
        return is_known and is_near and (has_pair or not lock.pair)


def _lock(route: Route) -> _Lock:
    pair = f"{route.report_username}:{route.report_password}".encode() if route.report_password else b""
    if route.report_username and not pair:
        raise ValueError(f"route {route.name}: report_username needs a report_password")
    networks = tuple(ip_network(each, strict=False) for each in route.report_addresses)
    return _Lock(_digest(pair) if pair else b"", networks)


def _digest(pair: bytes) -> bytes:
    return hashlib.sha256(pair).digest()


def _basic(caller: Caller) -> bytes:
    """What the one Authorization header carries; empty when there is none, several, or it is not Basic."""
    if len(caller.authorizations) != 1:
        return b""
    scheme, _, word = caller.authorizations[0].strip().partition(b" ")
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(word.strip(), validate=True)
    except binascii.Error:
        return b""


@lru_cache(256)  # an MMSC comes from few
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
