"""The receiver's operator is looked up: through the whole house, against a provider that can be made to fail."""

import re
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.fakes.origin import Page
from tests.story.house import House, Plan, house, request

from slidewire.domain.finding import Source
from slidewire.store.operators import find_kept

OPERATORS = [
    {"id": "31003", "name": "Able"},
    {"id": "31005", "name": "Plain", "mms": False},
    {"id": "31004", "name": "Far"},
]
NUMBER = "15557650020"
HTTP = {
    "url": "http://127.0.0.1:1/{number}",
    "network": "network",
    "line_type": "type",
    "allow_private": ["127.0.0.0/8"],
    "timeout": "5s",
}


def code(answer: str) -> str:
    found = re.search("<ERRORCODE>(E[0-9]+)</ERRORCODE>", answer)
    return found[1] if found else "Success"


@pytest.fixture
def plan(plan: Plan) -> Plan:
    """Operators with and without MMS, both routes, and the origin as the provider."""
    plan.sms = {}
    plan.settings = {"operators": OPERATORS, "lookup": {"http": dict(HTTP)}}
    return plan


def says(home: House, number: str, network: str, line_type: str = "mobile") -> None:
    body = f'{{"network": "{network}", "type": "{line_type}"}}'.encode()
    home.origin.page(f"/{number}", Page(body=body, content_type="application/json"))


def asked(home: House) -> list[str]:
    return [each.target for each in home.origin.requests]


async def test_an_operator_without_mms_is_found_and_the_sms_sent(plan: Plan) -> None:
    async with provided(plan) as home:
        says(home, NUMBER, "310120")
        tracking = await home.send(FALLBACKSMSTEXT="See:", CLIENT_REFERENCE="c-1")
        sent, delivered = await home.until_told(tracking, "N101", "N202", limit=30)
        message = await home.message(tracking)
        common = {"ORIGIN": "MMS_MT", "FROM": "24680", "TO": NUMBER, "TRACKINGID": tracking, "CLIENT_REFERENCE": "c-1"}
        common["SPID"] = "0001650"  # what the dialect calls it (settled 29)
        sent.pop("TIMESTAMP")
        delivered.pop("TIMESTAMP")
        assert sent == common | {
            "CODE": "N101",
            "SENTAS": "SMS",
            "STATUS": "Message Sent",
            "MMSID": str(message.mms_id),
            "STATUSDETAILS": "the operator takes no MMS",
        }
        assert delivered == common | {"CODE": "N202", "SENTAS": "SMS", "STATUS": "Message Sent/Delivered"}
        assert await home.events(tracking) == ["submitted", "delivered"]
        assert (message.operator, message.spid, message.route) == ("31005", "", "sms-a")


def provided(plan: Plan) -> Any:
    """A house whose provider is its origin."""
    return house(plan, provider=True)


async def test_the_answer_holds_and_costs_one_look_up(plan: Plan) -> None:
    async with provided(plan) as home:
        says(home, NUMBER, "311480")
        for _ in range(2):
            tracking = await home.send()
            await home.until_told(tracking, "N101", "N102")
            assert (await home.message(tracking)).operator == "31003"
        assert asked(home) == [f"/{NUMBER}"]
        kept = await home.database.read(lambda c: find_kept(c, NUMBER))
        assert kept is not None
        assert (kept.finding.source, kept.finding.network) == (Source.PROVIDER, "311480")


async def test_what_is_refused_before_costs_no_look_up_and_opens_no_connection(plan: Plan) -> None:
    async with provided(plan) as home:
        says(home, NUMBER, "311480")
        refused = [
            request(TO="123"),
            request(NAME=""),
            request(SUBJECT=""),
            request("<SLIDE></SLIDE>"),
            request(FORCE_SEND_AS_SMS="maybe"),
            request(API_KEY="wrong"),
        ]
        assert [code(await home.post(body)) for body in refused] == ["E110", "E311", "E622", "E313", "E655", "E104"]
        assert home.origin.raw.connections == 0


#: Fields of a request -> whether the operator must be looked up.
NEEDS = [
    ({"OPERATORID": "31003"}, False),
    ({"SPID": "0001890"}, False),
    ({"FORCE_SEND_AS_SMS": "true"}, False),
    ({"FORCE_SEND_AS_SMS": "true", "OPERATORID": "99999"}, False),
    ({"OPERATORID": "99999"}, True),  # unknown: counts as none
    ({}, True),
]


async def test_only_what_must_be_is_looked_up(plan: Plan) -> None:
    plan.settings["lookup"] |= {"cache": "0s"}
    async with provided(plan) as home:
        says(home, NUMBER, "311480")
        for fields, looked_up in NEEDS:
            before = len(asked(home))
            await home.until_told(
                await home.send(**fields), "N101", "N202" if "FORCE_SEND_AS_SMS" in fields else "N102"
            )
            assert (fields, len(asked(home)) - before) == (fields, int(looked_up))


async def test_each_outcome_has_its_code(plan: Plan) -> None:
    plan.route = {"operators": ["31003"]}
    plan.sms = {"operators": ["31005"]}
    async with provided(plan) as home:
        says(home, "15557650021", "311480")
        says(home, "15557650022", "310120")
        says(home, "15557650023", "310260")
        says(home, "15557650024", "26201")
        says(home, "15557650025", "310120", "landline")
        answers = {
            (number, off): code(await home.post(request(TO=number, DISABLEFALLBACKSMS=off)))
            for number in (f"1555765002{n}" for n in range(1, 7))
            for off in ("no", "yes")
        }
    assert answers == {
        ("15557650021", "no"): "Success",
        ("15557650021", "yes"): "Success",
        ("15557650022", "no"): "Success",  # as SMS
        ("15557650022", "yes"): "E628",
        ("15557650023", "no"): "E619",  # no route serves it
        ("15557650023", "yes"): "E619",
        ("15557650024", "no"): "E619",  # in no catalogue, and no route takes any
        ("15557650024", "yes"): "E619",
        ("15557650025", "no"): "Success",
        ("15557650025", "yes"): "E628",
        ("15557650026", "no"): "E618",  # the provider knows nothing of it
        ("15557650026", "yes"): "E618",
    }


async def test_a_provider_that_fails_leaves_the_default_and_no_whole_number_in_the_log(
    plan: Plan,
) -> None:
    plan.settings["lookup"] |= {"default": "31003"}
    with capture_logs() as logs:
        async with provided(plan) as home:
            home.origin.page(f"/{NUMBER}", Page(body=b"Sorry", status="500 Broken"))
            tracking = await home.send()
            await home.until_told(tracking, "N101", "N102")
            assert (await home.message(tracking)).operator == "31003"
    failed = {"event": "operator lookup failed", "reason": "HTTP 500", "log_level": "warning"}
    assert failed in logs
    assert NUMBER not in str(logs)


async def test_a_landline_may_be_refused(plan: Plan) -> None:
    plan.settings["lookup"] |= {"landline": "refuse"}
    async with provided(plan) as home:
        says(home, NUMBER, "311480", "landline")
        answer = await home.post(request())
        assert "<ERRORCODE>E628</ERRORCODE>" in answer
        assert "(a landline takes no MMS)" in answer
