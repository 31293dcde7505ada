"""XML as it comes: in the field's shapes, in several encodings, and from strangers (settled 3, 9, api.md 8)."""

import re

import pytest
from tests.api.door import Door, failure, send_mms, success

from slidewire.domain.message import Kind
from slidewire.domain.request import CheckedSlide, Medium

pytestmark = pytest.mark.asyncio(loop_scope="module")

URL = "http://cdn.example.net/a.jpg"
IMAGE = f"<IMAGE><URL>{URL}</URL></IMAGE>"
A_JPEG = Medium(Kind.IMAGE, URL)


def an_object(name: str, url: str = "http://cdn.example.net/o") -> str:
    return f"<{name}><URL>{url}</URL></{name}>"


async def slides_of(door: Door, slides: str) -> tuple[CheckedSlide, ...]:
    """What is accepted of a message with ``slides``."""
    door.accepted.clear()
    reply = await door.post(send_mms(slides=slides))
    assert reply.body == success()
    return door.accepted[0].slides


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        pytest.param("application/x-www-form-urlencoded", "Accept-Encoding: gzip;q=1.0,deflate;q=0.6\r\n", id="a form"),
        pytest.param(None, "", id="none"),
        pytest.param("text/xml; charset=utf-8", "", id="XML"),
        pytest.param("text/plain", "", id="plain text"),
        pytest.param("application/json", "", id="JSON"),
        pytest.param("multipart/form-data; boundary=x", "", id="multipart"),
        pytest.param(";;;=", "", id="nonsense"),
    ],
)
async def test_a_bare_document_is_xml_whatever_its_type(door: Door, kind: str | None, headers: str) -> None:
    document = send_mms(slides="<SLIDE><TEXT>Tom &amp; Jerry = 100% + \N{GRINNING FACE}</TEXT></SLIDE>")
    assert (await door.post(document, kind, headers=headers)).body == success()
    assert door.accepted[0].slides[0].text == "Tom & Jerry = 100% + \N{GRINNING FACE}"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"\xef\xbb\xbf" + send_mms().encode(), id="a byte order mark"),
        pytest.param(b" \r\n\t" + b'<?xml version="1.0"?>' + send_mms().encode(), id="white space and a declaration"),
        pytest.param(
            b"\n\xef\xbb\xbf\n" + b'<?xml version="1.0"?>' + send_mms().encode(), id="white space, mark, space"
        ),
        pytest.param(re.sub("</?[A-Z_]+", lambda tag: tag[0].lower(), send_mms()).encode(), id="lower case"),
        pytest.param(
            send_mms().replace("<REQUEST>", '<REQUEST xmlns="urn:any" xmlns:a="urn:b">').encode(),
            id="a default namespace",
        ),
        pytest.param(
            send_mms()
            .replace("<", "<w:")
            .replace("<w:/", "</w:")
            .replace("<w:REQUEST>", '<w:REQUEST xmlns:w="urn:any">')
            .encode(),
            id="prefixed elements",
        ),
        pytest.param(send_mms().replace("<TO>", "<?php x?><!-- x --><TO>").encode(), id="comments and instructions"),
        pytest.param(
            send_mms().replace("15557650001", "1555<!-- x -->7650001").encode(), id="a comment inside a number"
        ),
        pytest.param(
            send_mms().replace("15557650001", "1<![CDATA[555]]>&#55;650001").encode(), id="CDATA and references"
        ),
        pytest.param(send_mms(to="+15557650001").encode(), id="a plus"),
        pytest.param(send_mms(to="\n  15557650001\n  ").encode(), id="white space around"),
        pytest.param(send_mms("<TO>4930123456</TO>").encode(), id="the first of two receivers"),
        pytest.param(send_mms("<WHATEVER><A><B>c</B></A></WHATEVER>").encode(), id="an unknown element"),
        pytest.param(send_mms(fallbacksmstext="").encode(), id="an empty fallback text"),
        pytest.param((send_mms() + "<!-- the end -->\n").encode(), id="a comment behind"),
    ],
)
async def test_reads_the_same_request(door: Door, document: bytes) -> None:
    assert (await door.post(document)).body == success()
    accepted = door.accepted[0]
    assert (accepted.receiver, accepted.sender, accepted.name, accepted.slides) == (
        "15557650001",
        "24680",
        "internal name",
        (CheckedSlide((), "First slide text", 10),),
    )


