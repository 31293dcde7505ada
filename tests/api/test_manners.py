"""HTTP beyond the plain request: compressed bodies, Expect, answers to clients that write before they read."""

import asyncio
import gzip
import socket
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from tests.api.door import PATH, failure, open_door, read_reply, send_mms, serving, success

from slidewire.api.compress import Compressing, is_worth, takes_gzip
from slidewire.api.envelope import WireLimits
from slidewire.api.http_server import Bounds

E100 = "Invalid request. Make a valid request via GET/POST/XML with all the required variables."
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def packed(text: str, wbits: int = 31) -> bytes:
    deflate = zlib.compressobj(wbits=wbits)
    return deflate.compress(text.encode()) + deflate.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        pytest.param("gzip", packed(send_mms()), id="gzip"),
        pytest.param("X-GZIP", packed(send_mms()), id="its old name, in any case"),
        pytest.param("deflate", packed(send_mms(), 15), id="deflate"),
        pytest.param("identity", send_mms().encode(), id="not compressed, and said so"),
        pytest.param("", send_mms().encode(), id="an empty header"),
    ],
)
async def test_a_compressed_request_is_read(encoding: str, body: bytes) -> None:
    async with open_door() as door:
        assert (await door.post(body, headers=f"Content-Encoding: {encoding}\r\n")).body == success()


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [
        pytest.param("gzip", b"<REQUEST>", "the compressed body is damaged", id="not compressed at all"),
        pytest.param("gzip", packed(send_mms())[:-9], "the compressed body ends too early", id="cut off"),
        pytest.param("gzip", b"", "the compressed body ends too early", id="nothing"),
        pytest.param(
            "gzip", packed("<R>") + packed("</R>"), "something stands behind the compressed body", id="two members"
        ),
        pytest.param("br", b"x", "the content encoding br is not read here", id="another encoding"),
        pytest.param("gzip, gzip", b"x", "the content encoding gzip, gzip is not read here", id="packed twice"),
    ],
)
async def test_what_cannot_be_unpacked_is_unreadable(encoding: str, body: bytes, words: str) -> None:
    async with open_door() as door:
        reply = await door.post(body, headers=f"Content-Encoding: {encoding}\r\n")
        assert reply.body == failure("E108", f"XML Parse error: {words}.", None)


async def test_a_bomb_ends_at_the_cap() -> None:
    bomb = gzip.compress(b"<REQUEST>" + b" " * 50_000_000)
    assert len(bomb) < 60_000
    async with open_door(limits=WireLimits(request=100_000)) as door:
        reply = await door.post(bomb, headers="Content-Encoding: gzip\r\n")
        assert reply.body == failure("E100", f"{E100} (the request is longer than 100 000 bytes)", None)


async def test_a_client_that_waits_to_be_asked_is_asked() -> None:
    async with open_door() as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        content = send_mms().encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: l\r\nExpect: 100-continue\r\nContent-Length: {len(content)}\r\n\r\n"
        writer.write(head.encode())
        assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(content)
        assert (await read_reply(reader)).body == success()
        writer.close()


async def test_a_client_that_waits_with_too_much_is_told_at_once() -> None:
    async with open_door() as door:
        head = f"POST {PATH} HTTP/1.1\r\nHost: l\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"
        assert "E100" in (await door.send(head.encode())).body


def write_all_then_read(port: int, request: bytes) -> bytes:
    """A client that reads nothing before it has written everything, as many libraries do."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
        return received


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param("Connection: close\r\n", id="that wants no more"),
        pytest.param("Connection: keep-alive\r\n", id="that would go on, over what is read on"),
    ],
)
async def test_the_answer_reaches_a_client_that_writes_a_long_body_first(headers: str) -> None:
    bounds = Bounds(drained=500_000, linger=2.0)
    async with open_door(limits=WireLimits(request=2_000), bounds=bounds) as door:
        body = b"<REQUEST>" + b" " * 12_000_000
        request = f"POST {PATH} HTTP/1.1\r\nHost: l\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
        received = await asyncio.to_thread(write_all_then_read, door.port, request)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"<ERRORCODE>E100</ERRORCODE>" in received


async def test_the_answer_reaches_a_client_that_writes_a_long_header_first() -> None:
    request = b"GET / HTTP/1.1\r\nHost: l\r\nX: " + b"a" * 3_000_000 + b"\r\n\r\n"
    async with open_door() as door:
        received = await asyncio.to_thread(write_all_then_read, door.port, request)
    assert received.startswith(b"HTTP/1.1 431 ")


LONG = b"<p>Hello</p>" * 500
HTML = (b"content-type", b"text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        pytest.param(b"gzip", True, id="gzip"),
        pytest.param(b"br, gzip;q=0.5", True, id="among others"),
        pytest.param(b"deflate, x-gzip", True, id="its old name"),
        pytest.param(b"gzip;q=0, identity", False, id="refused"),
        pytest.param(b"gzip; q=0.000", False, id="refused in more digits"),
        pytest.param(b"br", False, id="another one"),
        pytest.param(b"notgzip", False, id="a word that ends so"),
    ],
)
def test_knows_who_takes_gzip(accepted: bytes, takes: bool) -> None:
    assert takes_gzip([(b"host", b"l"), (b"accept-encoding", accepted)]) is takes


@pytest.mark.parametrize(
    ("headers", "body", "worth"),
    [
        pytest.param([HTML], LONG, True, id="a long page"),
        pytest.param([(b"content-type", b"application/json; charset=utf-8")], LONG, True, id="JSON"),
        pytest.param([HTML], LONG[:1_399], False, id="one that fits a packet"),
        pytest.param([(b"content-type", b"image/jpeg")], LONG, False, id="an image"),
        pytest.param([HTML, (b"content-encoding", b"br")], LONG, False, id="one that is packed already"),
        pytest.param([HTML, (b"content-range", b"bytes 0-9/10")], LONG, False, id="a part"),
        pytest.param([], LONG, False, id="nobody knows what"),
    ],
)
def test_knows_what_is_worth_it(headers: list[tuple[bytes, bytes]], body: bytes, worth: bool) -> None:
    assert is_worth(headers, body) is worth


async def a_page(scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
    headers = [HTML, (b"content-length", b"%d" % len(LONG))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": LONG})


async def test_a_long_answer_is_compressed_for_whoever_takes_it() -> None:
    async with serving(Compressing(a_page)) as port:
        answers = []
        for accepted in ("gzip", "br"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET / HTTP/1.1\r\nHost: l\r\nAccept-Encoding: {accepted}\r\n\r\n".encode())
            head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).lower()
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            answers.append((b"content-encoding: gzip" in head, await reader.readexactly(length)))
            writer.close()
    assert [answers[0][0], gzip.decompress(answers[0][1]), answers[1]] == [True, LONG, (False, LONG)]
    assert len(answers[0][1]) < len(LONG) / 10
