"""M1: request bytes in, answer bytes out, typed from api.md 1.2, 2.3, 8 and settled 23; mended once, never W13."""

import pytest
from tests.api.door import KEY, M1, Door, send_mms

from slidewire.domain.message import Dialect, Kind
from slidewire.domain.request import CheckedRequest, CheckedSlide, Medium

pytestmark = pytest.mark.asyncio(loop_scope="module")

E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."
#: api.md 2.3, with every field of 2.6 that sendMMS has, a date that is not past, a receiver that has a mask.
COMPLETE = """<request>
  <action>sendMMS</action>
  <api-key>k3yExample000000000000000000000001</api-key>
  <to>447700900555</to>
  <from>24680</from>
  <from-mask>MyBrand</from-mask>
  <operator-id>31003</operator-id>
  <service-id>24680mms</service-id>
  <campaign-ref>spring-list</campaign-ref>
  <message-subject>Hello</message-subject>
  <name>internal name</name>
  <slide>
    <duration>5</duration>
    <image><url>http://cdn.example.net/a/1.jpg</url></image>
    <message-text>First slide</message-text>
  </slide>
  <slide><message-text>Invite</message-text><ical><url>http://cdn.example.net/a/2.ics</url></ical></slide>
  <slide><vcard><url>http://cdn.example.net/a/3.vcf</url></vcard></slide>
  <fallback-sms-text>See:</fallback-sms-text>
  <disable-fallback-sms>no</disable-fallback-sms>
  <disable-fallback-sms-link>yes</disable-fallback-sms-link>
  <fallback-sms-link-expiration>2030-05-01T00:00:00+00:00</fallback-sms-link-expiration>
  <force-send-as-sms>false</force-send-as-sms>
  <cache-content>false</cache-content>
  <client-reference>order-778</client-reference>
</request>"""


def success(receiver: str = "15557650001") -> str:
    return (
        f"<response><status>Success</status><to>{receiver}</to><mms-id>910001</mms-id>"
        "<tracking-id>0195f1c0a0b07000800000000000000a</tracking-id>"
        "<status-details>MMS request accepted and queued for delivery</status-details></response>"
    )


def failure(code: str, words: str, receiver: str | None = "15557650001") -> str:
    to = "" if receiver is None else f"<to>{receiver}</to>"
    return (
        f"<response><status>Failure</status><error-code>{code}</error-code>{to}"
        f"<error-info>{words}</error-info></response>"
    )


def a_request(*more: str, key: str = KEY, **changes: str | None) -> str:
    """A valid sendMMS; ``changes`` name elements with _ for -, None leaves one out; ``slides`` is markup."""
    values: dict[str, str | None] = {
        "action": "sendMMS",
        "api_key": key,
        "to": "15557650001",
        "from": "24680",
        "name": "internal name",
        "fallback_sms_text": "See:",
        "slides": "<slide><message-text>First slide</message-text></slide>",
    }
    values |= {name.rstrip("_"): value for name, value in changes.items()}
    parts = [
        value if name == "slides" else f"<{name.replace('_', '-')}>{value}</{name.replace('_', '-')}>"
        for name, value in values.items()
        if value is not None
    ]
    return f"<request>{''.join(parts)}{''.join(more)}</request>"


async def test_the_complete_request_of_the_contract(door: Door) -> None:
    reply = await door.post(COMPLETE, None, M1)
    assert (reply.status, reply.body) == (200, success("447700900555"))
    assert "x-slidewire-warning" not in reply.headers
    assert door.accepted == [
        CheckedRequest(
            dialect=Dialect.M1,
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
                CheckedSlide((Medium(Kind.IMAGE, "http://cdn.example.net/a/1.jpg"),), "First slide", 5),
                CheckedSlide((Medium(Kind.ICAL, "http://cdn.example.net/a/2.ics"),), "Invite", 10),
                CheckedSlide((Medium(Kind.VCARD, "http://cdn.example.net/a/3.vcf"),), "", 10),
            ),
        )
    ]


async def test_every_answer_is_xml_that_no_browser_may_use(door: Door) -> None:
    reply = await door.post(a_request(), None, M1)
    del reply.headers["date"]
    assert reply.headers == {
        "content-type": "text/xml; charset=utf-8",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "content-length": str(len(success())),
    }


