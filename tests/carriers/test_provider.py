"""A look-up service over HTTP: the answer shapes of known ones, and everything that can go wrong with one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.builders import Clock
from tests.fakes.raw_server import Peer, RawServer, Script, answering, closing_at_once, http_answer, silent

from slidewire.carriers.health import Breaker
from slidewire.carriers.provider import (
    ANSWER_CAP,
    Paths,
    Provider,
    ProviderFailedError,
    ProviderSettings,
    authorization,
    check_settings,
    read_finding,
)
from slidewire.domain.finding import Finding, Source
from slidewire.outbound.guard import Guard
from slidewire.outbound.post import AnswerCaps, Dialer, PostClient, PostLimits
from slidewire.outbound.resolve import Resolver

NUMBER = "12025550123"
PLAIN = Paths(network="network")
GOOD = http_answer(b'{"network": "311480"}')


async def no_names(host: str) -> list[str]:
    raise AssertionError(host)


@dataclass
class Seconds:
    """A monotonic clock that goes only when it is told to."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Asking:
    """A provider, its peer, and the clock that its breaker lives by."""

    provider: Provider
    server: RawServer
    clock: Seconds
    failures: list[str] = field(default_factory=list)

    async def ask(self) -> Finding | None:
        """What is told; None where it failed, with its words in ``failures``."""
        try:
            return await self.provider.ask(NUMBER)
        except ProviderFailedError as error:
            self.failures.append(str(error))
            return None


@asynccontextmanager
async def asking(script: Script, path: str = "/lookup/{number}", **settings: Any) -> AsyncIterator[Asking]:
    async with RawServer(script) as server:
        clock = Seconds()
        guard = settings.pop("guard", Guard.of(["127.0.0.0/8"]))
        limits = PostLimits(total=settings.get("timeout", 2.0), answer=AnswerCaps(ANSWER_CAP))
        client = PostClient(Dialer(Resolver(no_names), guard), limits)
        plan = ProviderSettings(server.url(path), **({"paths": PLAIN} | settings))
        provider = Provider(plan, client, clock, Clock(), Breaker(2, (5.0, 50.0)))
        yield Asking(provider, server, clock)
        await client.close()


def body_of(tree: object) -> bytes:
    return http_answer(json.dumps(tree).encode(), headers=(("Content-Type", "application/json"),))


@dataclass(frozen=True)
class Shape:
    """How one kind of service answers, and where in it the facts are (standards.md 7). All values are made up."""

    answer: dict[str, Any]
    paths: Paths
    finding: Finding


LINE_TYPES = Shape(  # a look-up of line types: facts under one object, three-digit MNC as a text
    {
        "calling_country_code": "1",
        "phone_number": "+12025550123",
        "valid": True,
        "line_type_intelligence": {
            "mobile_country_code": "311",
            "mobile_network_code": "480",
            "carrier_name": "Able Wireless",
            "type": "mobile",
            "error_code": None,
        },
    },
    Paths(
        mcc="line_type_intelligence.mobile_country_code",
        mnc="line_type_intelligence.mobile_network_code",
        name="line_type_intelligence.carrier_name",
        line_type="line_type_intelligence.type",
    ),
    Finding(Source.PROVIDER, network="311480", name="Able Wireless", line_type="mobile"),
)
HLR = Shape(  # an HLR query: flat, MCC and MNC in one
    {"id": "abc", "msisdn": "+491700000000", "connectivity_status": "CONNECTED", "mccmnc": "26201", "is_ported": True},
    Paths(network="mccmnc"),
    Finding(Source.PROVIDER, network="26201"),
)
CURRENT = Shape(  # the network of today beside the one of old
    {
        "current_carrier": {"network_code": "26203", "name": "Able", "country": "DE", "network_type": "mobile"},
        "original_carrier": {"network_code": "26201", "name": "Plain", "country": "DE", "network_type": "mobile"},
        "ported": "ported",
    },
    Paths(
        network="current_carrier.network_code", name="current_carrier.name", line_type="current_carrier.network_type"
    ),
    Finding(Source.PROVIDER, network="26203", name="Able", line_type="mobile"),
)
CARRIER = Shape(  # under data and carrier; the MNC with two digits
    {
        "data": {
            "carrier": {"mobile_country_code": "262", "mobile_network_code": "3", "name": "Able", "type": "Fixed Line"},
            "portability": {"lrn": "", "ported_status": "N"},
        }
    },
    Paths(
        mcc="data.carrier.mobile_country_code",
        mnc="data.carrier.mobile_network_code",
        name="data.carrier.name",
        line_type="data.carrier.type",
    ),
    Finding(Source.PROVIDER, network="26203", name="Able", line_type="fixed line"),
)
WHOLE_NUMBER = Shape(  # the network as a number, in a list
    {"results": [{"network": 20408, "status": "active"}]},
    Paths(network="results.0.network"),
    Finding(Source.PROVIDER, network="20408"),
)
SHAPES = [
    pytest.param(LINE_TYPES, id="line types"),
    pytest.param(HLR, id="hlr"),
    pytest.param(CURRENT, id="current and original carrier"),
    pytest.param(CARRIER, id="carrier and portability"),
    pytest.param(WHOLE_NUMBER, id="network as a number"),
]


