"""sendSMS: a text to a phone, what is told of it, and everything that keeps it from leaving."""

import json
import re
from typing import Any

import pytest
from tests.story.house import KEY, SHORT_CODE, House, Plan, house, until
from tests.story.test_fallback import texts

from slidewire.domain.campaigns import Block, Campaign, Consent, Source
from slidewire.domain.usage import Channel, Usage, month_of
from slidewire.store.campaigns import add_campaign
from slidewire.store.consent import Subscription, add_blocks, change_subscription
from slidewire.store.usage import read_usage

PHONE = "15557650020"


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """A house with an SMS route besides the one for MMS."""
    plan.sms = {}
    return plan


def text(words: str = "Hello", **fields: str) -> str:
    known = {"ACTION": "sendSMS", "API_KEY": KEY, "TO": PHONE, "FROM": SHORT_CODE, "TEXT": words} | fields
    return "<REQUEST>" + "".join(f"<{k}>{v}</{k}>" for k, v in known.items() if v) + "</REQUEST>"


async def sent(home: House, words: str = "Hello", **fields: str) -> str:
    """A text that must be accepted; its tracking id."""
    answer = await home.post(text(words, **fields))
    to = fields.get("TO", PHONE)
    found = re.fullmatch(
        f"<RESPONSE><STATUS>Success</STATUS><TRACKINGID>([^<]+)</TRACKINGID><TO>{to}</TO></RESPONSE>", answer
    )
    assert found, answer
    return found[1]


async def refusal(home: House, words: str = "Hello", **fields: str) -> tuple[str, str]:
    """Code and words of a refusal."""
    answer = await home.post(text(words, **fields))
    found = re.search("<ERRORCODE>(.*?)</ERRORCODE>.*<ERRORINFO>(.*?)</ERRORINFO>", answer)
    assert found, answer
    return found[1], found[2]


async def test_a_text_reaches_the_phone_and_is_told(plan: Plan) -> None:
    """Exactly as it was written: white space, line breaks, no link, no cut."""
    plan.settings = {"operators": [{"id": "31003", "aliases": ["0001890"], "name": "Able"}]}
    words = "  two  lines\n{€}  " + "x" * 300
    async with house(plan) as home:
        tracking_id = await sent(
            home, words, FROM_MASK="Brand", TO="447700900020", SPID="0001890", CLIENT_REFERENCE="r"
        )
        told = await home.until_told(tracking_id, "N201", "N202")
        common = {"ORIGIN": "SMS_MT", "FROM": SHORT_CODE, "FROM_MASK": "Brand", "TO": "447700900020"}
        common |= {"TRACKINGID": tracking_id, "CLIENT_REFERENCE": "r", "SPID": "0001890"}
        for fields, (code, status) in zip(
            told, (("N201", "Message Sent"), ("N202", "Message Sent/Delivered")), strict=True
        ):
            assert list(fields) == [
                *("ORIGIN", "CODE", "STATUS", "FROM", "FROM_MASK", "TO", "TRACKINGID"),
                *("CLIENT_REFERENCE", "SPID", "TIMESTAMP"),
            ]
            assert {k: v for k, v in fields.items() if k != "TIMESTAMP"} == common | {"CODE": code, "STATUS": status}
        [arrived] = await texts(home)
        assert (arrived["text"], arrived["sender"], arrived["segments"]) == (words, "Brand", 3)
        assert await home.events(tracking_id) == ["submitted", "receipt", "receipt", "delivered"]
        assert home.origin.requests == []


async def test_a_text_that_does_not_fit_is_refused_and_never_cut(plan: Plan) -> None:
    """The limit is told in characters of its own alphabet (settled 30)."""
    async with house(plan) as home:
        assert await refusal(home, "x" * 460) == ("E228", "Text more than 459 characters. (at most 3 segments)")
        assert await refusal(home, "ж" * 202) == ("E228", "Text more than 201 characters. (at most 3 segments)")
        await home.until_told(await sent(home, "x" * 459), "N201", "N202")
        await home.until_told(await sent(home, "ж" * 201), "N201", "N202")
        assert sorted(each["segments"] for each in await texts(home)) == [3, 3]


async def test_one_segment_is_the_published_limit(plan: Plan) -> None:
    plan.account = {"sms_segments": "1"}
    async with house(plan) as home:
        assert await refusal(home, "x" * 161) == ("E228", "Text more than 160 characters. (at most 1 segments)")
        assert await refusal(home, "ж" * 71) == ("E228", "Text more than 70 characters. (at most 1 segments)")
        await home.until_told(await sent(home, "x" * 160), "N201", "N202")


@pytest.mark.parametrize(
    ("receiver", "codes", "status", "details"),
    [
        pytest.param("15557650051", ("N201", "E202"), "Message Sent/Expired", "EXPIRED", id="expired"),
        pytest.param("15557650052", ("N201", "E202"), "Message Sent/Failed", "UNDELIV", id="undeliverable"),
        pytest.param("15557650061", ("E201",), "Message Failed", "refused by the carrier", id="no such number"),
    ],
)
async def test_what_does_not_arrive_is_told(
    plan: Plan, receiver: str, codes: tuple[str, ...], status: str, details: str
) -> None:
    async with house(plan) as home:
        *_, last = await home.until_told(await sent(home, TO=receiver), *codes)
        assert (last["ORIGIN"], last["STATUS"]) == ("SMS_MT", status)
        assert last["STATUSDETAILS"].startswith(details)
        assert {"SENTAS", "MMSID"}.isdisjoint(last)