@pytest.mark.parametrize("path", [M1, "/ep/v1"])
@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "text/xml", "application/json"])
async def test_a_bare_document_is_read_whatever_its_type(door: Door, kind: str | None, path: str) -> None:
    document = '<?xml version="1.0"?>\n' + a_request(name="Tom &amp; Jerry = 100% + \N{GRINNING FACE}")
    assert (await door.post(document, kind, path)).body == success()
    assert door.accepted[0].name == "Tom & Jerry = 100% + \N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        pytest.param("", failure("E100", f"{E100} (post an XML document)", None), id="nothing at all"),
        pytest.param("xml=%3Crequest/%3E", failure("E108", "XML Parse error: the body is no XML.", None), id="a form"),
        pytest.param(
            "<request><action>sendMMS</request>",
            failure("E108", "XML Parse error: mismatched tag: line 1, column 26.", None),
            id="beyond mending",
        ),
        pytest.param(
            "<!DOCTYPE request []><request/>",
            failure("E108", "XML Parse error: a DOCTYPE is not allowed.", None),
            id="a DOCTYPE",
        ),
        pytest.param(
            "<answer/>", failure("E100", f"{E100} (the root element must be request)", None), id="another root"
        ),
        pytest.param("<request/>", failure("E101", " 'action' required", None), id="no action"),
        pytest.param(a_request(key="wrong"), failure("E104", "User Authentication Failed.", None), id="a wrong key"),
        pytest.param(send_mms(), failure("E104", "User Authentication Failed.", None), id="the key of another dialect"),
        pytest.param(
            a_request(action="noSuchCall"),
            failure("E107", "This account has no rights to use this action.", None),
            id="an unknown action",
        ),
        pytest.param(a_request(to=None), failure("E100", f"{E100} (to is required)", None), id="no receiver"),
        pytest.param(
            a_request(to="<b>1</b>"),
            failure("E100", f"{E100} (to holds something else than text)", None),
            id="an element in a text",
        ),
        pytest.param(
            a_request(to="001"),
            failure(
                "E110", "Invalid receiver number. (international form begins with the calling code, not with 00)", "001"
            ),
            id="to",
        ),
        pytest.param(a_request(from_="99999"), failure("E111", "Invalid Sender."), id="from"),
        pytest.param(a_request(name=None), failure("E311", "The 'name' is required."), id="no name"),
        pytest.param(
            a_request(fallback_sms_text=None),
            failure("E622", "The 'fallbacksmstext' is required."),
            id="neither subject nor fallback text",
        ),
        pytest.param(
            a_request(key="services"),
            failure("E627", "Invalid serviceid / serviceid is required"),
            id="a service id that is missing",
        ),
        pytest.param(
            a_request(disable_fallback_sms="maybe"),
            failure("E100", f"{E100} (disable-fallback-sms is neither yes nor no)"),
            id="a flag",
        ),
        pytest.param(a_request(slides=""), failure("E312", "No slides."), id="no slides"),
        pytest.param(
            a_request(slides="<slide><message-text>a</message-text></slide><slide></slide>"),
            failure("E313", "Slide 2 is empty."),
            id="an empty slide",
        ),
    ],
)
async def test_the_first_fault_is_told_in_lower_case(door: Door, request_body: str, answer: str) -> None:
    reply = await door.post(request_body, None, M1)
    assert (reply.status, reply.body) == (200, answer)
    assert door.accepted == []


async def test_a_get_is_told_to_post(door: Door) -> None:
    reply = await door.get({"action": "sendmms", "api-key": KEY}, M1)
    assert (reply.status, reply.body) == (200, failure("E100", f"{E100} (post an XML document)", None))


SLIDE = "<slide><image><url>{url}</url></image><message-text>{text}</message-text></slide>"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("Tom & Jerry <3", "Tom & Jerry <3", id="an ampersand and a heart"),
        pytest.param("Tom &amp; Jerry & Co", "Tom & Jerry & Co", id="escaped and not"),
        pytest.param("&lt;b&gt; & &#65;&#x42;", "<b> & AB", id="references stay"),
        pytest.param("&copy; &nbsp;", "&copy; &nbsp;", id="HTML's names are text"),
        pytest.param("a < b <= c << d </3 <! <?", "a < b <= c << d </3 <! <?", id="signs that begin no tag"),
        pytest.param("<![CDATA[a & b < c]]> & d", "a & b < c & d", id="CDATA is left alone"),
        pytest.param("<!-- a & b -->c & d", "c & d", id="comments are left alone"),
        pytest.param("a[b[0]]> c", "a[b[0]]> c", id="the end of no CDATA"),
        pytest.param("\N{GRINNING FACE} & caf\u00e9", "\N{GRINNING FACE} & caf\u00e9", id="Unicode around"),
    ],
)
async def test_stray_signs_are_read_as_text(door: Door, text: str, read: str) -> None:
    slide = SLIDE.format(url="http://x.example.net/a.jpg?a=1&b=2&amp;c=3", text=text)
    reply = await door.post(a_request(slides=slide), None, M1)
    assert reply.body == success()
    assert reply.headers["x-slidewire-warning"] == "ill-formed XML was read with its stray signs as text"
    url = Medium(Kind.IMAGE, "http://x.example.net/a.jpg?a=1&b=2&c=3")
    assert door.accepted[0].slides == (CheckedSlide((url,), read, 10),)


async def test_the_upper_case_dialect_is_never_mended(door: Door) -> None:
    reply = await door.post(send_mms(name="Tom & Jerry"))
    assert "<ERRORCODE>E108</ERRORCODE>" in reply.body


async def test_a_document_that_mending_makes_too_long_is_refused(door: Door) -> None:
    body = a_request(name="&" * 300_000)
    assert (await door.post(body, None, M1)).body == failure(
        "E100", f"{E100} (the request is longer than 1 000 000 bytes)", None
    )


async def test_repeated_images_and_unknown_fields_are_told(door: Door) -> None:
    image = "<image><url>http://cdn.example.net/{}.jpg</url></image>"
    slide = f"<slide>{image.format('a')}{image.format('b')}<sticker>s</sticker></slide>"
    reply = await door.post(a_request("<priority>high</priority>", slides=slide), None, M1)
    assert reply.body == success()
    assert reply.headers["x-slidewire-warning"] == (
        "ignored, for it is not known: sticker; ignored, for it is not known: priority; "
        "slide 1: only the first image counts"
    )
    assert door.accepted[0].slides[0].media == (Medium(Kind.IMAGE, "http://cdn.example.net/a.jpg"),)


@pytest.mark.parametrize(("name", "kind"), [("contact", Kind.VCARD), ("calendar", Kind.ICAL), ("VCARD", Kind.VCARD)])
async def test_objects_are_read_under_the_names_of_the_other_dialects(door: Door, name: str, kind: Kind) -> None:
    slide = f"<slide><{name}><url>http://cdn.example.net/o</url></{name}></slide>"
    assert (await door.post(a_request(slides=slide), None, M1)).body == success()
    assert door.accepted[0].slides[0].media == (Medium(kind, "http://cdn.example.net/o"),)