@pytest.mark.parametrize("shape", SHAPES)
async def test_reads_the_shapes_of_known_services(shape: Shape) -> None:
    async with asking(answering(body_of(shape.answer)), paths=shape.paths) as one:
        assert await one.ask() == shape.finding
        assert one.failures == []


async def test_writes_the_request_as_it_is_set() -> None:
    headers = (*authorization("user", "s3cret", ""), ("X-Key", "k"))
    async with asking(answering(GOOD), "/v2/%2B{number}?Fields=line_type", headers=headers) as one:
        await one.ask()
        [request] = one.server.requests
    assert request.line == f"GET /v2/%2B{NUMBER}?Fields=line_type HTTP/1.1"
    assert request.headers == {
        "host": f"127.0.0.1:{one.server.port}",
        "accept": "application/json",
        "authorization": "Basic dXNlcjpzM2NyZXQ=",
        "x-key": "k",
    }


async def test_posts_a_body_with_the_number() -> None:
    settings = {"method": "POST", "body": '{"msisdn": "+{number}", "q": {}}'}
    async with asking(answering(GOOD), "/hlr-lookup", **settings) as one:
        assert await one.ask() == Finding(Source.PROVIDER, network="311480")
        [request] = one.server.requests
    assert (request.line, request.body) == ("POST /hlr-lookup HTTP/1.1", b'{"msisdn": "+12025550123", "q": {}}')


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "404 Not Found", "410 Gone", "422 Unprocessable", "200 OK"], ids=lambda s: s[:3]
)
async def test_a_number_that_it_does_not_know_is_no_failure(status: str) -> None:
    async with asking(answering(http_answer(b'{"network": null}', status))) as one:
        assert [await one.ask() for _ in range(4)] == [Finding(Source.PROVIDER)] * 4
        assert not one.provider.breaker.is_open


NONSENSE = [
    pytest.param(http_answer(b"<html>Sorry</html>"), "no JSON", id="a page"),
    pytest.param(http_answer(b""), "no JSON", id="nothing"),
    pytest.param(http_answer(b'{"network": NaN}'), "no JSON", id="not a number"),
    pytest.param(http_answer(b'{"network": "311480"'), "no JSON", id="cut JSON"),
    pytest.param(http_answer(b'{"network": "\xff"}'), "no JSON", id="no UTF-8"),
    pytest.param(http_answer(b"[" * 60_000), "no JSON", id="brackets without end"),
    pytest.param(http_answer(b'{"network": {"mcc": 1}}'), "network is no network", id="an object for a text"),
    pytest.param(http_answer(b'{"network": true}'), "network is no network", id="true for a number"),
    pytest.param(http_answer(b'{"network": 311480.5}'), "network is no network", id="a fraction"),
    pytest.param(http_answer(b'{"network": -31148}'), "network is no network", id="below zero"),
    pytest.param(http_answer(b'{"network": ' + b"9" * 5_000 + b"}"), "", id="a number of 5,000 digits"),
    pytest.param(http_answer(b'{"network": 1e300}'), "network is no network", id="a huge number"),
    pytest.param(http_answer(b'{"network": "310 260"}'), "network is no network", id="a blank inside"),
    pytest.param(http_answer('{"network": "٣١١٤٨٠"}'.encode()), "network is no network", id="other scripts' digits"),
    pytest.param(http_answer(b'"' + b"x" * ANSWER_CAP + b'"'), "at most", id="too long"),
    pytest.param(http_answer(b"{}", "500 Broken"), "HTTP 500", id="broken"),
    pytest.param(http_answer(b"{}", "302 Found", (("Location", "/x"),)), "HTTP 302", id="a redirect"),
    pytest.param(b"SSH-2.0-x\r\n\r\n", "not HTTP", id="no HTTP"),
]


@pytest.mark.parametrize(("answer", "words"), NONSENSE)
async def test_nonsense_is_a_failure_that_opens_the_breaker(answer: bytes, words: str) -> None:
    async with asking(answering(answer, close=True)) as one:
        assert [await one.ask(), await one.ask()] == [None, None]
        assert words in one.failures[0]
        assert NUMBER not in one.failures[0]
        assert one.provider.breaker.is_open


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param(b"[]", id="a list"),
        pytest.param(b"7", id="a number"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"other": 1}', id="other facts"),
        pytest.param(b'{"network": ""}', id="an empty text"),
    ],
)
def test_what_is_not_there_is_not_told(tree: bytes) -> None:
    assert read_finding(tree, PLAIN) == Finding(Source.PROVIDER)


def test_names_are_one_short_line() -> None:
    paths = replace(PLAIN, name="a.name", line_type="a.type")
    tree = {"network": "26201", "a": {"name": "A\r\nble\x1b[2J" + "x" * 200, "type": ["mobile"]}}
    found = read_finding(json.dumps(tree).encode(), paths)
    assert found == Finding(Source.PROVIDER, network="26201", name=("Able[2J" + "x" * 200)[:64])


