"""sendSMS in each dialect: bytes in, bytes out, typed from api.md 3.4 and settled 1, 2, 6, 13, 23."""

import pytest
from tests.api.door import J2, KEY, M1, NOW, PATH, Door

from slidewire.domain.message import Dialect
from slidewire.domain.request import CheckedRequest

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRACKING_ID = "0195f1c0a0b07000800000000000000a"
SENT = CheckedRequest(
    dialect=Dialect.W13,
    receiver="15557650001",
    country="US",
    sender="24680",
    mask="",
    name="",
    subject="",
    fallback_text=" Hello\nyou ",
    spid="0001890",
    campaign="spring-list",
    link_expires_at=NOW,
    force_sms=True,
    fallback_allowed=False,
    link_wanted=False,
    client_reference="order-778",
    use_cache=True,
    slides=(),
    is_text=True,
)
UPPER = (
    f"<REQUEST><ACTION>sendSMS</ACTION><API_KEY>{KEY}</API_KEY><TO>+15557650001</TO><FROM>24680</FROM>"
    "<TEXT> Hello\r\nyou </TEXT><SPID>0001890</SPID><CAMPAIGNREF>spring-list</CAMPAIGNREF>"
    "<CLIENT_REFERENCE>order-778</CLIENT_REFERENCE></REQUEST>"
)
LOWER = (
    f"<request><action>sendsms</action><api-key>{KEY}</api-key><to>15557650001</to><from>24680</from>"
    "<message-text> Hello\nyou </message-text><operator-id>0001890</operator-id>"
    "<campaign-ref>spring-list</campaign-ref><client-reference>order-778</client-reference></request>"
)
JSON = (
    '{"action":"sendSMS","to":15557650001,"from":"24680","message-text":" Hello\\nyou ","operator-id":"0001890",'
    '"campaign-ref":"spring-list","client-reference":"order-778"}'
)
UPPER_ANSWER = (
    f"<RESPONSE><STATUS>Success</STATUS><TRACKINGID>{TRACKING_ID}</TRACKINGID><TO>15557650001</TO></RESPONSE>"
)


@pytest.mark.parametrize(
    ("path", "dialect", "body", "answer"),
    [
        pytest.param(PATH, Dialect.W13, UPPER, UPPER_ANSWER, id="W13"),
        pytest.param(PATH, Dialect.W13, UPPER.replace("SPID", "OPERATORID"), UPPER_ANSWER, id="W13, its later name"),
        pytest.param(
            M1,
            Dialect.M1,
            LOWER,
            f"<response><status>Success</status><tracking-id>{TRACKING_ID}</tracking-id><to>15557650001</to></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            Dialect.J2,
            JSON,
            f'{{"status":"Success","tracking-id":"{TRACKING_ID}","to":"15557650001"}}',
            id="J2",
        ),
        pytest.param(
            J2,
            Dialect.J2,
            JSON.replace("message-text", "text"),
            f'{{"status":"Success","tracking-id":"{TRACKING_ID}","to":"15557650001"}}',
            id="J2, the other spelling",
        ),
    ],
)
async def test_one_text(door: Door, path: str, dialect: Dialect, body: str, answer: str) -> None:
    reply = await door.post(body, None, path, f"x-api-key: {KEY}\r\n" if path == J2 else "")
    assert (reply.status, reply.body) == (200, answer)
    [sent] = door.accepted
    assert sent == CheckedRequest(
        **{name: getattr(SENT, name) for name in SENT.__dataclass_fields__} | {"dialect": dialect}
    )


async def test_a_get_and_a_form(door: Door) -> None:
    fields = {"action": "sendsms", "api_key": KEY, "to": "15557650001", "from": "24680", "text": " Hello\nyou "}
    more = {"spid": "0001890", "campaignref": "spring-list", "client_reference": "order-778"}
    assert (await door.get(fields | more)).body == UPPER_ANSWER
    assert door.accepted == [SENT]


async def test_what_is_of_sendmms_alone_is_ignored_and_told(door: Door) -> None:
    more = "<SUBJECT>s</SUBJECT><NAME> </NAME><SLIDE><TEXT>x</TEXT></SLIDE><FORCE_SEND_AS_SMS>maybe</FORCE_SEND_AS_SMS>"
    reply = await door.post(UPPER.replace("</REQUEST>", f"{more}<PRIORITY>x</PRIORITY></REQUEST>"))
    assert reply.body == UPPER_ANSWER
    assert reply.headers["x-slidewire-warning"] == (
        "ignored, for it is not known: PRIORITY; ignored, for it is not known: SUBJECT; "
        "ignored, for it is not known: FORCE_SEND_AS_SMS; ignored, for it is not known: SLIDE"
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        pytest.param("+15557650001", " ", "E100", "TO is required", id="no receiver"),
        pytest.param("+15557650001", "0015557650001", "E110", "", id="a receiver with 00"),
        pytest.param("<FROM>24680</FROM>", "", "E100", "FROM is required", id="no sender"),
        pytest.param("24680", "13579", "E111", "Invalid Sender.", id="a sender of somebody else"),
        pytest.param("<SPID>", f"<FROM_MASK>{'x' * 51}</FROM_MASK><SPID>", "E115", "", id="a long mask"),
        pytest.param(" Hello\r\nyou ", " \n ", "E712", "The 'text' is required.", id="a blank text"),
        pytest.param("<TEXT> Hello\r\nyou </TEXT>", "", "E712", "The 'text' is required.", id="no text"),
        pytest.param("Hello", "<B>Hello</B>", "E100", "TEXT ", id="an element in the text"),
        pytest.param("0001890", "verizon", "E651", "The 'operator id' is unknown.", id="no operator id"),
        pytest.param(">order-778", ">" + "x" * 65, "E100", "CLIENT_REFERENCE has 65", id="a long reference"),
        pytest.param(KEY, "services", "E627", "", id="no service id"),
        pytest.param(KEY, "saves-only", "E107", "", id="no right"),
    ],
)
async def test_refusals(door: Door, old: str, new: str, code: str, words: str) -> None:
    assert old in UPPER
    reply = await door.post(UPPER.replace(old, new))
    assert reply.body.startswith(f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE>")
    assert words in reply.body
    assert door.accepted == []


async def test_a_failure_is_whole(door: Door) -> None:
    reply = await door.post(UPPER.replace(" Hello\r\nyou ", ""))
    assert reply.body == (
        "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E712</ERRORCODE><TO>+15557650001</TO>"
        "<ERRORINFO>The 'text' is required.</ERRORINFO></RESPONSE>"
    )
    lower = await door.post(LOWER.replace(" Hello\nyou ", ""), None, M1)
    assert lower.body == (
        "<response><status>Failure</status><error-code>E712</error-code><to>15557650001</to>"
        "<error-info>The 'text' is required.</error-info></response>"
    )
