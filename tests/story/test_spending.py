"""What an account may spend on SMS: the countries and the day's segments, through the whole house (security 16)."""

import asyncio
import re
from dataclasses import replace

import pytest
from tests.builders import an_id
from tests.story.house import SHORT_CODE, Plan, house, request, until
from tests.story.test_fallback import texts

from slidewire.domain.audit import By
from slidewire.domain.turns import Waiting, Waits
from slidewire.provisioning.held import drop, release
from slidewire.provisioning.refusals import RefusedError
from slidewire.store.turns import let_go, why_waiting

BRITON = "447700900123"


async def test_no_sms_goes_to_a_country_that_is_not_allowed(plan: Plan) -> None:
    """Asked for, the only way, or fallback of an MMS: nothing is sent; MMS is no matter of this list."""
    plan.account, plan.sms = {"sms_countries": "US"}, {}
    plan.settings = {"operators": [{"id": "31005", "mms": False}]}
    async with house(plan) as home:
        for fields in ({"FORCE_SEND_AS_SMS": "true"}, {"OPERATORID": "31005"}):
            answer = await home.post(request(TO=BRITON, **fields))
            words = "this account may send no SMS to the receiver's country"
            assert re.search(f"<ERRORCODE>E619</ERRORCODE>.*[(]{words}[)]<", answer), answer
        refused = await home.send(TO="447700900109")
        [told] = await home.until_told(refused, "E101")
        assert told["STATUSDETAILS"].startswith("refused by the carrier")
        await home.until_told(await home.send(TO=BRITON), "N101", "N102")
        await home.until_told(await home.send(FORCE_SEND_AS_SMS="true"), "N101", "N202")
        assert len(await texts(home)) == 1


async def test_the_segments_of_a_day_are_capped(plan: Plan) -> None:
    plan.account, plan.sms = {"sms_daily": "3"}, {}
    async with house(plan) as home:
        long = {"FALLBACKSMSTEXT": "word " * 40, "FORCE_SEND_AS_SMS": "true"}
        await home.until_told(await home.send(**long), "N101", "N202")  # two segments
        [told] = await home.until_told(await home.send(**long), "E101")
        assert (told["SENTAS"], told["STATUSDETAILS"]) == ("SMS", "the account has sent its SMS segments of the day")
        await home.until_told(await home.send(FORCE_SEND_AS_SMS="true"), "N101", "N202")
        [_] = await home.until_told(await home.send(TO="15557650009"), "E101")  # nor as a fallback
        await home.until_told(await home.send(), "N101", "N102")
        assert len(await texts(home)) == 2


async def test_the_same_again_is_warned_of_and_sent(plan: Plan) -> None:
    plan.account = {"repeat_window": "10"}
    async with house(plan) as home:
        picture = "<SLIDE><TEXT>Hello</TEXT></SLIDE>"
        bodies = [request(picture), request(picture, CLIENT_REFERENCE="2"), request(picture, TO="15557650021")]
        warned = []
        for body in bodies:
            async with home.http.post(f"{home.api}/API/wxml/1.3/", data=body) as answer:
                assert "Success" in await answer.text()
                warned.append("the same content went to this receiver" in answer.headers.get("X-Slidewire-Warning", ""))
        assert warned == [False, True, False]


async def test_prepaid_messages_end_and_what_never_left_is_not_paid_for(plan: Plan) -> None:
    plan.account = {"prepaid": "3"}
    async with house(plan) as home:
        refused = await home.send(TO="15557650009")  # the carrier refuses it, and no SMS goes instead
        await home.until_told(refused, "E101")
        answers = [await home.post(request(TO=f"1555765002{n}")) for n in range(6)]
        codes = [re.findall("<ERRORCODE>(.*)</ERRORCODE>.*<ERRORINFO>(.*)</ERRORINFO>", answer) for answer in answers]
        assert codes == [[]] * 3 + [[("E713", "There is billing problem on your account.")]] * 3
        assert "E241" in await home.post(request(ACTION="sendSavedMMS", MMSID="7"))  # no other fault is hidden


