import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.carriers import replies
from tests.carriers.replies import MM7, SOAP, fault, rs_error, status_xml, submit_rsp

from slidewire.carriers.mm7.multipart import soap_part
from slidewire.carriers.mm7.reader import Answer, Report, read_answer, read_report, read_request
from slidewire.carriers.mm7.soap import Told
from slidewire.carriers.mm7.tree import MalformedError, parse
from slidewire.domain.handset import Handset

USUAL = Told("", MM7 + "REL-5-MM7-1-2", MM7 + "REL-5-MM7-1-2", "5.3.0")
TID = "0195a7c08d3a7f0b8a1f4d2c6e9b7a55"


def in_envelope(body: str, header: str = "") -> bytes:
    return f'<e:Envelope xmlns:e="{SOAP}"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>'.encode()


@pytest.mark.parametrize(
    ("xml", "answer"),
    [
        pytest.param(submit_rsp(), Answer(1000, "Success", "m-1", TID), id="the schema's own shape"),
        pytest.param(
            in_envelope(
                f'<mm7:SubmitRsp xmlns:mm7="{MM7}REL-5-MM7-1-0"><MM7Version>5.3.0</MM7Version>'
                f"{status_xml('1000', 'Ok')}<MessageID>x-qf4631.1.x363.4@mmsc</MessageID></mm7:SubmitRsp>"
            ),
            Answer(1000, "Ok", "x-qf4631.1.x363.4@mmsc"),
            id="children without the prefix",
        ),
        pytest.param(
            in_envelope(
                f"<SubmitRsp>{status_xml(' 1000' + chr(10), '  Ok  then ')}"
                "<MessageID>\n  00aB-7 \t</MessageID></SubmitRsp>"
            ),
            Answer(1000, "Ok then", "00aB-7"),
            id="no namespace, white space around every word",
        ),
        pytest.param(
            b"\xef\xbb\xbf \r\n" + submit_rsp(), Answer(1000, "Success", "m-1", TID), id="BOM and blanks before the XML"
        ),
        pytest.param(
            submit_rsp().decode().replace("UTF-8", "UTF-16").encode("utf-16"),
            Answer(1000, "Success", "m-1", TID),
            id="UTF-16",
        ),
        pytest.param(
            submit_rsp(text="Größe").decode().replace("UTF-8", "ISO-8859-1").encode("iso-8859-1"),
            Answer(1000, "Größe", "m-1", TID),
            id="an encoding of eight bits",
        ),
        pytest.param(
            submit_rsp().replace(b"<Status>", b"<mm7:Status>").replace(b"</Status>", b"</mm7:Status>"),
            Answer(1000, "Success", "m-1", TID),
            id="a prefix that nobody declared",
        ),
        pytest.param(
            submit_rsp().replace(b"1000", b"10<!-- and -->0<![CDATA[0]]>"),
            Answer(1000, "Success", "m-1", TID),
            id="a comment and CDATA inside a word",
        ),
        pytest.param(
            submit_rsp("01000").replace(b"<MessageID>m-1</MessageID>", b""),
            Answer(1000, "Success", "", TID),
            id="taken, but without a MessageID",
        ),
        pytest.param(
            submit_rsp(message_id="m" * 501), Answer(1000, "Success", "", TID), id="a MessageID that nobody can keep"
        ),
        pytest.param(
            submit_rsp(
                "1100",
                "Partial",
                details="<Details><r><MessageID>no</MessageID><StatusCode>1000</StatusCode></r></Details>",
            ),
            Answer(1100, "Partial", "m-1", TID, (1000,)),
            id="what Details hold is not the answer's own",
        ),
        pytest.param(
            in_envelope(
                "<SubmitRsp><MessageID>m-2</MessageID><Status><Details><StatusCode>2002</StatusCode></Details>"
                "<StatusText>Yes</StatusText><StatusCode>1000</StatusCode></Status></SubmitRsp>"
            ),
            Answer(1000, "Yes", "m-2", "", (2002,)),
            id="any order",
        ),
        pytest.param(rs_error("2002", "Address error"), Answer(2002, "Address error"), id="a Fault with RSErrorRsp"),
        pytest.param(
            fault(f'<m:detail xmlns:m="{SOAP}"><RSErrorRsp>{status_xml("4006", "Busy")}</RSErrorRsp></m:detail>'),
            Answer(4006, "Busy"),
            id="detail in SOAP's namespace",
        ),
        pytest.param(
            fault(f"<RSErrorRsp>{status_xml('2001', 'No')}</RSErrorRsp>"), Answer(2001, "No"), id="no detail at all"
        ),
        pytest.param(
            fault(f'<detail xmlns="urn:x"><VASPErrorRsp>{status_xml("3000", "Oh")}</VASPErrorRsp></detail>'),
            Answer(3000, "Oh"),
            id="detail in any namespace",
        ),
        pytest.param(
            in_envelope(f"<RSErrorRsp>{status_xml('4001', 'Who?')}</RSErrorRsp>"), Answer(4001, "Who?"), id="no Fault"
        ),
        pytest.param(
            f"<RSErrorRsp>{status_xml('4001', 'Who?')}</RSErrorRsp>".encode(), Answer(4001, "Who?"), id="no envelope"
        ),
        pytest.param(
            fault("", "Client", "Bad thing"), Answer(2000, "Bad thing"), id="a Fault that blames us, unprefixed"
        ),
        pytest.param(
            fault("", "e:Client.Authentication"), Answer(2000, "Error"), id="a Fault that blames us, in detail"
        ),
        pytest.param(fault("", "soap:Server", "Sorry"), Answer(3000, "Sorry"), id="a Fault that blames itself"),
        pytest.param(
            b"<Envelope><Body><Fault><Code><Value>x:Receiver</Value></Code><Reason><Text>Later</Text></Reason></Fault></Body></Envelope>",
            Answer(3000, "Later"),
            id="a Fault of SOAP 1.2",
        ),
        pytest.param(submit_rsp("4006", "Busy", ""), Answer(4006, "Busy", "", TID), id="a SubmitRsp that says no"),
    ],
)
def test_reads_the_answer_whatever_its_shape(xml: bytes, answer: Answer) -> None:
    assert read_answer(xml) == answer


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"   \r\n", id="blanks"),
        pytest.param(b"Success", id="no XML"),
        pytest.param(submit_rsp()[:-30], id="half of it"),
        pytest.param(submit_rsp().replace(b"1000", b"OK"), id="a code that is none"),
        pytest.param(submit_rsp().replace(b"1000", "١٠٠٠".encode()), id="a code in another script's digits"),
        pytest.param(submit_rsp("-1000"), id="a code below zero"),
        pytest.param(in_envelope("<SubmitRsp/>"), id="an empty answer"),
        pytest.param(in_envelope("<DeliverRsp/>"), id="an answer to something else"),
        pytest.param(in_envelope(""), id="an empty envelope"),
        pytest.param(rs_error("1000"), id="an error that says success"),
        pytest.param(fault("").replace(b"env:Server", b""), id="a Fault that says nothing"),
        pytest.param(b"<!DOCTYPE a>" + submit_rsp().partition(b"?>")[2], id="a DOCTYPE"),
        pytest.param(
            ("<!DOCTYPE a>" + submit_rsp().decode().partition("?>")[2]).encode("utf-16"), id="a DOCTYPE in UTF-16"
        ),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY b "1000">]>' + submit_rsp("&b;").partition(b"?>")[2], id="an entity of its own"
        ),
        pytest.param(
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + submit_rsp("1000", "&b;").partition(b"?>")[2],
            id="an entity from a file",
        ),
        pytest.param(
            b"<a>" * 31 + f"<RSErrorRsp>{status_xml('2000')}</RSErrorRsp>".encode() + b"</a>" * 31, id="nested too deep"
        ),
        pytest.param(
            ("<a>" * 31 + f"<RSErrorRsp>{status_xml('2000')}</RSErrorRsp>" + "</a>" * 31).encode("utf-16"),
            id="nested too deep in UTF-16",
        ),
        pytest.param(b"<a>" * 5000, id="nested without end"),
        pytest.param(submit_rsp(text="x" * 300_000), id="too long"),
        pytest.param(submit_rsp(text="ö").decode().encode("iso-8859-1"), id="not in the encoding that it declares"),
        pytest.param(submit_rsp().replace(b"UTF-8", b"UTF-7"), id="an encoding in which anything can hide"),
        pytest.param(submit_rsp().replace(b"UTF-8", b"punycode"), id="an encoding of Python's own"),
        pytest.param(submit_rsp().decode().encode("utf-16")[:-1], id="half a character of UTF-16"),
        pytest.param(submit_rsp().replace(b"Success", b"&nbsp;"), id="an entity that XML does not know"),
    ],
)
def test_refuses_what_is_no_answer(xml: bytes) -> None:
    with pytest.raises(MalformedError):
        read_answer(xml)


