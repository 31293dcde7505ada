"""getMessage, listMessages and cancelMessage in each dialect: bytes in, bytes out, typed from issue 6 and adr 0171."""

import json

import pytest
from tests.api.door import J2, KEY, M1, Door

from slidewire.domain.status import Status
from slidewire.domain.tracking import Listing

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = 1_898_596_800_000
JSON = "application/json; charset=utf-8"
SENT, LATER = "0195f1c0a0b07000800000000000000a", "0195f1c0a0b07000800000000000000b"
E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."
UPPER = (
    f"<TRACKINGID>{SENT}</TRACKINGID><CLIENT_REFERENCE>order-778</CLIENT_REFERENCE><MMSID>910001</MMSID>"
    "<TO>15557650001</TO><FROM>24680</FROM><OPERATORID>31003</OPERATORID><MESSAGESTATUS>delivered</MESSAGESTATUS>"
    "<SENTAS>SMS</SENTAS><SEGMENTS>2</SEGMENTS><FALLBACK>the operator takes no MMS</FALLBACK>"
    "<DATECREATED>2030-03-01T12:00:00+00:00</DATECREATED><EXPIRES>2030-03-04T12:00:00+00:00</EXPIRES>"
    "<DATESENT>2030-03-01T12:00:02+00:00</DATESENT><DATEENDED>2030-03-01T12:00:07+00:00</DATEENDED>"
)
UPPER_LATER = (
    f"<TRACKINGID>{LATER}</TRACKINGID><CLIENT_REFERENCE>order &lt;779&gt;</CLIENT_REFERENCE><MMSID>910001</MMSID>"
    "<TO>15557650001</TO><FROM>24680</FROM><MESSAGESTATUS>scheduled</MESSAGESTATUS>"
    "<STATUSDETAILS>waits for its time</STATUSDETAILS><DATECREATED>2030-03-01T12:00:00+00:00</DATECREATED>"
    "<SENDAT>2030-03-01T13:00:00+00:00</SENDAT><EXPIRES>2030-03-04T12:00:00+00:00</EXPIRES>"
    "<NEXTTRY>2030-03-01T13:00:00+00:00</NEXTTRY>"
)
LOWER_LATER = (
    f"<tracking-id>{LATER}</tracking-id><client-reference>order &lt;779&gt;</client-reference><mms-id>910001</mms-id>"
    "<to>15557650001</to><from>24680</from><message-status>scheduled</message-status>"
    "<status-details>waits for its time</status-details><date-created>2030-03-01T12:00:00+00:00</date-created>"
    "<send-at>2030-03-01T13:00:00+00:00</send-at>"
    "<mms-expiry-timestamp>2030-03-04T12:00:00+00:00</mms-expiry-timestamp>"
    "<next-try>2030-03-01T13:00:00+00:00</next-try>"
)
MEMBERS = (
    f'"tracking-id":"{SENT}","client-reference":"order-778","mms-id":"910001","to":"15557650001","from":"24680",'
    '"operator-id":"31003","message-status":"delivered","sent-as":"SMS","segments":"2",'
    '"fallback":"the operator takes no MMS","date-created":"2030-03-01T12:00:00+00:00",'
    '"mms-expiry-timestamp":"2030-03-04T12:00:00+00:00","date-sent":"2030-03-01T12:00:02+00:00",'
    '"date-ended":"2030-03-01T12:00:07+00:00"'
)


def upper(inside: str) -> str:
    return f"<REQUEST><API_KEY>{KEY}</API_KEY>{inside}</REQUEST>"


async def lower(door: Door, inside: str) -> str:
    return (await door.post(f"<request><api-key>{KEY}</api-key>{inside}</request>", path=M1)).body


