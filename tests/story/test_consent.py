"""Campaigns and blocks, each change of state shown by what the next request or message meets."""

import re

import pytest
from tests.story.house import SHORT_CODE, House, Plan, house, request, until

from slidewire.domain.campaigns import Block, Campaign, Consent, Source
from slidewire.domain.status import Status
from slidewire.store.campaigns import add_campaign, close_campaign
from slidewire.store.consent import Subscription, add_blocks, change_subscription, read_blocks, remove_block

PHONE = "15557650020"
#: The simulator asks to come back later.
BUSY = "15557650004"


async def code(home: House, **fields: str) -> str:
    """What a request is answered: a code, or Success."""
    answer = await home.post(request(**fields))
    found = re.search("<ERRORCODE>(.*?)</ERRORCODE>", answer)
    return found[1] if found else "Success" if "<STATUS>Success</STATUS>" in answer else answer


async def stands(home: House, state: Consent, source: Source = Source.API) -> None:
    new = Subscription(PHONE, home.account_id, "spring", state, source, 1)
    assert await home.database.write(lambda c: change_subscription(c, new))


async def test_every_change_of_a_campaign_shows_in_the_next_request(plan: Plan) -> None:
    plan.account = {"enforce_campaign": "on"}
    async with house(plan) as home:
        spring = {"CAMPAIGNREF": "spring"}
        met = [await code(home), await code(home, CAMPAIGNREF=" "), await code(home, **spring)]
        await home.database.write(lambda c: add_campaign(c, Campaign(0, home.account_id, "spring", "Spring")))
        met.append(await code(home, **spring))  # known at once: no second is waited
        await stands(home, Consent.SUBSCRIBED)
        met.append(await code(home, **spring))
        met.append(await code(home, CAMPAIGNREF=" spring "))
        met.append(await code(home, CAMPAIGNREF="Spring"))
        await stands(home, Consent.REMOVED)
        met.append(await code(home, **spring))
        assert met == ["E718", "E718", "E721", "E715", "Success", "Success", "E721", "E715"]
        assert home.origin.requests == []
        await home.database.write(lambda c: close_campaign(c, home.account_id, "spring", 2))

        async def closed() -> bool:
            return await code(home, **spring) == "E721"

        await until(closed, 5, "the campaign to be closed")


async def test_a_campaign_that_is_not_enforced_is_kept_and_never_checked(plan: Plan) -> None:
    async with house(plan) as home:
        tracking_id = await home.send(CAMPAIGNREF="whatever")
        assert (await home.until_status(tracking_id, "delivered")).campaign_ref == "whatever"


async def test_a_blocked_receiver_is_refused_before_anything_is_fetched(plan: Plan) -> None:
    async with house(plan) as home:
        slides = f"<SLIDE><IMAGE><URL>{home.origin.url('/a.jpg')}</URL></IMAGE></SLIDE>"
        block = Block(PHONE, home.account_id, SHORT_CODE, Source.MANAGER, "", 1)
        await home.database.write(lambda c: add_blocks(c, [block]))
        assert "<ERRORCODE>E114</ERRORCODE>" in await home.post(request(slides, TO=f"+{PHONE}"))
        assert home.origin.requests == []
        assert await home.database.write(lambda c: remove_block(c, PHONE, home.account_id, SHORT_CODE))
        assert await code(home) == "Success"


async def test_a_block_stops_what_waits(plan: Plan) -> None:
    """The MMSC asks to come back later; meanwhile the phone is blocked (durability 25)."""
    plan.settings = {"delivery": {"retry": [0.5]}}
    async with house(plan) as home:
        tracking_id = await home.send(TO=BUSY)

        async def tried() -> bool:
            return await home.events(tracking_id) != []

        await until(tried, 10, "the first try")
        await home.database.write(lambda c: add_blocks(c, [Block(BUSY, "", "", Source.MO, "", 1)]))
        [told] = await home.until_told(tracking_id, "E101")
        assert told["STATUSDETAILS"] == "the receiver was blocked before it could be sent"
        assert (await home.message(tracking_id)).status is Status.FAILED
        assert await home.events(tracking_id) == ["retry", "failed"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"TO": "15557650009"}, "4007", id="MM7"),
        pytest.param({"TO": "15557650061", "FORCE_SEND_AS_SMS": "true"}, "0x0B", id="SMPP"),
    ],
)
async def test_a_carrier_that_says_blocked_fills_the_block_list(plan: Plan, fields: dict[str, str], code: str) -> None:
    options = {"options": {"blocked_codes": code}}
    plan.route, plan.sms = (options, {}) if code == "4007" else ({}, options)
    async with house(plan) as home:
        await home.until_told(await home.send(**fields), "E101")
        [block] = await home.database.read(lambda c: read_blocks(c, receiver=fields["TO"]))
        route = "mmsc-a" if code == "4007" else "sms-a"
        assert (block.account_id, block.sender, block.source) == (home.account_id, "24680", Source.CARRIER)
        assert block.note.startswith(f"{route}: ")
        assert "<ERRORCODE>E114</ERRORCODE>" in await home.post(request(**fields))


async def test_what_the_simulator_says_of_a_test_blocks_nobody(plan: Plan) -> None:
    plan.account, plan.route = {"test": "on"}, {"test": True, "options": {"blocked_codes": "4007"}}
    async with house(plan) as home:
        await home.until_told(await home.send(TO="15557650009"), "E101")
        assert await home.database.read(read_blocks) == []