async def test_the_legacy_shape_until_2013(door: Door) -> None:
    slides = (
        '<SLIDE duration="5"><TEXT>a</TEXT></SLIDE><SLIDE Duration="7"><DURATION>9</DURATION><TEXT>b</TEXT></SLIDE>'
    )
    document = send_mms(name=None, slides=f"<CONTENT><NAME>old</NAME><SEQUENCE>{slides}</SEQUENCE></CONTENT>")
    assert (await door.post(document)).body == success()
    assert door.accepted[0].name == "old"
    assert door.accepted[0].slides == (CheckedSlide((), "a", 5), CheckedSlide((), "b", 9))
    assert door.accepted[0].warnings == ()


@pytest.mark.parametrize(
    ("slide", "expected"),
    [
        pytest.param(f"<SLIDE>{IMAGE}</SLIDE>", CheckedSlide((A_JPEG,), "", 10), id="an image"),
        pytest.param(f"<SLIDE><PIC><URL>{URL}</URL></PIC></SLIDE>", CheckedSlide((A_JPEG,), "", 10), id="PIC is IMAGE"),
        pytest.param(
            f"<SLIDE><IMAGE><URL>\n {URL} \n</URL></IMAGE></SLIDE>",
            CheckedSlide((A_JPEG,), "", 10),
            id="blanks around a URL",
        ),
        pytest.param(
            f"<SLIDE><TEXT>a</TEXT><IMAGE><URL> </URL></IMAGE>{IMAGE}{IMAGE}</SLIDE>",
            CheckedSlide((A_JPEG,), "a", 10),
            id="the first image that is not blank",
        ),
        pytest.param(
            "<SLIDE><TEXT> </TEXT><TEXT>a</TEXT><TEXT>b</TEXT></SLIDE>", CheckedSlide((), "a", 10), id="the first text"
        ),
        pytest.param(
            "<SLIDE><TEXT>a</TEXT><DURATION> </DURATION><DURATION>7</DURATION><DURATION>x</DURATION></SLIDE>",
            CheckedSlide((), "a", 7),
            id="the first duration; the second is not checked",
        ),
        pytest.param(
            "<SLIDE><TEXT> two \n\n lines\t</TEXT></SLIDE>",
            CheckedSlide((), " two \n\n lines\t", 10),
            id="text exactly",
        ),
        pytest.param(
            "<SLIDE><TEXT>a\r\nb\rc&#13;&#10;d</TEXT></SLIDE>", CheckedSlide((), "a\nb\nc\nd", 10), id="line ends"
        ),
        pytest.param(
            "<SLIDE><TEXT>1 <![CDATA[<b> & ]]>&lt;2&gt;&quot;&apos;&amp;&#x1F600;</TEXT></SLIDE>",
            CheckedSlide((), "1 <b> & <2>\"'&\N{GRINNING FACE}", 10),
            id="CDATA and all the references",
        ),
        pytest.param("<SLIDE><TEXT>a</TEXT><NEW>b</NEW></SLIDE>", CheckedSlide((), "a", 10), id="an unknown element"),
        pytest.param("<SLIDE><TEXT>a</TEXT><IMAGE/></SLIDE>", CheckedSlide((), "a", 10), id="an image without a URL"),
    ],
)
async def test_reads_a_slide(door: Door, slide: str, expected: CheckedSlide) -> None:
    assert await slides_of(door, slide) == (expected,)


async def test_slides_keep_the_order_of_the_document(door: Door) -> None:
    slides = await slides_of(door, "".join(f"<SLIDE><TEXT>{number}</TEXT></SLIDE>" for number in range(9)))
    assert [slide.text for slide in slides] == [str(number) for number in range(9)]


E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        pytest.param(
            send_mms(slides="<SLIDE><TEXT>Hello <b>you</b></TEXT></SLIDE>"),
            failure("E100", f"{E100} (TEXT in slide 1 holds something else than text)"),
            id="TEXT",
        ),
        pytest.param(
            send_mms(slides="<SLIDE><IMAGE><URL>http://<b/></URL></IMAGE></SLIDE>"),
            failure("E100", f"{E100} (URL in slide 1 holds something else than text)"),
            id="URL",
        ),
        pytest.param(
            send_mms(name="a<b/>"),
            failure("E100", f"{E100} (NAME holds something else than text)"),
            id="NAME",
        ),
        pytest.param(
            send_mms(to="1<b>5557650001</b>"),
            failure("E100", f"{E100} (TO holds something else than text)", "1"),
            id="TO",
        ),
        pytest.param(
            send_mms(spid="31003<b/>"),
            failure("E100", f"{E100} (OPERATORID holds something else than text)"),
            id="SPID stands for OPERATORID",
        ),
        pytest.param(
            send_mms(action="send<b>MMS</b>"),
            failure("E100", f"{E100} (ACTION holds something else than text)", None),
            id="ACTION",
        ),
        pytest.param(
            "<HTML><BODY/></HTML>",
            failure("E100", f"{E100} (the root element must be REQUEST)", None),
            id="another root",
        ),
    ],
)
async def test_text_is_never_cut_silently(door: Door, document: str, answer: str) -> None:
    assert (await door.post(document)).body == answer


