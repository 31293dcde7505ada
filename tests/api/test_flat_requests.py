"""GET, ordinary form fields and the field xml: the same request in other clothes (settled 4, api.md 1.1)."""

from urllib.parse import quote, quote_plus, urlencode

import pytest
from tests.api.door import FORM, KEY, PATH, Door, failure, send_mms, success

from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium

pytestmark = pytest.mark.asyncio(loop_scope="module")

URL = "http://cdn.example.net/a.jpg"
E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."


def fields(**changes: str) -> dict[str, str]:
    """A valid sendMMS in flat names; a trailing underscore is dropped from ``changes``."""
    flat = {
        "action": "sendmms",
        "api_key": KEY,
        "to": "15557650001",
        "from": "24680",
        "subject": "Hello",
        "name": "internal name",
        "slide_1_text": "First slide text",
    }
    flat.update({name.rstrip("_"): value for name, value in changes.items()})
    return flat


def multipart(parts: list[tuple[str, bytes]], boundary: str = "XbX") -> bytes:
    """A multipart/form-data body; the first of each pair is the header behind its Content-Disposition."""
    body = b"".join(
        b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (boundary.encode(), head.encode(), value)
        for head, value in parts
    )
    return body + b"--%s--\r\n" % boundary.encode()


async def test_every_field_has_a_flat_name(door: Door) -> None:
    reply = await door.get(
        fields(
            to="447700900555",
            from_mask="MyBrand",
            operatorid="0001890",
            serviceid="any",
            campaignref="spring-list",
            fallbacksmstext="See:",
            disablefallbacksms="yes",
            disablefallbacksmslink="1",
            mmslink_expiration_date="2030-05-01T00:00:00Z",
            force_send_as_sms="false",
            client_reference="order-778",
            cache_content="no",
        )
    )
    assert reply.body == success("447700900555")
    (accepted,) = door.accepted
    assert (accepted.mask, accepted.spid, accepted.campaign, accepted.fallback_text) == (
        "MyBrand",
        "0001890",
        "spring-list",
        "See:",
    )
    assert (accepted.fallback_allowed, accepted.link_wanted, accepted.use_cache, accepted.client_reference) == (
        False,
        False,
        False,
        "order-778",
    )
    assert accepted.link_expires_at == 1_903_824_000_000


async def test_slides_come_in_the_order_of_their_numbers(door: Door) -> None:
    flat = {f"slide_{number}_text": str(number) for number in (10, 9, 2, 33)}
    assert (await door.get(fields(**flat))).body == success()
    assert [slide.text for slide in door.accepted[0].slides] == ["First slide text", "2", "9", "10", "33"]


