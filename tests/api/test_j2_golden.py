"""J2: request bytes in, answer bytes out, typed from api.md 1.3, 2.4 and settled 23, 25, 31."""

import json

import pytest
from tests.api.door import J2, KEY, Door

from slidewire.domain.message import Dialect, Kind
from slidewire.domain.request import CheckedRequest, CheckedSlide, Medium

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = "application/json; charset=utf-8"
E100 = "Invalid request. Please make a valid JSON POST request with all the required variables."
#: api.md 2.4 as far as sendMMS takes it, with dates that are not past and a receiver that has a mask.
COMPLETE = """{
  "action": "sendmms",
  "service-id": "svc-1",
  "to": "447700900555",
  "from": "24680",
  "from-mask": "MyBrand",
  "operator-id": "31003",
  "campaign-ref": "spring-list",
  "message-subject": "Hello",
  "fallback-sms-text": "See:",
  "disable-fallback-sms": false,
  "disable-fallback-sms-link": true,
  "force-send-as-sms": false,
  "fallback-sms-link-expiration": "2030-05-01T00:00:00Z",
  "client-reference": "order-778",
  "cache-content": false,
  "name": "internal name",
  "slide": [
    {"image": {"url": "https://cdn.example.net/a/1.jpg"}, "message-text": "First slide", "duration": 5},
    {"audio": {"url": "https://cdn.example.net/a/1.mp3"}, "message-text": "song"},
    {"video": {"url": "https://cdn.example.net/a/2.mp4"}},
    {"contact": {"url": "https://cdn.example.net/a/3.vcf"}, "message-text": "card"},
    {"calendar": {"url": "https://cdn.example.net/a/4.ics"}},
    {"pdf": {"url": "https://cdn.example.net/a/5.pdf"}}
  ]
}"""


def success(receiver: str = "15557650001", *warnings: str) -> str:
    told = f',"warnings":{json.dumps(warnings, separators=(",", ":"), ensure_ascii=False)}' if warnings else ""
    return (
        f'{{"status":"Success","to":"{receiver}","mms-id":"910001",'
        '"tracking-id":"0195f1c0a0b07000800000000000000a",'
        f'"status-details":"MMS request accepted and queued for delivery"{told}}}'
    )


def failure(code: str, words: str, receiver: str | None = "15557650001") -> str:
    to = "" if receiver is None else f'"to":"{receiver}",'
    return f'{{"status":"Failure","error-code":"{code}",{to}"error-info":"{words}"}}'


def a_request(**changes: object) -> str:
    """A valid sendMMS; ``changes`` name members with _ for -; Ellipsis leaves one out."""
    values: dict[str, object] = {
        "action": "sendmms",
        "to": "15557650001",
        "from": "24680",
        "name": "internal name",
        "message-subject": "Hello",
        "slide": [{"message-text": "First slide"}],
    }
    values |= {name.rstrip("_").replace("_", "-"): value for name, value in changes.items()}
    return json.dumps({name: value for name, value in values.items() if value is not ...})


async def post(door: Door, body: str | bytes, key: str = KEY, kind: str | None = JSON) -> str:
    reply = await door.post(body, kind, J2, f"x-api-key: {key}\r\n" if key else "")
    assert reply.status == 200
    return reply.body


async def test_the_complete_request_of_the_contract(door: Door) -> None:
    assert await post(door, COMPLETE) == success("447700900555")
    assert door.accepted == [
        CheckedRequest(
            dialect=Dialect.J2,
            receiver="447700900555",
            country="GB",
            sender="24680",
            mask="MyBrand",
            name="internal name",
            subject="Hello",
            fallback_text="See:",
            spid="31003",
            campaign="spring-list",
            link_expires_at=1_903_824_000_000,
            force_sms=False,
            fallback_allowed=True,
            link_wanted=False,
            client_reference="order-778",
            use_cache=False,
            slides=(
                CheckedSlide((Medium(Kind.IMAGE, "https://cdn.example.net/a/1.jpg"),), "First slide", 5),
                CheckedSlide((Medium(Kind.AUDIO, "https://cdn.example.net/a/1.mp3"),), "song", 10),
                CheckedSlide((Medium(Kind.VIDEO, "https://cdn.example.net/a/2.mp4"),), "", 10),
                CheckedSlide((Medium(Kind.VCARD, "https://cdn.example.net/a/3.vcf"),), "card", 10),
                CheckedSlide((Medium(Kind.ICAL, "https://cdn.example.net/a/4.ics"),), "", 10),
                CheckedSlide((Medium(Kind.PDF, "https://cdn.example.net/a/5.pdf"),), "", 10),
            ),
        )
    ]


async def test_every_answer_is_json_that_no_browser_may_use(door: Door) -> None:
    reply = await door.post(a_request(), JSON, J2, f"x-api-key: {KEY}\r\n")
    del reply.headers["date"]
    assert reply.headers == {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "content-length": str(len(success())),
    }


