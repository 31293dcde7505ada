"""Requests as programs in the field shape them, in each dialect: bytes in, bytes out, typed from api.md 8 and 9."""

import pytest
from tests.api.door import FORM, J2, KEY, M1, PATH, Door

from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANSWERS = {
    PATH: "<RESPONSE><STATUS>Success</STATUS><TO>15557650001</TO><MMSID>910001</MMSID>"
    "<TRACKINGID>0195f1c0a0b07000800000000000000a</TRACKINGID>"
    "<STATUSDETAILS>MMS request accepted and queued for delivery</STATUSDETAILS></RESPONSE>",
    M1: "<response><status>Success</status><to>15557650001</to><mms-id>910001</mms-id>"
    "<tracking-id>0195f1c0a0b07000800000000000000a</tracking-id>"
    "<status-details>MMS request accepted and queued for delivery</status-details></response>",
    J2: '{"status":"Success","to":"15557650001","mms-id":"910001","tracking-id":"0195f1c0a0b07000800000000000000a",'
    '"status-details":"MMS request accepted and queued for delivery"}',
}


def written(path: str, slides: str) -> str:
    """A sendMMS in one line, as the dialect of ``path`` has it."""
    if path == PATH:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><REQUEST><ACTION>sendMMS</ACTION><API_KEY>{KEY}</API_KEY>'
            "<TO>15557650001</TO><FROM>24680</FROM><NAME>a client</NAME><FALLBACKSMSTEXT>See = + %41 \U0001f600:"
            f"</FALLBACKSMSTEXT>{slides}</REQUEST>"
        )
    if path == M1:
        return (
            f'<?xml version="1.0"?><request><action>sendMMS</action><api-key>{KEY}</api-key><to>15557650001</to>'
            "<from>24680</from><name>a client</name><fallback-sms-text>See = + %41 \U0001f600:</fallback-sms-text>"
            f"{slides}</request>"
        )
    return (
        '{"action":"sendMMS","to":"15557650001","from":"24680","name":"a client",'
        f'"fallback-sms-text":"See = + %41 \U0001f600:","slide":[{slides}]}}'
    )


#: The same slide in each dialect: one text.
TEXT = {
    PATH: "<SLIDE><TEXT>Hello</TEXT></SLIDE>",
    M1: "<slide><message-text>Hello</message-text></slide>",
    J2: '{"message-text":"Hello"}',
}
#: Two images in one slide: the first counts.
REPEATED = {
    PATH: "<SLIDE><IMAGE><URL>http://x.example/1.jpg</URL></IMAGE><IMAGE><URL>http://x.example/2.jpg</URL></IMAGE></SLIDE>",
    M1: "<slide><image><url>http://x.example/1.jpg</url></image><image><url>http://x.example/2.jpg</url></image></slide>",
    J2: '{"image":[{"url":"http://x.example/1.jpg"},{"url":"http://x.example/2.jpg"}]}',
}
EMPTY = {PATH: "<SLIDE></SLIDE>", M1: "<slide></slide>", J2: "{}"}
#: An ampersand as programs write it that escape nothing.
STRAY = {
    PATH: "<SLIDE><IMAGE><URL>http://x.example/1.jpg?a=1&b=2</URL></IMAGE></SLIDE>",
    M1: "<slide><image><url>http://x.example/1.jpg?a=1&b=2</url></image>"
    "<message-text>Tom & Jerry <3</message-text></slide>",
    J2: '{"image":{"url":"http://x.example/1.jpg?a=1&b=2"},"message-text":"Tom & Jerry <3"}',
}
DIALECTS = [pytest.param(PATH, id="W13"), pytest.param(M1, id="M1"), pytest.param(J2, id="J2")]


async def answered(door: Door, path: str, body: str, kind: str | None) -> str:
    reply = await door.post(body, kind, path, f"x-api-key: {KEY}\r\n" if path == J2 else "")
    assert reply.status == 200
    return reply.body


