"""SENDAT and EXPIRES in each dialect: bytes in, bytes out, typed from issue 6 and adr 0170."""

import json

import pytest
from tests.api.door import J2, KEY, M1, Door, Reply, send_mms

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUR = 3_600_000
#: 2030-03-01T12:00:00Z
NOW = 1_898_596_800_000
JSON = "application/json; charset=utf-8"
E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."
E100_JSON = "Invalid request. Please make a valid JSON POST request with all the required variables."
TRACKING = "0195f1c0a0b07000800000000000000a"
WORDS = "MMS request accepted and scheduled for 2030-03-01T14:30:00+00:00"
UPPER = (
    f"<RESPONSE><STATUS>Success</STATUS><TO>15557650001</TO><MMSID>910001</MMSID><TRACKINGID>{TRACKING}</TRACKINGID>"
    f"<STATUSDETAILS>{WORDS}</STATUSDETAILS></RESPONSE>"
)
LOWER = (
    "<response><status>Success</status><to>15557650001</to><mms-id>910001</mms-id>"
    f"<tracking-id>{TRACKING}</tracking-id><status-details>{WORDS}</status-details></response>"
)
MEMBERS = (
    f'{{"status":"Success","to":"15557650001","mms-id":"910001","tracking-id":"{TRACKING}","status-details":"{WORDS}"}}'
)


async def lower(door: Door, inside: str) -> Reply:
    body = (
        f"<request><action>sendMMS</action><api-key>{KEY}</api-key><to>15557650001</to><from>24680</from><name>n</name>"
        f"<message-subject>s</message-subject><slide><message-text>Hi</message-text></slide>{inside}</request>"
    )
    return await door.post(body, path=M1)


async def members(door: Door, **more: object) -> Reply:
    call = {"action": "sendmms", "to": "15557650001", "from": "24680", "name": "n", "message-subject": "s"}
    body = {
        **call,
        "slide": [{"message-text": "Hi"}],
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return await door.post(json.dumps(body), JSON, J2, f"x-api-key: {KEY}\r\n")


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param("<SENDAT>2030-03-01T16:30:00+02:00</SENDAT>", id="its own name"),
        pytest.param("<SEND_AT>2030-03-01T14:30:00Z</SEND_AT>", id="with a line below"),
        pytest.param("<sendat>20300301T1430</sendat>", id="small letters, basic form"),
    ],
)
async def test_scheduled_in_upper_case(door: Door, inside: str) -> None:
    assert (await door.post(send_mms(inside, "<EXPIRES>2030-03-02T14:30:00Z</EXPIRES>"))).body == UPPER
    assert [(each.send_at, each.expires_at) for each in door.accepted] == [(NOW + 5 * HOUR // 2, NOW + 53 * HOUR // 2)]


async def test_scheduled_by_a_get(door: Door) -> None:
    flat = {"action": "sendmms", "api_key": KEY, "to": "15557650001", "from": "24680", "name": "n", "subject": "s"}
    query = {**flat, "slide_1_text": "Hi", "sendat": "2030-03-01T14:30:00Z", "expires": "2030-03-02"}
    assert (await door.get(query)).body == UPPER
    assert [(each.send_at, each.expires_at) for each in door.accepted] == [(NOW + 5 * HOUR // 2, NOW + 12 * HOUR)]


@pytest.mark.parametrize("name", ["send-at", "send_at", "sendat"])
async def test_scheduled_in_lower_case(door: Door, name: str) -> None:
    given = f"<{name}>2030-03-01T14:30:00Z</{name}>"
    expires = "<mms-expiry-timestamp>2030-03-02T14:30:00Z</mms-expiry-timestamp>"
    assert (await lower(door, given + expires)).body == LOWER
    assert [(each.send_at, each.expires_at) for each in door.accepted] == [(NOW + 5 * HOUR // 2, NOW + 53 * HOUR // 2)]


async def test_scheduled_in_json(door: Door) -> None:
    reply = await members(door, send_at="2030-03-01T14:30:00Z", mms_expiry_timestamp="2030-03-02T14:30:00Z")
    assert reply.body == MEMBERS
    assert (await members(door, expires="2030-03-02T14:30:00Z")).body == MEMBERS.replace(
        WORDS, "MMS request accepted and queued for delivery"
    )
    assert [(each.send_at, each.expires_at) for each in door.accepted] == [
        (NOW + 5 * HOUR // 2, NOW + 53 * HOUR // 2),
        (0, NOW + 53 * HOUR // 2),
    ]


async def test_a_saved_message_is_scheduled(door: Door) -> None:
    body = (
        f"<REQUEST><ACTION>sendSavedMMS</ACTION><API_KEY>{KEY}</API_KEY><MMSID>910002</MMSID><TO>15557650001</TO>"
        "<FROM>24680</FROM><SENDAT>2030-03-01T14:30:00Z</SENDAT></REQUEST>"
    )
    assert (await door.post(body)).body == (
        "<RESPONSE><STATUS>Success</STATUS><MMSID>910002</MMSID><TRACKINGID>t1</TRACKINGID><TO>15557650001</TO>"
        f"<FROM>24680</FROM><STATUSDETAILS>{WORDS}</STATUSDETAILS></RESPONSE>"
    )
    assert [(each.send_at, each.expires_at) for each in door.sent] == [(NOW + 5 * HOUR // 2, 0)]


async def test_a_time_that_cannot_be_is_named_as_the_dialect_spells_it(door: Door) -> None:
    upper = await door.post(send_mms("<SENDAT>2030-03-01T11:59:59Z</SENDAT>"))
    assert upper.body == (
        "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E100</ERRORCODE><TO>15557650001</TO>"
        f"<ERRORINFO>{E100} (SENDAT is not in the future)</ERRORINFO></RESPONSE>"
    )
    low = await lower(door, "<send-at>soon</send-at>")
    assert low.body == (
        "<response><status>Failure</status><error-code>E100</error-code><to>15557650001</to>"
        f"<error-info>{E100} (send-at is no date and time of ISO 8601)</error-info></response>"
    )
    past = await members(door, mms_expiry_timestamp="2030-03-01T12:00:00Z")
    assert past.body == (
        '{"status":"Failure","error-code":"E100","to":"15557650001",'
        f'"error-info":"{E100_JSON} (mms-expiry-timestamp is not later than the message is sent)"}}'
    )
    nested = await members(door, send_at={"at": "2030-03-02"})
    assert nested.body == (
        '{"status":"Failure","error-code":"E100","to":"15557650001",'
        f'"error-info":"{E100_JSON} (send-at holds something else than text)"}}'
    )
    assert door.accepted == []