DECLARED = '<?xml version="1.0" encoding="{}"?>'


def encoded(name: str, codec: str, text: str = "naïve", declared: bool = True) -> bytes:
    document = send_mms(slides=f"<SLIDE><TEXT>{text}</TEXT></SLIDE>")
    return ((DECLARED.format(name) if declared else "") + document).encode(codec)


@pytest.mark.parametrize(
    ("document", "kind", "text"),
    [
        pytest.param(
            encoded("UTF-8", "utf-8", "naïve \N{GRINNING FACE}"), "text/xml", "naïve \N{GRINNING FACE}", id="UTF-8"
        ),
        pytest.param(encoded("", "utf-8", declared=False), None, "naïve", id="nothing declared is UTF-8"),
        pytest.param(encoded("UTF-16", "utf-16"), None, "naïve", id="UTF-16 with its mark"),
        pytest.param(encoded("UTF-16", "utf-16-be"), None, "naïve", id="big-endian UTF-16 without a mark"),
        pytest.param(encoded("utf-16le", "utf-16-le"), None, "naïve", id="little-endian UTF-16 without a mark"),
        pytest.param(
            encoded("", "utf-16", declared=False), "text/xml; charset=utf-8", "naïve", id="a mark and no declaration"
        ),
        pytest.param(encoded("ISO-8859-1", "latin-1"), None, "naïve", id="ISO-8859-1"),
        pytest.param(encoded("iso_8859-1", "latin-1"), None, "naïve", id="ISO-8859-1 by another name"),
        pytest.param(encoded("windows-1252", "cp1252", "10 €"), None, "10 €", id="windows-1252"),
        pytest.param(encoded("GB18030", "gb18030", "你好 \U00020000"), None, "你好 \U00020000", id="GB18030"),
        pytest.param(encoded("US-ASCII", "ascii", "plain"), None, "plain", id="US-ASCII"),
        pytest.param(
            encoded("ISO-8859-1", "latin-1"),
            "text/xml; charset=utf-8",
            "naïve",
            id="the declaration wins over the type",
        ),
        pytest.param(
            encoded("", "latin-1", declared=False),
            'text/xml; charset="ISO-8859-1"',
            "naïve",
            id="the type's, none declared",
        ),
        pytest.param(encoded("UTF-8", "utf-8"), "text/xml; charset=utf-7", "naïve", id="a charset that does not count"),
        pytest.param(
            b"\xef\xbb\xbf" + encoded("US-ASCII", "ascii", "plain"), None, "plain", id="a mark that makes no difference"
        ),
    ],
)
async def test_reads_the_encodings_of_the_contract(door: Door, document: bytes, kind: str | None, text: str) -> None:
    assert (await door.post(document, kind)).body == success()
    assert door.accepted[0].slides[0].text == text


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        pytest.param(encoded("UTF-7", "ascii", "plain"), None, id="UTF-7"),
        pytest.param(encoded("UTF-32", "utf-32"), None, id="UTF-32"),
        pytest.param(encoded("EBCDIC-CP-US", "ascii", "plain"), None, id="EBCDIC"),
        pytest.param(encoded("Shift_JIS", "ascii", "plain"), None, id="Shift_JIS"),
        pytest.param(encoded("no such thing", "ascii", "plain"), None, id="an encoding that nobody knows"),
        pytest.param(encoded("", "ascii", "plain", declared=False), "text/xml; charset=utf-7", id="UTF-7 by the type"),
        pytest.param(encoded("UTF-8", "latin-1"), None, id="bytes of ISO-8859-1 declared as UTF-8"),
        pytest.param(encoded("", "latin-1", declared=False), None, id="bytes of ISO-8859-1, nothing declared"),
        pytest.param(encoded("US-ASCII", "utf-8"), None, id="UTF-8 declared as US-ASCII"),
        pytest.param(encoded("UTF-16", "utf-8"), None, id="UTF-8 declared as UTF-16"),
        pytest.param(encoded("UTF-8", "utf-16"), None, id="UTF-16 declared as UTF-8"),
        pytest.param(encoded("UTF-16", "utf-16") + b"<", None, id="half a character of UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + encoded("ISO-8859-1", "utf-8"), None, id="a mark against the declaration"),
        pytest.param(
            encoded("windows-1252", "ascii", "a").replace(b"a<", b"\x81<"), None, id="no character of windows-1252"
        ),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"\xc0\xaf"), None, id="overlong UTF-8"),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"\xed\xa0\x80"), None, id="a surrogate in UTF-8"),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"\xef\xbf\xbf"), None, id="U+FFFF"),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"a\x00"), None, id="a NUL"),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"&#0;"), None, id="a reference to NUL"),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"&#xD800;"), None, id="a reference to a surrogate"),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"\x08"), None, id="a control character"),
        pytest.param(encoded("UTF-8", "utf-8").replace(b"na", b"&nbsp;"), None, id="an entity of HTML"),
        pytest.param(send_mms().encode().replace(b"<TEXT>", b"<TEXT>Tom & Jerry "), None, id="a stray ampersand"),
        pytest.param(send_mms().encode()[:-1], None, id="cut off"),
        pytest.param(send_mms().encode() + b"<x/>", None, id="two roots"),
        pytest.param(b"<", None, id="one sign"),
        pytest.param(b"\xff\xfe", None, id="a mark alone"),
    ],
)
async def test_refuses_what_is_not_what_it_says(door: Door, document: bytes, kind: str | None) -> None:
    reply = await door.post(document, kind)
    assert reply.status == 200
    assert reply.body.startswith(
        "<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E108</ERRORCODE><ERRORINFO>XML Parse error: "
    )
    assert door.accepted == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE REQUEST>",
        '<!DOCTYPE REQUEST SYSTEM "http://127.0.0.1:1/x.dtd">',
        '<!DOCTYPE REQUEST [<!ENTITY a "15557650001">]>',
        "<!-- <x> --><?php ?>\n<!DOCTYPE REQUEST [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]>",
    ],
)
async def test_no_doctype_in_any_encoding(door: Door, encoding: str, prolog: str) -> None:
    declared = DECLARED.format("utf-16" if "16" in encoding else "utf-8")
    reply = await door.post((declared + prolog + send_mms(to="&a;")).encode(encoding))
    assert reply.body == failure("E108", "XML Parse error: a DOCTYPE is not allowed.", None)


