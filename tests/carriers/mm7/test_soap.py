import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.carriers.build import NOW, a_message, a_route

from slidewire.carriers.base import Route
from slidewire.carriers.mm7 import soap
from slidewire.carriers.mm7.options import profile_of
from slidewire.carriers.mm7.soap import SubmitWriter, Told
from slidewire.domain.message import Message

MM7 = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
#: Typed from standards.md 1.3, on purpose not imported.
ORDER = [
    "MM7Version",
    "SenderIdentification",
    "Recipients",
    "ServiceCode",
    "LinkedID",
    "MessageClass",
    "TimeStamp",
    "ReplyCharging",
    "EarliestDeliveryTime",
    "ExpiryDate",
    "DeliveryReport",
    "ReadReply",
    "Priority",
    "Subject",
    "ChargedParty",
    "ChargedPartyID",
    "DistributionIndicator",
    "DeliveryCondition",
    "ApplicID",
    "ReplyApplicID",
    "AuxApplicInfo",
    "ContentClass",
    "DRMContent",
    "Content",
]
#: standards.md 1.2: the versions in the schema's list, and the pairs that were seen.
LISTED = ["6.8.0", "6.6.0", "6.5.0", "6.4.0", "6.3.0", "5.10.0", "5.8.0", "5.6.0", "5.5.0", "5.3.0"]
NAMESPACES = [f"REL-5-MM7-1-{last}" for last in range(6)] + [f"REL-6-MM7-1-{last}" for last in range(5)]
EVERYTHING = (("add", "Priority=Low, DistributionIndicator=true, ServiceCode=s, ReadReply=false, ChargedParty=Both"),)


def written(route: Route, message: Message | None = None, transaction_id: str = "t-1") -> bytes:
    return SubmitWriter(route, profile_of(route)).write(message or a_message(), transaction_id, NOW)


def submit_of(route: Route, message: Message | None = None) -> ElementTree.Element:
    body = ElementTree.fromstring(written(route, message)).find(f"{SOAP}Body")
    assert body is not None
    return body[0]


def names(element: ElementTree.Element) -> list[str]:
    return [each.tag.rpartition("}")[2] for each in element]


def text_at(route: Route, path: str, message: Message | None = None) -> str | None:
    """The text of a child, such as Recipients/To/Number; None when there is no such element."""
    here: ElementTree.Element | None = submit_of(route, message)
    for name in path.split("/"):
        here = None if here is None else here.find(f"{{{MM7}{route.namespace}}}{name}")
    return None if here is None else here.text or ""


def test_writes_exactly_this() -> None:
    assert written(a_route()).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header>'
        f'<mm7:TransactionID xmlns:mm7="{MM7}REL-5-MM7-1-2" env:mustUnderstand="1">t-1</mm7:TransactionID></env:Header>'
        f'<env:Body><mm7:SubmitReq xmlns:mm7="{MM7}REL-5-MM7-1-2"><mm7:MM7Version>5.3.0</mm7:MM7Version>'
        "<mm7:SenderIdentification><mm7:VASPID>vasp</mm7:VASPID><mm7:VASID>vas</mm7:VASID>"
        "<mm7:SenderAddress><mm7:ShortCode>28444</mm7:ShortCode></mm7:SenderAddress></mm7:SenderIdentification>"
        "<mm7:Recipients><mm7:To><mm7:Number>447700900123</mm7:Number></mm7:To></mm7:Recipients>"
        "<mm7:TimeStamp>2026-03-04T05:06:07Z</mm7:TimeStamp><mm7:ExpiryDate>2026-03-07T05:06:07Z</mm7:ExpiryDate>"
        "<mm7:DeliveryReport>true</mm7:DeliveryReport><mm7:Subject>Tonight at eight</mm7:Subject>"
        '<mm7:Content href="cid:mms"/></mm7:SubmitReq></env:Body></env:Envelope>'
    )