async def test_of_many_receivers_those_for_whom_nothing_is_left_are_refused(plan: Plan) -> None:
    plan.account = {"prepaid": "3"}
    async with house(plan) as home:
        [mms_id] = re.findall("<MMSID>(.*)</MMSID>", await home.post(request(ACTION="saveMMS", TO="", FROM="")))
        to = ",".join(f"1555765002{n}" for n in range(2))
        send = request("", ACTION="sendSavedMMS", MMSID=mms_id, TO=to, SUBJECT="", NAME="")
        first = await home.post(send, **{"Idempotency-Key": "k"})
        assert first.count("<TRACKINGID>") == 2
        batch = request(ACTION="sendBatch", TO="+15557650031,+15557650032")
        [batch_id] = re.findall("<BATCHID>(.*)</BATCHID>", await home.post(batch))
        ask = request("", ACTION="getBatch", BATCHID=batch_id)

        async def expanded() -> bool:
            return "<BATCHSTATUS>expanded<" in await home.post(ask)

        await until(expanded, 20, "its end")
        told = "<ERRORCODE>E713</ERRORCODE><TO>{}</TO><ERRORINFO>There is billing problem on your account.</ERRORINFO>"
        assert re.findall("<SENDING>(.*)</SENDING>", await home.post(ask)) == [told.format("+15557650032")]
        # nothing is left: it made nothing, and its key is free
        other = await home.post(send.replace(SHORT_CODE, f" {SHORT_CODE}"), **{"Idempotency-Key": "l"})
        every = "".join(f"<SENDING>{told.format(each)}</SENDING>" for each in to.split(","))
        why = told.replace("<TO>{}</TO>", "")
        assert other == f"<RESPONSE><STATUS>Failure</STATUS>{why}{every}</RESPONSE>"
        assert "E713" in await home.post(request(), **{"Idempotency-Key": "l"})
        assert await home.post(send, **{"Idempotency-Key": "k"}) == first


async def test_many_requests_at_once_do_not_overrun_what_was_paid_for(plan: Plan) -> None:
    plan.account = {"prepaid": "17"}
    async with house(plan) as home:
        answers = await asyncio.gather(*(home.post(request(TO=f"155576501{n:02}")) for n in range(40)))
        assert sum("Success" in answer for answer in answers) == 17


async def test_the_same_again_is_held_until_somebody_decides(plan: Plan) -> None:
    plan.account = {"repeat_window": "10", "repeat_action": "hold", "repeat_hold": "30"}
    async with house(plan) as home:
        first, second, third = [await home.send() for _ in range(3)]
        await home.until_told(first, "N101", "N102")
        for held in (second, third):
            waiting = await home.database.read(lambda c, key=held: why_waiting(c, key))
            message = await home.message(held)
            assert waiting == Waiting(Waits.REPEATED, message.accepted_at + 30 * 60_000)
            assert "; the message is held for 30 min" in message.warnings[0]
            assert await home.events(held) == []
        by = By("a test", message.accepted_at, "audit-1")
        await home.database.write(lambda c: release(c, second, by, an_id))
        await home.until_told(second, "N101", "N102")
        assert await home.events(second) == ["released", "submitted", "delivered"]
        by = replace(by, id="audit-2")
        await home.database.write(lambda c: drop(c, third, by, an_id))
        [told] = await home.until_told(third, "E101")
        assert told["STATUSDETAILS"] == "held as a repetition and dropped by the admin"
        with pytest.raises(RefusedError, match="is not held"):
            await home.database.write(lambda c: release(c, third, by, an_id))


async def test_what_nobody_decides_about_leaves_when_its_time_is_over(plan: Plan) -> None:
    plan.account = {"repeat_window": "10", "repeat_action": "hold"}
    async with house(plan) as home:
        await home.send()
        held = await home.send()
        past = (await home.message(held)).accepted_at
        await home.database.write(lambda c: let_go(c, held, Waits.REPEATED, past))  # as if the hour had gone by
        await home.until_told(held, "N101", "N102")
