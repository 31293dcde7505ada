"""The chain: each link asked only when those before it cannot tell, and what becomes of its answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.builders import Clock
from tests.carriers.test_provider import asking
from tests.fakes.raw_server import RawServer, Script, answering, http_answer

from slidewire.carriers.choice import Landline
from slidewire.carriers.lookup import Found, Links, Lookup, Said
from slidewire.carriers.operators import Catalogue, Operator
from slidewire.carriers.prefixes import PrefixTable
from slidewire.carriers.provider import Paths
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.finding import Finding, KeptFinding, Source

NUMBER = "12025550123"
ABLE = Operator("31003", "Able", ("0001890",), networks=("311480",))
PLAIN = Operator("31005", "Plain", mms=False, networks=("310120",))
PATHS = Paths(network="network", name="name", line_type="type")
BROKEN = http_answer(b"", "500 Broken")
NOBODY = http_answer(b"", "404 Not Found")


def network(number: str, line_type: str = "mobile") -> bytes:
    return http_answer(f'{{"network": "{number}", "name": "N", "type": "{line_type}"}}'.encode())


@dataclass
class Shelf:
    """A cache with nothing behind it but a dictionary: whether it is right is the store's tests' matter."""

    kept: dict[str, KeptFinding] = field(default_factory=dict)
    now: Clock = field(default_factory=Clock)

    async def find(self, number: str) -> Finding | None:
        found = self.kept.get(number)
        return found.finding if found and found.until > self.now() else None

    async def keep(self, kept: KeptFinding) -> None:
        self.kept[kept.number] = kept

    async def forget(self, number: str) -> None:
        self.kept.pop(number, None)


@dataclass
class Chained:
    lookup: Lookup
    cache: Shelf
    server: RawServer | None

    @property
    def asked(self) -> int:
        """How often the provider was."""
        return len(self.server.requests) if self.server else 0


@asynccontextmanager
async def chain(script: Script | None = None, **links: Any) -> AsyncIterator[Chained]:
    cache = Shelf()
    times = {"cache_ms": 1_000_000, "negative_ms": 1_000}
    catalogue = Catalogue((ABLE, PLAIN))
    if script is None:
        yield Chained(Lookup(catalogue, Links(**(times | links)), cache, cache.now), cache, None)
        return
    async with asking(script, paths=PATHS) as one:
        made = Links(provider=one.provider, **(times | links))
        yield Chained(Lookup(catalogue, made, cache, cache.now), cache, one.server)


def prefixes(finding: Finding) -> PrefixTable:
    return PrefixTable({NUMBER[:4]: finding}, 4)


IN_FILE = prefixes(Finding(Source.PREFIXES, operator="31005"))


async def test_the_provider_is_asked_once_and_its_answer_holds() -> None:
    async with chain(answering(network("311480"))) as one:
        assert [await one.lookup.find(NUMBER) for _ in range(3)] == [Found(ABLE)] * 3
        assert one.asked == 1
        finding = Finding(Source.PROVIDER, network="311480", name="N", line_type="mobile")
        now = one.cache.now()
        assert one.cache.kept == {NUMBER: KeptFinding(NUMBER, finding, now, now + 1_000_000)}
        one.cache.now.advance(1_000_000)
        await one.lookup.find(NUMBER)
        assert one.asked == 2


async def test_the_prefix_file_stands_before_the_provider() -> None:
    async with chain(answering(network("311480")), prefixes=IN_FILE) as one:
        assert await one.lookup.find(NUMBER) == Found(PLAIN)
        assert await one.lookup.find("1555") == Found(ABLE)
        assert one.asked == 1


async def test_what_is_kept_stands_before_the_prefix_file() -> None:
    async with chain(prefixes=IN_FILE) as one:
        await one.lookup.learn(NUMBER, "0001890")
        assert await one.lookup.find(NUMBER) == Found(ABLE)


async def test_a_network_in_no_catalogue_is_an_unknown_operator() -> None:
    async with chain(answering(network("26201")), default=ABLE) as one:
        assert await one.lookup.find(NUMBER) == Found(None)


async def test_a_number_that_the_provider_does_not_know_is_not_asked_for_again_at_once() -> None:
    async with chain(answering(NOBODY), default=ABLE) as one:
        assert [await one.lookup.find(NUMBER) for _ in range(3)] == [Found(ABLE)] * 3
        assert one.asked == 1
        one.cache.now.advance(1_000)
        await one.lookup.find(NUMBER)
        assert one.asked == 2


@pytest.mark.parametrize("answer", [pytest.param(BROKEN, id="it fails"), pytest.param(NOBODY, id="it knows nobody")])
async def test_without_a_default_it_is_e618(answer: bytes) -> None:
    async with chain(answering(answer)) as one:
        with pytest.raises(FaultError) as refused:
            await one.lookup.find(NUMBER)
        assert refused.value.fault is Fault.LOOKUP_FAILED


async def test_a_failure_is_not_kept() -> None:
    async with chain(answering(BROKEN, network("311480")), default=PLAIN) as one:
        assert await one.lookup.find(NUMBER) == Found(PLAIN)
        assert await one.lookup.find(NUMBER) == Found(ABLE)


async def test_a_chain_without_links_is_e618() -> None:
    async with chain() as one:
        with pytest.raises(FaultError, match="Carrier lookup failed"):
            await one.lookup.find(NUMBER)


@pytest.mark.parametrize("policy", Landline)
@pytest.mark.parametrize("line_type", ["landline", "Landline", "fixed line", "FIXED_LINE"])
async def test_a_landline_is_told_as_the_setting_says(policy: Landline, line_type: str) -> None:
    async with chain(answering(network("311480", line_type)), landline=policy) as one:
        assert await one.lookup.find(NUMBER) == Found(ABLE, policy)


@pytest.mark.parametrize("line_type", ["mobile", "fixedVoip", "voip", "tollFree", "unknown", ""])
async def test_others_may_well_have_a_handset(line_type: str) -> None:
    async with chain(answering(network("311480", line_type)), landline=Landline.REFUSE) as one:
        assert await one.lookup.find(NUMBER) == Found(ABLE)


async def test_a_landline_is_known_without_its_network() -> None:
    async with chain(answering(http_answer(b'{"type": "landline"}'))) as one:
        assert [await one.lookup.find(NUMBER) for _ in range(2)] == [Found(None, Landline.SMS)] * 2
        assert one.asked == 1


@pytest.mark.parametrize(
    ("word", "finding"),
    [
        pytest.param("31003", Finding(Source.TRAFFIC, operator="31003", name="Able"), id="an id"),
        pytest.param(" 0001890 ", Finding(Source.TRAFFIC, operator="31003", name="Able"), id="an alias"),
        pytest.param("310120", Finding(Source.TRAFFIC, operator="31005", name="Plain"), id="a network"),
        pytest.param("26201", None, id="a network in no catalogue"),
        pytest.param("Able", None, id="a name"),
        pytest.param("", None, id="nothing"),
    ],
)
async def test_traffic_tells_networks(word: str, finding: Finding | None) -> None:
    async with chain() as one:
        await one.lookup.learn(NUMBER, word)
        assert [kept.finding for kept in one.cache.kept.values()] == ([finding] if finding else [])


async def test_a_provider_that_is_left_alone_fills_no_log() -> None:
    with capture_logs() as logs:
        async with chain(answering(BROKEN), default=PLAIN) as one:
            for _ in range(10):  # two failures open the breaker
                assert await one.lookup.find(NUMBER) == Found(PLAIN)
            assert one.asked == 2
    said = {"event": "operator lookup failed", "reason": "HTTP 500", "log_level": "warning"}
    assert logs == [said] * 2


class TestOnceMore:
    """After the carrier knew nobody there (settled 28)."""

    async def test_what_was_kept_is_forgotten_and_the_provider_asked(self) -> None:
        async with chain(answering(network("311480"))) as one:
            await one.lookup.learn(NUMBER, "31005")
            assert await one.lookup.again(NUMBER, "31005") == Found(ABLE)
            assert await one.lookup.find(NUMBER) == Found(ABLE)
            assert one.asked == 1

    async def test_what_was_kept_is_forgotten_though_nobody_can_tell(self) -> None:
        async with chain(answering(BROKEN)) as one:
            await one.lookup.learn(NUMBER, "31005")
            assert await one.lookup.again(NUMBER, "31005") == Found(None)
            assert one.cache.kept == {}

    async def test_a_file_that_says_the_same_again_is_not_believed(self) -> None:
        async with chain(answering(network("311480")), prefixes=IN_FILE) as one:
            assert await one.lookup.again(NUMBER, "31005") == Found(ABLE)
            assert await one.lookup.find(NUMBER) == Found(ABLE)  # it was kept

    async def test_a_file_that_says_another_is_believed(self) -> None:
        async with chain(answering(network("311480")), prefixes=IN_FILE) as one:
            assert await one.lookup.again(NUMBER, "31003") == Found(PLAIN)
            assert one.asked == 0

    async def test_a_provider_that_says_the_same_is_believed(self) -> None:
        async with chain(answering(network("311480")), default=PLAIN) as one:
            assert await one.lookup.again(NUMBER, "31003") == Found(ABLE)

    async def test_a_default_that_was_wrong_is_no_answer(self) -> None:
        async with chain(answering(BROKEN), default=PLAIN) as one:
            assert await one.lookup.again(NUMBER, "31005") == Found(None)
            assert await one.lookup.again(NUMBER, "31003") == Found(PLAIN)


async def test_the_chain_at_work_is_shown_and_nothing_kept() -> None:
    async with chain(answering(network("311480"), BROKEN), prefixes=IN_FILE, default=ABLE) as one:
        told = Finding(Source.PROVIDER, network="311480", name="N", line_type="mobile")
        in_file, default = IN_FILE.rows[NUMBER[:4]], Finding(Source.DEFAULT, operator="31003", name="Able")
        said = [
            Said(Source.CACHE, words="nothing kept"),
            Said(Source.PREFIXES, in_file),
            Said(Source.PROVIDER, told),
            Said(Source.DEFAULT, default),
        ]
        assert await one.lookup.chain(NUMBER) == said
        assert (await one.lookup.chain(NUMBER))[2] == Said(Source.PROVIDER, words="HTTP 500")
        assert one.cache.kept == {}
    async with chain() as one:
        assert [replace(each, finding=None) for each in await one.lookup.chain(NUMBER)] == [
            Said(Source.CACHE, words="nothing kept"),
            Said(Source.PREFIXES, words="no prefix"),
            Said(Source.PROVIDER, words="not set"),
            Said(Source.DEFAULT, words="not set: E618 where nothing else tells"),
        ]
