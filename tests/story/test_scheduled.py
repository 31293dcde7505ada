"""Messages for a later time: kept, looked at again when they leave, sent once and not before."""

import re
import time
from datetime import UTC, datetime

from tests.carriers.replies import ok, rs_error
from tests.content import makers
from tests.fakes.origin import Page
from tests.fakes.raw_server import RawServer, answering
from tests.story.house import SHORT_CODE, House, Plan, house, request, until
from tests.story.test_fallback import texts
from tests.story.test_saved_messages import saved, send, told

from slidewire.domain.campaigns import Block, Source
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.runtime.gateway import Gateway
from slidewire.store.consent import add_blocks
from slidewire.store.messages import message_events

PHONE = "15557650020"
#: The simulator never takes what goes there.
THROTTLED = "15557650004"


def in_seconds(seconds: float) -> str:
    """A time so far from now, as customers write it."""
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat(timespec="milliseconds")


async def happened_at(home: House, tracking: str, event: str) -> int:
    rows = await home.database.read(lambda c: message_events(c, tracking))
    return next(int(row["at"]) for row in rows if row["event"] == event)


async def left_in_time(home: House, message: Message) -> bool:
    """Not before its time; how soon behind it is for the benchmarks to say."""
    return await happened_at(home, message.id, "due") >= message.send_at > message.accepted_at


async def test_a_message_waits_for_its_time_with_everything_fetched(plan: Plan) -> None:
    async with house(plan) as home:
        address = home.origin.page("/a.jpg", Page(makers.saved(makers.photo(64, 48)), content_type="image/jpeg"))
        slides = f"<SLIDE><IMAGE><URL>{address}</URL></IMAGE></SLIDE>"
        tracking = await home.send(slides, SENDAT=in_seconds(1.5))
        message = await home.message(tracking)
        assert (message.status, len(home.origin.requests)) == (Status.SCHEDULED, 1)
        assert await home.events(tracking) == []
        await home.until_told(tracking, "N101", "N102")
        assert await home.events(tracking) == ["due", "submitted", "delivered"]
        assert await left_in_time(home, message)
        assert len(home.origin.requests) == 1


async def test_it_is_kept_through_a_restart(plan: Plan) -> None:
    async with house(plan) as home:
        soon, passed = await home.send(SENDAT=in_seconds(3)), await home.send(SENDAT=in_seconds(0.6))
        await home.gateway.stop()
        assert await home.events(soon) == []

        async def due() -> bool:
            return time.time() * 1000 > (await home.message(passed)).send_at

        await until(due, 5, "the time of a message while nothing runs")
        home.gateway = Gateway(home.settings)
        await home.gateway.start()
        try:
            for tracking in (soon, passed):
                await home.until_told(tracking, "N101", "N102")
                assert await left_in_time(home, await home.message(tracking))
        finally:
            await home.gateway.stop()


async def test_the_block_list_is_looked_at_again_when_it_leaves(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send(SENDAT=in_seconds(1.5))
        block = Block(PHONE, home.account_id, SHORT_CODE, Source.MO, "", 1)
        await home.database.write(lambda c: add_blocks(c, [block]))
        [failed] = await home.until_told(tracking, "E101")
        assert failed["STATUSDETAILS"] == "the receiver was blocked before it could be sent"
        assert await home.events(tracking) == ["due", "failed"]


async def test_its_validity_is_told_to_the_mmsc(plan: Plan) -> None:
    async with RawServer(answering(ok(rs_error("2000", "Denied")))) as mmsc:
        plan.route = {"url": mmsc.url("/mm7")}
        async with house(plan) as home:
            until_ = in_seconds(7_200)
            tracking = await home.send(SENDAT=in_seconds(1), EXPIRES=until_)
            await home.until_told(tracking, "E101")
            told_ = re.findall(b"<[^>]*ExpiryDate>([^<]+)<", mmsc.requests[0].body)
            assert told_ == [f"{datetime.fromisoformat(until_):%Y-%m-%dT%H:%M:%SZ}".encode()]


async def test_its_validity_is_told_to_the_smsc(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        until_ = in_seconds(7_200)
        tracking = await home.send(SENDAT=in_seconds(1), EXPIRES=until_, FORCE_SEND_AS_SMS="true")
        await home.until_told(tracking, "N101", "N202")
        [text] = await texts(home)
        assert text["validity"] == f"{datetime.fromisoformat(until_):%y%m%d%H%M%S}000+"


async def test_what_cannot_be_sent_within_its_validity_expires(plan: Plan) -> None:
    plan.settings = {"delivery": {"retry": [30]}}
    async with house(plan) as home:
        tracking = await home.send(TO=THROTTLED, SENDAT=in_seconds(0.5), EXPIRES=in_seconds(2.5))
        [over] = await home.until_told(tracking, "E101")
        assert over["STATUSDETAILS"] == "expired before it could be sent"
        events = await home.events(tracking)
        assert (events[0], set(events[1:-1]), events[-1]) == ("due", {"retry"}, "expired")
        assert (await home.message(tracking)).status is Status.EXPIRED


async def test_a_saved_message_goes_to_all_its_receivers_at_its_time(plan: Plan) -> None:
    async with house(plan) as home:
        mms_id = await saved(home)
        answer = await send(home, mms_id, TO="15557650020,15557650021", SENDAT=in_seconds(1.5))
        assert "MMS request accepted and scheduled for" in told(answer, "STATUSDETAILS")
        for tracking in re.findall("<TRACKINGID>(.*?)</TRACKINGID>", answer):
            await home.until_told(tracking, "N101", "N102")
            assert await left_in_time(home, await home.message(tracking))


async def test_a_time_that_is_past_keeps_nothing(plan: Plan) -> None:
    async with house(plan) as home:
        answer = await home.post(request(SENDAT="2020-01-01T00:00:00Z"))
        assert told(answer, "ERRORCODE") == "E100"
        assert told(answer, "ERRORINFO").endswith("(SENDAT is not in the future)")


async def test_a_text_of_its_own_is_scheduled_too(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        text = {"ACTION": "sendSMS", "SUBJECT": "", "NAME": "", "TEXT": "Good morning", "SENDAT": in_seconds(1.2)}
        tracking = await home.send("", **text)
        message = await home.message(tracking)
        assert message.status is Status.SCHEDULED
        await home.until_told(tracking, "N201", "N202")
        assert await home.events(tracking) == ["due", "submitted", "delivered"]
        assert await left_in_time(home, message)
