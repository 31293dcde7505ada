"""Saved messages in each dialect: bytes in, bytes out, typed from api.md 2.5, 3.1 to 3.3 and adr 0083."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.api.door import J2, KEY, M1, Door

from slidewire.domain.message import Dialect
from slidewire.domain.request import Addressee, CheckedSavedSend, CheckedSlide, CheckedTemplate

pytestmark = pytest.mark.asyncio(loop_scope="module")

YEAR = 365 * 86_400_000
NOW = 1_898_596_800_000
SENT = CheckedSavedSend(
    dialect=Dialect.W13,
    mms_id=910002,
    to=(Addressee("15557650001", "15557650001", "US", "24680", ""),),
    is_list=False,
    spid="",
    operator="",
    campaign="",
    link_expires_at=NOW + YEAR,
    force_sms=False,
    client_reference="",
    subject="other subject",
    texts={1: "other text"},
    values={"first_name": "Ann"},
)
DETAILS = "MMS request accepted and queued for delivery"


def w13(inside: str) -> str:
    return f"<REQUEST><API_KEY>{KEY}</API_KEY>{inside}</REQUEST>"


def m1(inside: str) -> str:
    return f"<request><api-key>{KEY}</api-key>{inside}</request>"


async def post_json(door: Door, **members: Any) -> str:
    given = {name.rstrip("_").replace("_", "-"): value for name, value in members.items()}
    reply = await door.post(json.dumps(given), "application/json; charset=utf-8", J2, f"x-api-key: {KEY}\r\n")
    return reply.body


async def test_save_in_upper_case(door: Door) -> None:
    body = w13(
        "<ACTION>saveMMS</ACTION><SUBJECT>s</SUBJECT><NAME>tmpl</NAME><FALLBACKSMSTEXT>fb</FALLBACKSMSTEXT>"
        "<DISABLEFALLBACKSMS>yes</DISABLEFALLBACKSMS><SLIDE><TEXT>Hi {$firstname|friend}</TEXT></SLIDE>"
    )
    assert (await door.post(body)).body == "<RESPONSE><STATUS>Success</STATUS><MMSID>910002</MMSID></RESPONSE>"
    slides = (CheckedSlide((), "Hi {$firstname|friend}", 10),)
    assert door.saved == [CheckedTemplate(Dialect.W13, "tmpl", "s", "fb", False, True, True, slides)]


async def test_save_in_lower_case(door: Door) -> None:
    body = m1(
        "<action>savemms</action><message-subject>s</message-subject><name>tmpl</name>"
        "<slide><message-text>Hi</message-text></slide>"
    )
    assert (await door.post(body, path=M1)).body == (
        "<response><status>Success</status><mms-id>910002</mms-id></response>"
    )


async def test_save_in_json(door: Door) -> None:
    answer = await post_json(door, action="savemms", name="n", message_subject="s", slide=[{"message-text": "Hi"}])
    assert answer == '{"status":"Success","mms-id":"910002"}'


UPPER = w13(
    "<ACTION> sendSavedMMS </ACTION><MMSID>910002</MMSID><TO>15557650001</TO><FROM>24680</FROM><FROM_MASK/>"
    "<CUSTOMSUBJECT>other subject</CUSTOMSUBJECT><CUSTOMTEXT><VALUE>other text</VALUE><SLIDE>1</SLIDE></CUSTOMTEXT>"
    "<DATA><FIRST_NAME>Ann</FIRST_NAME></DATA>"
)
LOWER = m1(
    "<action>sendSavedMMS</action><mms-id>910002</mms-id><to>15557650001</to><from>24680</from>"
    "<custom-subject>other subject</custom-subject><custom-text><slide>1</slide><value>other text</value></custom-text>"
    "<data><first_name>Ann</first_name></data>"
)
MEMBERS = {
    "action": "sendsavedmms",
    "mms-id": 910002,
    "to": "15557650001",
    "from": "24680",
    "custom-subject": "other subject",
    "custom-text": [{"value": "other text", "slide": 1}],
    "data": {"First_Name": "Ann"},
}


async def test_send_in_each_dialect_is_one_request(door: Door) -> None:
    upper = await door.post(UPPER)
    assert upper.body == (
        "<RESPONSE><STATUS>Success</STATUS><MMSID>910002</MMSID><TRACKINGID>t1</TRACKINGID><TO>15557650001</TO>"
        f"<FROM>24680</FROM><STATUSDETAILS>{DETAILS}</STATUSDETAILS></RESPONSE>"
    )
    lower = await door.post(LOWER, path=M1)
    assert lower.body == (
        "<response><status>Success</status><mms-id>910002</mms-id><tracking-id>t1</tracking-id><to>15557650001</to>"
        f"<from>24680</from><status-details>{DETAILS}</status-details></response>"
    )
    assert await post_json(door, **MEMBERS) == (
        '{"status":"Success","mms-id":"910002","tracking-id":"t1","to":"15557650001","from":"24680",'
        f'"status-details":"{DETAILS}"}}'
    )
    flat = {
        "action": "sendsavedcontent",
        "api_key": KEY,
        "mmsid": "910002",
        "to": "15557650001",
        "from": "24680",
        "customsubject": "other subject",
        "customtext_1": "other text",
        "data_first_name": "Ann",
    }
    assert (await door.get(flat)).body == upper.body
    dialects = [request.dialect for request in door.sent]
    assert dialects == [Dialect.W13, Dialect.M1, Dialect.J2, Dialect.W13]
    assert [replace(request, dialect=Dialect.W13) for request in door.sent] == [SENT] * 4


async def test_several_receivers(door: Door) -> None:
    body = UPPER.replace("<TO>15557650001</TO>", "<TO>15557650001,00,15557650002</TO>")
    refusal = "international form begins with the calling code, not with 00"
    assert (await door.post(body)).body == (
        "<RESPONSE><STATUS>Success</STATUS><MMSID>910002</MMSID>"
        "<SENDING><TRACKINGID>t1</TRACKINGID><TO>15557650001</TO><FROM>24680</FROM></SENDING>"
        "<SENDING><ERRORCODE>E110</ERRORCODE><TO>00</TO>"
        f"<ERRORINFO>Invalid receiver number. ({refusal})</ERRORINFO></SENDING>"
        "<SENDING><TRACKINGID>t3</TRACKINGID><TO>15557650002</TO><FROM>24680</FROM></SENDING>"
        f"<STATUSDETAILS>{DETAILS}</STATUSDETAILS></RESPONSE>"
    )
    answer = json.loads(await post_json(door, **MEMBERS | {"to": "15557650001,15557650002"}))
    assert answer["sending"] == [
        {"tracking-id": "t1", "to": "15557650001", "from": "24680"},
        {"tracking-id": "t2", "to": "15557650002", "from": "24680"},
    ]


async def test_nobody_of_several(door: Door) -> None:
    answer = json.loads(await post_json(door, **MEMBERS | {"to": "x,15557650002", "from": "9"}))
    assert list(answer) == ["status", "error-code", "error-info", "sending"]
    assert (answer["status"], answer["error-code"]) == ("Failure", "E110")
    assert [block["error-code"] for block in answer["sending"]] == ["E110", "E111"]


@pytest.mark.parametrize(
    ("inside", "answer"),
    [
        pytest.param("<ACTION>getmmsids</ACTION>", "<MMSIDS>910002,910003</MMSIDS>", id="ids"),
        pytest.param("<ACTION>deleteMMSID</ACTION><MMSID>910002</MMSID>", "<MMSID>910002</MMSID>", id="delete"),
        pytest.param(
            "<ACTION>getMMSTemplates</ACTION><START_DATE>2030-01-01</START_DATE><ITEMS_PER_PAGE>5</ITEMS_PER_PAGE>",
            "<STARTDATE>2030-01-01</STARTDATE><PAGENUMBER>1</PAGENUMBER><ITEMSPERPAGE>5</ITEMSPERPAGE>"
            "<TOTALRESULTS>7</TOTALRESULTS><MMSTEMPLATE><MMSID>910002</MMSID><MMSNAME>spring</MMSNAME>"
            "<MMSSUBJECT>Hello</MMSSUBJECT><DATECREATED>2030-03-01T12:00:00+00:00</DATECREATED>"
            "<TOTALSLIDES>1</TOTALSLIDES><MMSSIZE>22</MMSSIZE><MMSSTATUS>ready</MMSSTATUS></MMSTEMPLATE>",
            id="templates",
        ),
    ],
)
async def test_lists_and_the_end(door: Door, inside: str, answer: str) -> None:
    assert (await door.post(w13(inside))).body == f"<RESPONSE><STATUS>Success</STATUS>{answer}</RESPONSE>"


async def test_templates_in_json_are_a_list(door: Door) -> None:
    assert json.loads(await post_json(door, action="getMMSTemplates", page_number=2)) == {
        "status": "Success",
        "page-number": "2",
        "items-per-page": "100",
        "total-results": "7",
        "mms-template": [
            {
                "mms-id": "910002",
                "mms-name": "spring",
                "mms-subject": "Hello",
                "date-created": "2030-03-01T12:00:00+00:00",
                "total-slides": "1",
                "mms-size": "22",
                "mms-status": "ready",
            }
        ],
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(("<DATA>", "<DATA><A><B>x</B></A>"), "E100", id="an element in a value"),
        pytest.param(("<VALUE>", "<VALUE><B/>"), "E100", id="an element in a text"),
        pytest.param(("<MMSID>910002</MMSID>", "<MMSID> </MMSID>"), "E620", id="a blank id"),
        pytest.param(("<TO>15557650001</TO>", ""), "E621", id="no receiver"),
    ],
)
async def test_refusals(door: Door, change: tuple[str, str], code: str) -> None:
    assert f"<ERRORCODE>{code}</ERRORCODE>" in (await door.post(UPPER.replace(*change))).body
    assert door.sent == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"data": "x"}, id="values that are a text"),
        pytest.param({"data": {"a": ["x"]}}, id="a value that is a list"),
        pytest.param({"custom-text": "x"}, id="a text that is no object"),
        pytest.param({"custom-text": [{"value": {}, "slide": 1}]}, id="a text that is an object"),
    ],
)
async def test_json_of_another_shape_is_refused(door: Door, change: dict[str, Any]) -> None:
    assert json.loads(await post_json(door, **MEMBERS | change))["error-code"] == "E100"


TOLD = "no device discovery message is sent: what a phone can show is learnt from its receipts"


async def test_device_discovery_is_accepted_and_told(door: Door) -> None:
    """All four fields in each dialect, ignored together (api.md 3.2)."""
    more = "<DDMTITLE/><DDMTEXT>Hi</DDMTEXT><DDMTIMEOUT>5</DDMTIMEOUT><DDMFORCE>true</DDMFORCE>"
    upper = await door.post(UPPER.replace("<DATA>", f"{more}<DATA>"))
    assert "<STATUS>Success</STATUS>" in upper.body
    assert upper.headers["x-slidewire-warning"] == TOLD
    more = "<ddm-message-text>Hi</ddm-message-text><ddm-timeout>5</ddm-timeout><ddm-force>true</ddm-force>"
    lower = await door.post(LOWER.replace("<data>", f"{more}<data>"), path=M1)
    assert lower.headers["x-slidewire-warning"] == TOLD
    members = {"ddm-message-subject": "t", "ddm-message-text": "Hi", "ddm-timeout": 5, "ddm-force": True}
    assert json.loads(await post_json(door, **MEMBERS | members))["warnings"] == [TOLD]
    assert [replace(request, dialect=Dialect.W13, warnings=()) for request in door.sent] == [SENT] * 3
