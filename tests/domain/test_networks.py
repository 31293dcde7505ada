"""Addresses and networks: IPv4 is IPv4 however it is written, and neighbours count as one."""

from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest

from slidewire.domain.networks import lies_in, neighbourhood, read_address, read_network


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("192.0.2.7", ip_address("192.0.2.7"), id="IPv4"),
        pytest.param("::ffff:192.0.2.7", ip_address("192.0.2.7"), id="IPv4 mapped into IPv6"),
        pytest.param("2001:db8::7", ip_address("2001:db8::7"), id="IPv6"),
        pytest.param("", None, id="nothing"),
        pytest.param("192.0.2.007", None, id="octal that may be meant"),
        pytest.param("localhost", None, id="a name"),
    ],
)
def test_reads_an_address(text: str, expected: object) -> None:
    assert read_address(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" 192.0.2.7 ", IPv4Network("192.0.2.7/32"), id="one address"),
        pytest.param("192.0.2.7/24", IPv4Network("192.0.2.0/24"), id="host bits are ignored"),
        pytest.param("2001:db8::/32", IPv6Network("2001:db8::/32"), id="IPv6"),
        pytest.param("::ffff:192.0.2.0/120", IPv4Network("192.0.2.0/24"), id="mapped"),
        pytest.param("::/0", IPv6Network("::/0"), id="all of IPv6 is not IPv4"),
    ],
)
def test_reads_a_network(text: str, expected: object) -> None:
    assert read_network(text) == expected


def test_an_address_lies_in_networks_of_its_own_kind() -> None:
    networks = [read_network("192.0.2.0/24"), read_network("2001:db8::/32")]
    inside = ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8:1::1"]
    outside = ["198.51.100.1", "::192.0.2.9", "2001:db9::1", ""]
    assert [lies_in(read_address(each), networks) for each in inside + outside] == [True] * 3 + [False] * 4


def test_an_unknown_address_lies_nowhere() -> None:
    assert not lies_in(None, [read_network("0.0.0.0/0"), read_network("::/0")])


def test_neighbours_are_one_caller() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("192.0.2.1") == neighbourhood("::ffff:192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood("") == ""
