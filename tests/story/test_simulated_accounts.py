"""An account with `test`: whatever it sends ends at the simulator, and no real carrier hears of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from tests.story.house import House, Plan, house, request, until
from tests.story.test_fallback import texts

from slidewire.domain.audit import By
from slidewire.domain.campaigns import Campaign, Consent, Source
from slidewire.domain.usage import Channel, month_of
from slidewire.runtime.offline import digest
from slidewire.simulator.app import Simulator, SimulatorSettings
from slidewire.store.accounts import NewKey, change_settings, rotate_key
from slidewire.store.campaigns import add_campaign
from slidewire.store.consent import Subscription, change_subscription
from slidewire.store.prepaid import used_of
from slidewire.store.usage import read_usage


@dataclass
class Town:
    """A house whose simulator is for tests, and a real carrier beside it."""

    home: House
    carrier: Simulator

    @property
    def met(self) -> tuple[int, int]:
        """MMS and texts that the real carrier was given."""
        return len(self.carrier.inbox), len(self.carrier.texts)

    async def turn(self, word: str, route: str) -> None:
        """Set the account's `test`, and wait until the gateway has followed: a new message takes ``route``."""
        by = By("a test", 0, "audit-1")
        await self.home.database.write(lambda c: change_settings(c, "acct-1", {"test": word}, by))

        async def followed() -> bool:
            return (await self.home.message(await self.home.send())).route == route

        await until(followed, 20, f"test = {word}")


@asynccontextmanager
async def town(plan: Plan, *, provider: bool = False) -> AsyncIterator[Town]:
    async with Simulator(SimulatorSettings(mm7_port=0, smpp_port=0, http_port=0)) as carrier:
        plan.route, plan.sms = {"test": True}, {"test": True}
        plan.routes = (
            {"name": "real", "kind": "mm7", "url": carrier.mm7_url},
            {"name": "real-sms", "kind": "smpp", "host": "127.0.0.1", "port": carrier.smpp_port, "system_id": "gw"},
        )
        async with house(plan, provider=provider) as home:
            yield Town(home, carrier)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param({}, ["N101 MMS", "N102 MMS"], id="an MMS"),
        pytest.param({"TO": "15557650001"}, ["N101 MMS", "E102"], id="one that expires"),
        pytest.param({"TO": "15557650009"}, ["N101 SMS", "N202 SMS"], id="one that falls back"),
        pytest.param({"FORCE_SEND_AS_SMS": "true", "TO": "15557650052"}, ["N101 SMS", "E202 SMS"], id="an SMS"),
    ],
)
async def test_a_test_account_meets_the_simulator_alone(plan: Plan, fields: dict[str, str], told: list[str]) -> None:
    plan.account = {"test": "on"}
    async with town(plan) as one:
        tracking = await one.home.send(**fields)
        caught = await one.home.until_told(tracking, *(word.split()[0] for word in told))
        assert [f"{each['CODE']} {each.get('SENTAS', '')}".strip() for each in caught] == told
        assert (await one.home.message(tracking)).route in {"mmsc-a", "sms-a"}
        assert one.met == (0, 0)


async def test_other_accounts_never_meet_the_simulator(plan: Plan) -> None:
    async with town(plan) as one:
        picture, text = await one.home.send(), await one.home.send(FORCE_SEND_AS_SMS="true")
        for tracking in (picture, text):
            await one.home.until_told(tracking, "N101")
        assert one.met == (1, 1)
        assert (len(one.home.simulator.inbox), await texts(one.home)) == (0, [])


@pytest.mark.parametrize(
    ("forced", "words"),
    [
        pytest.param("", "no route to the simulator takes what a test account sends", id="MMS"),
        pytest.param("true", "there is no SMS route to the simulator for this sender and receiver", id="SMS"),
    ],
)
async def test_without_a_route_to_the_simulator_nothing_is_taken(plan: Plan, forced: str, words: str) -> None:
    plan.account, plan.sms = {"test": "on"}, {}
    async with house(plan) as home:
        answer = await home.post(request(FORCE_SEND_AS_SMS=forced))
        assert "<ERRORCODE>E619</ERRORCODE>" in answer
        assert f"<ERRORINFO>Carrier not provisioned. ({words})<" in answer