async def test_a_slow_one_fails_in_time() -> None:
    async with asking(silent, timeout=0.1) as one:
        async with asyncio.timeout(10):
            assert await one.ask() is None
        assert "no answer" in one.failures[0]


async def test_one_that_is_away_fails() -> None:
    async with asking(closing_at_once) as one:
        port = one.server.port
    async with asking(closing_at_once) as one:
        one.provider._settings = replace(one.provider._settings, url=f"http://127.0.0.1:{port}/{{number}}")
        assert await one.ask() is None
        assert "not connected" in one.failures[0]


async def test_a_connection_that_ended_while_it_rested_is_made_anew() -> None:
    async def one_answer_each(peer: Peer) -> None:
        if await peer.request():
            await peer.send(GOOD)
            await peer.request()  # and is cut off without an answer

    async with asking(one_answer_each) as one:
        told = [await one.ask() for _ in range(3)]
        assert told == [Finding(Source.PROVIDER, network="311480")] * 3
        assert one.server.connections == 3


async def test_the_breaker_opens_and_closes() -> None:
    async with asking(answering(http_answer(b"", "500 Broken"), close=True)) as one:
        await one.ask()
        await one.ask()
        assert one.provider.breaker.is_open
        assert await one.ask() is None
        assert one.failures[-1] == "it failed several times in a row and is left alone for a while"
        assert len(one.server.requests) == 2  # it was not asked

        one.clock.now += 5  # the first back-off: one probe, which fails
        assert [await one.ask(), await one.ask()] == [None, None]
        assert len(one.server.requests) == 3

        one.server.script = answering(GOOD)
        one.clock.now += 50  # the second: one probe, which is answered
        assert await one.ask() == Finding(Source.PROVIDER, network="311480")
        assert not one.provider.breaker.is_open
        assert await one.ask() == Finding(Source.PROVIDER, network="311480")


@pytest.mark.parametrize("status", ["401 Who", "403 No", "405 Not so"], ids=lambda s: s[:3])
async def test_one_refusal_of_our_credentials_opens_the_breaker(status: str) -> None:
    async with asking(answering(http_answer(b"", status))) as one:
        await one.ask()
        assert one.provider.breaker.is_open


@pytest.mark.parametrize(
    ("status", "header", "pause"),
    [
        pytest.param("429 Slow", (("Retry-After", "30"),), 30.0, id="429 with Retry-After"),
        pytest.param("429 Slow", (), 1.0, id="429 without"),
        pytest.param("503 Busy", (("Retry-After", "7"),), 7.0, id="503 with Retry-After"),
        pytest.param("429 Slow", (("Retry-After", "9" * 8),), 3600.0, id="a year and more"),
        pytest.param("429 Slow", (("Retry-After", "soon"),), 1.0, id="a word"),
    ],
)
async def test_one_that_is_busy_is_left_alone_for_as_long_as_it_asks(
    status: str, header: tuple[tuple[str, str], ...], pause: float
) -> None:
    async with asking(answering(http_answer(b"", status, header), GOOD)) as one:
        assert await one.ask() is None
        assert not one.provider.breaker.is_open
        one.clock.now += pause - 0.01
        assert await one.ask() is None
        assert one.failures[-1] == "it asked to be left alone for a while"
        assert len(one.server.requests) == 1
        one.clock.now += 0.02
        assert await one.ask() == Finding(Source.PROVIDER, network="311480")


async def test_a_private_address_is_asked_only_when_it_is_allowed() -> None:
    async with asking(answering(GOOD), guard=Guard.of([])) as one:
        assert await one.ask() is None
        assert one.failures[0].startswith("refused")
        assert one.server.connections == 0


def settings(**changes: Any) -> ProviderSettings:
    return replace(ProviderSettings("https://lookup.example.net/{number}", paths=PLAIN), **changes)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param(lambda: settings(url="https://lookup.example.net/"), "neither url nor body has", id="no blank"),
        pytest.param(lambda: settings(url="ftp://x/{number}"), "neither http nor https", id="no http"),
        pytest.param(lambda: settings(url="https://u:p@x/{number}"), "credentials", id="credentials in the address"),
        pytest.param(lambda: settings(url="https://{number}.example.net/"), "", id="a number for a host is possible"),
        pytest.param(lambda: settings(body="{number}"), "POST", id="a body of a GET"),
        pytest.param(lambda: settings(paths=Paths(mcc="mcc")), "network, or mcc and mnc", id="half a network"),
        pytest.param(lambda: settings(headers=(("X-Key", "a\r\nb"),)), "printable", id="a line break in a header"),
        pytest.param(lambda: authorization("u", "", "t"), "or a token", id="two kinds of credentials"),
    ],
)
def test_settings_that_cannot_be_used_are_told(wrong: Callable[[], Any], words: str) -> None:
    def use() -> None:
        made = wrong()
        if isinstance(made, ProviderSettings):
            check_settings(made)

    if not words:
        use()
        return
    with pytest.raises(ValueError, match=words):
        use()


def test_a_token_is_a_bearer() -> None:
    assert authorization("", "", "t0k") == (("Authorization", "Bearer t0k"),)
    assert authorization("", "", "") == ()
