"""The SSRF guard: which addresses and ports a stranger's address may lead us to.

By our own deny table, judged at connect on the resolved address: ``ipaddress.is_global`` is no guard
(security 1). A refusal never names what a host name resolved to (security 4).
"""

import errno
import re
import socket
import struct
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Self

from slidewire.outbound.address import BadAddress, ParsedUrl, check_url, strip

__all__ = [
    "AllowEntry",
    "BadAddress",
    "Guard",
    "IPAddress",
    "ParsedUrl",
    "Refused",
    "check_url",
    "own_addresses",
    "strip",
]

IPAddress = IPv4Address | IPv6Address

#: IANA IPv4 Special-Purpose Address Registry, multicast, class E, and cloud metadata outside of those.
DENIED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers; 100.100.100.200 is a cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's host agent, on a public address
        "169.254.0.0/16",  # link-local; 169.254.169.254 is most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay anycast
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the limited broadcast
    )
)
#: The only IPv6 space that is handed out to the public ...
PUBLIC_V6 = IPv6Network("2000::/3")
#: ... less its special blocks. 6to4 and Teredo are refused whole: an IPv4 address inside, private or not, is
#: reached through whatever relay is near, and nobody serves media from there.
DENIED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID, AMT, AS112
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
#: IPv6 forms that reach the IPv4 address in their last 32 bits: judged as that. The local NAT64 prefix
#: 64:ff9b:1::/48 hides it where only its network knows, and falls to PUBLIC_V6 like all the rest.
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
#: Interface identifiers of ISATAP, which tunnels to the IPv4 address in the last 32 bits.
_ISATAP = (0x00005EFE, 0x02005EFE)

#: Ports below 1024 that may be called, and those above that may not: what browsers refuse, databases, queues,
#: caches, consensus stores, container and cluster control, remote shells and desktops, telephony.
LOW_PORTS = frozenset({80, 443})
DENIED_PORTS = frozenset(
    {1080, 1099, 1433, 1434, 1521, 1527, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2377, 2379, 2380, 2483}
    | {2484, 2525, 2775, 2888, 3128, 3260, 3268, 3269, 3306, 3389, 3632, 3659, 3690, 3888, 4045, 4190, 4222, 4369}
    | {4444, 4505, 4506, 4899, 5060, 5061, 5432, 5433, 5555, 5671, 5672, 5900, 5901, 5902, 5903, 5984, 5985, 5986}
    | {6379, 6380, 6432, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7000, 7001, 7199, 7474, 7687, 8086}
    | {8125, 8300, 8301, 8302, 8500, 8501, 8600, 8883, 9042, 9092, 9093, 9100, 9160, 9200, 9300, 9418, 10050, 10051}
    | {10080, 10250, 10255, 11211, 15672, 16379, 25672, 26379, 27017, 27018, 27019, 28015, 28017, 33060, 50000}
    | {61613, 61614, 61616}
    | set(range(6000, 6064))  # X11
)

NOT_PUBLIC = "the host is not on the public Internet"

_ENTRY = re.compile(
    r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<four>[0-9.]+)|(?P<bare>[0-9a-fA-F.]*:[0-9a-fA-F:.]*))"
    r"(?:/(?P<bits>[0-9]{1,3}))?(?::(?P<port>[0-9]{1,5}))?"
)