async def test_what_waits_for_a_real_carrier_ends_when_its_account_becomes_a_test_account(plan: Plan) -> None:
    """And so does what would go on as SMS."""
    async with town(plan) as one:
        port = urlsplit(one.carrier.mm7_url).port
        await one.carrier.stop()
        tracking = await one.home.send()

        async def tried() -> bool:
            return "retry" in await one.home.events(tracking)

        await until(tried, 20, "the first try")
        await one.turn("on", "mmsc-a")
        async with Simulator(replace(one.carrier.settings, mm7_port=port or 0)) as again:
            [told] = await one.home.until_told(tracking, "E101", limit=60)
            assert told["STATUSDETAILS"] == "the account was made a test account before it could be sent"
            assert len(again.inbox) == 0


async def test_a_test_stays_one_when_its_account_goes_live(plan: Plan) -> None:
    """Its MMS fails at the simulator after that: the fallback SMS is the simulator's too."""
    plan.account = {"test": "on"}
    async with town(plan) as one:
        port = urlsplit(one.home.simulator.mm7_url).port
        await one.home.simulator.stop()
        tracking = await one.home.send(TO="15557650009")
        await one.turn("off", "real")
        settings = replace(one.home.simulator.settings, mm7_port=port or 0, smpp_port=one.home.simulator.smpp_port)
        async with Simulator(settings) as again:
            await one.home.until_told(tracking, "N101", "N202", limit=60)
            assert (len(again.texts), len(one.carrier.texts)) == (1, 0)


async def test_nobody_pays_for_looking_up_the_operator_of_a_test(plan: Plan) -> None:
    plan.account = {"test": "on"}
    plan.settings = {"lookup": {"http": {"url": "", "network": "network", "allow_private": ["127.0.0.0/8"]}}}
    async with town(plan, provider=True) as one:
        for receiver in ("15557650020", "15557650019"):  # the second is unknown to the carrier: no second look
            await one.home.until_told(await one.home.send(TO=receiver), "N101")
        assert one.home.origin.requests == []


TEST_KEY = "k3yForTests00000000000000000001"


async def test_a_test_key_of_a_live_account_meets_the_simulator_alone_and_is_counted_apart(plan: Plan) -> None:
    plan.account = {"enforce_campaign": "on", "prepaid": "2"}
    async with town(plan) as one:
        home = one.home
        new = NewKey("acct-1", digest(home.settings, TEST_KEY), weak=False, others_end_at=0, test=True)
        await home.database.write(lambda c: rotate_key(c, new, By("a test", 1, "audit-1")))
        await home.database.write(lambda c: add_campaign(c, Campaign(0, "acct-1", "spring", "Spring")))
        joined = Subscription("15557650020", "acct-1", "spring", Consent.SUBSCRIBED, Source.API, 1)
        await home.database.write(lambda c: change_subscription(c, joined))
        # the campaign was made a moment ago: its account is looked for again, and the call stays a test
        tests = [await home.send(API_KEY=TEST_KEY, CAMPAIGNREF="spring") for _ in range(3)]
        tests.append(await home.send(API_KEY=TEST_KEY, CAMPAIGNREF="spring", FORCE_SEND_AS_SMS="true"))
        for tracking in tests:
            await home.until_told(tracking, "N101", "N202" if tracking == tests[-1] else "N102")
        assert one.met == (0, 0)
        live = await home.send(CAMPAIGNREF="spring")
        await home.until_told(live, "N101")
        assert one.met == (1, 0)
        batch = request(ACTION="sendBatch", API_KEY=TEST_KEY, CAMPAIGNREF="spring", TO="15557650020,15557650021")
        assert "<TOTAL>2</TOTAL>" in await home.post(batch)

        async def expanded() -> bool:
            return len(home.simulator.inbox) == 4

        await until(expanded, 20, "the subscribed receiver of the batch")  # the other has not joined
        month = month_of((await home.message(live)).accepted_at)
        assert one.met == (1, 0)

        async def counted() -> bool:
            used = await home.database.read(lambda c: read_usage(c, month))
            return (Channel.MMS_TEST, 4) in {(usage.channel, usage.messages) for _, usage in used}

        await until(counted, 20, "the batch in the ledger")
        used = await home.database.read(lambda c: read_usage(c, month))
        assert {usage.channel: usage.messages for _, usage in used if usage.channel is not Channel.API} == {
            Channel.MMS: 1,
            Channel.MMS_TEST: 4,
            Channel.SMS_TEST: 1,
        }
        assert await home.database.read(lambda c: used_of(c, "acct-1")) == 1
