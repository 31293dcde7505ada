"""Requests that come twice: what they made is there once, and both are answered alike."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from tests.fakes.origin import Page
from tests.story.house import KEY, SHORT_CODE, House, Plan, house, request, until

from slidewire.api.actions import ACTIONS, Repeats, find_action
from slidewire.domain.inbound import Inbound, KeptInbound, Word
from slidewire.domain.usage import Channel
from slidewire.store import schema
from slidewire.store.campaigns import read_campaigns
from slidewire.store.inbound import keep_inbound

W13 = "/API/wxml/1.3/"
J2 = '{"action":"sendmms","to":"{to}","from":"24680","name":"n","message-subject":"s","slide":[{"message-text":"Hi"}]}'
GIF = bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b")
M1 = (
    "<request><action>sendMMS</action><api-key>{key}</api-key><to>{to}</to><from>24680</from><name>n</name>"
    "<message-subject>s</message-subject><slide><message-text>Hi</message-text></slide></request>"
)


async def asked(home: House, path: str, body: str, **headers: str) -> tuple[bytes, dict[str, str]]:
    """The answer's bytes and those of its headers that tell of repetitions and cuts."""
    told = {"x-api-key": KEY, "Content-Type": "text/plain"} | {k.replace("_", "-"): v for k, v in headers.items()}
    async with home.http.post(f"{home.api}{path}", data=body, headers=told) as answer:
        assert answer.status == 200
        wanted = ("idempotent-replayed", "x-slidewire-warning")
        return await answer.read(), {k.lower(): v for k, v in answer.headers.items() if k.lower() in wanted}


async def receivers(home: House) -> list[str]:
    """To whom there are messages."""
    query = select(schema.messages.c.receiver).order_by(schema.messages.c.receiver)
    return [row[0] for row in await home.database.read(lambda c: c.execute(query).all())]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/API/wxml/1.3/", request(TO="{to}"), id="W13"),
        pytest.param("/ep/v1/", M1.replace("{key}", KEY), id="M1"),
        pytest.param("/ep/v2/", J2, id="J2"),
    ],
)
async def test_a_request_that_comes_twice_makes_one_message(plan: Plan, path: str, body: str) -> None:
    async with house(plan) as home:
        one, other = body.replace("{to}", "15557650020"), body.replace("{to}", "15557650021")
        first, told = await asked(home, path, one, Idempotency_Key="order-1")
        assert b"Success" in first
        assert told == {}
        assert await asked(home, path, one, Idempotency_Key="order-1") == (first, {"idempotent-replayed": "true"})
        refused, _ = await asked(home, path, other, Idempotency_Key="order-1")
        assert b"E100" in refused
        assert b"(this Idempotency-Key came with another request before)" in refused
        again, _ = await asked(home, path, one, Idempotency_Key="order-2")
        assert again != first
        assert await receivers(home) == ["15557650020", "15557650020"]


async def test_a_client_reference_is_used_once_where_its_account_says_so(plan: Plan) -> None:
    plan.account = {"unique_client_reference": "on"}
    async with house(plan) as home:
        path, body = "/API/wxml/1.3/", request(CLIENT_REFERENCE="order-778", SUBJECT="s" * 81)
        first, told = await asked(home, path, body)
        assert told == {"x-slidewire-warning": "the subject was cut to 80 characters"}
        assert await asked(home, path, body) == (first, told | {"idempotent-replayed": "true"})
        refused, _ = await asked(home, path, request(CLIENT_REFERENCE="order-778"))
        assert refused == (
            b"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E100</ERRORCODE><ERRORINFO>Invalid request. Make a valid "
            b"request via GET/POST/XML with all the required variables. (CLIENT_REFERENCE came with another request "
            b"before)</ERRORINFO></RESPONSE>"
        )
        # a key of its own makes no second message of a reference
        assert (await asked(home, path, body, Idempotency_Key="k"))[0] == first
        refused, _ = await asked(home, path, request(), Idempotency_Key="k")
        assert b"Success" in refused  # the key was given back: nothing was made under it
        assert await receivers(home) == ["15557650020"] * 2


async def test_a_request_that_made_nothing_keeps_no_key(plan: Plan) -> None:
    async with house(plan) as home:
        image = f"<SLIDE><IMAGE><URL>{home.origin.url('/late.gif')}</URL></IMAGE></SLIDE>"
        failed, _ = await asked(home, "/API/wxml/1.3/", request(image), Idempotency_Key="k")
        assert b"E351" in failed
        home.origin.page("/late.gif", Page(GIF, content_type="image/gif"))
        taken, told = await asked(home, "/API/wxml/1.3/", request(image), Idempotency_Key="k")
        assert b"Success" in taken
        assert told == {}
        assert await asked(home, "/API/wxml/1.3/", request(image), Idempotency_Key="k") == (
            taken,
            {"idempotent-replayed": "true"},
        )


async def test_whoever_comes_meanwhile_waits_for_the_first(plan: Plan) -> None:
    plan.settings = {"fetch": {"allow_private": ["127.0.0.0/8"], "cache": "off"}}
    async with house(plan) as home:
        address = home.origin.page("/slow.gif", Page(GIF, content_type="image/gif", delay=0.3))
        body = request(f"<SLIDE><IMAGE><URL>{address}</URL></IMAGE></SLIDE>")
        answers = await asyncio.gather(*(asked(home, "/API/wxml/1.3/", body, Idempotency_Key="k") for _ in range(5)))
        assert len({answer for answer, _ in answers}) == 1
        assert sorted(len(told) for _, told in answers) == [0, 1, 1, 1, 1]
        assert home.origin.hits("/slow.gif") == 1
        assert await receivers(home) == ["15557650020"]