@pytest.mark.parametrize("kind", [JSON, None, "text/plain", "application/x-www-form-urlencoded"])
async def test_the_body_is_json_whatever_its_type(door: Door, kind: str | None) -> None:
    assert await post(door, a_request(), kind=kind) == success()
    assert await post(door, b"\xef\xbb\xbf \r\n" + a_request().encode(), kind=kind) == success()


@pytest.mark.parametrize("action", ["sendMMS", "sendmms", " SENDMMS "])
async def test_actions_are_compared_trimmed_in_any_case(door: Door, action: str) -> None:
    assert await post(door, a_request(action=action)) == success()


NO_KEY = failure("E104", "User Authentication Failed.", None)


async def test_the_key_is_read_from_its_header_and_nowhere_else(door: Door) -> None:
    assert await post(door, a_request(), key="") == NO_KEY
    assert await post(door, a_request(), key="wrong") == NO_KEY
    for name in ("x_api_key", "api_key", "key"):
        assert await post(door, a_request(**{name: KEY}), key="") == NO_KEY
    reply = await door.post(a_request(), JSON, f"{J2}?x-api-key={KEY}&api_key={KEY}")
    assert reply.body == NO_KEY
    assert door.asked == ["", "wrong", "", "", "", ""]


async def test_a_key_in_the_body_beside_the_header_is_ignored_and_told_without_itself(door: Door) -> None:
    answer = await post(door, a_request(api_key="something secret"))
    assert answer == success("15557650001", "ignored, for it is not known: api-key")


async def test_the_first_of_two_key_headers_counts(door: Door) -> None:
    reply = await door.post(a_request(), JSON, J2, f"X-Api-Key: {KEY}\r\nX-Api-Key: wrong\r\n")
    assert reply.body == success()


def not_json(reason: str) -> str:
    return failure("E108", f"JSON Parse error: {reason}.", None)


def invalid(detail: str, receiver: str | None = "15557650001") -> str:
    return failure("E100", f"{E100} ({detail})", receiver)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param("", invalid("the request is empty", None), id="nothing at all"),
        pytest.param(" \n", invalid("the request is empty", None), id="white space only"),
        pytest.param(
            "{", not_json("Expecting property name enclosed in double quotes: line 1, column 2"), id="cut off"
        ),
        pytest.param("<request/>", not_json("Expecting value: line 1, column 1"), id="XML"),
        pytest.param("{} {}", not_json("Extra data: line 1, column 4"), id="two documents"),
        pytest.param(b'{"to":"\xff"}', not_json("bytes that are not valid UTF-8 at byte 7"), id="bytes in no encoding"),
        pytest.param('{"to":NaN}', not_json("NaN is no JSON"), id="a number that is none"),
        pytest.param('{"to":-Infinity}', not_json("-Infinity is no JSON"), id="a number without end"),
        pytest.param("[" * 100_000, not_json("values are nested too deep"), id="nested without end"),
        pytest.param(
            '{"a":' + "[" * 32 + "]" * 32 + "}", not_json("values are nested more than 32 deep"), id="nested 33 deep"
        ),
        pytest.param("[" + "[]," * 60_000 + "0]", not_json("too many values"), id="too many values"),
        pytest.param("[]", invalid("the body must be an object", None), id="a list"),
        pytest.param('"sendmms"', invalid("the body must be an object", None), id="a string"),
        pytest.param("null", invalid("the body must be an object", None), id="null"),
        pytest.param("{}", failure("E101", " 'action' required", None), id="an empty object"),
        pytest.param(a_request(action=None), failure("E101", " 'action' required", None), id="null is absent"),
        pytest.param(
            a_request(action={}), invalid("action holds something else than text", None), id="an object as action"
        ),
        pytest.param(
            a_request(action=5),
            failure("E107", "This account has no rights to use this action.", None),
            id="a number as action",
        ),
        pytest.param(a_request(to=...), invalid("to is required", None), id="no receiver"),
        pytest.param(
            a_request(to={"number": "15557650001"}),
            invalid("to holds something else than text", None),
            id="an object as to",
        ),
        pytest.param(a_request(to=True), invalid("to holds something else than text", None), id="true as to"),
        pytest.param(
            a_request().replace('"15557650001"', "1e999"),
            failure(
                "E110", "Invalid receiver number. (only digits 0-9 with at most one + before them are allowed)", "1e999"
            ),
            id="a huge number",
        ),
        pytest.param(a_request(name={"a": 1}), invalid("name holds something else than text"), id="an object as name"),
        pytest.param(a_request(name=False), invalid("name holds something else than text"), id="false as name"),
        pytest.param(
            a_request(message_subject="\x00"),
            invalid("message-subject holds a character that no text may hold"),
            id="NUL",
        ),
        pytest.param(
            a_request().replace("First slide", "\\ud800"),
            invalid("message-text in slide 1 holds a character that no text may hold"),
            id="half a character",
        ),
        pytest.param(
            a_request(disable_fallback_sms="maybe"), invalid("disable-fallback-sms is neither yes nor no"), id="a flag"
        ),
        pytest.param(
            a_request(force_send_as_sms="maybe"),
            failure("E655", "FORCE_SEND_AS_SMS node accepts only true/false values."),
            id="forced in another word",
        ),
        pytest.param(
            a_request(client_reference="x" * 65),
            invalid("client-reference has 65 characters, at most 64"),
            id="a long reference",
        ),
        pytest.param(a_request(slide=...), failure("E312", "No slides."), id="no slides"),
        pytest.param(a_request(slide=[]), failure("E312", "No slides."), id="an empty list of slides"),
        pytest.param(a_request(slide="text"), invalid("slide is no list of objects"), id="a text as slide"),
        pytest.param(
            a_request(slide=[{"message-text": "a"}, 5]), invalid("slide is no list of objects"), id="a number in slides"
        ),
        pytest.param(
            a_request(slide=[{"message-text": "a"}, {}]), failure("E313", "Slide 2 is empty."), id="an empty slide"
        ),
        pytest.param(
            a_request(slide=[{"message-text": ["a"]}]),
            invalid("message-text in slide 1 holds something else than text"),
            id="a list as text",
        ),
        pytest.param(
            a_request(slide=[{"image": {"url": {"href": "x"}}}]),
            invalid("url in slide 1 holds something else than text"),
            id="an object as address",
        ),
        pytest.param(
            a_request(slide=[{"image": True}]),
            invalid("image in slide 1 holds something else than text"),
            id="true as image",
        ),
        pytest.param(
            a_request(slide=[{"message-text": "a", "duration": 1.5}]),
            failure("E230", "Bad 1 slide duration. (whole seconds from 0 to 3600)"),
            id="a fraction as duration",
        ),
        pytest.param(
            a_request(slide=[{"message-text": "a", "duration": 0}]).replace(
                '"duration": 0', '"duration": ' + "9" * 5000
            ),
            failure("E230", "Bad 1 slide duration. (at most 3600 seconds)"),
            id="a number of 5000 digits",
        ),
    ],
)
async def test_the_first_fault_is_told_in_json(door: Door, body: str | bytes, answer: str) -> None:
    assert await post(door, body) == answer
    assert door.accepted == []


