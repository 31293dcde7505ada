"""The deny table, row by row: what a stranger's address may not lead to (security 1, 4)."""

import errno
from ipaddress import ip_address

import pytest

from slidewire.outbound.guard import NOT_PUBLIC, AllowEntry, Guard, Refused, own_addresses

GUARD = Guard()

PRIVATE = [
    # IPv4: the special registry
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.255",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "255.255.255.255",
    # IPv4: multicast
    "224.0.0.1",
    "239.255.255.250",
    # cloud metadata
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    # IPv6: the special registry
    "::",
    "::1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1::1",
    "2001:db8::1",
    "2620:4f:8000::1",
    "3fff::1",
    "3fff:fff:ffff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fe80::1%1",
    "2606:4700:4700::1111%1",  # no public address needs a zone; with one it would differ from our own
    "fec0::1",
    # IPv6: multicast, and what is handed out to nobody
    "ff02::1",
    "ff0e::1",
    "200::1",
    "4000::1",
    "8000::1",
    "e000::1",
    # IPv4 inside IPv6: mapped, translated, compatible
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::ffff:168.63.129.16",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::8.8.8.8",
    # NAT64, both prefixes
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::a83f:8110",
    "64:ff9b:1::10.0.0.1",
    "64:ff9b:1:a00:1::",
    "64:ff9b:1::8.8.8.8",
    "64:ff9b:2::8.8.8.8",
    # 6to4 and Teredo, with a private and with a public address inside
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:a9fe:a9fe::1",
    "2002:808:808::1",
    "2001:0:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    # ISATAP
    "2a00:1450:4001:800:0:5efe:10.0.0.1",
    "2a00:1450:4001:800:200:5efe:192.168.0.1",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:800::200e",
    "2a00:1450:4001:800:0:5efe:8.8.8.8",
    "3ffe:ffff::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("ip", PRIVATE)
def test_refuses_what_is_not_public(ip: str) -> None:
    assert GUARD.refusal(ip, 443) == NOT_PUBLIC


@pytest.mark.parametrize("ip", PUBLIC)
def test_lets_public_addresses_pass(ip: str) -> None:
    assert GUARD.refusal(ip, 443) is None


@pytest.mark.parametrize("ip", ["127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "", "localhost", "[::1]"])
def test_refuses_what_is_no_address(ip: str) -> None:
    assert GUARD.refusal(ip, 80) == "the host is not an IP address"


@pytest.mark.parametrize(
    "port",
    [
        *(0, 1, 22, 25, 81, 110, 442, 444, 993, 1023, 1433, 1521, 2049, 2375, 2379, 2775, 3306, 3389, 5060, 5432),
        *(5672, 5900, 5984, 6000, 6063, 6379, 6443, 6667, 8500, 9042, 9092, 9200, 10250, 11211, 27017, 50000),
    ],
)
def test_refuses_ports_of_other_services(port: int) -> None:
    assert GUARD.refusal("8.8.8.8", port) == f"port {port} is not allowed"


@pytest.mark.parametrize("port", [80, 443, 1024, 3000, 5000, 8000, 8080, 8443, 8888, 9443, 49152, 65535])
def test_lets_harmless_ports_pass(port: int) -> None:
    assert GUARD.refusal("8.8.8.8", port) is None


@pytest.mark.parametrize(
    "ip", ["93.184.216.34", "::ffff:93.184.216.34", "64:ff9b::93.184.216.34", "2606:2800:220:1::1"]
)
def test_refuses_our_own_public_addresses_in_every_form(ip: str) -> None:
    own = Guard.of([], [ip_address("93.184.216.34"), ip_address("2606:2800:220:1::1")])
    assert own.refusal(ip, 443) == NOT_PUBLIC
    assert GUARD.refusal(ip, 443) is None


def test_takes_our_own_addresses_in_every_form_too() -> None:
    own = Guard.of([], [ip_address("::ffff:93.184.216.34")])
    assert own.refusal("93.184.216.34", 443) == NOT_PUBLIC


def test_check_raises_permission_denied_without_the_address() -> None:
    with pytest.raises(Refused) as refused:
        GUARD.check("10.1.2.3", 443)
    assert refused.value.errno == errno.EACCES
    assert "10." not in str(refused.value)


@pytest.mark.parametrize(
    ("entry", "network", "port"),
    [
        pytest.param("127.0.0.0/8", "127.0.0.0/8", None, id="a network, all ports"),
        pytest.param("10.1.0.0/16:8443", "10.1.0.0/16", 8443, id="a network and a port"),
        pytest.param("[::1]/128:80", "::1/128", 80, id="IPv6 in brackets"),
        pytest.param("::1/128", "::1/128", None, id="IPv6 without brackets"),
        pytest.param("fd00::/8:443", "fd00::/8", 443, id="IPv6 without brackets, its bits tell where the port begins"),
        pytest.param("fd00::1:443", "fd00::1:443/128", None, id="IPv6 without bits or brackets has no port"),
        pytest.param("127.0.0.1", "127.0.0.1/32", None, id="one address"),
        pytest.param(" 127.0.0.1:8080 ", "127.0.0.1/32", 8080, id="one address, one port, blanks around"),
    ],
)
def test_reads_allow_entries(entry: str, network: str, port: int | None) -> None:
    parsed = AllowEntry.parse(entry)
    assert (str(parsed.network), parsed.port) == (network, port)


@pytest.mark.parametrize(
    "entry",
    [
        *("", "localhost", "*", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8:0", "10.0.0.0/8:70000", "10.0.0.0/8:http"),
        *("[::1", "::1]/128", "[127.0.0.1]/32/", "10.0.0.0/8,11.0.0.0/8", "::ffff:10.0.0.0/104", "::/0", "010.0.0.1"),
    ],
)
def test_refuses_bad_allow_entries_and_names_them(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is not|covers|port") as refused:
        AllowEntry.parse(entry)
    assert repr(entry) in str(refused.value)


def test_an_allow_entry_opens_its_addresses_and_ports_only() -> None:
    guard = Guard.of(["10.1.0.0/16:25", "127.0.0.0/8"], [ip_address("127.0.0.1")])
    wanted = {
        ("10.1.2.3", 25): None,
        ("::ffff:10.1.2.3", 25): None,
        ("10.1.2.3", 443): NOT_PUBLIC,
        ("10.2.0.1", 25): "port 25 is not allowed",
        ("127.0.0.1", 6379): None,
        ("::1", 443): NOT_PUBLIC,
        ("64:ff9b::127.0.0.1", 443): NOT_PUBLIC,
    }
    assert {key: guard.refusal(*key) for key in wanted} == wanted


def test_finds_the_loopback_among_our_own_addresses() -> None:
    assert ip_address("127.0.0.1") in own_addresses()
