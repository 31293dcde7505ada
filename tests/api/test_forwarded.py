"""Who calls through a proxy: chains as proxies write them, and as strangers would like them to be read."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.api.forwarded import BehindProxies, Forwarded, Receive, Send, read_forwarded
from slidewire.domain.networks import read_network

PROXIES = (read_network("10.0.0.0/8"), read_network("2001:db8:1::/48"))
PEER = "10.0.0.1"


def told(*headers: tuple[str, str], peer: str = PEER) -> Forwarded | None:
    return read_forwarded(peer, [(name.lower().encode(), value.encode("latin-1")) for name, value in headers], PROXIES)


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        pytest.param("192.0.2.7", "192.0.2.7", id="one proxy"),
        pytest.param("192.0.2.7, 10.9.9.9", "192.0.2.7", id="two proxies of ours"),
        pytest.param("127.0.0.1, 192.0.2.7", "192.0.2.7", id="what the caller wrote himself does not count"),
        pytest.param("10.1.1.1, 192.0.2.7, 10.9.9.9", "192.0.2.7", id="nor when it names one of our proxies"),
        pytest.param("10.1.1.1, 10.9.9.9", "10.1.1.1", id="a caller in our own network"),
        pytest.param("192.0.2.7:51234", "192.0.2.7", id="with a port"),
        pytest.param("2001:db8::7", "2001:db8::7", id="IPv6"),
        pytest.param("[2001:db8::7]:443", "2001:db8::7", id="IPv6 with a port"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", id="IPv4 mapped"),
        pytest.param("2001:db8::7, 2001:db8:1::1", "2001:db8::7", id="an IPv6 proxy"),
        pytest.param("192.0.2.7, unknown", "", id="what a proxy cannot say is not guessed"),
        pytest.param("192.0.2.7,", "", id="an empty end"),
        pytest.param("", "", id="an empty header"),
        pytest.param("[2001:db8::7", "", id="half a bracket"),
        pytest.param(",".join(["10.0.0.2"] * 60), "", id="a chain without end"),
    ],
)
def test_reads_x_forwarded_for(chain: str, address: str) -> None:
    assert told(("X-Forwarded-For", chain)) == Forwarded(address)


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        pytest.param("for=192.0.2.7", Forwarded("192.0.2.7"), id="an address"),
        pytest.param('for="[2001:db8::7]:47"', Forwarded("2001:db8::7"), id="IPv6 quoted"),
        pytest.param(
            "For=192.0.2.7;Proto=https;Host=mms.example.net;by=10.0.0.1",
            Forwarded("192.0.2.7", "https", "mms.example.net"),
            id="all of it, names in any case",
        ),
        pytest.param("for=127.0.0.1, for=192.0.2.7 , for=10.9.9.9", Forwarded("192.0.2.7"), id="a chain"),
        pytest.param('for="_hidden", for=10.9.9.9', Forwarded(""), id="hidden"),
        pytest.param('for="127.0.0.1, for=192.0.2.7', Forwarded("192.0.2.7"), id="a quote without end"),
        pytest.param('for="x, for="[2001:db8::7]"', Forwarded("2001:db8::7"), id="a quote that another one ends"),
        pytest.param("for=192.0.2.7 x", Forwarded(""), id="something behind it"),
        pytest.param("proto=https", Forwarded("", "https"), id="no address at all"),
        pytest.param('for=192.0.2.7;proto=gopher;host="a b"', Forwarded("192.0.2.7"), id="no scheme of ours, no host"),
    ],
)
def test_reads_forwarded(chain: str, expected: Forwarded) -> None:
    assert told(("Forwarded", chain)) == expected


def test_several_lines_are_one_chain() -> None:
    assert told(("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-For", "10.9.9.9")) == Forwarded("192.0.2.7")


def test_scheme_and_host_come_from_the_nearest_proxy() -> None:
    headers = [("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Proto", "http, HTTPS")]
    assert told(*headers, ("X-Forwarded-Host", "m.example.net")) == Forwarded("192.0.2.7", "https", "m.example.net")


def test_two_headers_that_name_different_callers_name_none() -> None:
    assert told(("X-Forwarded-For", "192.0.2.7"), ("Forwarded", "for=198.51.100.1")) == Forwarded("")
    assert told(("X-Forwarded-For", "192.0.2.7"), ("Forwarded", "for=192.0.2.7")) == Forwarded("192.0.2.7")


@pytest.mark.parametrize("peer", ["192.0.2.1", "", "::1"])
def test_a_stranger_is_not_believed(peer: str) -> None:
    assert told(("X-Forwarded-For", "198.51.100.1"), peer=peer) is None


def test_a_proxy_that_says_nothing_is_the_caller() -> None:
    assert told(("X-Forwarded-Proto", "https")) is None


@given(st.text(st.characters(codec="latin-1"), max_size=80), st.text(st.characters(codec="latin-1"), max_size=80))
def test_no_header_breaks_it(old: str, new: str) -> None:
    assert told(("X-Forwarded-For", old), ("Forwarded", new)) is not None


@given(st.lists(st.sampled_from(["127.0.0.1", "10.2.2.2", "junk", "", "198.51.100.9"]), max_size=5))
def test_nothing_left_of_a_stranger_counts(hearsay: list[str]) -> None:
    assert told(("X-Forwarded-For", ",".join([*hearsay, "192.0.2.7", "10.9.9.9"]))) == Forwarded("192.0.2.7")


async def seen_by_the_app(peer: str, *headers: tuple[bytes, bytes]) -> MutableMapping[str, Any]:
    seen: list[MutableMapping[str, Any]] = []

    async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nobody asks for a body here")

    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": [(b"host", b"inner:8080"), *headers]}
    await BehindProxies(app, PROXIES)(scope, nothing, nothing)
    return seen[0]


async def test_the_app_sees_the_caller() -> None:
    headers = (
        (b"x-forwarded-for", b"192.0.2.7"),
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-host", b"m.example"),
    )
    scope = await seen_by_the_app(PEER, *headers)
    assert (scope["client"], scope["scheme"]) == (("192.0.2.7", 0), "https")
    assert scope["headers"] == [(b"host", b"m.example"), *headers]


async def test_the_app_sees_strangers_as_they_are() -> None:
    scope = await seen_by_the_app("192.0.2.1", (b"x-forwarded-for", b"198.51.100.1"))
    assert (scope["client"], scope["scheme"]) == (("192.0.2.1", 1), "http")
