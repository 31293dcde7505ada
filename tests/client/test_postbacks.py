"""Every postback that we can write is read as what it is, in each format, and verified by its signature."""

import base64
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_message

from slidewire.client import (
    CampaignEvent,
    InboundEvent,
    Kind,
    MessageEvent,
    PostbackError,
    PostbackReader,
    SignatureError,
    TemplateEvent,
)
from slidewire.client.postbacks import _spelled
from slidewire.domain.postback import Postback, PostbackCode, PostbackFormat
from slidewire.postbacks.body import NAMES, NewsValues, render, render_news, render_saved
from slidewire.postbacks.sign import ID_HEADER, signature_headers

AT = 1_925_555_249_999
MOMENT = datetime(2031, 1, 7, 12, 27, 29, tzinfo=UTC)
SECRET = bytes(range(32))
WRITTEN = "whsec_" + base64.b64encode(SECRET).decode()
MESSAGE = replace(
    a_message(), id="tr-1", mms_id=910001, sender="24680", receiver="15557650001", client_reference="<order & 778>"
)
NOW = 1_925_555_260


def posted(body: bytes, key: str = "pb-1", at: int = NOW) -> dict[str, str]:
    """The headers that our gateway posts with ``body``."""
    return {ID_HEADER: key, "X-Slidewire-Attempt": "2", **dict(signature_headers(SECRET, key, at, body))}


def reader() -> PostbackReader:
    return PostbackReader(WRITTEN, clock=lambda: NOW)


@pytest.mark.parametrize("form", list(PostbackFormat), ids=lambda form: form.value)
def test_what_becomes_of_a_message_is_read(form: PostbackFormat) -> None:
    body = render(MESSAGE, Postback(PostbackCode.NOT_SENT, AT, details="why & how"), form)
    event = reader().read(posted(body), body)
    assert event == MessageEvent(
        id="pb-1",
        attempt=2,
        code="E101",
        kind=Kind.NOT_SENT,
        repeated=False,
        at=event.at,
        fields=event.fields,
        tracking_id="tr-1",
        mms_id="910001",
        client_reference="<order & 778>",
        sender="24680",
        receiver="15557650001",
        sent_as="",
        status="Failed" if form is PostbackFormat.JSON else "Message Failed",
        details="why & how",
    )


@pytest.mark.parametrize("form", list(PostbackFormat), ids=lambda form: form.value)
def test_every_code_is_known(form: PostbackFormat) -> None:
    for code in PostbackCode:
        if code.code in {"N211", "N401", "N301", "N302"}:
            news = NewsValues(AT, {"sender": "1", "receiver": "2", "text": "STOP", "mobile": "1"})
            body = render_news(code, news, form)
        elif code.code in {"N003", "E002", "E003", "E004"}:
            body = render_saved(code, 910001, "http://a/b", form)
        else:
            message = replace(MESSAGE, mms_id=0) if code.name.startswith("TEXT_") else MESSAGE
            body = render(message, Postback(code, AT), form)
        event = PostbackReader().read({}, body)
        assert (event.code, event.kind is Kind.OTHER) == (code.code_in(form), False), code


def test_what_phones_and_templates_do_is_read() -> None:
    read = PostbackReader().read
    fields = {"sender": "12025550143", "receiver": "24680", "text": "Hello\nyou", "transaction_id": "t"}
    inbound = read({}, render_news(PostbackCode.INBOUND_SMS, NewsValues(AT, fields), PostbackFormat.XML))
    assert isinstance(inbound, InboundEvent)
    assert (inbound.sender, inbound.receiver, inbound.text, inbound.at) == (
        "12025550143",
        "24680",
        "Hello\nyou",
        MOMENT,
    )
    news = {"mobile": "12025550143", "campaign_id": "7", "campaign_title": "Spring", "source": "MO"}
    joined = read({}, render_news(PostbackCode.SUBSCRIBED, NewsValues(AT, news), PostbackFormat.JSON))
    assert isinstance(joined, CampaignEvent)
    assert (joined.kind, joined.mobile, joined.campaign_id, joined.source) == (Kind.JOINED, "12025550143", "7", "MO")
    saved = read({}, render_saved(PostbackCode.STORED, 910001, "", PostbackFormat.XML_LOWER))
    assert isinstance(saved, TemplateEvent)
    assert (saved.kind, saved.mms_id) == (Kind.SAVED, "910001")


@pytest.mark.parametrize("form", list(PostbackFormat), ids=lambda form: form.value)
def test_an_mms_of_a_phone_is_read_with_its_files(form: PostbackFormat) -> None:
    files = ("https://m.example.net/m/a/1.jpg?a=1&b=2", "https://m.example.net/m/a/2.txt")
    told = {"sender": "15557650001", "receiver": "24680", "subject": "Info", "tracking_id": "in-1"}
    news = NewsValues(AT, told, {"content": files, "copy_to": ("15557650002",)})
    event = PostbackReader().read({}, render_news(PostbackCode.INBOUND_MMS, news, form))
    assert isinstance(event, InboundEvent)
    assert (event.kind, event.subject, event.tracking_id) == (Kind.RECEIVED, "Info", "in-1")
    assert (event.files, event.copy_to) == (files, ("15557650002",))


def test_every_field_is_spelled_alike_whatever_its_format() -> None:
    assert {lower for _, lower in NAMES.values()} == {_spelled(upper) for upper, _ in NAMES.values()}


def test_a_repetition_is_told() -> None:
    body, ours = render(MESSAGE, Postback(PostbackCode.SENT, AT), PostbackFormat.JSON), reader()
    assert [ours.read(posted(body, key), body).repeated for key in ("a", "b", "a")] == [False, False, True]


def test_only_what_was_signed_just_now_is_read() -> None:
    body = render(MESSAGE, Postback(PostbackCode.SENT, AT), PostbackFormat.JSON)
    good, ours = posted(body), reader()
    for headers, other in (
        ({}, body),
        (good, body + b" "),
        (good | {ID_HEADER: "another"}, body),
        (posted(body, at=NOW - 301), body),
        (posted(body, at=NOW + 301), body),
        (good | {"webhook-timestamp": "now"}, body),
        (good | {"webhook-signature": "v1,"}, body),
        (good | {"webhook-signature": "v2,ü"}, body),
    ):
        with pytest.raises(SignatureError):
            ours.read(headers, other)
    assert ours.read(good | {"webhook-signature": f"v1,other {good['webhook-signature']}"}, body).code == "N101"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="JSON cut off"),
        pytest.param(b"{}", id="no code"),
        pytest.param(b"<POSTBACK><CODE>N101", id="XML cut off"),
        pytest.param(b"<POSTBACK></POSTBACK>", id="XML without a code"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY e "x">]><POSTBACK><CODE>N101</CODE></POSTBACK>', id="entities"),
        pytest.param(b"{" + b" " * 1_000_001 + b"}", id="too long"),
    ],
)
def test_what_is_no_postback_is_refused(body: bytes) -> None:
    with pytest.raises(PostbackError):
        PostbackReader().read({}, body)


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"<a><CODE>{text}</CODE></a>".encode()))
def test_nothing_that_comes_breaks_it(body: bytes) -> None:
    with suppress(PostbackError):
        PostbackReader().read({}, body)


def test_a_code_of_tomorrow_is_read_without_a_kind() -> None:
    event = PostbackReader().read({}, b'{"code": "N999", "timestamp": "soon", "n": 5}')
    assert (event.code, event.kind, event.at, event.fields["n"]) == ("N999", Kind.OTHER, None, "5")


def test_a_secret_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        PostbackReader("no secret!")