@pytest.mark.parametrize(
    ("form", "others"),
    [
        pytest.param(
            "bare",
            '<mm7:Number displayOnly="true">15557650002</mm7:Number>'
            '<mm7:Number displayOnly="true">447700900124</mm7:Number>',
            id="bare",
        ),
        pytest.param(
            "rfc2822",
            '<mm7:RFC2822Address displayOnly="true">+15557650002/TYPE=PLMN</mm7:RFC2822Address>'
            '<mm7:RFC2822Address displayOnly="true">+447700900124/TYPE=PLMN</mm7:RFC2822Address>',
            id="as mailboxes",
        ),
    ],
)
def test_the_others_of_a_group_follow_the_one_that_it_goes_to(form: str, others: str) -> None:
    message = a_message(receiver="447700900123", display_only=("15557650002", "447700900124"))
    envelope = written(a_route(options=(("numbers", form),)), message).decode()
    to = envelope.partition("<mm7:To>")[2].partition("</mm7:To>")[0]
    first = envelope.partition("<mm7:To>")[2].partition(">")[2].partition("</")[0]
    assert first.strip("+").startswith("447700900123")
    assert to.endswith(others)
    assert to.count("displayOnly") == 2


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_the_elements_are_in_the_schemas_order(namespace: str) -> None:
    found = names(submit_of(a_route(namespace=namespace, options=EVERYTHING)))
    assert len(found) == 13
    assert found == [name for name in ORDER if name in found]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_what_the_schema_requires_is_there_whatever_is_left_out(namespace: str) -> None:
    least = (("omit", "VASPID, VASID, TimeStamp, ExpiryDate, DeliveryReport, Subject"), ("sender", "none"))
    submit = submit_of(a_route(namespace=namespace, options=least))
    assert names(submit) == ["MM7Version", "SenderIdentification", "Recipients", "Content"]
    assert submit.tag == f"{{{MM7}{namespace}}}SubmitReq"


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_the_version_goes_with_the_namespace(namespace: str) -> None:
    version = text_at(a_route(namespace=namespace), "MM7Version")
    assert version in LISTED
    assert version is not None
    assert version[0] == namespace[4]


@pytest.mark.parametrize(
    ("namespace", "version"),
    [("REL-5-MM7-1-0", "5.3.0"), ("REL-5-MM7-1-2", "5.3.0"), ("REL-5-MM7-1-3", "5.3.0"), ("REL-6-MM7-1-4", "6.8.0")],
)
def test_the_pairs_that_were_seen(namespace: str, version: str) -> None:
    assert text_at(a_route(namespace=namespace), "MM7Version") == version


def test_the_default_namespace_serves_where_prefixes_are_disliked() -> None:
    route = a_route(profile="default-namespace")
    assert b"mm7:" not in written(route)
    assert names(submit_of(route)) == names(submit_of(a_route()))


@pytest.mark.parametrize(
    ("options", "sender", "path", "text"),
    [
        pytest.param((), "28444", "ShortCode", "28444", id="a short code"),
        pytest.param((), "12345678", "ShortCode", "12345678", id="eight digits are still a short code"),
        pytest.param((), "123456789", "Number", "123456789", id="nine are a number"),
        pytest.param(
            (("numbers", "plus"),), "447700900456", "Number", "+447700900456", id="a long code as numbers are"
        ),
        pytest.param((("sender", "number"),), "28444", "Number", "28444", id="a short code as a number"),
        pytest.param(
            (("sender", "short-code"),), "447700900456", "ShortCode", "447700900456", id="all are short codes"
        ),
        pytest.param((("sender", "rfc2822"),), "28444", "RFC2822Address", "28444/TYPE=PLMN", id="short, mail form"),
        pytest.param(
            (("sender", "rfc2822"),), "447700900456", "RFC2822Address", "+447700900456/TYPE=PLMN", id="long, mail form"
        ),
    ],
)
def test_the_senders_address(options: tuple[tuple[str, str], ...], sender: str, path: str, text: str) -> None:
    route = a_route(options=options)
    assert text_at(route, f"SenderIdentification/SenderAddress/{path}", a_message(sender=sender)) == text


@pytest.mark.parametrize(
    ("form", "path", "text"),
    [
        ("bare", "Number", "447700900123"),
        ("plus", "Number", "+447700900123"),
        ("plmn", "Number", "+447700900123/TYPE=PLMN"),
        ("rfc2822", "RFC2822Address", "+447700900123/TYPE=PLMN"),
    ],
)
def test_the_receivers_address(form: str, path: str, text: str) -> None:
    assert text_at(a_route(options=(("numbers", form),)), f"Recipients/To/{path}") == text


