"""Addresses of callers and the networks that they are compared with.

An IPv4 address is the same however it is written: what is mapped into IPv6 is read as IPv4 everywhere.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
#: Bits of ::ffff:0:0/96, in which IPv4 lies mapped.
_MAPPED_BITS = 96
#: IPv6: whoever has one address has all that share these bits.
_NEIGHBOURS = 64


def read_address(text: str) -> Address | None:
    """The address that ``text`` is; None when it is none."""
    try:
        here = ip_address(text)
    except ValueError:
        return None
    return getattr(here, "ipv4_mapped", None) or here


def read_network(text: str) -> Network:
    """An address or a network, its host bits ignored. Raises ValueError."""
    network = ip_network(text.strip(), strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))


def lies_in(address: Address | None, networks: Iterable[Network]) -> bool:
    """Whether ``address`` is in one of ``networks``; an unknown one is in none."""
    return address is not None and any(address in network for network in networks)


def neighbourhood(text: str) -> str:
    """What is counted as one caller: an IPv4 address, the /64 of an IPv6 one, or ``text`` when it is neither."""
    here = read_address(text)
    if isinstance(here, IPv6Address):
        return str(IPv6Network((int(here) >> _NEIGHBOURS << _NEIGHBOURS, _NEIGHBOURS)))
    return text if here is None else str(here)
