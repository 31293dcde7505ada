"""Calls that send nothing: loginUser in each dialect, and what is not served; typed from api.md 3.7 and 8."""

import pytest
from tests.api.door import J2, KEY, M1, PATH, Door

pytestmark = pytest.mark.asyncio(loop_scope="module")

W13_BODY = "<REQUEST><ACTION>loginUSer</ACTION><API_KEY>{key}</API_KEY></REQUEST>"
M1_BODY = "<request><action>loginUser</action><api-key>{key}</api-key></request>"


@pytest.mark.parametrize(
    ("path", "body", "answer", "refusal"),
    [
        pytest.param(
            PATH,
            W13_BODY,
            "<RESPONSE><STATUS>Success</STATUS><SESSIONID>ref-1</SESSIONID></RESPONSE>",
            "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E104</ERRORCODE>"
            "<ERRORINFO>User Authentication Failed.</ERRORINFO></RESPONSE>",
            id="W13",
        ),
        pytest.param(
            M1,
            M1_BODY,
            "<response><status>Success</status><session-id>ref-1</session-id></response>",
            "<response><status>Failure</status><error-code>E104</error-code>"
            "<error-info>User Authentication Failed.</error-info></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            '{"action": "loginuser"}',
            '{"status":"Success","session-id":"ref-1"}',
            '{"status":"Failure","error-code":"E104","error-info":"User Authentication Failed."}',
            id="J2",
        ),
    ],
)
async def test_says_whether_the_key_is_right(door: Door, path: str, body: str, answer: str, refusal: str) -> None:
    async def asked(key: str) -> str:
        headers = f"x-api-key: {key}\r\n" if path == J2 else ""
        reply = await door.post(body.replace("{key}", key), None, path, headers)
        assert reply.status == 200
        return reply.body

    assert (await asked(KEY), await asked("wrong")) == (answer, refusal)
    assert "E107" in await asked("saves-only")
    assert door.accepted == []


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("sendMMSBarcode", " (barcodes are not served here)"),
        ("createPassbook", " (Passbook calls are not served here)"),
        ("sendPassInMMS", " (Passbook calls are not served here)"),
        ("addPassData", " (Passbook calls are not served here)"),
        ("sendEmail", " (e-mail calls are not served here)"),
        ("getEmailCampaigns", " (e-mail calls are not served here)"),
        ("subscribeEmail", " (e-mail calls are not served here)"),
        ("createUser", " (accounts are made by whoever runs this gateway)"),
        ("sendFax", ""),
    ],
)
async def test_what_is_not_served_is_told(door: Door, action: str, words: str) -> None:
    reply = await door.post(f"<REQUEST><ACTION>{action}</ACTION><API_KEY>{KEY}</API_KEY></REQUEST>")
    assert reply.body == (
        "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E107</ERRORCODE>"
        f"<ERRORINFO>This account has no rights to use this action.{words}</ERRORINFO></RESPONSE>"
    )


async def test_a_get_asks_too(door: Door) -> None:
    reply = await door.get({"action": "loginuser", "api_key": KEY})
    assert reply.body == "<RESPONSE><STATUS>Success</STATUS><SESSIONID>ref-1</SESSIONID></RESPONSE>"


INBOX = "<REQUEST><ACTION>removeMMSInboxMessage</ACTION><API_KEY>{key}</API_KEY>{id}</REQUEST>"
INBOX_M1 = "<request><action>removeMMSInboxMessage</action><api-key>{key}</api-key>{id}</request>"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param("MO-1", "", id="its files go"),
        pytest.param(" ", "E640 The 'mmsinboxid' is required.", id="no id"),
        pytest.param("MO-9", "E641 Invalid MMS Inbox Message ID.", id="nobody's id"),
        pytest.param("MO-2", "E642 MMS Inbox message has no content.", id="nothing left of it"),
    ],
)
async def test_media_of_a_received_mms_are_removed(door: Door, given: str, told: str) -> None:
    code, _, words = told.partition(" ")
    upper = INBOX.format(key=KEY, id=f"<MMSINBOXID>{given}</MMSINBOXID>")
    lower = INBOX_M1.format(key=KEY, id=f"<mms-inbox-id>{given}</mms-inbox-id>")
    flat = f"action=removemmsinboxmessage&api_key={KEY}&mmsinboxid={given.strip()}"
    json_body = f'{{"action":"removemmsinboxmessage","mms-inbox-id":"{given}"}}'
    answers = [
        (await door.post(upper)).body,
        (await door.get(flat)).body,
        (await door.post(lower, path=M1)).body,
        (await door.post(json_body, None, J2, f"x-api-key: {KEY}\r\n")).body,
    ]
    if told:
        w13 = (
            f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE><ERRORINFO>{words}</ERRORINFO></RESPONSE>"
        )
        assert answers == [
            w13,
            w13,
            (
                f"<response><status>Failure</status><error-code>{code}</error-code>"
                f"<error-info>{words}</error-info></response>"
            ),
            f'{{"status":"Failure","error-code":"{code}","error-info":"{words}"}}',
        ]
    else:
        w13 = f"<RESPONSE><STATUS>Success</STATUS><MMSINBOXID>{given}</MMSINBOXID></RESPONSE>"
        assert answers == [
            w13,
            w13,
            f"<response><status>Success</status><mms-inbox-id>{given}</mms-inbox-id></response>",
            f'{{"status":"Success","mms-inbox-id":"{given}"}}',
        ]
