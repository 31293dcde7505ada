"""Every code in every format, whole, typed from api.md 4.2, 4.3 and settled 27, 29."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_message

from slidewire.domain.message import Dialect
from slidewire.domain.postback import Postback, PostbackCode, PostbackFormat, format_for
from slidewire.postbacks.body import CONTENT_TYPES, NewsValues, render, render_news, render_saved

XML, LOWER, JSON = PostbackFormat.XML, PostbackFormat.XML_LOWER, PostbackFormat.JSON
#: 2031-01-07T12:27:29.999Z
AT = 1_925_555_249_999
MESSAGE = replace(
    a_message(), id="tr-1", mms_id=910001, sender="24680", receiver="15557650001", client_reference="order-778"
)
PROLOG = "<?xml version='1.0' encoding='UTF-8'?>\n"
TIME = "<TIMESTAMP>2031-01-07T12:27:29+00:00</TIMESTAMP>"


def upper(code: str, status: str = "", sent_as: str = "", mms_id: str = "910001", tail: str = TIME) -> str:
    sent = f"<SENTAS>{sent_as}</SENTAS>" if sent_as else ""
    status = f"<STATUS>{status}</STATUS>" if status else ""
    mms = f"<MMSID>{mms_id}</MMSID>" if mms_id else ""
    return (
        f"{PROLOG}<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>{code}</CODE>{sent}{status}{mms}<FROM>24680</FROM>"
        "<TO>15557650001</TO><TRACKINGID>tr-1</TRACKINGID><CLIENT_REFERENCE>order-778</CLIENT_REFERENCE>"
        f"<SPID>0001890</SPID>{tail}</POSTBACK>"
    )


WHY = "<STATUSDETAILS>why &amp; how</STATUSDETAILS>"


@pytest.mark.parametrize(
    ("code", "sent_as", "body", "in_json"),
    [
        (
            PostbackCode.SENT,
            "MMS",
            upper("N101", "Message Sent", "MMS", tail=TIME + WHY),
            ("N101", "Sent"),
        ),
        (PostbackCode.DELIVERED, "MMS", upper("N102", "Message Sent/Delivered", "MMS"), ("N102", "Delivered")),
        (PostbackCode.NOT_SENT, "", upper("E101", "Message Failed", tail=WHY), ("E101", "Failed")),
        (PostbackCode.EXPIRED, "", upper("E102", "Message Sent/Expired", tail=WHY + TIME), ("N103", "Expired")),
        (PostbackCode.REJECTED, "", upper("E102", "Message Sent/Rejected", tail=WHY + TIME), ("E102", "Rejected")),
        (
            PostbackCode.NOT_SUPPORTED,
            "",
            upper("E102", "Message Sent/NotSupported", tail=WHY + TIME),
            ("E102", "Unrecognised"),
        ),
        (PostbackCode.FAILED, "", upper("E102", "Message Sent/Failed", tail=WHY + TIME), ("E102", "Failed")),
        (
            PostbackCode.SMS_DELIVERED,
            "SMS",
            upper("N202", "Message Sent/Delivered", "SMS", ""),
            ("N202", "delivered as SMS"),
        ),
        (
            PostbackCode.SMS_EXPIRED,
            "SMS",
            upper("E202", "Message Sent/Expired", "SMS", "", WHY + TIME),
            ("E202", "Expired"),
        ),
        (
            PostbackCode.SMS_NOT_SUPPORTED,
            "SMS",
            upper("E202", "Message Sent/NotSupported", "SMS", "", WHY + TIME),
            ("E202", "Unrecognised"),
        ),
        (
            PostbackCode.SMS_FAILED,
            "SMS",
            upper("E202", "Message Sent/Failed", "SMS", "", WHY + TIME),
            ("E202", "Failed"),
        ),
        (PostbackCode.OPENED, "SMS", upper("N203", "Message Opened", "SMS", ""), ("N203", "Opened")),
        (PostbackCode.PROBED, "", upper("N013"), ("N013", "")),
        (
            PostbackCode.AUDIO_UNSOUND,
            "",
            upper("E012", tail=WHY + TIME + "<AUDIONAME>http://x/a</AUDIONAME>"),
            ("E012", ""),
        ),
        (
            PostbackCode.VIDEO_UNSOUND,
            "",
            upper("E013", tail=WHY + TIME + "<VIDEONAME>http://x/a</VIDEONAME>"),
            ("E013", ""),
        ),
    ],
    ids=lambda value: value.name if isinstance(value, PostbackCode) else "",
)
def test_every_code_in_every_format(code: PostbackCode, sent_as: str, body: str, in_json: tuple[str, str]) -> None:
    postback = Postback(code, AT, sent_as=sent_as, details="why & how", file="http://x/a")
    words = ("31003", "0001890", "verizon")
    assert render(MESSAGE, postback, XML, words).decode() == body
    lower = body.replace("0001890", "31003")
    for shouted, quiet in LOWER_NAMES.items():
        lower = lower.replace(f"<{shouted}>", f"<{quiet}>").replace(f"</{shouted}>", f"</{quiet}>")
    assert render(MESSAGE, postback, LOWER, words).decode() == lower
    expected = {child.tag: child.text or "" for child in ElementTree.fromstring(lower)}
    expected["code"] = in_json[0]
    expected.pop("status", None)
    if in_json[1]:
        expected["status"] = in_json[1]
    if "timestamp" in expected or code is PostbackCode.NOT_SENT:  # JSON's E101 has a time, the published XML has none
        expected["timestamp"] = "2031-01-07T12:27:29Z"
    assert json.loads(render(MESSAGE, postback, JSON, words)) == expected


#: api.md 2.6, 4.3
LOWER_NAMES = {
    "POSTBACK": "postback",
    "ORIGIN": "origin",
    "CODE": "code",
    "SENTAS": "sent-as",
    "STATUS": "status",
    "MMSID": "mms-id",
    "FROM": "from",
    "TO": "to",
    "TRACKINGID": "tracking-id",
    "CLIENT_REFERENCE": "client-reference",
    "SPID": "operator-id",
    "TIMESTAMP": "timestamp",
    "STATUSDETAILS": "status-details",
    "AUDIONAME": "audio-name",
    "VIDEONAME": "video-name",
}


def test_json_is_one_line_in_the_order_of_the_contract() -> None:
    postback = Postback(PostbackCode.DELIVERED, AT, sent_as="MMS", handset="http://ua.example.net/p.xml")
    assert render(MESSAGE, postback, JSON, ("31003",)) == (
        b'{"origin":"MMS_MT","code":"N102","sent-as":"MMS","status":"Delivered","mms-id":"910001","from":"24680",'
        b'"to":"15557650001","tracking-id":"tr-1","client-reference":"order-778","operator-id":"31003",'
        b'"timestamp":"2031-01-07T12:27:29Z","handset":"http://ua.example.net/p.xml"}'
    )


@pytest.mark.parametrize(
    ("spid", "operator", "words", "upper_id", "lower_id"),
    [
        pytest.param("7", "31003", ("31003", "0001890"), "7", "7", id="as the caller gave it"),
        pytest.param("", "31003", ("31003", "0001890"), "0001890", "31003", id="the dialect's alias"),
        pytest.param("", "verizon", ("verizon",), "verizon", "verizon", id="no alias"),
        pytest.param("", "gone", (), "gone", "gone", id="an operator that is no longer in the settings"),
        pytest.param("", "", (), None, None, id="unknown"),
    ],
)
def test_the_operator_is_named_as_the_dialect_does(
    spid: str, operator: str, words: tuple[str, ...], upper_id: str | None, lower_id: str | None
) -> None:
    message = replace(MESSAGE, spid=spid, operator=operator)
    postback = Postback(PostbackCode.PROBED, AT)
    assert ElementTree.fromstring(render(message, postback, XML, words)).findtext("SPID") == upper_id
    assert ElementTree.fromstring(render(message, postback, LOWER, words)).findtext("operator-id") == lower_id
    assert json.loads(render(message, postback, JSON, words)).get("operator-id") == lower_id


def test_what_is_told_of_a_saved_message() -> None:
    assert render_saved(PostbackCode.STORED, 7, "", XML).decode() == (
        f"{PROLOG}<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>N003</CODE><MMSID>7</MMSID></POSTBACK>"
    )
    assert render_saved(PostbackCode.VIDEO_NOT_ENCODED, 7, "http://x/a?b&c", LOWER).decode() == (
        f"{PROLOG}<postback><origin>MMS_MT</origin><code>E003</code><mms-id>7</mms-id>"
        "<video-name>http://x/a?b&amp;c</video-name></postback>"
    )
    assert render_saved(PostbackCode.AUDIO_NOT_ENCODED, 7, "u", JSON) == (
        b'{"origin":"MMS_MT","code":"E002","status":"Transcoding failed","mms-id":"7","audio-name":"u"}'
    )


@given(st.text(), st.text(), st.sampled_from(PostbackFormat))
def test_a_body_is_well_formed_whatever_stands_in_it(details: str, handset: str, form: PostbackFormat) -> None:
    for code in (PostbackCode.SENT, PostbackCode.DELIVERED):
        body = render(MESSAGE, Postback(code, AT, details=details, handset=handset), form)
        told = json.loads(body) if form is JSON else {e.tag.lower(): e.text for e in ElementTree.fromstring(body)}
        assert told["code"] == code.code


def test_the_format_is_the_accounts_or_that_of_the_request() -> None:
    assert [format_for("dialect", dialect) for dialect in (Dialect.W13, Dialect.M1, Dialect.J2)] == [XML, LOWER, JSON]
    assert [format_for(form.value, Dialect.M1) for form in PostbackFormat] == list(PostbackFormat)
    assert CONTENT_TYPES == {
        XML: "text/xml; charset=utf-8",
        LOWER: "text/xml; charset=utf-8",
        JSON: "application/json",
    }


NEWS = {
    "sender": "15557650001",
    "receiver": "24680",
    "text": "a < b\x01",
    "transaction_id": "in-1",
    "mobile": "15557650001",
    "campaign_id": "1001",
    "short_code": "24680",
    "campaign_title": "Spring",
    "brand": "Bloom",
    "source": "MO",
    "keyword": "INFO",
    "subject": "Q & A",
    "tracking_id": "mo-1",
    "operator": "31003",
}
LISTS = {"copy_to": ("15557650002", "15557650003"), "content": ("https://m.example.net/m/t/1.jpg", "u/2.txt")}


@pytest.mark.parametrize(
    ("code", "form", "body"),
    [
        pytest.param(
            PostbackCode.INBOUND_SMS,
            XML,
            f"{PROLOG}<POSTBACK><ORIGIN>SMS_MO</ORIGIN><CODE>N211</CODE><FROM>15557650001</FROM><TO>24680</TO>"
            "<TEXT>a &lt; b\ufffd</TEXT><RECEIVED>2031-01-07T12:27:29+00:00</RECEIVED>"
            "<TRANSACTIONID>in-1</TRANSACTIONID></POSTBACK>",
            id="a text",
        ),
        pytest.param(
            PostbackCode.INBOUND_SMS,
            JSON,
            '{"origin":"SMS_MO","code":"N211","from":"15557650001","to":"24680","text":"a < b\ufffd",'
            '"received":"2031-01-07T12:27:29Z","transaction-id":"in-1"}',
            id="a text in JSON",
        ),
        pytest.param(
            PostbackCode.INBOUND_MMS,
            XML,
            f"{PROLOG}<POSTBACK><ORIGIN>MMS_MO</ORIGIN><CODE>N401</CODE><FROM>15557650001</FROM><TO>24680</TO>"
            "<COPY_TO><NUMBER>15557650002</NUMBER><NUMBER>15557650003</NUMBER></COPY_TO><KEYWORD>INFO</KEYWORD>"
            f"<SUBJECT>Q &amp; A</SUBJECT><TRACKINGID>mo-1</TRACKINGID><SPID>0001890</SPID>{TIME}"
            "<CONTENT><FILE>https://m.example.net/m/t/1.jpg</FILE><FILE>u/2.txt</FILE></CONTENT></POSTBACK>",
            id="an MMS",
        ),
        pytest.param(
            PostbackCode.INBOUND_MMS,
            LOWER,
            f"{PROLOG}<postback><origin>MMS_MO</origin><code>N401</code><from>15557650001</from><to>24680</to>"
            "<copy-to><number>15557650002</number><number>15557650003</number></copy-to><keyword>INFO</keyword>"
            "<message-subject>Q &amp; A</message-subject><tracking-id>mo-1</tracking-id>"
            "<operator-id>31003</operator-id><timestamp>2031-01-07T12:27:29+00:00</timestamp>"
            "<content><file>https://m.example.net/m/t/1.jpg</file><file>u/2.txt</file></content></postback>",
            id="an MMS in lower case",
        ),
        pytest.param(
            PostbackCode.INBOUND_MMS,
            JSON,
            '{"origin":"MMS_MO","code":"N401","from":"15557650001","to":"24680",'
            '"copy-to":[{"number":"15557650002"},{"number":"15557650003"}],"keyword":"INFO",'
            '"message-subject":"Q & A","tracking-id":"mo-1","operator-id":"31003","timestamp":"2031-01-07T12:27:29Z",'
            '"content":[{"file":"https://m.example.net/m/t/1.jpg"},{"file":"u/2.txt"}]}',
            id="an MMS in JSON",
        ),
        pytest.param(
            PostbackCode.UNSUBSCRIBED,
            XML,
            f"{PROLOG}<POSTBACK><ORIGIN>SUB</ORIGIN><CODE>N302</CODE><MOBILE>15557650001</MOBILE>"
            f"<CAMPAIGNID>1001</CAMPAIGNID>{TIME}<SHORTCODE>24680</SHORTCODE><CAMPAIGNTITLE>Spring</CAMPAIGNTITLE>"
            "<BRANDNAME>Bloom</BRANDNAME><SOURCE>MO</SOURCE></POSTBACK>",
            id="who left",
        ),
        pytest.param(
            PostbackCode.SUBSCRIBED,
            LOWER,
            f"{PROLOG}<postback><origin>SUB</origin><code>N301</code><mobile>15557650001</mobile>"
            "<campaign-id>1001</campaign-id><timestamp>2031-01-07T12:27:29+00:00</timestamp>"
            "<short-code>24680</short-code><campaign-title>Spring</campaign-title><brand-name>Bloom</brand-name>"
            "<source>MO</source></postback>",
            id="who joined, in lower case",
        ),
    ],
)
def test_tells_of_what_phones_did(code: PostbackCode, form: PostbackFormat, body: str) -> None:
    assert render_news(code, NewsValues(AT, NEWS, LISTS, ("31003", "0001890")), form).decode() == body