async def test_it_has_the_postbacks_of_its_dialect(plan: Plan) -> None:
    body = {"action": "sendsms", "to": PHONE, "from": SHORT_CODE, "message-text": "Hi"}
    async with house(plan) as home:
        headers = {"x-api-key": KEY}
        async with home.http.post(f"{home.api}/ep/v2/", json=body, headers=headers) as answer:
            tracking_id = (await answer.json())["tracking-id"]

        def about() -> list[dict[str, Any]]:
            return [json.loads(post.body) for post in home.customer.posts]

        async def told() -> bool:
            return len(about()) == 2

        await until(told, 20, "two postbacks")
        assert [{k: v for k, v in each.items() if k != "timestamp"} for each in about()] == [
            {"origin": "SMS_MT", "code": code, "status": status, "from": SHORT_CODE, "to": PHONE}
            | {"tracking-id": tracking_id}
            for code, status in (("N201", "Sent"), ("N202", "Delivered"))
        ]


async def test_who_may_not_be_written_to_gets_no_text(plan: Plan) -> None:
    """Consent is that of MMS: campaigns, blocks, and a block that comes while the text waits."""
    plan.account = {"enforce_campaign": "on"}
    busy = "15557650054"  # throttled at the first tries
    async with house(plan) as home:
        await home.database.write(lambda c: add_campaign(c, Campaign(0, home.account_id, "spring", "Spring")))
        met = [(await refusal(home))[0], (await refusal(home, CAMPAIGNREF="x"))[0]]
        met.append((await refusal(home, CAMPAIGNREF="spring"))[0])
        for phone in (PHONE, busy):
            joined = Subscription(phone, home.account_id, "spring", Consent.SUBSCRIBED, Source.API, 1)
            assert await home.database.write(lambda c, joined=joined: change_subscription(c, joined))  # type: ignore[misc]
        await home.until_told(await sent(home, CAMPAIGNREF="spring"), "N201", "N202")
        waits = await sent(home, CAMPAIGNREF="spring", TO=busy)

        async def tried() -> bool:
            return await home.events(waits) != []

        await until(tried, 10, "the first try")
        await home.database.write(lambda c: add_blocks(c, [Block(busy, "", "", Source.MO, "", 1)]))
        [told] = await home.until_told(waits, "E201")
        assert told["STATUSDETAILS"] == "the receiver was blocked before it could be sent"
        met.append((await refusal(home, CAMPAIGNREF="spring", TO=busy))[0])
        # a text that is too long is told before its receiver's block (settled 1)
        met.append((await refusal(home, "x" * 500, CAMPAIGNREF="spring", TO=busy))[0])
        assert met == ["E718", "E721", "E715", "E114", "E228"]


async def test_where_no_sms_may_go(plan: Plan) -> None:
    plan.account = {"sms_countries": "US", "sms_daily": "1"}
    async with house(plan) as home:
        assert await refusal(home, TO="447700900123") == (
            "E619",
            "Carrier not provisioned. (this account may send no SMS to the receiver's country)",
        )
        await home.until_told(await sent(home), "N201", "N202")
        [told] = await home.until_told(await sent(home), "E201")
        assert told["STATUSDETAILS"] == "the account has sent its SMS segments of the day"


async def test_without_a_route_for_sms_nothing_is_accepted(plan: Plan) -> None:
    """Never as an MMS: and no fallback rule matters."""
    plan.sms = None
    async with house(plan) as home:
        assert (await refusal(home))[0] == "E619"
        assert (await refusal(home, "x" * 460))[0] == "E228"


async def test_limits_and_the_ledger_count_it(plan: Plan) -> None:
    """Its throughput is its own; a refused call and three segments are in the account's usage."""
    plan.account = {"throughput": "sendSMS=1/h, *=100/s"}
    async with house(plan) as home:
        tracking_id = await sent(home, "x" * 400)
        assert (await refusal(home))[0] == "E113"
        assert "Success" in await home.post(text(ACTION="sendMMS", NAME="n", SUBJECT="s", SLIDE="<TEXT>x</TEXT>"))
        await home.until_told(tracking_id, "N201", "N202")
        month = month_of((await home.message(tracking_id)).accepted_at)
        rows = await home.database.read(lambda c: read_usage(c, month))
        assert [usage for _, usage in rows if usage.channel is Channel.SMS] == [
            Usage(month, Channel.SMS, "", messages=1, segments=3)
        ]


async def test_a_test_accounts_text_meets_no_real_carrier(plan: Plan) -> None:
    plan.account = {"test": "on"}
    async with house(plan) as home:
        assert (await refusal(home))[0] == "E619"


async def test_a_text_that_comes_twice_is_sent_once(plan: Plan) -> None:
    async with house(plan) as home:
        first, second = [await home.post(text(), **{"Idempotency-Key": "one"}) for _ in range(2)]
        assert first == second
        found = re.search("<TRACKINGID>([^<]+)<", first)
        assert found
        await home.until_told(found[1], "N201", "N202")
        assert len(await texts(home)) == 1