@pytest.mark.parametrize("suffix", ["", "_url"])
@pytest.mark.parametrize("kind", ["image", "audio", "video", "vcard", "ical", "pdf"])
async def test_media_have_flat_names(door: Door, kind: str, suffix: str) -> None:
    reply = await door.get(fields(**{f"slide_1_{kind}{suffix}": f" {URL} ", "slide_1_duration": "7"}))
    assert reply.body == success()
    assert door.accepted[0].slides == (CheckedSlide((Medium(Kind(kind), URL),), "First slide text", 7),)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(urlencode(fields()), id="in lower case"),
        pytest.param(urlencode({name.upper(): value for name, value in fields().items()}), id="in upper case"),
        pytest.param(urlencode(fields(action=" sendMMS ")), id="blanks around the action"),
        pytest.param(urlencode(fields()).replace("to=1", "to=+1"), id="a plus that became a blank"),
        pytest.param(urlencode(fields()) + "&to=4930123456", id="the first of two receivers"),
        pytest.param(urlencode(fields()) + "&&=&x&y=z", id="fields that mean nothing"),
        pytest.param("xml=" + quote(send_mms()), id="the field xml"),
    ],
)
async def test_a_query_is_a_request(door: Door, query: str) -> None:
    assert (await door.get(query)).body == success()
    assert door.accepted[0].slides == (CheckedSlide((), "First slide text", 10),)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(urlencode(fields()).encode(), FORM, id="urlencoded"),
        pytest.param(urlencode(fields()).encode(), f"{FORM}; charset=utf-8", id="urlencoded with a charset"),
        pytest.param(urlencode(fields()).encode() + b"\r\n", FORM.upper(), id="a type in capitals, a line end behind"),
        pytest.param(urlencode(fields()).encode(), None, id="urlencoded without a type"),
        pytest.param(
            multipart([(f'name="{name}"', value.encode()) for name, value in fields().items()]),
            'multipart/form-data; boundary="XbX"',
            id="multipart",
        ),
        pytest.param(
            multipart([(f"name={name}", value.encode()) for name, value in fields().items()]).replace(b"\r\n", b"\n"),
            "multipart/form-data; boundary=XbX",
            id="multipart with bare line feeds",
        ),
        pytest.param(b"xml=" + quote(send_mms()).encode(), FORM, id="the field xml"),
        pytest.param(b"XML=" + quote_plus(send_mms()).encode(), FORM, id="the field XML, blanks as plus"),
        pytest.param(b"xml=" + quote(send_mms()).encode(), None, id="the field xml without a type"),
        pytest.param(b"a=b&xml=" + quote(send_mms()).encode() + b"&to=1", FORM, id="the field xml beside others"),
        pytest.param(
            b"xml=" + quote("\ufeff<?xml version='1.0' encoding='utf-8'?>\n" + send_mms()).encode(),
            FORM,
            id="the field xml with a mark and a declaration",
        ),
        pytest.param(
            multipart([('name="xml"', send_mms().encode())]), "multipart/form-data; boundary=XbX", id="xml in parts"
        ),
        pytest.param(
            multipart([('name="xml"; filename="a.xml"\r\nContent-Type: text/xml', send_mms().encode())]),
            "multipart/form-data; charset=x; boundary=XbX",
            id="xml as a file",
        ),
        pytest.param(
            b"before\r\n" + multipart([('name="xml"', send_mms().encode())]) + b"behind",
            "multipart/form-data; boundary=XbX",
            id="text around the parts",
        ),
    ],
)
async def test_a_form_is_a_request(door: Door, body: bytes, kind: str | None) -> None:
    assert (await door.post(body, kind)).body == success()
    assert door.accepted[0].slides == (CheckedSlide((), "First slide text", 10),)


async def test_line_breaks_and_any_unicode_come_through(door: Door) -> None:
    text = "two\r\nlines\r\N{GRINNING FACE} \N{LATIN SMALL LETTER E WITH ACUTE}"
    for reply in (await door.get(fields(slide_1_text=text)), await door.post(urlencode(fields(slide_1_text=text)))):
        assert reply.body == success()
    assert [request.slides[0].text for request in door.accepted] == [
        "two\nlines\n\N{GRINNING FACE} \N{LATIN SMALL LETTER E WITH ACUTE}"
    ] * 2


async def test_a_form_may_be_in_another_charset(door: Door) -> None:
    body = urlencode(fields(slide_1_text="naïve"), encoding="latin-1").encode()
    assert (await door.post(body, f"{FORM}; charset=ISO-8859-1")).body == success()
    part = multipart(
        [(f'name="{name}"', value.encode()) for name, value in fields().items() if name != "slide_1_text"]
        + [('name="slide_1_text"\r\nContent-Type: text/plain; charset=windows-1252', "10 €".encode("cp1252"))]
    )
    assert (await door.post(part, "multipart/form-data; boundary=XbX")).body == success()
    xml = (
        b"xml="
        + quote("<?xml version='1.0' encoding='latin-1'?>" + send_mms(name="naïve"), encoding="latin-1").encode()
    )
    assert (await door.post(xml)).body == success()
    first, second, third = door.accepted
    assert (first.slides[0].text, second.slides[0].text, third.name) == ("naïve", "10 €", "naïve")


async def test_a_post_without_a_body_is_read_from_its_query(door: Door) -> None:
    assert (await door.post("", path=f"{PATH}?{urlencode(fields())}")).body == success()


async def test_the_query_of_a_post_with_a_body_does_not_count(door: Door) -> None:
    reply = await door.post(urlencode(fields(to="")), path=f"{PATH}?to=15557650001")
    assert reply.body == failure("E100", f"{E100} (TO is required)", None)