def test_entities_that_grow_do_not() -> None:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "ha">{lines}]><a x="&e19;">&e19;</a>'
    with pytest.raises(MalformedError):
        parse(bomb.encode())


REPORT = (
    f'<mm7:DeliveryReportReq xmlns:mm7="{MM7}REL-6-MM7-1-4"><mm7:MM7Version>6.8.0</mm7:MM7Version>'
    "<mm7:MMSRelayServerID>r</mm7:MMSRelayServerID><mm7:MessageID> x.1@mmsc </mm7:MessageID>"
    "<mm7:Recipient><mm7:Number>+447700900123</mm7:Number></mm7:Recipient>"
    "<mm7:Sender><mm7:ShortCode>28444</mm7:ShortCode></mm7:Sender><mm7:Date>2026-03-04T05:06:07Z</mm7:Date>"
    "<mm7:MMStatus>Rejected</mm7:MMStatus><mm7:MMStatusExtension>RejectionByMMSRecipient</mm7:MMStatusExtension>"
    '<mm7:StatusText>Not  wanted</mm7:StatusText><mm7:UACapabilities UAProf="http://ua.example/p.xml"/>'
    "</mm7:DeliveryReportReq>"
)
HEADER = f'<h:TransactionID xmlns:h="{MM7}REL-5-MM7-1-0">\n  17-a \n</h:TransactionID>'


