"""Looking names up: bounded in time and fair between accounts (security 3)."""

import asyncio
import ipaddress
from collections.abc import Sequence

import pytest
from tests.fakes.name_server import NameServer

from slidewire.outbound.resolve import DnsLookup, Gate, NotResolved, ResolveLimits, Resolver, addresses_of


class Slow:
    """A look-up that answers when it is told to, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = asyncio.Event()

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host.startswith("slow"):
            await self.answer.wait()
        return ["8.8.8.8"]


async def nothing(host: str) -> Sequence[str]:
    raise AssertionError(f"{host} needs no look-up")


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        pytest.param("10.0.0.1", ("10.0.0.1",), id="IPv4"),
        pytest.param("::1", ("::1",), id="IPv6"),
        pytest.param("localhost", ("127.0.0.1", "::1"), id="localhost"),
        pytest.param("a.localhost", ("127.0.0.1", "::1"), id="a name under localhost"),
    ],
)
async def test_needs_no_look_up(host: str, addresses: tuple[str, ...]) -> None:
    assert await Resolver(nothing).addresses(host) == addresses


async def test_asks_dns_for_both_families() -> None:
    table: dict[str, list[str] | None] = {"both.test": ["93.184.216.34", "2606:2800:220:1::1"]}
    async with NameServer(table) as names:
        lookup = DnsLookup(servers=[names.address])
        try:
            found = await Resolver(lookup).addresses("both.test")
        finally:
            await lookup.close()
    assert set(found) == {"93.184.216.34", "2606:2800:220:1::1"}


@pytest.mark.parametrize("host", ["gone.test", "empty.test", "x" * 63 + ".test"])
async def test_says_that_a_name_has_no_address(host: str) -> None:
    async with NameServer({"empty.test": []}) as names:
        lookup = DnsLookup(servers=[names.address])
        try:
            with pytest.raises(NotResolved):
                await Resolver(lookup).addresses(host)
        finally:
            await lookup.close()


async def test_gives_up_a_name_server_that_keeps_silent() -> None:
    async with NameServer({"slow.test": None, "quick.test": ["8.8.8.8"]}) as names:
        lookup = DnsLookup(servers=[names.address])
        resolver = Resolver(lookup, ResolveLimits(timeout=1))
        try:
            with pytest.raises(TimeoutError):
                await resolver.addresses("slow.test")
            assert await resolver.addresses("quick.test") == ("8.8.8.8",)
        finally:
            await lookup.close()
            await resolver.close()


async def test_slow_names_stall_only_the_account_that_asked_for_them() -> None:
    lookup = Slow()
    resolver = Resolver(lookup, ResolveLimits(timeout=0.5, per_account=2))  # a busy machine is slow without greed
    waiting = [asyncio.create_task(resolver.addresses(f"slow{n}.test", "greedy")) for n in range(5)]
    await asyncio.sleep(0)
    assert await resolver.addresses("other.test", "patient") == ("8.8.8.8",)
    with pytest.raises(TimeoutError):
        await resolver.addresses("other.test", "greedy")
    assert lookup.asked == ["slow0.test", "slow1.test", "other.test"]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(result) for result in results} == {TimeoutError}
    await resolver.close()


async def test_a_look_up_that_was_given_up_keeps_its_place_until_it_ends() -> None:
    lookup = Slow()
    resolver = Resolver(lookup, ResolveLimits(timeout=0.2, per_account=1))
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await resolver.addresses("slow.test", "greedy")
    assert lookup.asked == ["slow.test"]
    lookup.answer.set()
    assert await resolver.addresses("other.test", "greedy") == ("8.8.8.8",)
    await resolver.close()


async def test_tries_a_bounded_number_of_addresses() -> None:
    async def many(host: str) -> Sequence[str]:
        return [f"8.8.8.{n}" for n in range(100)]

    assert len(await Resolver(many).addresses("many.test")) == ResolveLimits().addresses


async def test_the_gate_forgets_accounts_that_have_left() -> None:
    gate = Gate(1)
    async with gate.turn("a"), gate.turn("b"):
        pass
    assert gate._lines == {}


async def test_finds_the_addresses_of_public_url() -> None:
    async def lookup(host: str) -> Sequence[str]:
        if host != "mms.example.net":
            raise NotResolved("no such name")
        return ["93.184.216.34"]

    resolver = Resolver(lookup)
    assert await addresses_of("https://mms.example.net/x", resolver) == {ipaddress.ip_address("93.184.216.34")}
    assert await addresses_of("https://gone.example.net/x", resolver) == frozenset()
    assert await addresses_of("nonsense", resolver) == frozenset()