async def members(door: Door, **given: object) -> str:
    body = json.dumps({name.replace("_", "-"): value for name, value in given.items()})
    return (await door.post(body, JSON, J2, f"x-api-key: {KEY}\r\n")).body


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(f"<TRACKINGID>{SENT}</TRACKINGID>", id="by our name"),
        pytest.param("<CLIENT_REFERENCE> order-778 </CLIENT_REFERENCE>", id="by the sender's"),
        pytest.param(
            f"<CLIENT_REFERENCE>other</CLIENT_REFERENCE><TRACKINGID>{SENT}</TRACKINGID>", id="by both: ours counts"
        ),
    ],
)
async def test_a_message_in_upper_case(door: Door, named: str) -> None:
    reply = await door.post(upper(f"<ACTION>getMessage</ACTION>{named}"))
    assert reply.body == f"<RESPONSE><STATUS>Success</STATUS>{UPPER}</RESPONSE>"


async def test_a_message_by_a_get(door: Door) -> None:
    reply = await door.get({"action": "getmessage", "api_key": KEY, "trackingid": SENT})
    assert reply.body == f"<RESPONSE><STATUS>Success</STATUS>{UPPER}</RESPONSE>"


async def test_a_message_in_lower_case(door: Door) -> None:
    answer = await lower(door, f"<action>getMessage</action><tracking-id>{LATER}</tracking-id>")
    assert answer == f"<response><status>Success</status>{LOWER_LATER}</response>"


async def test_a_message_in_json(door: Door) -> None:
    answer = await members(door, action="getmessage", client_reference="order-778")
    assert answer == f'{{"status":"Success",{MEMBERS}}}'


async def test_a_page_in_upper_case(door: Door) -> None:
    filters = (
        "<STARTDATE>2030-03-01</STARTDATE><ENDDATE>2030-03-01</ENDDATE><MESSAGESTATUS>Delivered</MESSAGESTATUS>"
        "<TO>+15557650001</TO><CLIENT_REFERENCE>order-778</CLIENT_REFERENCE><ITEMSPERPAGE>2</ITEMSPERPAGE>"
    )
    reply = await door.post(upper(f"<ACTION>listMessages</ACTION>{filters}"))
    assert reply.body == (
        f"<RESPONSE><STATUS>Success</STATUS><MESSAGE>{UPPER_LATER}</MESSAGE><MESSAGE>{UPPER}</MESSAGE>"
        f"<CURSOR>{SENT}</CURSOR></RESPONSE>"
    )
    day = NOW - 43_200_000
    assert door.listings == [Listing(day, day + 86_399_999, Status.DELIVERED, "15557650001", "order-778", "", 2)]


async def test_the_last_page_in_lower_case(door: Door) -> None:
    answer = await lower(door, f"<action>listMessages</action><cursor>{LATER}</cursor>")
    assert answer.startswith(f"<response><status>Success</status><message>{LOWER_LATER}</message><message>")
    assert answer.endswith("</message></response>")
    assert door.listings == [Listing(cursor=LATER, per_page=100)]


async def test_a_page_in_json(door: Door) -> None:
    answer = json.loads(await members(door, action="listmessages", message_status="scheduled", recever="1"))
    assert list(answer) == ["status", "message", "cursor", "warnings"]
    assert [each["tracking-id"] for each in answer["message"]] == [LATER, SENT]
    assert (answer["cursor"], answer["warnings"]) == (SENT, ["ignored, for it is not known: recever"])
    assert door.listings == [Listing(status=Status.SCHEDULED)]


async def test_taken_back_in_each_dialect(door: Door) -> None:
    words = "cancelled before it could be sent"
    reply = await door.post(upper(f"<ACTION>cancelMessage</ACTION><TRACKINGID>{LATER}</TRACKINGID>"))
    assert reply.body == (
        f"<RESPONSE><STATUS>Success</STATUS><TRACKINGID>{LATER}</TRACKINGID><TO>15557650001</TO>"
        f"<MESSAGESTATUS>cancelled</MESSAGESTATUS><STATUSDETAILS>{words}</STATUSDETAILS></RESPONSE>"
    )
    assert await lower(door, f"<action>cancelmessage</action><tracking-id>{LATER}</tracking-id>") == (
        f"<response><status>Success</status><tracking-id>{LATER}</tracking-id><to>15557650001</to>"
        f"<message-status>cancelled</message-status><status-details>{words}</status-details></response>"
    )
    assert await members(door, action="cancelMessage", tracking_id=LATER) == (
        f'{{"status":"Success","tracking-id":"{LATER}","to":"15557650001","message-status":"cancelled",'
        f'"status-details":"{words}"}}'
    )


