"""What becomes of a message, as its sender is told, for everything a carrier can do."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from tests.story.house import Plan, house, until

from slidewire.simulator.app import Simulator


async def test_delivered_with_its_reference_in_every_postback(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send(CLIENT_REFERENCE="order-778", OPERATORID="31003")
        told = await home.until_told(tracking, "N101", "N102")
        message = await home.message(tracking)
        common = {
            "MMSID": str(message.mms_id),
            "FROM": "24680",
            "TO": "15557650020",
            "TRACKINGID": tracking,
            "CLIENT_REFERENCE": "order-778",
            "SPID": "31003",
        }
        sent = {"ORIGIN": "MMS_MT", "CODE": "N101", "SENTAS": "MMS", "STATUS": "Message Sent", **common}
        delivered = sent | {"CODE": "N102", "STATUS": "Message Sent/Delivered"}
        assert [{k: v for k, v in each.items() if k != "TIMESTAMP"} for each in told] == [sent, delivered]
        assert all(each["TIMESTAMP"].endswith("+00:00") for each in told)
        assert message.status.value == "delivered"
        assert await home.events(tracking) == ["submitted", "delivered"]
        await home.until_nothing_left(tracking)


@pytest.mark.parametrize(
    ("receiver", "status", "code", "words"),
    [
        pytest.param("15557650001", "expired", "E102", "Message Sent/Expired", id="expired"),
        pytest.param("15557650002", "rejected", "E102", "Message Sent/Rejected", id="rejected"),
        pytest.param("15557650014", "failed", "E102", "Message Sent/NotSupported", id="unrecognised"),
    ],
)
async def test_a_negative_receipt_is_told(plan: Plan, receiver: str, status: str, code: str, words: str) -> None:
    async with house(plan) as home:
        tracking = await home.send(TO=receiver)
        told = await home.until_told(tracking, "N101", code)
        assert told[1]["STATUS"] == words
        assert (await home.message(tracking)).status.value == status


#: A receipt that moves nothing, and came before its submission was recorded: the next one may be taken before it.
_OVERTAKEN = "receipt"


@pytest.mark.parametrize(
    ("receiver", "events"),
    [
        pytest.param("15557650003", ["retry", "retry", "submitted", "delivered"], id="throttled at first"),
        pytest.param("15557650004", ["retry", "retry", "submitted", "delivered"], id="503 at first"),
        pytest.param("15557650016", ["retry", "retry", "submitted", "delivered"], id="4006 at first"),
        pytest.param("15557650007", ["submitted", "delivered"], id="the report comes before the answer"),
        pytest.param("15557650011", ["submitted", "receipt", "delivered"], id="deferred, then delivered"),
        pytest.param("15557650012", ["submitted", "delivered"], id="sides swapped in the report"),
        pytest.param("15557650013", ["submitted", "delivered"], id="the same report twice"),
        pytest.param("15557650010", ["uncertain", "adopted", "delivered"], id="cut off, adopted by its receipt"),
        pytest.param("15557650018", ["uncertain", "resent", "uncertain", "resent", "submitted", "delivered"],
                     id="garbage at first"),
    ],
)  # fmt: skip
async def test_delivered_in_the_end(plan: Plan, receiver: str, events: list[str]) -> None:
    async with house(plan) as home:
        tracking = await home.send(TO=receiver)
        await home.until_told(tracking, "N101", "N102", limit=40)

        async def all_noted() -> bool:
            return sorted(await home.events(tracking)) == sorted(events)

        await until(all_noted, 20, f"{events}")
        assert [each for each in await home.events(tracking) if each != _OVERTAKEN] == [
            each for each in events if each != _OVERTAKEN
        ]


@pytest.mark.parametrize(
    ("receiver", "events", "details"),
    [
        pytest.param("15557650009", ["failed"], "refused by the carrier", id="service denied"),
        pytest.param("15557650019", ["failed"], "refused by the carrier", id="address not found"),
        pytest.param("15557650008", ["retry", "retry", "failed"], "too big for the operator", id="content refused"),
    ],
)
async def test_a_refusal_is_told_with_its_reason(plan: Plan, receiver: str, events: list[str], details: str) -> None:
    async with house(plan) as home:
        tracking = await home.send(TO=receiver)
        told = await home.until_told(tracking, "E101")
        assert told[0]["STATUS"] == "Message Failed"
        assert told[0]["STATUSDETAILS"].startswith(details)
        assert "SENTAS" not in told[0]
        assert "TIMESTAMP" not in told[0]
        assert await home.events(tracking) == events


async def test_a_carrier_that_is_down_burns_no_message(plan: Plan) -> None:
    """An hour's outage is waiting, not failing (durability 6)."""
    async with house(plan) as home:
        port = urlsplit(home.simulator.mm7_url).port
        await home.simulator.stop()
        trackings = [await home.send(TO=f"155576501{n}") for n in range(20, 40)]

        async def tried() -> bool:
            return any(["retry" in await home.events(tracking) for tracking in trackings])

        await until(tried, 20, "the first tries")
        async with Simulator(replace(home.simulator.settings, mm7_port=port)):
            for tracking in trackings:
                await home.until_told(tracking, "N101", "N102", limit=60)


async def test_postbacks_wait_for_one_another(plan: Plan) -> None:
    async with house(plan) as home:
        home.customer.answer = lambda number: 500 if number <= 3 else 200
        tracking = await home.send()
        await home.until_told(tracking, "N101", "N102")
        codes = [post.code for post in home.customer.posts]
        assert codes == ["N101", "N101", "N101", "N101", "N102"]
        ids = [post.headers["webhook-id"] for post in home.customer.posts]
        assert len(set(ids[:4])) == 1
        assert ids[4] != ids[0]
        assert [post.headers["x-slidewire-attempt"] for post in home.customer.posts] == ["1", "2", "3", "4", "1"]


async def test_a_postback_is_given_up_after_six_tries_and_the_next_one_goes(plan: Plan) -> None:
    async with house(plan) as home:
        home.customer.answer = lambda number: 500 if number <= 6 else 200
        tracking = await home.send()
        await home.until_told(tracking, "N102")
        assert [post.code for post in home.customer.posts] == ["N101"] * 6 + ["N102"]
        assert "postback given up" in await home.events(tracking)


async def test_a_message_that_no_one_takes_expires(plan: Plan) -> None:
    plan.settings = {"delivery": {"validity": "3s"}}
    async with house(plan) as home:
        await home.simulator.stop()
        tracking = await home.send()
        told = await home.until_told(tracking, "E101", limit=60)
        assert told[0]["STATUSDETAILS"] == "expired before it could be sent"
        assert (await home.message(tracking)).status.value == "expired"


async def test_a_message_too_big_for_its_network_names_operator_limit_and_size(plan: Plan) -> None:
    plan.route = {"max_bytes": 3_000}
    async with house(plan) as home:
        tracking = await home.send(f"<SLIDE><TEXT>{'x' * 4_000}</TEXT></SLIDE>", OPERATORID="31003")
        told = await home.until_told(tracking, "E101")
        assert "limit 3000 bytes" in told[0]["STATUSDETAILS"]
        assert "31003" in told[0]["STATUSDETAILS"]