@pytest.mark.parametrize("path", DIALECTS)
@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=utf-8", None, "text/plain", "application/octet-stream"])
async def test_the_body_is_read_whatever_it_is_said_to_be(door: Door, path: str, kind: str | None) -> None:
    assert await answered(door, path, written(path, TEXT[path]), kind) == ANSWERS[path]
    [sent] = door.accepted
    assert (sent.fallback_text, sent.slides) == ("See = + %41 \U0001f600:", (CheckedSlide((), "Hello", 10),))


@pytest.mark.parametrize("path", DIALECTS)
async def test_of_two_images_the_first_counts(door: Door, path: str) -> None:
    answer = await answered(door, path, written(path, REPEATED[path]), None)
    told = ',"warnings":["slide 1: only the first image counts"]}' if path == J2 else ""
    assert answer == (ANSWERS[path].removesuffix("}") + told if told else ANSWERS[path])
    [sent] = door.accepted
    assert sent.slides == (CheckedSlide((Medium(Kind.IMAGE, "http://x.example/1.jpg"),), "", 10),)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        pytest.param(
            PATH,
            "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E313</ERRORCODE><TO>15557650001</TO>"
            "<ERRORINFO>Slide 2 is empty.</ERRORINFO></RESPONSE>",
            id="W13",
        ),
        pytest.param(
            M1,
            "<response><status>Failure</status><error-code>E313</error-code><to>15557650001</to>"
            "<error-info>Slide 2 is empty.</error-info></response>",
            id="M1",
        ),
        pytest.param(
            J2,
            '{"status":"Failure","error-code":"E313","to":"15557650001","error-info":"Slide 2 is empty."}',
            id="J2",
        ),
    ],
)
async def test_an_empty_slide_is_named(door: Door, path: str, answer: str) -> None:
    slides = ("," if path == J2 else "").join((TEXT[path], EMPTY[path]))
    assert await answered(door, path, written(path, slides), FORM) == answer
    assert door.accepted == []


async def test_stray_signs_are_mended_for_m1_alone(door: Door) -> None:
    """Refused in W13, which is never mended; text like any other in JSON."""
    assert await answered(door, PATH, written(PATH, STRAY[PATH]), FORM) == (
        "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E108</ERRORCODE>"
        "<ERRORINFO>XML Parse error: not well-formed (invalid token): line 1, column 279.</ERRORINFO></RESPONSE>"
    )
    assert door.accepted == []
    assert await answered(door, M1, written(M1, STRAY[M1]), None) == ANSWERS[M1]
    assert await answered(door, J2, written(J2, STRAY[J2]), FORM) == ANSWERS[J2]
    slides = (CheckedSlide((Medium(Kind.IMAGE, "http://x.example/1.jpg?a=1&b=2"),), "Tom & Jerry <3", 10),)
    assert [sent.slides for sent in door.accepted] == [slides, slides]


@pytest.mark.parametrize("kind", [FORM, None])
async def test_other_calls_of_m1_are_mended_too(door: Door, kind: str | None) -> None:
    text = (
        f"<request><action>sendSMS</action><api-key>{KEY}</api-key><to>15557650001</to><from>24680</from>"
        "<message-text>Tom & Jerry <3 http://x.example/?a=1&b=2</message-text></request>"
    )
    assert await answered(door, M1, text, kind) == (
        "<response><status>Success</status><tracking-id>0195f1c0a0b07000800000000000000a</tracking-id>"
        "<to>15557650001</to></response>"
    )
    campaign = (
        f"<request><action>createMMSCampaign</action><api-key>{KEY}</api-key><campaign-name>A & B</campaign-name>"
        "<brand-name>C <3</brand-name></request>"
    )
    assert await answered(door, M1, campaign, kind) == (
        "<response><status>Success</status><campaign-id>1116</campaign-id><campaign-name>A &amp; B</campaign-name>"
        "<brand-name>C &lt;3</brand-name></response>"
    )
    assert [sent.fallback_text for sent in door.accepted] == ["Tom & Jerry <3 http://x.example/?a=1&b=2"]
