"""A carrier knows nobody at the number: the operator that was looked up is doubted (settled 28)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.carriers.replies import ok, rs_error
from tests.fakes.raw_server import Peer, RawServer, answering, http_answer
from tests.story.house import House, Plan, house

from slidewire.store.messages import message_events

OPERATORS = [{"id": "31003"}, {"id": "31004"}, {"id": "31005", "mms": False}]
#: Networks of theirs.
ABLE, FAR, PLAIN = "311480", "310260", "310120"
BROKEN = ""


@dataclass
class Provider:
    """A look-up service that answers one network after the other, the last again and again."""

    networks: list[str]
    asked: int = 0
    server: RawServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = RawServer(self._script)

    async def _script(self, peer: Peer) -> None:
        while await peer.request() is not None:
            network = self.networks[min(self.asked, len(self.networks) - 1)]
            self.asked += 1
            found = http_answer(f'{{"network": "{network}"}}'.encode())
            await peer.send(found if network else http_answer(b"", "500 Broken"))


@dataclass
class Street:
    """A house with its provider, and the carriers that refuse everybody."""

    home: House
    provider: Provider
    refusing: list[RawServer]

    async def told(self, tracking: str) -> list[tuple[str, str]]:
        """Events and their details, receipts that are not final left out."""
        rows = await self.home.database.read(lambda c: message_events(c, tracking))
        return [(row["event"], row["detail"]) for row in rows if row["event"] != "receipt"]

    async def events(self, tracking: str) -> list[str]:
        return [event for event, _ in await self.told(tracking)]

    @property
    def refused(self) -> list[int]:
        return [len(server.requests) for server in self.refusing]


@asynccontextmanager
async def street(plan: Plan, networks: list[str], *refusing: tuple[str, str], **lookup: str) -> AsyncIterator[Street]:
    """``refusing``: StatusCode and operator of each carrier that refuses; the simulator serves 31004."""
    servers = [RawServer(answering(ok(rs_error(code, "Denied")))) for code, _ in refusing]
    provider = Provider(networks)
    async with provider.server:
        for server in servers:
            await server.__aenter__()
        http = {"url": provider.server.url("/{number}"), "network": "network", "allow_private": ["127.0.0.0/8"]}
        plan.sms = {}
        plan.route = {"operators": ["31004"]} | plan.route
        plan.settings = {"operators": OPERATORS, "lookup": {"http": http | {"timeout": "5s"}} | lookup}
        routes: list[dict[str, Any]] = [
            {"name": f"mmsc-{n}", "kind": "mm7", "url": server.url("/mm7"), "operators": [operator]}
            for n, (server, (_, operator)) in enumerate(zip(servers, refusing, strict=True), start=1)
        ]
        plan.routes = tuple(routes)
        async with house(plan) as home:
            yield Street(home, provider, servers)
        for server in servers:
            await server.__aexit__()


@pytest.mark.parametrize("code", ["2003", "4007"])
async def test_looked_up_once_more_and_sent_by_the_other_route(plan: Plan, code: str) -> None:
    async with street(plan, [ABLE, FAR], (code, "31003")) as one:
        tracking = await one.home.send()
        sent, delivered = await one.home.until_told(tracking, "N101", "N102")
        assert (sent["SENTAS"], delivered["SENTAS"], sent["SPID"]) == ("MMS", "MMS", "0001570")
        assert "STATUSDETAILS" not in sent
        events = await one.told(tracking)
        assert [event for event, _ in events] == ["rerouted", "submitted", "delivered"]
        assert events[0][1] == f"{code} Denied; now operator 31004, route mmsc-a"
        message = await one.home.message(tracking)
        assert (message.operator, message.route) == ("31004", "mmsc-a")
        assert (one.provider.asked, one.refused) == (2, [1])
        again = await one.home.send()  # the second answer is what is kept
        await one.home.until_told(again, "N101", "N102")
        assert (await one.events(again), one.provider.asked) == (["submitted", "delivered"], 2)


async def test_with_no_other_route_it_falls_back(plan: Plan) -> None:
    async with street(plan, [ABLE, ABLE], ("4007", "31003")) as one:
        tracking = await one.home.send()
        sent, _ = await one.home.until_told(tracking, "N101", "N202", limit=30)
        assert sent["STATUSDETAILS"] == "refused by the carrier: 4007 Denied"
        assert await one.events(tracking) == ["fallback", "submitted", "delivered"]
        assert (one.provider.asked, one.refused) == (2, [1])


async def test_there_is_no_second_doubt(plan: Plan) -> None:
    plan.route = {"operators": ["99999"]}
    async with street(plan, [ABLE, FAR, ABLE], ("4007", "31003"), ("2003", "31004"), ("2003", "*")) as one:
        tracking = await one.home.send()
        sent, _ = await one.home.until_told(tracking, "N101", "N202", limit=30)
        assert sent["STATUSDETAILS"] == "refused by the carrier: 2003 Denied"
        assert await one.events(tracking) == ["rerouted", "fallback", "submitted", "delivered"]
        assert (one.provider.asked, one.refused) == (2, [1, 1, 0])


async def test_a_default_that_was_wrong_leaves_routes_for_any(plan: Plan) -> None:
    plan.route = {"operators": ["*"]}
    async with street(plan, [BROKEN], ("4007", "31003"), default="31003") as one:
        tracking = await one.home.send()
        sent, _ = await one.home.until_told(tracking, "N101", "N102", limit=30)
        assert "SPID" not in sent
        assert await one.events(tracking) == ["rerouted", "submitted", "delivered"]
        assert (await one.home.message(tracking)).operator == ""


async def test_an_operator_that_takes_no_mms_after_all_gets_the_sms(plan: Plan) -> None:
    plan.route = {"operators": ["*"]}
    async with street(plan, [ABLE, PLAIN], ("4007", "31003")) as one:
        tracking = await one.home.send()
        sent, _ = await one.home.until_told(tracking, "N101", "N202", limit=30)
        assert (sent["SENTAS"], sent["SPID"]) == ("SMS", "0001650")
        assert sent["STATUSDETAILS"] == "refused by the carrier: 4007 Denied"
        assert await one.events(tracking) == ["fallback", "submitted", "delivered"]


@pytest.mark.parametrize(
    "fields",
    [pytest.param({"OPERATORID": "31003"}, id="by its id"), pytest.param({"SPID": "0001890"}, id="by an alias")],
)
async def test_an_operator_that_the_caller_named_is_not_doubted(plan: Plan, fields: dict[str, str]) -> None:
    plan.route = {"operators": ["*"]}
    async with street(plan, [FAR], ("4007", "31003")) as one:
        tracking = await one.home.send(**fields)
        await one.home.until_told(tracking, "N101", "N202", limit=30)
        assert await one.events(tracking) == ["fallback", "submitted", "delivered"]
        assert (one.provider.asked, one.refused) == (0, [1])


async def test_where_no_sms_may_go_it_fails_after_the_other_route(plan: Plan) -> None:
    async with street(plan, [ABLE, FAR], ("4007", "31003")) as one:
        tracking = await one.home.send(TO="15557650009", DISABLEFALLBACKSMS="yes")
        [failed] = await one.home.until_told(tracking, "E101", limit=30)
        assert failed["STATUSDETAILS"].startswith("refused by the carrier: 4007")
        assert await one.events(tracking) == ["rerouted", "failed"]
