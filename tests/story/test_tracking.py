"""Messages followed and taken back by their sender: nothing of another account, nothing sent after a cancel."""

import re

from tests.story.house import House, Plan, house, until
from tests.story.test_saved_messages import call, told
from tests.story.test_scheduled import in_seconds

from slidewire.domain.status import Status
from slidewire.runtime.offline import digest
from slidewire.store.accounts import NewAccount, add_account

OTHER = "k3yOfAnotherAccount00000000000001"
#: The simulator asks to come back later.
BUSY = "15557650004"


async def got(home: House, tracking: str) -> str:
    return await home.post(call("getMessage", TRACKINGID=tracking))


async def cancelled(home: House, tracking: str) -> str:
    return await home.post(call("cancelMessage", TRACKINGID=tracking))


async def another_account(home: House) -> None:
    key = digest(home.settings, OTHER)
    other = NewAccount(id="acct-2", name="other", settings={}, senders=[], key_digest=key, weak_key=False, now=0)
    await home.database.write(lambda c: add_account(c, other))


async def test_a_scheduled_message_is_taken_back_once(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send(SENDAT=in_seconds(1.5), CLIENT_REFERENCE="order-1")
        assert told(await got(home, tracking), "STATUSDETAILS") == "waits for its time"
        answer = await home.post(call("cancelMessage", CLIENT_REFERENCE="order-1"))
        assert (told(answer, "MESSAGESTATUS"), told(answer, "TRACKINGID")) == ("cancelled", tracking)
        [failed] = await home.until_told(tracking, "E101")
        assert (failed["STATUS"], failed["STATUSDETAILS"]) == ("Message Failed", "cancelled before it could be sent")
        assert told(await cancelled(home, tracking), "STATUS") == "Success"  # it is what was asked for
        later = await home.send(SENDAT=in_seconds(2))
        await home.until_told(later, "N101", "N102")
        assert await home.events(tracking) == ["cancelled"]
        assert (await home.message(tracking)).status is Status.CANCELLED


async def test_what_waits_for_another_try_is_taken_back(plan: Plan) -> None:
    plan.settings = {"delivery": {"retry": [3600]}}
    async with house(plan) as home:
        tracking = await home.send(TO="15557650010")  # cut off at first: whether it left nobody knows

        async def tried() -> bool:
            return await home.events(tracking) != []

        await until(tried, 10, "the first try")
        assert told(await cancelled(home, tracking), "ERRORCODE") == "E661"

        busy = await home.send(TO="15557650016")

        async def waits() -> bool:
            return "tried 1 time" in await got(home, busy)

        await until(waits, 10, "the wait for another try")
        assert told(await cancelled(home, busy), "STATUS") == "Success"
        await home.until_told(busy, "E101")
        assert await home.events(busy) == ["retry", "cancelled"]


async def test_what_has_left_is_not_taken_back(plan: Plan) -> None:
    async with house(plan) as home:
        tracking = await home.send()
        await home.until_told(tracking, "N101", "N102")
        answer = await cancelled(home, tracking)
        assert (told(answer, "ERRORCODE"), told(answer, "ERRORINFO")) == (
            "E661",
            "The message cannot be cancelled any more. (it is delivered)",
        )


async def test_a_message_is_nobody_elses(plan: Plan) -> None:
    async with house(plan) as home:
        await another_account(home)
        tracking = await home.send(SENDAT=in_seconds(3600), CLIENT_REFERENCE="order-1")
        for name in ({"TRACKINGID": tracking}, {"CLIENT_REFERENCE": "order-1"}):
            for action in ("getMessage", "cancelMessage"):
                assert told(await home.post(call(action, API_KEY=OTHER, **name)), "ERRORCODE") == "E660"
        assert await home.post(call("listMessages", API_KEY=OTHER)) == "<RESPONSE><STATUS>Success</STATUS></RESPONSE>"
        assert (await home.message(tracking)).status is Status.SCHEDULED


async def test_several_with_one_reference_are_told_apart(plan: Plan) -> None:
    async with house(plan) as home:
        first = await home.send(SENDAT=in_seconds(3600), CLIENT_REFERENCE="order-1")
        second = await home.send(SENDAT=in_seconds(3600), CLIENT_REFERENCE="order-1")
        assert told(await home.post(call("getMessage", CLIENT_REFERENCE="order-1")), "TRACKINGID") == second
        answer = await home.post(call("cancelMessage", CLIENT_REFERENCE="order-1"))
        assert told(answer, "ERRORINFO").endswith("(CLIENT_REFERENCE is that of several messages: name one by its id)")
        listed = await home.post(call("listMessages", CLIENT_REFERENCE="order-1", STATUS="scheduled"))
        assert re.findall("<TRACKINGID>(.*?)<", listed) == [second, first]


async def test_a_fallback_is_told_with_its_segments(plan: Plan) -> None:
    plan.sms = {}
    async with house(plan) as home:
        tracking = await home.send(FALLBACKSMSTEXT="x" * 200, FORCE_SEND_AS_SMS="true")
        await home.until_told(tracking, "N101", "N202")
        answer = await got(home, tracking)
        names = ("MESSAGESTATUS", "SENTAS", "SEGMENTS", "FALLBACK")
        assert [told(answer, name) for name in names] == ["delivered", "SMS", "2", "sent as SMS by request"]
        listed = await home.post(call("listMessages", TO="+15557650020", ITEMSPERPAGE="1"))
        assert told(listed, "TRACKINGID") == tracking