@pytest.mark.parametrize(
    "query",
    [pytest.param("", id="no query"), pytest.param("&&", id="separators"), pytest.param("=", id="nothing named")],
)
async def test_an_empty_get_is_empty(door: Door, query: str) -> None:
    assert (await door.get(query)).body == failure("E100", f"{E100} (the request is empty)", None)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        pytest.param(
            {"name": "a\x00b"},
            failure("E100", f"{E100} (NAME holds a character that no text may hold)"),
            id="a NUL in NAME",
        ),
        pytest.param(
            {"client_reference": "a\ufffe"},
            failure("E100", f"{E100} (CLIENT_REFERENCE holds a character that no text may hold)"),
            id="U+FFFE in CLIENT_REFERENCE",
        ),
        pytest.param(
            {"slide_1_text": "a\x0b"},
            failure("E100", f"{E100} (TEXT in slide 1 holds a character that no text may hold)"),
            id="a vertical tab in TEXT",
        ),
        pytest.param(
            {"slide_1_image": "http://a/\x01"},
            failure("E100", f"{E100} (URL in slide 1 holds a character that no text may hold)"),
            id="a control character in a URL",
        ),
        pytest.param(
            {"to": "1\x00"},
            failure("E100", f"{E100} (TO holds a character that no text may hold)", "1\ufffd"),
            id="a NUL in TO",
        ),
        pytest.param(
            {"slide_7_duration": "x"}, failure("E313", "Slide 2 is empty."), id="slides are counted, not named"
        ),
    ],
)
async def test_flat_fields_meet_the_same_rules(door: Door, changes: dict[str, str], answer: str) -> None:
    assert (await door.get(fields(**changes))).body == answer


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"to=%FF", FORM, id="no UTF-8"),
        pytest.param(b"%FF=1", FORM, id="no UTF-8 in a name"),
        pytest.param(b"to=%ED%A0%80", FORM, id="a surrogate"),
        pytest.param(b"to=1", f"{FORM}; charset=utf-7", id="UTF-7"),
        pytest.param(b"to=%E9", f"{FORM}; charset=us-ascii", id="no US-ASCII"),
        pytest.param(b"xml=%3CREQUEST", FORM, id="a document cut off"),
        pytest.param(b"xml=hello", FORM, id="no document"),
        pytest.param(b"hello", FORM, id="no form"),
        pytest.param(b"hello", None, id="nothing known"),
        pytest.param(b"hello = you", None, id="nothing known with an equals sign"),
        pytest.param(b'{"action": "sendmms", "x": "="}', "application/json", id="JSON"),
        pytest.param(b"a=b", "text/xml", id="a form that says XML"),
        pytest.param(b"&".join([b"a=b"] * 1001), FORM, id="too many fields"),
        pytest.param(multipart([('name="to"', b"1")]), "multipart/form-data", id="parts without a boundary"),
        pytest.param(multipart([('name="to"', b"1")]), "multipart/form-data; boundary=other", id="another boundary"),
        pytest.param(multipart([('name="to"', b"1")])[:-4], "multipart/form-data; boundary=XbX", id="parts cut off"),
        pytest.param(b"--XbX\r\nno header\r\n--XbX--", "multipart/form-data; boundary=XbX", id="a part without a gap"),
        pytest.param(
            multipart([('name="to"\r\nContent-Transfer-Encoding: base64', b"MQ==")]),
            "multipart/form-data; boundary=XbX",
            id="base64",
        ),
        pytest.param(
            multipart([("name=" + "a" * 9000, b"1")]),
            "multipart/form-data; boundary=XbX",
            id="a part with a long header",
        ),
        pytest.param(b"--XbX\r\n" * 1100, "multipart/form-data; boundary=XbX", id="boundaries only"),
        pytest.param(b"--XbX--", f"multipart/form-data; boundary={'b' * 300}", id="a boundary without end"),
        pytest.param(multipart([('name="to"', b"1")] * 1001), "multipart/form-data; boundary=XbX", id="too many parts"),
    ],
)
async def test_forms_that_cannot_be_read(door: Door, body: bytes, kind: str | None) -> None:
    reply = await door.post(body, kind)
    assert reply.status == 200
    assert "<ERRORCODE>E108</ERRORCODE><ERRORINFO>XML Parse error: " in reply.body
    assert door.accepted == []