@pytest.mark.parametrize(
    ("capabilities", "handset"),
    [
        pytest.param(
            'UAProf="http://ua.example/p.xml"/>', Handset("http://ua.example/p.xml"), id="as the schema has it"
        ),
        pytest.param(
            'xmlns:x="urn:x" x:uaprof="&quot;http://ua.example/p.xml&quot;" TimeStamp="2026-03-04T05:06:07Z"/>',
            Handset("http://ua.example/p.xml"),
            id="in quotes, another namespace, other capitals",
        ),
        pytest.param(
            'UAProf="" UserAgent="Phone 7/1.0"/>', Handset("", "Phone 7/1.0"), id="a user agent as an attribute"
        ),
        pytest.param("> Phone 7\n /1.0 </mm7:UACapabilities>", Handset("", "Phone 7 /1.0"), id="between the tags"),
        pytest.param(
            f'User-Agent="{"a" * 900}" UAProf="{"p" * 900}"/>', Handset("p" * 500, "a" * 500), id="without end"
        ),
        pytest.param('TimeStamp="2026-03-04T05:06:07Z"/>', Handset(), id="nothing of use"),
        pytest.param('xmlns:ua="urn:x"/>', Handset(), id="a namespace's prefix is no word of the phone"),
    ],
)
def test_reads_what_a_report_tells_of_the_phone(capabilities: str, handset: Handset) -> None:
    before, _, after = REPORT.partition('UAProf="http://ua.example/p.xml"/>')
    asked = read_request(in_envelope(before + capabilities + after, HEADER), USUAL)
    assert read_report(asked).handset == handset


def test_reads_a_report() -> None:
    asked = read_request(in_envelope(REPORT, HEADER), USUAL)
    assert asked.name == "DeliveryReportReq"
    assert asked.told == Told("17-a", MM7 + "REL-6-MM7-1-4", MM7 + "REL-5-MM7-1-0", "6.8.0")
    assert read_report(asked) == Report(
        message_id="x.1@mmsc",
        word="Rejected",
        extension="RejectionByMMSRecipient",
        text="Not wanted",
        date="2026-03-04T05:06:07Z",
        numbers=("447700900123", "28444"),
        handset=Handset("http://ua.example/p.xml"),
    )


