import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.carriers.build import NOW, TEXT, TRANSACTION_ID, a_message, a_rendition, a_route, a_submission
from tests.carriers.replies import MM7, ok, rs_error, submit_rsp
from tests.fakes.raw_server import Peer, RawServer, Received, answering, http_answer

from slidewire.carriers.base import Outcome, Submission, Verdict
from slidewire.carriers.mm7.client import Mm7Carrier, limits_of
from slidewire.carriers.mm7.envelope import wrap
from slidewire.carriers.mm7.options import profile_of
from slidewire.carriers.mm7.profiles import PROFILES
from slidewire.carriers.mm7.soap import SubmitWriter
from slidewire.outbound.dial import Dialer
from slidewire.outbound.post import PostClient
from slidewire.outbound.resolve import DnsLookup, Resolver


@asynccontextmanager
async def facing(*answers: bytes, **changes: Any) -> AsyncIterator[tuple[Mm7Carrier, RawServer]]:
    async with RawServer(answering(*answers)) as server:
        carrier = a_carrier(url=server.url("/mm7"), **changes)
        try:
            yield carrier, server
        finally:
            await carrier.close()


def a_carrier(**changes: Any) -> Mm7Carrier:
    route = a_route(**changes)
    return Mm7Carrier(route, PostClient(Dialer(Resolver(DnsLookup())), limits_of(route)), lambda: NOW)


async def outcome_of(answer: bytes, **changes: Any) -> Outcome:
    async with facing(answer, **changes) as (carrier, _):
        return await carrier.submit(a_submission())


async def request_of(submission: Submission, **changes: Any) -> Received:
    async with facing(ok(submit_rsp()), **changes) as (carrier, server):
        assert (await carrier.submit(submission)).verdict is Verdict.ACCEPTED
        return server.requests[0]


async def test_posts_the_envelope_and_the_message_with_their_length() -> None:
    rendition = a_rendition(b"\x00\xff\r\n", b"--inner--\r\n")
    request = await request_of(a_submission(rendition=rendition))
    assert request.line == "POST /mm7 HTTP/1.1"
    assert request.headers["content-length"] == str(len(request.body))
    assert "transfer-encoding" not in request.headers
    kind, *parameters = request.headers["content-type"].split("; ")
    assert kind == "multipart/related"
    assert parameters[1:] == ['type="text/xml"', 'start="<mm7-submit>"']
    boundary = b"--" + parameters[0].removeprefix('boundary="').removesuffix('"').encode()
    nothing, soap, message, end = request.body.split(boundary)
    assert (nothing, end) == (b"", b"--\r\n")
    assert b"\r\nContent-ID: <mm7-submit>\r\n\r\n<?xml" in soap
    assert TRANSACTION_ID.encode() in soap
    assert b'href="cid:mms"' in soap
    head, _, body = message.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[1:] == [b"Content-Type: " + rendition.content_type.encode(), b"Content-ID: <mms>"]
    assert body == b"\x00\xff\r\n--inner--\r\n\r\n"


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        pytest.param({}, {"accept-encoding": "identity"}, id="no answer in a coding that we would have to undo"),
        pytest.param({}, {"soapaction": '""', "authorization": "Basic Z3c6b3Blbi1zZXNhbWUtMTc="}, id="generic"),
        pytest.param({"username": "", "password": ""}, {"authorization": None}, id="no credentials"),
        pytest.param(
            {"options": (("authentication", "bearer"),)}, {"authorization": "Bearer open-sesame-17"}, id="a token"
        ),
        pytest.param({"options": (("soap_action", "omit"),)}, {"soapaction": None}, id="no SOAPAction"),
        pytest.param(
            {"options": (("soap_action", "namespace"),), "namespace": "REL-6-MM7-1-4"},
            {"soapaction": f'"{MM7}REL-6-MM7-1-4"'},
            id="the namespace as SOAPAction",
        ),
        pytest.param({"profile": "aggregator"}, {"x-mblox-carrier-id": "31003"}, id="a profile's own header, filled"),
        pytest.param(
            {"profile": "aggregator-key", "options": (("operator_ids", "31003=0001890"),)},
            {"x-skycore-carrier-id": "0001890"},
            id="the peer's own id of the operator",
        ),
        pytest.param(
            {"options": (("headers", "X-Way={sender}>{receiver} {message} {transaction}"),)},
            {"x-way": f"28444>447700900123 0195a7c0000070008000000000000001 {TRANSACTION_ID}"},
            id="every blank",
        ),
    ],
)
async def test_the_headers_are_the_profiles(changes: dict[str, Any], headers: dict[str, str | None]) -> None:
    request = await request_of(a_submission(), **changes)
    assert {name: request.headers.get(name) for name in headers} == headers