async def test_a_get_is_told_to_post(door: Door) -> None:
    reply = await door.send(f"GET {J2}?action=sendmms HTTP/1.1\r\nHost: l\r\nx-api-key: {KEY}\r\n\r\n".encode())
    assert (reply.status, reply.body) == (200, invalid("the request is empty", None))


async def test_numbers_stay_the_digits_that_were_written(door: Door) -> None:
    body = a_request(to=15557650001, from_=24680, name=7, client_reference=123456789012345678901234567890)
    assert await post(door, body) == success()
    (accepted,) = door.accepted
    assert (accepted.receiver, accepted.sender, accepted.name, accepted.client_reference) == (
        "15557650001",
        "24680",
        "7",
        "123456789012345678901234567890",
    )


async def test_of_doubles_the_first_counts(door: Door) -> None:
    body = a_request()[:-1] + ', "to": "447700900123", "to": {}, "TO": null}'
    assert await post(door, body) == success("15557650001", "only the first receiver counts")


async def test_repeated_media_are_read_as_members_and_as_lists(door: Door) -> None:
    double = '{"image": {"url": "http://x.example.net/a"}, "image": {"url": "http://x.example.net/b"}}'
    listed = '{"image": [{"url": "http://x.example.net/a"}, {"url": "http://x.example.net/b"}]}'
    plain = '{"image": "http://x.example.net/a", "PDF": null, "audio": {"url": " "}}'
    body = a_request(slide=0).replace('"slide": 0', f'"slide": [{double}, {listed}, {plain}]')
    assert await post(door, body) == success(
        "15557650001", "slide 1: only the first image counts", "slide 2: only the first image counts"
    )
    image = (Medium(Kind.IMAGE, "http://x.example.net/a"),)
    assert door.accepted[0].slides == (CheckedSlide(image, "", 10),) * 3


async def test_one_slide_needs_no_list(door: Door) -> None:
    assert await post(door, a_request(slide={"message-text": "a\r\nb\rc", "excel": {"url": "x"}})) == success(
        "15557650001", "ignored, for it is not known: excel"
    )
    assert door.accepted[0].slides == (CheckedSlide((), "a\nb\nc", 10),)


@pytest.mark.parametrize(("name", "kind"), [("vcard", Kind.VCARD), ("ical", Kind.ICAL), ("PDF", Kind.PDF)])
async def test_objects_are_read_under_the_names_of_the_other_dialects(door: Door, name: str, kind: Kind) -> None:
    assert await post(door, a_request(slide=[{name: {"url": "http://x.example.net/o"}}])) == success()
    assert door.accepted[0].slides[0].media == (Medium(kind, "http://x.example.net/o"),)


async def test_what_strangers_wrote_comes_back_as_json(door: Door) -> None:
    answer = await post(door, a_request(to='"\\\x07\u2028<&' + "x" * 40))
    assert json.loads(answer)["to"] == '"\\\ufffd\u2028<&' + "x" * 26
