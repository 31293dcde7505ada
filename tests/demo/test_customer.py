"""A request's blanks filled in, and the answer read, without any of the gateway's own readers."""

import pytest
from tests.fakes.raw_server import RawServer, answering, http_answer, silent

from slidewire.demo.customer import Answered, CallFailedError, call, fill_in, text_of
from slidewire.demo.example import Example, read_example


def test_fills_in_every_element_of_the_name_in_any_case() -> None:
    xml = b"<REQUEST><URL>a</URL><url></url><CURL>b</CURL></REQUEST>"
    assert fill_in(xml, "URL", "x&y") == b"<REQUEST><URL>x&amp;y</URL><url>x&amp;y</url><CURL>b</CURL></REQUEST>"


def test_a_backslash_is_filled_in_as_it_is() -> None:
    assert fill_in(b"<A>1</A>", "A", r"\1\g<0>") == rb"<A>\1\g&lt;0&gt;</A>"


def test_what_has_no_such_element_is_refused() -> None:
    with pytest.raises(ValueError, match="no API_KEY element"):
        fill_in(b"<REQUEST/>", "API_KEY", "k")


def test_reads_the_text_of_an_element() -> None:
    assert text_of(b"<R><TEXT>Tea &amp; cake\n&#9731;</TEXT></R>", "TEXT") == "Tea & cake\n☃"
    assert text_of(b"<R/>", "TEXT") == ""


def test_the_example_differs_in_key_and_picture_only() -> None:
    example = read_example()
    changed = example.with_key("K").with_picture("http://a/b.jpg")
    assert (changed.key, changed.xml.count(b"http://a/b.jpg")) == ("K", 1)
    back = changed.with_key(example.key).with_picture("http://127.0.0.1:11979/lighthouse.jpg")
    assert back == example


def test_the_example_can_go_to_another_phone() -> None:
    example = read_example()
    changed = example.with_receiver("12025550109")
    assert changed.receiver == "12025550109"
    assert changed.with_receiver(example.receiver) == example


def test_the_example_says_what_the_demo_checks() -> None:
    example = read_example()
    assert (example.sender, example.receiver, example.client_reference) == ("24680", "12025550143", "order-778")
    assert (example.subject, "\n" in example.text) == ("Greetings", True)
    assert example.fallback_text == "A picture is waiting for you:"
    assert Example(example.xml.replace(b"\n", b"\r\n")).text == example.text


async def test_reads_success_with_its_warnings() -> None:
    body = b"<RESPONSE><STATUS>Success</STATUS><TO>1</TO><MMSID>2</MMSID><TRACKINGID>3</TRACKINGID></RESPONSE>"
    answer = http_answer(body, headers=(("X-Slidewire-Warning", "cut"),))
    async with RawServer(answering(answer)) as server:
        answered = await call(server.url("/"), b"<REQUEST/>")
        (request,) = server.requests
    assert answered == Answered(accepted=True, receiver="1", mms_id="2", tracking_id="3", warnings="cut")
    assert (request.body, request.headers["content-type"]) == (b"<REQUEST/>", "text/xml; charset=utf-8")


async def test_reads_a_refusal() -> None:
    body = b"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>E313</ERRORCODE><ERRORINFO>empty</ERRORINFO></RESPONSE>"
    async with RawServer(answering(http_answer(body))) as server:
        answered = await call(server.url("/"), b"<REQUEST/>")
    assert answered == Answered(accepted=False, code="E313", words="empty")


async def test_an_answer_that_is_none_is_told() -> None:
    async with RawServer(answering(http_answer(b"hello"))) as server:
        with pytest.raises(CallFailedError, match="none of the API"):
            await call(server.url("/"), b"")


async def test_an_answer_that_does_not_come_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slidewire.demo.customer._PATIENCE", 0.2)
    async with RawServer(silent) as server:
        with pytest.raises(CallFailedError, match="could not be called"):
            await call(server.url("/"), b"")