@pytest.mark.parametrize("operator", ["", "31003\r\nX-Evil: 1", "ünïcode", "a b", "x" * 101])
async def test_a_header_that_cannot_be_filled_is_left_out(operator: str) -> None:
    request = await request_of(a_submission(a_message(operator=operator)), profile="aggregator")
    assert "x-mblox-carrier-id" not in request.headers
    assert "x-evil" not in request.headers


async def test_accepted_tells_ids_and_sizes_only() -> None:
    outcome = await outcome_of(ok(submit_rsp(message_id="m.1@x")))
    exchange = outcome.exchange
    assert exchange is not None
    assert (outcome.verdict, outcome.carrier_ref, outcome.detail) == (Verdict.ACCEPTED, "m.1@x", "1000 Success")
    assert (exchange.at, exchange.peer, exchange.failed, exchange.body) == (NOW, "mmsc-a", False, "")
    assert exchange.request.startswith("POST of ")
    assert exchange.request.endswith(f"TransactionID {TRANSACTION_ID}")
    assert exchange.response == f"HTTP 200 OK, {len(submit_rsp()) + 2} bytes: 1000 Success"


async def test_accepted_is_kept_whole_where_all_exchanges_are_wanted() -> None:
    exchange = (await outcome_of(ok(submit_rsp(message_id="m.1@x")), keep_bodies=True)).exchange
    assert exchange is not None
    assert not exchange.failed
    assert "SubmitReq" in exchange.body
    assert "<MessageID>m.1@x</MessageID>" in exchange.body


async def test_a_refusal_keeps_both_sides_without_what_is_private() -> None:
    outcome = await outcome_of(ok(rs_error("2002", "No number +447700900123"), "500 Oh"), vasp_id="key-0123456789ab")
    assert outcome.detail == "2002 No number +********0123"
    assert outcome.exchange is not None
    body = outcome.exchange.body
    assert "<mm7:VASPID>[secret]</mm7:VASPID>" in body
    assert "<mm7:Number>********0123</mm7:Number>" in body
    assert "<mm7:Subject>[text]</mm7:Subject>" in body
    assert "<StatusCode>2002</StatusCode>" in body
    assert outcome.exchange.failed


async def test_foreign_words_are_printable_and_short() -> None:
    answer = http_answer(b"\x1b[2Jgone\x00\xe2\x80\xae", "502 \x1b[31m" + "x " * 450)
    outcome = await outcome_of(answer)
    assert outcome.exchange is not None
    assert 450 < len(outcome.detail) <= 500
    kept = outcome.detail + outcome.exchange.response + outcome.exchange.body
    assert kept.replace("\n", "").replace("\t", "").isprintable()
    assert "\\x1b[2Jgone\\x00\\x202e" in outcome.exchange.body


@pytest.mark.parametrize(
    ("code", "blocked"), [pytest.param("3001", True, id="named"), pytest.param("4007", False, id="not named")]
)
async def test_a_route_names_the_codes_that_say_that_the_receiver_blocks_us(code: str, blocked: bool) -> None:
    outcome = await outcome_of(ok(rs_error(code)), options=(("blocked_codes", "3001"),))
    assert (outcome.verdict, outcome.blocked) == (Verdict.REFUSED, blocked)


@pytest.mark.parametrize(
    ("answer", "changes", "verdict"),
    [
        pytest.param(ok(rs_error("2569")), {"profile": "aggregator"}, Verdict.RETRY, id="a profile's own code"),
        pytest.param(ok(rs_error("2569")), {}, Verdict.REFUSED, id="the same code elsewhere"),
        pytest.param(ok(rs_error("3001")), {"options": (("codes", "3001=retry"),)}, Verdict.RETRY, id="a route's own"),
        pytest.param(ok(submit_rsp(), "500 Hm"), {}, Verdict.ACCEPTED, id="the code counts, not the HTTP status"),
        pytest.param(ok(rs_error("3000"), "503 Busy"), {}, Verdict.RETRY, id="503 with SOAP is what SOAP says"),
        pytest.param(
            http_answer(b"", "302 Found", (("Location", "/other"),)), {}, Verdict.RETRY, id="redirects are not followed"
        ),
        pytest.param(http_answer(b"", "204 No Content"), {}, Verdict.UNCERTAIN, id="no answer in the answer"),
        pytest.param(
            http_answer(
                b"--b\r\nContent-Type: text/xml\r\n\r\n" + submit_rsp() + b"\r\n--b--",
                headers=(("Content-Type", "multipart/related; boundary=b"),),
            ),
            {},
            Verdict.ACCEPTED,
            id="an answer in a multipart body",
        ),
    ],
)
async def test_reads_the_answer(answer: bytes, changes: dict[str, Any], verdict: Verdict) -> None:
    assert (await outcome_of(answer, **changes)).verdict is verdict