TOO_LATE = "The message cannot be cancelled any more. (it is delivered)"


async def test_too_late_in_each_dialect(door: Door) -> None:
    reply = await door.post(upper("<ACTION>cancelMessage</ACTION><CLIENT_REFERENCE>order-778</CLIENT_REFERENCE>"))
    assert reply.body == (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E661</ERRORCODE><ERRORINFO>{TOO_LATE}</ERRORINFO></RESPONSE>"
    )
    assert await lower(door, f"<action>cancelMessage</action><tracking-id>{SENT}</tracking-id>") == (
        f"<response><status>Failure</status><error-code>E661</error-code><error-info>{TOO_LATE}</error-info></response>"
    )
    assert await members(door, action="cancelmessage", tracking_id=SENT) == (
        f'{{"status":"Failure","error-code":"E661","error-info":"{TOO_LATE}"}}'
    )


@pytest.mark.parametrize(
    ("inside", "code", "words"),
    [
        pytest.param("<ACTION>getMessage</ACTION>", "E100", f"{E100} (TRACKINGID is required)", id="no name"),
        pytest.param(
            "<ACTION>cancelMessage</ACTION><TRACKINGID> </TRACKINGID>",
            "E100",
            f"{E100} (TRACKINGID is required)",
            id="a blank name",
        ),
        pytest.param(
            "<ACTION>getMessage</ACTION><TRACKINGID><B>x</B></TRACKINGID>",
            "E100",
            f"{E100} (TRACKINGID holds something else than text)",
            id="an element",
        ),
        pytest.param(
            f"<ACTION>getMessage</ACTION><TRACKINGID>{SENT.replace('a', 'c')}</TRACKINGID>",
            "E660",
            "There is no such message.",
            id="unknown",
        ),
        pytest.param(
            "<ACTION>getMessage</ACTION><TRACKINGID>' OR 1=1</TRACKINGID>",
            "E660",
            "There is no such message.",
            id="no id of ours",
        ),
        pytest.param(
            f"<ACTION>getMessage</ACTION><CLIENT_REFERENCE>{'x' * 65}</CLIENT_REFERENCE>",
            "E660",
            "There is no such message.",
            id="a reference that none can have",
        ),
        pytest.param(
            "<ACTION>listMessages</ACTION><STARTDATE>soon</STARTDATE>", "E214", "start-date is invalid", id="a start"
        ),
        pytest.param(
            "<ACTION>listMessages</ACTION><ENDDATE>2030-02-30</ENDDATE>",
            "E100",
            f"{E100} (ENDDATE is no date and time of ISO 8601)",
            id="an end",
        ),
        pytest.param(
            "<ACTION>listMessages</ACTION><ITEMSPERPAGE>1001</ITEMSPERPAGE>",
            "E213",
            "items-per-page is invalid (a whole number from 1 to 1000)",
            id="too large a page",
        ),
        pytest.param(
            "<ACTION>listMessages</ACTION><CURSOR>zz</CURSOR>",
            "E100",
            f"{E100} (CURSOR is none that an answer gave)",
            id="a cursor",
        ),
        pytest.param(
            "<ACTION>listMessages</ACTION><STATUS>lost</STATUS>",
            "E100",
            f"{E100} (MESSAGESTATUS is none of scheduled, accepted, encoding, submitted, delivered, failed, expired, "
            "rejected, cancelled)",
            id="a status",
        ),
        pytest.param(
            "<ACTION>listMessages</ACTION><TO>0044</TO>",
            "E110",
            "Invalid receiver number. (international form begins with the calling code, not with 00)",
            id="a receiver",
        ),
    ],
)
async def test_what_cannot_be_asked(door: Door, inside: str, code: str, words: str) -> None:
    assert (await door.post(upper(inside))).body == (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE><ERRORINFO>{words}</ERRORINFO></RESPONSE>"
    )
