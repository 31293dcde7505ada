"""The MMSC over real HTTP: every refusal of a carrier, who may ask, and the ways in which it answers."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import aiohttp
import pytest
from tests.simulator.builder import (
    FAMILY,
    IMG,
    TXT,
    USUAL,
    Submit,
    children,
    envelope,
    message,
    multipart,
    named,
    part,
    smil,
    submit_xml,
)

from slidewire.simulator.envelope import SCHEMAS
from slidewire.simulator.xmlread import inner_text, local, namespace, read_xml

if TYPE_CHECKING:
    from tests.simulator.conftest import Bench, MakeBench

CONTENTLESS = {"Content-Type": "text/xml; charset=utf-8"}
GOOD = Submit()


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_takes_a_message_in_each_namespace_and_answers_in_it(bench: Bench, schema: str) -> None:
    answer = await bench.submit(Submit(schema=schema))
    (kept,) = await bench.get("/api/messages")
    assert (answer.http, answer.code, answer["MessageID"]) == (200, 1000, kept["message_id"])
    assert answer.envelope().transaction_id == "tx-15551230000"
    assert namespace(answer.envelope().message) == FAMILY + schema
    assert all(namespace(child) == FAMILY + schema for child in answer.envelope().message)


@pytest.mark.parametrize(
    ("submit", "code", "says"),
    [
        pytest.param(
            GOOD.but(soap=envelope(message("SubmitReq", children("MM7Version", "Recipients", "SenderIdentification")))),
            4004,
            "SenderIdentification",
            id="wrong order",
        ),
        pytest.param(
            GOOD.but(soap=envelope(message("SubmitReq", children(*[n for n in USUAL if n != "Recipients"])))),
            4004,
            "lacks Recipients",
            id="a missing required element",
        ),
        pytest.param(GOOD.but(content_id="<other>"), 2007, "names no part", id="an href without its part"),
        pytest.param(
            GOOD.but(changed={"Content": '<m:Content href="mms"/>'}), 2007, "no cid:", id="an href without cid:"
        ),
        pytest.param(
            GOOD.but(changed={"Content": ""}), 2007, "no Content that names it", id="a part that nobody names"
        ),
        pytest.param(
            GOOD.but(media=(*GOOD.media_parts(), named("application/smil", "two.smil", smil(IMG)))),
            2004,
            "two SMIL parts",
            id="two SMIL parts",
        ),
        pytest.param(
            GOOD.but(text="é".encode("latin-1")), 2004, "not in utf-8, as it says", id="text in another charset"
        ),
        pytest.param(
            GOOD.but(text_type="text/plain; charset=us-ascii"), 2004, "not in us-ascii", id="UTF-8 called ASCII"
        ),
        pytest.param(GOOD.but(smil=smil(TXT + IMG.replace("one", "no"))), 2004, "no part", id="a src without its part"),
        pytest.param(GOOD.but(soap_type="text/plain; charset=utf-8"), 2007, "type is", id="SOAP called plain text"),
        pytest.param(GOOD.but(soap_type="text/xml"), 2007, "charset", id="SOAP without its charset"),
        pytest.param(GOOD.but(soap_type="text/xml; charset=iso-8859-1"), 2007, "charset", id="SOAP in another charset"),
        pytest.param(
            GOOD.but(outer_type="multipart/mixed; boundary=outer"), 2007, "not multipart/mixed", id="mixed outside"
        ),
        pytest.param(GOOD.but(outer_type="application/json"), 2007, "not application/json", id="JSON"),
        pytest.param(GOOD.but(schema="REL-6-MM7-9-9"), 4002, "no MM7 schema", id="an unknown schema"),
        pytest.param(GOOD.but(receiver="0"), 2002, "no Number", id="a receiver that is no number"),
        pytest.param(
            GOOD.but(changed={"Recipients": '<m:To><m:Number displayOnly="true">15551230000</m:Number></m:To>'}),
            2002,
            "for display only",
            id="receivers only to be shown",
        ),
        pytest.param(
            GOOD.but(changed={"Recipients": "<m:To>" + "<m:Number>15551230000</m:Number>" * 11 + "</m:To>"}),
            3003,
            "At most 10",
            id="too many receivers",
        ),
    ],
)
async def test_refuses_with_a_soap_fault(bench: Bench, submit: Submit, code: int, says: str) -> None:
    answer = await bench.submit(submit)
    assert (answer.http, answer.code) == (500, code)
    assert says in answer.body.decode()
    assert await bench.get("/api/messages") == []


async def test_a_fault_repeats_the_transaction_and_holds_an_rserrorrsp(bench: Bench) -> None:
    answer = await bench.submit(GOOD.but(text=b"\xff"))
    header, body = read_xml(answer.body)
    (fault,) = body
    assert [local(child) for child in fault] == ["faultcode", "faultstring", "detail"]
    assert [local(child) for child in fault[2][0]] == ["MM7Version", "Status"]
    assert local(fault[2][0]) == "RSErrorRsp"
    assert (local(header[0]), inner_text(header[0])) == ("TransactionID", "tx-15551230000")


async def test_refuses_a_chunked_body(bench: Bench) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield GOOD.body()

    answer = await bench.post(body(), GOOD.headers())
    assert (answer.http, answer.code) == (411, 2007)
    assert b"chunked" in answer.body


async def raw(bench: Bench, request: bytes) -> bytes:
    """Send these very bytes and read until the other side closes."""
    port = int(bench.simulator.mm7_url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_refuses_a_request_without_content_length(bench: Bench) -> None:
    answer = await raw(bench, b"POST /mm7 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml; charset=utf-8\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"<mm7:StatusCode>2007<" in answer
    assert b"no Content-Length" in answer


async def test_refuses_a_body_over_its_limit_even_as_it_comes(make_bench: MakeBench) -> None:
    bench = await make_bench(max_bytes=20_000)
    answer = await bench.submit(GOOD.but(text=b"x" * 20_000))
    assert (answer.http, answer.code) == (413, 2004)
    assert (await bench.submit(GOOD)).code == 1000


async def test_hangs_up_on_a_body_that_it_would_never_read_to_its_end(bench: Bench) -> None:
    answer = await raw(bench, b"POST /mm7 HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_gives_up_on_a_body_that_does_not_come(make_bench: MakeBench) -> None:
    bench = await make_bench(body_timeout=0.1)
    answer = await raw(bench, b"POST /mm7 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"y" * 40_000, id="a head that never ends"),
        pytest.param(b"GET /" + b"y" * 40_000, id="an address that never ends"),
        pytest.param(b"\x16\x03\x01\r\n\r\n", id="TLS on a plain port"),
        pytest.param(b"POST /mm7 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", id="a negative length"),
        pytest.param(
            b"POST /mm7 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            id="two lengths",
        ),
    ],
)
async def test_ends_a_connection_that_is_no_request(bench: Bench, request_: bytes) -> None:
    answer = await raw(bench, request_)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/mm7", 405), ("PUT", "/mm7", 405), ("POST", "/", 404), ("POST", "/mm7/", 404), ("GET", "/%2e%2e", 404)],
)
async def test_only_posts_to_mm7_are_taken(bench: Bench, method: str, path: str, status: int) -> None:
    url = bench.simulator.mm7_url.removesuffix("/mm7") + path
    async with bench.http.request(method, url) as answer:
        assert answer.status == status


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        pytest.param(basic("gw:s3cret"), 200, id="the right one"),
        pytest.param(basic("gw:S3cret"), 401, id="a wrong password"),
        pytest.param(basic("gw"), 401, id="no colon"),
        pytest.param("Basic ???", 401, id="no base64"),
        pytest.param("Bearer s3cret", 401, id="another scheme"),
        pytest.param("", 401, id="nothing"),
    ],
)
async def test_asks_who_is_there(make_bench: MakeBench, authorization: str, status: int) -> None:
    bench = await make_bench(username="gw", password="s3cret")
    answer = await bench.submit(GOOD, Authorization=authorization)
    assert answer.http == status
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"vasp_id": "gw", "vas_id": "gw"}, 1000), ({"vasp_id": "other"}, 4001), ({"vas_id": "other"}, 4001)],
)
async def test_knows_its_vasp(make_bench: MakeBench, settings: dict[str, str], code: int) -> None:
    bench = await make_bench(**settings)
    assert (await bench.submit(GOOD)).code == code


async def test_answers_in_a_schema_of_its_own_and_without_prefixes(make_bench: MakeBench) -> None:
    bench = await make_bench(answer_schema="REL-5-MM7-1-0", unprefixed=True, fault_http=200)
    answer = await bench.submit(GOOD)
    assert namespace(answer.envelope().message) == FAMILY + "REL-5-MM7-1-0"
    assert {namespace(child) for child in answer.envelope().message} == {""}
    assert (answer.code, answer["MM7Version"]) == (1000, "5.3.0")
    fault = await bench.submit(GOOD.but(text=b"\xff"))
    assert (fault.http, fault.code) == (200, 2004)
    (report,) = await bench.catcher.wait_for(1)
    assert f"{FAMILY}REL-5-MM7-1-0" in report.body
    assert "<Number>15551230000</Number>" in report.body


async def test_message_ids_hold_the_signs_of_real_ones_and_differ(bench: Bench) -> None:
    ids = {(await bench.submit(GOOD))["MessageID"] for _ in range(20)}
    assert len(ids) == 20
    assert all({".", "@", "-"} <= set(one) for one in ids)


async def test_takes_a_message_without_content(bench: Bench) -> None:
    body = submit_xml(Content="")
    assert (await bench.post(body, CONTENTLESS)).code == 1000
    (kept,) = await bench.get("/api/messages")
    assert (kept["parts"], kept["slides"]) == ([], [])


async def test_takes_a_content_in_base64_lines(bench: Bench) -> None:
    encoded = base64.encodebytes(GOOD.picture).replace(b"\n", b"\r\n")
    picture = named("image/jpeg", "one.jpg", encoded, "Content-Transfer-Encoding: base64")
    assert (await bench.submit(GOOD.but(media=(picture, GOOD.media_parts()[1])))).code == 1000
    async with bench.http.get(bench.simulator.http_url + "/api/messages/1/parts/1") as answer:
        assert await answer.read() == GOOD.picture


async def test_a_third_part_outside_is_refused(bench: Bench) -> None:
    soap = part("text/xml; charset=utf-8", submit_xml(), "Content-ID: <soap>")
    picture = part("image/jpeg", GOOD.picture, "Content-ID: <mms>")
    more = part("image/jpeg", GOOD.picture, "Content-ID: <more>")
    assert (await bench.post(multipart([soap, picture]), GOOD.headers())).code == 1000
    assert (await bench.post(multipart([soap, picture, more]), GOOD.headers())).code == 2007


def cancel(message_id: str, name: str = "CancelReq") -> bytes:
    fields = [*children("MM7Version", "SenderIdentification"), f"<m:MessageID>{message_id}</m:MessageID>"]
    return envelope(message(name, fields))


@pytest.mark.parametrize("name", ["Cancel", "Replace"])
async def test_cancels_and_replaces_what_has_not_left(make_bench: MakeBench, name: str) -> None:
    bench = await make_bench(report_after=30.0)
    message_id = (await bench.submit(GOOD))["MessageID"]
    answer = await bench.post(cancel(message_id, name + "Req"), CONTENTLESS)
    assert (answer.code, local(answer.envelope().message)) == (1000, name + "Rsp")
    assert (await bench.get("/api/messages/1"))["cancelled"] == (name == "Cancel")
    assert (await bench.post(cancel("nobody"), CONTENTLESS)).code == 2005


async def test_does_not_report_what_was_cancelled(make_bench: MakeBench) -> None:
    bench = await make_bench(report_after=0.2)
    message_id = (await bench.submit(GOOD))["MessageID"]
    assert (await bench.post(cancel(message_id), CONTENTLESS)).code == 1000
    await bench.submit(Submit(receiver="15551230099"))
    (report,) = await bench.catcher.wait_for(1)
    assert report["Recipient"] == "<mm7:Number>15551230099</mm7:Number>"


async def test_replaces_the_content(make_bench: MakeBench) -> None:
    bench = await make_bench(report_after=30.0)
    message_id = (await bench.submit(GOOD))["MessageID"]
    fields = [*children("MM7Version", "SenderIdentification"), f"<m:MessageID>{message_id}</m:MessageID>"]
    soap = envelope(message("ReplaceReq", [*fields, *children("Content")]))
    assert (await bench.submit(GOOD.but(soap=soap, text=b"better"))).code == 1000
    assert (await bench.get("/api/messages/1"))["slides"][0]["pieces"][1]["text"] == "better"


async def test_cannot_cancel_what_has_left(bench: Bench) -> None:
    message_id = (await bench.submit(GOOD))["MessageID"]
    await bench.fates(1, "15551230000", "Retrieved")
    assert (await bench.post(cancel(message_id), CONTENTLESS)).code == 3001


async def test_keeps_no_more_messages_than_it_may(make_bench: MakeBench) -> None:
    bench = await make_bench(keep_messages=3)
    for _ in range(5):
        await bench.submit(GOOD)
    assert [kept["id"] for kept in await bench.get("/api/messages")] == [3, 4, 5]


async def test_keeps_no_more_bytes_than_it_may(make_bench: MakeBench) -> None:
    bench = await make_bench(keep_bytes=25_000)
    for _ in range(3):
        await bench.submit(GOOD.but(text=b"x" * 9_000))
    assert [kept["id"] for kept in await bench.get("/api/messages")] == [2, 3]


async def test_many_submissions_share_one_connection(bench: Bench) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
        for _ in range(10):
            async with http.post(bench.simulator.mm7_url, data=GOOD.body(), headers=GOOD.headers()) as answer:
                assert answer.status == 200
    assert len(await bench.get("/api/messages")) == 10
