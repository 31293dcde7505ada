"""When MMS cannot reach the phone: an SMS with a link, and what its sender is told."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.story.house import House, Plan, house, request

from slidewire.demo.loopback import free_port

OPERATORS = [{"id": "31003", "name": "Able"}, {"id": "31005", "name": "Plain", "mms": False}]


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """A house with an SMS route, and an operator that takes no MMS."""
    plan.sms = {}
    plan.settings = {"operators": OPERATORS}
    return plan


async def texts(home: House) -> list[dict[str, Any]]:
    """The SMS that arrived at the simulated phones."""
    async with home.http.get(f"{home.simulator.http_url}/api/sms") as answer:
        found = await answer.json()
    return list(found["sms"] if isinstance(found, dict) else found)


@dataclass(frozen=True)
class Row:
    """A reason to send an SMS, and what is told and kept of it."""

    fields: dict[str, str]
    details: str  #: STATUSDETAILS of N101 begins with it
    events: list[str]
    slides: str = "<SLIDE><TEXT>Hello</TEXT></SLIDE>"
    route: dict[str, Any] = field(default_factory=dict)


ROWS = [
    pytest.param(Row({"FORCE_SEND_AS_SMS": "true"}, "sent as SMS by request", ["submitted", "delivered"]), id="forced"),
    pytest.param(
        Row({"OPERATORID": "31005"}, "the operator takes no MMS", ["submitted", "delivered"]), id="not capable"
    ),
    pytest.param(
        Row({"OPERATORID": "31003"}, "no MMS route", ["submitted", "delivered"], route={"operators": ["99999"]}),
        id="no MMS route",
    ),
    pytest.param(
        Row({"TO": "15557650009"}, "refused by the carrier: 4007", ["fallback", "submitted", "delivered"]),
        id="service denied",
    ),
    pytest.param(
        Row({"TO": "15557650019"}, "refused by the carrier: 2003", ["fallback", "submitted", "delivered"]),
        id="address not found",
    ),
    pytest.param(
        Row({"TO": "15557650008"}, "too big", ["retry", "retry", "fallback", "submitted", "delivered"]),
        id="content refused until it was small enough",
    ),
    pytest.param(
        Row(
            {},
            "too big for the operator",
            ["fallback", "submitted", "delivered"],
            slides=f"<SLIDE><TEXT>{'x' * 4_000}</TEXT></SLIDE>",
            route={"max_bytes": 3_000},
        ),
        id="too big after fitting",
    ),
]


@pytest.mark.parametrize("row", ROWS)
async def test_a_fallback_sms_with_a_page(plan: Plan, row: Row) -> None:
    plan.route = row.route
    async with house(plan) as home:
        tracking = await home.send(row.slides, FALLBACKSMSTEXT="See your picture:", **row.fields)
        sent, delivered = await home.until_told(tracking, "N101", "N202", limit=30)
        assert (sent["SENTAS"], sent["STATUS"]) == ("SMS", "Message Sent")
        assert sent["STATUSDETAILS"].startswith(row.details)
        assert delivered["ORIGIN"] == "MMS_MT"
        assert (delivered["SENTAS"], delivered["STATUS"]) == ("SMS", "Message Sent/Delivered")
        assert "MMSID" not in delivered
        assert [e for e in await home.events(tracking) if e != "receipt"] == row.events
        [sms] = await texts(home)
        link = re.fullmatch(r"See your picture: (http://127\.0\.0\.1:[0-9]+/m/[A-Za-z0-9]{11})", sms["text"])
        assert link, sms
        async with home.http.get(link[1]) as page:
            assert page.status == 200
            assert ("Hello" in await page.text()) or "xxxx" in await page.text()


async def test_an_outage_becomes_an_sms_where_the_route_says_so(plan: Plan) -> None:
    """No connection at all: the attempts run out, or the outage lasts, whichever is first."""
    plan.route = {"url": f"http://127.0.0.1:{free_port()}/mm7", "fallback_on_outage": True}
    async with house(plan) as home:
        tracking = await home.send()
        sent, _ = await home.until_told(tracking, "N101", "N202", limit=60)
        assert sent["STATUSDETAILS"].startswith("the carrier could not be reached: not connected")
        events = await home.events(tracking)
        assert events == ["retry"] * (len(events) - 3) + ["fallback", "submitted", "delivered"]
        assert 0 < len(events) - 3 <= 3  # the schedule has three repetitions


async def test_the_first_opening_of_the_page_is_told_behind_the_delivery(plan: Plan) -> None:
    plan.account = {"opened_postback": "on"}
    phone = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"}
    async with house(plan) as home:
        tracking = await home.send(FORCE_SEND_AS_SMS="true")
        await home.until_told(tracking, "N101", "N202")
        [sms] = await texts(home)
        for _ in range(3):
            async with home.http.get(sms["text"].split(" ")[-1], headers=phone) as page:
                assert page.status == 200
        *_, opened = await home.until_told(tracking, "N101", "N202", "N203")
        assert (opened["STATUS"], opened["SENTAS"], opened["ORIGIN"]) == ("Message Opened", "SMS", "MMS_MT")
        assert "MMSID" not in opened
        assert (await home.events(tracking))[-1] == "opened"


async def test_without_a_link_only_the_text_goes(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send(FORCE_SEND_AS_SMS="true", DISABLEFALLBACKSMSLINK="yes", SUBJECT="Only words")
        await home.until_told(tracking, "N101", "N202")
        [sms] = await texts(home)
        assert sms["text"] == "Only words"


@pytest.mark.parametrize(
    ("receiver", "words"),
    [
        pytest.param("15557650001", "Expired", id="expired"),
        pytest.param("15557650002", "Rejected", id="rejected"),
        pytest.param("15557650014", "Unrecognised", id="unrecognised"),
    ],
)
async def test_a_negative_receipt_starts_a_fallback_where_the_route_says_so(
    plan: Plan, receiver: str, words: str
) -> None:
    plan.route = {"fallback_on_report": True}
    async with house(plan) as home:
        tracking = await home.send(TO=receiver)
        told = await home.until_told(tracking, "N101", "N101", "N202")
        assert [each["SENTAS"] for each in told] == ["MMS", "SMS", "SMS"]
        assert told[1]["STATUSDETAILS"].startswith(f"reported by the carrier: {words}")
        assert await home.events(tracking) == ["submitted", "fallback", "submitted", "delivered"]
        assert (await home.message(tracking)).status.value == "delivered"


async def test_a_negative_receipt_ends_a_message_that_may_not_go_as_sms(plan: Plan) -> None:
    plan.route = {"fallback_on_report": True}
    async with house(plan) as home:
        tracking = await home.send(TO="15557650002", DISABLEFALLBACKSMS="yes")
        await home.until_told(tracking, "N101", "E102")
        assert await home.events(tracking) == ["submitted", "rejected"]
        assert await texts(home) == []


async def test_where_no_sms_is_wanted_the_message_fails(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send(TO="15557650009", DISABLEFALLBACKSMS="yes")
        [told] = await home.until_told(tracking, "E101")
        assert "SENTAS" not in told
        assert await texts(home) == []
        answer = await home.post(request(OPERATORID="31005", DISABLEFALLBACKSMS="yes"))
        assert "<ERRORCODE>E628</ERRORCODE>" in answer


async def test_a_long_text_is_cut_at_a_word_and_every_segment_is_waited_for(plan: Plan) -> None:
    async with house(plan) as home:
        words = " ".join(["lighthouse"] * 80)
        tracking = await home.send(FORCE_SEND_AS_SMS="true", FALLBACKSMSTEXT=words)
        await home.until_told(tracking, "N101", "N202")
        [sms] = await texts(home)
        text, _, link = sms["text"].rpartition(" ")
        assert link.startswith("http://127.0.0.1:")
        assert set(text.split(" ")) == {"lighthouse"}
        assert 153 * 2 < len(sms["text"]) <= 153 * 3
        assert (await home.events(tracking)).count("receipt") == 2
