"""validateMMS in each dialect: bytes in, bytes out, typed from issue 6 and adr 0172."""

import json

import pytest
from tests.api.door import J2, KEY, M1, Door, send_mms

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = "application/json; charset=utf-8"
E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."
E100_JSON = "Invalid request. Please make a valid JSON POST request with all the required variables."
UPPER = (
    "<NETWORK><OPERATORID>31002</OPERATORID><NAME>AT&amp;T</NAME><SIZE>4711</SIZE></NETWORK>"
    "<NETWORK><OPERATORID>31005</OPERATORID><NAME>Plain</NAME><PROBLEM>the operator takes no MMS</PROBLEM></NETWORK>"
    "<SEGMENTS>2</SEGMENTS>"
)
LOWER = (
    "<network><operator-id>31002</operator-id><name>AT&amp;T</name><size>4711</size></network>"
    "<network><operator-id>31005</operator-id><name>Plain</name><problem>the operator takes no MMS</problem></network>"
    "<segments>2</segments>"
)
MEMBERS = (
    '"network":[{"operator-id":"31002","name":"AT&T","size":"4711"},'
    '{"operator-id":"31005","name":"Plain","problem":"the operator takes no MMS"}],"segments":"2"'
)
SLIDE = "<SLIDE><IMAGE><URL>http://cdn.example.net/a.jpg</URL></IMAGE><DURATION>soon</DURATION></SLIDE>"
FAULTS = (
    ("E110", "Invalid receiver number. (only digits 0-9 with at most one + before them are allowed)"),
    ("E311", "The 'name' is required."),
    ("E100", f"{E100} (SENDAT is not in the future)"),
    ("E655", "FORCE_SEND_AS_SMS node accepts only true/false values."),
    ("E230", "Bad 1 slide duration. (whole seconds from 0 to 3600)"),
    ("E351", "Could not copy Image in slide 1. (HTTP 404)"),
)


async def test_nothing_is_wrong_in_upper_case(door: Door) -> None:
    reply = await door.post(send_mms(action="validateMMS"))
    assert reply.body == (
        f"<RESPONSE><STATUS>Success</STATUS><TO>15557650001</TO>{UPPER}"
        "<STATUSDETAILS>The message can be sent</STATUSDETAILS></RESPONSE>"
    )
    assert door.accepted == []


async def test_nothing_is_wrong_in_lower_case(door: Door) -> None:
    body = (
        f"<request><action>validatemms</action><api-key>{KEY}</api-key><to>15557650001</to><from>24680</from>"
        "<name>n</name><message-subject>s</message-subject><slide><message-text>Hi</message-text></slide></request>"
    )
    assert (await door.post(body, path=M1)).body == (
        f"<response><status>Success</status><to>15557650001</to>{LOWER}"
        "<status-details>The message can be sent</status-details></response>"
    )


async def test_nothing_is_wrong_in_json(door: Door) -> None:
    call = {"action": "validatemms", "to": "15557650001", "from": "24680", "name": "n", "message-subject": "s"}
    body = json.dumps({**call, "slide": [{"message-text": "Hi"}]})
    assert (await door.post(body, JSON, J2, f"x-api-key: {KEY}\r\n")).body == (
        f'{{"status":"Success","to":"15557650001",{MEMBERS},"status-details":"The message can be sent"}}'
    )


async def test_every_fault_in_the_order_of_the_checks(door: Door) -> None:
    wrong = {"to": "1-555", "name": " ", "slides": SLIDE, "force_send_as_sms": "yes"}
    reply = await door.post(send_mms("<SENDAT>2020-01-01</SENDAT>", action="validateMMS", **wrong))
    blocks = "".join(f"<FAULT><ERRORCODE>{c}</ERRORCODE><ERRORINFO>{w}</ERRORINFO></FAULT>" for c, w in FAULTS)
    code, words = FAULTS[0]
    assert reply.body == (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE><TO>1-555</TO><ERRORINFO>{words}</ERRORINFO>"
        f"{blocks}{UPPER}</RESPONSE>"
    )
    one = await door.post(send_mms("<SENDAT>2020-01-01</SENDAT>", action="sendMMS", **wrong))
    assert one.body == (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE><TO>1-555</TO><ERRORINFO>{words}</ERRORINFO>"
        "</RESPONSE>"
    )


async def test_faults_in_lower_case(door: Door) -> None:
    body = (
        f"<request><action>validateMMS</action><api-key>{KEY}</api-key><to>15557650001</to><name>n</name>"
        "<message-subject>s</message-subject></request>"
    )
    words = f"{E100} (from is required)"
    assert (await door.post(body, path=M1)).body == (
        f"<response><status>Failure</status><error-code>E100</error-code><to>15557650001</to><error-info>{words}"
        f"</error-info><fault><error-code>E100</error-code><error-info>{words}</error-info></fault>"
        "<fault><error-code>E312</error-code><error-info>No slides.</error-info></fault>"
        f"{LOWER}</response>"
    )


async def test_faults_in_json(door: Door) -> None:
    call = {"action": "validatemms", "to": "15557650001", "from": "99999", "name": "n", "send-at": "soon"}
    body = json.dumps({**call, "message-subject": "s", "slide": [{}]})
    late = f"{E100_JSON} (send-at is no date and time of ISO 8601)"
    assert (await door.post(body, JSON, J2, f"x-api-key: {KEY}\r\n")).body == (
        '{"status":"Failure","error-code":"E111","to":"15557650001","error-info":"Invalid Sender.",'
        '"fault":[{"error-code":"E111","error-info":"Invalid Sender."},'
        f'{{"error-code":"E100","error-info":"{late}"}},'
        f'{{"error-code":"E313","error-info":"Slide 1 is empty."}}],{MEMBERS}}}'
    )


async def test_whoever_may_not_call_is_told_that_alone(door: Door) -> None:
    reply = await door.post(send_mms(action="validateMMS", key="saves-only", to="nobody"))
    assert "<ERRORCODE>E107</ERRORCODE>" in reply.body
    assert "FAULT>" not in reply.body