async def test_the_word_doctype_in_a_text_is_only_a_word(door: Door) -> None:
    (slide,) = await slides_of(door, "<SLIDE><TEXT><![CDATA[<!DOCTYPE html>]]></TEXT></SLIDE>")
    assert slide.text == "<!DOCTYPE html>"


@pytest.mark.parametrize(
    ("slide", "answer"),
    [
        pytest.param(an_object("VCARD") + an_object("PDF"), "E223", id="two objects of different kinds"),
        pytest.param(an_object("ICAL") * 2, "E223", id="two objects of one kind"),
        pytest.param(an_object("PDF") + IMAGE, "E224", id="an object and an image"),
        pytest.param(an_object("AUDIO") + an_object("VIDEO"), "E226", id="audio and video"),
        pytest.param(IMAGE + an_object("VIDEO"), "E227", id="image and video"),
        pytest.param("<TEXT>a</TEXT><DURATION>1.5</DURATION>", "E230", id="a fraction of a second"),
        pytest.param(f"<TEXT>{'a' * 5001}</TEXT>", "E334", id="a long text"),
        pytest.param(an_object("PDF", " ") + "<TEXT> </TEXT><NEW>x</NEW>", "E313", id="nothing that counts"),
        pytest.param("<DURATION>5</DURATION>", "E313", id="a duration alone"),
    ],
)
async def test_the_rules_of_slides_are_asked(door: Door, slide: str, answer: str) -> None:
    reply = await door.post(send_mms(slides=f"<SLIDE>{slide}</SLIDE>"))
    assert f"<ERRORCODE>{answer}</ERRORCODE><TO>15557650001</TO>" in reply.body


async def test_a_document_of_too_many_elements_is_not_read(door: Door) -> None:
    reply = await door.post(send_mms("<A/>" * 60_000))
    assert reply.body == failure("E108", "XML Parse error: too many elements.", None)
    assert (await door.post(send_mms("<A/>" * 40_000))).body == success()