def test_the_mask_is_used_only_where_the_route_says_so() -> None:
    masked = a_message(mask="Fish & Co")
    path = "SenderIdentification/SenderAddress/"
    assert text_at(a_route(mask=True), path + "RFC2822Address", masked) == "Fish & Co"
    assert text_at(a_route(mask=False), path + "ShortCode", masked) == "28444"


@pytest.mark.parametrize(
    ("setting", "subject", "sent"),
    [
        pytest.param("utf-8", "Café ☕ <&>", "Café ☕ <&>", id="any Unicode"),
        pytest.param("ascii", "Café ☕ time", "Caf time", id="other characters dropped"),
        pytest.param("ascii", "☕☕", None, id="nothing left: no element"),
        pytest.param("none", "Hello", None, id="none"),
        pytest.param("utf-8", "", None, id="no subject"),
        pytest.param("utf-8", "a\r\nb\tc", "a b c", id="line breaks become blanks"),
    ],
)
def test_the_subject(setting: str, subject: str, sent: str | None) -> None:
    assert text_at(a_route(subject=setting), "Subject", a_message(subject=subject)) == sent


@given(st.text(), st.text())
@settings(deadline=None)
def test_any_text_survives_escaping(subject: str, vasp_id: str) -> None:
    route = a_route(vasp_id=vasp_id)
    kept = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", vasp_id)
    found = text_at(route, "SenderIdentification/VASPID", a_message(subject=subject))
    assert found == (kept if vasp_id else None)
    sent = text_at(route, "Subject", a_message(subject=subject))
    visible = "".join(re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", subject).split())
    assert "".join((sent or "").split()) == visible


def test_percent_signs_are_only_signs() -> None:
    route = a_route(vasp_id="50%(now)b%", options=(("add", "ServiceCode=100%"),))
    message = a_message(subject="%(receiver)b %s 100%")
    assert text_at(route, "SenderIdentification/VASPID", message) == "50%(now)b%"
    assert text_at(route, "ServiceCode", message) == "100%"
    assert text_at(route, "Subject", message) == "%(receiver)b %s 100%"


def test_a_transaction_id_cannot_break_out() -> None:
    envelope = ElementTree.fromstring(written(a_route(), transaction_id="</x>&\"'"))
    header = envelope.find(f"{SOAP}Header")
    assert header is not None
    assert header[0].text == "</x>&\"'"
    assert header[0].get(f"{SOAP}mustUnderstand") == "1"


TOLD = Told("t<1>", MM7 + "REL-6-MM7-1-4", MM7 + "REL-5-MM7-1-0", "6.7.0")


def test_answers_in_the_requests_own_namespaces() -> None:
    envelope = ElementTree.fromstring(soap.write_response("DeliveryReportRsp", TOLD, 1000, "Success & more"))
    assert envelope[0][0].tag == f"{{{MM7}REL-5-MM7-1-0}}TransactionID"
    assert envelope[0][0].text == "t<1>"
    answer = envelope[1][0]
    space = f"{{{MM7}REL-6-MM7-1-4}}"
    assert answer.tag == f"{space}DeliveryReportRsp"
    assert [each.tag for each in answer.iter()] == [
        f"{space}{name}" for name in ("DeliveryReportRsp", "MM7Version", "Status", "StatusCode", "StatusText")
    ]
    assert [each.text for each in answer.iter() if each.text] == ["6.7.0", "1000", "Success & more"]


@pytest.mark.parametrize(("code", "blamed"), [(3000, "env:Server"), (4003, "env:Client"), (2007, "env:Client")])
def test_a_fault_holds_a_vasp_error(code: int, blamed: str) -> None:
    envelope = ElementTree.fromstring(soap.write_fault(Told("", TOLD.namespace, "", "6.8.0"), code, "No"))
    fault = envelope[0][0]
    assert [(each.tag.rpartition("}")[2], each.text) for each in fault.iter()] == [
        ("Fault", None),
        ("faultcode", blamed),
        ("faultstring", "No"),
        ("detail", None),
        ("VASPErrorRsp", None),
        ("MM7Version", "6.8.0"),
        ("Status", None),
        ("StatusCode", str(code)),
        ("StatusText", "No"),
    ]