async def test_a_saved_message_and_its_sending_to_many_are_made_once(plan: Plan) -> None:
    async with house(plan) as home:
        path = "/API/wxml/1.3/"
        save = request(ACTION="saveMMS", TO="", FROM="")
        saved, _ = await asked(home, path, save, Idempotency_Key="s")
        assert (await asked(home, path, save, Idempotency_Key="s"))[0] == saved
        [mms_id] = re.findall("<MMSID>([0-9]+)</MMSID>", saved.decode())
        send = request("", ACTION="sendSavedMMS", MMSID=mms_id, TO="15557650020,12,15557650021", SUBJECT="", NAME="")
        sent, _ = await asked(home, path, send, Idempotency_Key="t")
        assert sent.count(b"<TRACKINGID>") == 2
        assert sent.count(b"<ERRORCODE>E110</ERRORCODE>") == 1
        assert await asked(home, path, send, Idempotency_Key="t") == (sent, {"idempotent-replayed": "true"})
        ids, _ = await asked(home, path, request("", ACTION="getMmsIds"), Idempotency_Key="s")
        assert ids == f"<RESPONSE><STATUS>Success</STATUS><MMSIDS>{mms_id}</MMSIDS></RESPONSE>".encode()
        assert await receivers(home) == ["15557650020", "15557650021"]


async def test_every_call_that_does_something_keeps_its_answer_in_the_same_transaction(plan: Plan) -> None:
    """No other way is left: what is not answered in the transaction of what it did keeps no answer."""
    plan.sms = {}
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    async with house(plan) as home:
        arrived = Inbound("mmsc-a", "15557650020", SHORT_CODE, "INFO", 0, channel=Channel.MMS)
        await home.database.write(lambda c: keep_inbound(c, [KeptInbound("mo-1", "acct-1", Word.NONE, arrived)]))
        seen: set[str] = set()

        async def twice(action: str, slides: str = "", **fields: str) -> str:
            """What a call is answered, and again when it comes again."""
            asked_for = find_action(action)
            assert asked_for is not None
            nothing = {"TO": "", "FROM": "", "NAME": "", "SUBJECT": "", "ACTION": action}
            body = request(slides, **nothing | fields)
            first, _ = await asked(home, W13, body, Idempotency_Key=action)
            assert b"<STATUS>Success<" in first, first
            assert await asked(home, W13, body, Idempotency_Key=action) == (first, {"idempotent-replayed": "true"})
            seen.add(asked_for.right)
            return first.decode()

        words, one = "<SLIDE><TEXT>Hi</TEXT></SLIDE>", {"TO": "15557650020", "FROM": SHORT_CODE}
        content = {"NAME": "n", "SUBJECT": "s"}
        sent = await twice("sendMMS", words, **one, **content, SENDAT=later)
        [tracking_id] = re.findall("<TRACKINGID>(.*)</TRACKINGID>", sent)
        await twice("cancelMessage", TRACKINGID=tracking_id)
        await twice("sendSMS", **one, TEXT="Hi")
        await twice("sendBatch", words, **one, **content)
        [mms_id] = re.findall("<MMSID>(.*)</MMSID>", await twice("saveMMS", words, **content))
        await twice("sendSavedMMS", **one, MMSID=mms_id)
        await twice("createMMSCampaign", CAMPAIGNNAME="Winter", BRANDNAME="Gap")
        [campaign] = await home.database.read(read_campaigns)
        joins = {"CAMPAIGNID": campaign.ref, "MOBILE": "15557650020"}
        await twice("subscribe", **joins, SUBSCRIBERREF="ann", NOTIFY="yes")
        await twice("sendMessageBySubscriberRef", SUBSCRIBERREF="ann", CAMPAIGNREF=campaign.ref, TEXT="Hi")
        await twice("sendSavedMMSCampaign", MMSID=mms_id, TOCAMPAIGN=campaign.ref)

        async def everybody() -> bool:
            return await receivers(home) == ["15557650020"] * 7  # a text besides to who joined, and the campaign's

        await until(everybody, 20, "all messages, each once")
        await twice("unsubscribe", **joins)
        await twice("deleteMMSID", MMSID=mms_id)
        await twice("removeMMSInboxMessage", MMSINBOXID="mo-1")
        assert seen == {each.right for each in ACTIONS.values() if each.repeats is not Repeats.READS}
        assert await everybody()


async def test_a_repetition_counts_as_one_call_and_a_refused_one_leaves_the_key(plan: Plan) -> None:
    plan.account = {"quota": "3"}
    async with house(plan) as home:
        path = "/API/wxml/1.3/"
        first, _ = await asked(home, path, request(), Idempotency_Key="a")
        for _ in range(2):
            assert (await asked(home, path, request(), Idempotency_Key="a"))[0] == first
        refused, _ = await asked(home, path, request(TO="15557650021"), Idempotency_Key="b")
        assert b"E120" in refused
        assert await receivers(home) == ["15557650020"]


async def test_a_key_that_is_no_line_of_ascii_is_refused(plan: Plan) -> None:
    async with house(plan) as home:
        refused, _ = await asked(home, "/ep/v2/", "{}", Idempotency_Key="k" * 256)
        assert refused == (
            b'{"status":"Failure","error-code":"E100","error-info":"Invalid request. Please make a valid JSON POST '
            b"request with all the required variables. (Idempotency-Key is no line of at most 255 printable ASCII "
            b'characters)"}'
        )