@pytest.mark.parametrize(
    ("side", "numbers"),
    [
        pytest.param("447700900123", ("447700900123",), id="the number as text of the side itself"),
        pytest.param("<Number> +44 7700-900123 </Number>", ("447700900123",), id="blanks and dashes"),
        pytest.param("<Number>+447700900123/TYPE=PLMN</Number>", ("447700900123",), id="with its type"),
        pytest.param(
            "<RFC2822Address>+447700900123/TYPE=PLMN@mms.example</RFC2822Address>", ("447700900123",), id="mail form"
        ),
        pytest.param("<Number>00447700900123</Number>", ("447700900123",), id="dialled form"),
        pytest.param("<RFC2822Address>joe17@example.net</RFC2822Address>", (), id="a mail address is no number"),
        pytest.param("<Number>٤٤٧٧٠٠</Number>", (), id="another script's digits"),
        pytest.param("", (), id="nothing"),
        pytest.param("<Number>" + "1" * 21 + "</Number>", (), id="too many digits"),
    ],
)
def test_reads_a_sides_number(side: str, numbers: tuple[str, ...]) -> None:
    inside = f"<MessageID>1</MessageID><Recipient>{side}</Recipient><MMStatus>Expired</MMStatus>"
    report = f"<DeliveryReportReq>{inside}</DeliveryReportReq>"
    assert read_report(read_request(in_envelope(report), USUAL)).numbers == numbers


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param("<DeliverReq/>", USUAL, id="says nothing of itself"),
        pytest.param('<DeliverReq xmlns="urn:evil"/>', USUAL, id="a namespace that is not MM7's"),
        pytest.param(
            f'<DeliverReq xmlns="{MM7}REL-9"><MM7Version>1</MM7Version></DeliverReq>',
            Told("", MM7 + "REL-9", MM7 + "REL-9", "1"),
            id="a namespace and a version that we do not know",
        ),
        pytest.param(
            f'<DeliverReq xmlns="{MM7}{"x" * 200}"><MM7Version>&lt;x&gt;</MM7Version></DeliverReq>',
            USUAL,
            id="nonsense",
        ),
    ],
)
def test_answers_as_it_was_asked(body: str, told: Told) -> None:
    assert read_request(in_envelope(body), USUAL).told == told


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param((f' xmlns:m="{MM7}REL-9"', "", ""), id="on the envelope"),
        pytest.param((' xmlns:m="urn:x"', f' xmlns:m="{MM7}REL-9"', ""), id="on the body, over the envelope's"),
        pytest.param((' xmlns:m="urn:x"', "", f' xmlns:m="{MM7}REL-9"'), id="on the element, over the envelope's"),
    ],
)
def test_knows_a_prefix_wherever_it_was_declared(declared: tuple[str, str, str]) -> None:
    envelope, body, element = declared
    xml = f"<Envelope{envelope}><Header><other/></Header><Body{body}><m:DeliverReq{element}/></Body></Envelope>"
    asked = read_request(xml.encode(), USUAL)
    assert asked.told == Told("", MM7 + "REL-9", MM7 + "REL-9", "5.3.0")


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(REPORT.replace(" x.1@mmsc ", ""), id="no MessageID"),
        pytest.param(REPORT.replace(" x.1@mmsc ", "x" * 501), id="a MessageID without end"),
        pytest.param(REPORT.replace("Rejected<", "<"), id="no MMStatus"),
    ],
)
def test_refuses_a_report_that_cannot_be_matched(report: str) -> None:
    asked = read_request(in_envelope(report), USUAL)
    with pytest.raises(MalformedError):
        read_report(asked)


def _answer(xml: bytes) -> None:
    read_answer(xml)


def _request(xml: bytes) -> None:
    read_report(read_request(xml, USUAL))


def _damaged(original: bytes) -> st.SearchStrategy[bytes]:
    """``original`` with one piece cut out and something else put in."""
    places = st.tuples(st.integers(0, len(original)), st.integers(0, len(original)), st.binary(max_size=12))
    return places.map(lambda cut: original[: min(cut[:2])] + cut[2] + original[max(cut[:2]) :])


_ANY = st.one_of(
    st.binary(max_size=300),
    st.text(alphabet="<>&;/!?[]\"'= abxml:-CDATADOCTYPE#x0\n", max_size=200).map(str.encode),
    _damaged(submit_rsp()),
    _damaged(rs_error("2002")),
    _damaged(in_envelope(REPORT, HEADER)),
    _damaged(replies.fault("").decode().encode("utf-16")),
)


@pytest.mark.parametrize("read", [pytest.param(_answer, id="answers"), pytest.param(_request, id="requests")])
@given(xml=_ANY)
@settings(max_examples=400, deadline=None)
def test_whatever_comes_only_malformed_is_raised(read: Callable[[bytes], None], xml: bytes) -> None:
    with contextlib.suppress(MalformedError):
        read(xml)


@given(body=st.binary(max_size=300), boundary=st.text(max_size=10), rest=st.text(max_size=40))
@settings(max_examples=400, deadline=None)
def test_whatever_multipart_comes_only_malformed_is_raised(body: bytes, boundary: str, rest: str) -> None:
    around = b"--" + boundary.encode("latin-1", "replace")
    whole = around + b"\r\n" + body + b"\r\n" + around + b"--"
    with contextlib.suppress(MalformedError):
        soap_part(whole, f"multipart/related; boundary={boundary}; {rest}")