class Refused(OSError):  # noqa: N818 - named for what it says
    """The guard's no at connect: EACCES with the reason in words, without the resolved address."""

    def __init__(self, reason: str) -> None:
        super().__init__(errno.EACCES, reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AllowEntry:
    """A network that the admin opened, on one port or (None) on all of them (security 4)."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``127.0.0.0/8``, ``10.1.0.0/16:8443`` or ``[::1]/128:80``; raises ValueError with the reason."""
        found = _ENTRY.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not network, network/bits or network/bits:port")
        address = found["six"] or found["four"] or found["bare"]
        try:
            network = ip_network(f"{address}/{found['bits']}" if found["bits"] else address)
        except ValueError as error:
            raise ValueError(f"{text!r} is not a network: {error}") from None
        if isinstance(network, IPv6Network) and network.overlaps(_MAPPED):
            raise ValueError(f"{text!r} covers mapped IPv4 addresses: name the IPv4 network itself")
        port = int(found["port"]) if found["port"] else None
        if port is not None and not 1 <= port <= 65535:
            raise ValueError(f"{text!r}: the port is not between 1 and 65535")
        return cls(network, port)

    def covers(self, address: IPAddress, port: int) -> bool:
        """Say whether this entry opens that address and port."""
        return self.port in (None, port) and address in self.network


@dataclass(frozen=True, slots=True)
class Guard:
    """The rule at connect: public addresses, harmless ports, never ourselves, besides what the admin opened."""

    allow: tuple[AllowEntry, ...] = ()
    own: frozenset[IPAddress] = frozenset()  #: our interfaces' addresses and those of public_url

    @classmethod
    def of(cls, allow: Iterable[str], own: Iterable[IPAddress] = ()) -> Self:
        """Build one from the setting ``allow_private``; raises ValueError at the first bad entry."""
        return cls(tuple(AllowEntry.parse(text) for text in allow), frozenset(map(_unwrapped, own)))

    def refusal(self, ip: str, port: int) -> str | None:
        """Give the reason not to connect there, or None. ``ip`` is a resolved or literal address."""
        try:
            address = ip_address(ip)
        except ValueError:
            return "the host is not an IP address"
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(entry.covers(address, port) for entry in self.allow):
            return None
        if port not in LOW_PORTS and (port < 1024 or port in DENIED_PORTS):
            return f"port {port} is not allowed"
        address = _unwrapped(address)
        if address in self.own or not _is_public(address):
            return NOT_PUBLIC
        return None

    def check(self, ip: str, port: int) -> None:
        """Raise Refused unless that address and port may be called."""
        reason = self.refusal(ip, port)
        if reason is not None:
            raise Refused(reason)


def _unwrapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that a mapped or NAT64 address leads to; others as they are."""
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return _last_32_bits(address)
    return address


def _last_32_bits(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in DENIED_V4)
    if address.scope_id or address not in PUBLIC_V6 or any(address in network for network in DENIED_V6):
        return False
    tunnelled = int(address) >> 32 & 0xFFFFFFFF in _ISATAP
    return not tunnelled or _is_public(_last_32_bits(address))


def own_addresses() -> frozenset[IPAddress]:
    """Find this machine's interface addresses from the kernel's tables: no traffic, no waiting, Linux only.

    Empty where the tables cannot be read. What can change while we run is not seen: ask again at each start.
    """
    found: set[IPAddress] = set()
    with suppress(OSError):
        for line in Path("/proc/net/if_inet6").read_text("ascii").splitlines():
            found.add(IPv6Address(bytes.fromhex(line.split()[0])))
    try:
        # Each local address is a leaf "|-- 192.0.2.2" with "/32 host LOCAL" below it.
        leaf = re.compile(r"\|-- ([0-9.]+)\n\s+/32 host LOCAL")
        found.update(map(IPv4Address, leaf.findall(Path("/proc/net/fib_trie").read_text("ascii"))))
    except OSError:
        found.update(_primary_addresses())
    return frozenset(found)


def _primary_addresses() -> set[IPAddress]:
    """Each interface's first IPv4 address, by ioctl: for sandboxes whose /proc lacks the routing trie."""
    found: set[IPAddress] = set()
    try:
        from fcntl import ioctl
    except ImportError:
        return found
    get_interface_address = 0x8915  # SIOCGIFADDR of Linux
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                answer = ioctl(probe, get_interface_address, struct.pack("256s", name.encode()[:15]))
                found.add(IPv4Address(answer[20:24]))
    return found