async def test_identification_refused_shuts_the_route_not_the_message() -> None:
    outcome = await outcome_of(ok(rs_error("4001", "Who are you")))
    assert (outcome.verdict, outcome.alarm, outcome.route_down) == (Verdict.RETRY, True, True)


async def test_throttled_by_soap_obeys_retry_after() -> None:
    outcome = await outcome_of(ok(rs_error("4006"), "503 Busy", (("Retry-After", "30"),)))
    assert (outcome.verdict, outcome.retry_after) == (Verdict.THROTTLED, 30.0)


async def test_an_answer_to_another_transaction_is_told_with_the_exchange_alone() -> None:
    outcome = await outcome_of(ok(submit_rsp().replace(TRANSACTION_ID.encode(), b"another")))
    assert outcome.exchange is not None
    assert outcome.exchange.response.endswith("bytes: 1000 Success (the answer names another TransactionID)")
    assert outcome.detail == "1000 Success"  # it goes into the customer's STATUSDETAILS


async def test_why_an_answer_cannot_be_read_is_told_with_the_exchange_alone() -> None:
    outcome = await outcome_of(http_answer(b"<html>", "413 Too Large"))
    assert outcome.exchange is not None
    assert outcome.exchange.response.startswith("HTTP 413 Too Large: not XML: ")
    assert outcome.detail == "HTTP 413 Too Large, and no SOAP that can be read"


async def test_a_body_over_the_routes_limit_is_not_sent() -> None:
    async with facing(ok(submit_rsp()), max_bytes=1_000) as (carrier, server):
        outcome = await carrier.submit(a_submission())
    assert outcome.verdict is Verdict.TOO_BIG
    assert server.connections == 0


async def test_a_rendition_that_fills_the_budget_fits() -> None:
    message = a_message(subject="☕" * 80)
    async with facing(ok(submit_rsp()), max_bytes=50_000) as (carrier, server):
        budget = 50_000 - carrier.overhead(message)
        outcome = await carrier.submit(a_submission(message, a_rendition(b"x" * budget)))
        assert outcome.verdict is Verdict.ACCEPTED
        assert 49_000 < len(server.requests[0].body) <= 50_000


@given(
    st.text(max_size=80),
    st.text(alphabet="0123456789", min_size=3, max_size=15),
    st.text(max_size=11),
    st.sampled_from(list(PROFILES)),
)
@settings(deadline=None, max_examples=50)
def test_overhead_is_never_too_small(subject: str, sender: str, mask: str, profile: str) -> None:
    message, route = a_message(subject=subject, sender=sender, mask=mask), a_route(mask=True, profile=profile)
    soap = SubmitWriter(route, profile_of(route)).write(message, TRANSACTION_ID, NOW)
    rendition = a_rendition()
    added = wrap(soap, rendition, lambda: "0" * 24).size - rendition.size
    assert added <= a_carrier(mask=True, profile=profile).overhead(message) <= added + 600


async def test_an_outcome_holds_no_text_of_the_message() -> None:
    outcome = await outcome_of(http_answer(f"<html>{TEXT}</html>".encode(), "400 Bad"))
    assert outcome.exchange is not None
    assert "<html>[text]</html>" in outcome.exchange.body


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(lambda body: body, id="all of it"),
        pytest.param(lambda body: body[-400:], id="its end"),
        pytest.param(lambda body: body.replace(b"--", b"  "), id="without its boundaries"),
    ],
)
async def test_a_peer_that_repeats_what_we_sent_reveals_nothing(part: Callable[[bytes], bytes]) -> None:
    hidden = base64.encodebytes(b"Nobody but you may read this. " * 20)

    async def repeat(peer: Peer) -> None:
        request = await peer.request()
        assert request is not None
        await peer.send(http_answer(part(request.body), "500 Oh"))

    async with RawServer(repeat) as server:
        carrier = a_carrier(url=server.url())
        outcome = await carrier.submit(a_submission(rendition=a_rendition(b"\r\n", hidden)))
        await carrier.close()
    kept = repr(outcome)
    assert not [line for line in hidden.decode().split() if line in kept]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"url": "ftp://mmsc"}, "http", id="no web address"),
        pytest.param({"profile": "nobody"}, "profile", id="no profile"),
        pytest.param(
            {"options": (("authentication", "bearer"),), "password": "a\nb"}, "bearer", id="a token with a line break"
        ),
    ],
)
def test_a_route_that_cannot_work_stops_the_start(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        a_carrier(**changes)
