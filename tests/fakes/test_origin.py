"""The media origin and the raw server do what they are told: other tests believe them."""

import asyncio

import pytest
from tests.fakes.origin import Origin, Page
from tests.fakes.raw_server import Peer, RawServer, answering, chunked, http_answer, never_reading


async def said(port: int, request: bytes) -> bytes:
    """Send bytes, give everything that comes until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        pytest.param(
            Page(b"abc", until_close=True),
            b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\nabc",
            id="until the connection closes",
        ),
        pytest.param(
            Page(b"abc", content_type="", cut_after=1),
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na",
            id="cut",
        ),
        pytest.param(
            Page(b"abc", chunked=True, cut_after=2, headers=(("ETag", "x"),)),
            b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\nETag: x\r\n\r\n2\r\nab\r\n",
            id="chunked and cut",
        ),
    ],
)
async def test_serves_pages_as_they_are_set(page: Page, answer: bytes) -> None:
    async with Origin() as origin:
        origin.page("/x", page)
        assert await said(origin.port, b"GET /x?q HTTP/1.1\r\n\r\n") == answer
        assert (origin.hits("/x"), origin.hits("/y")) == (1, 0)


async def test_answers_404_for_what_it_does_not_have() -> None:
    async with Origin() as origin:
        reader, writer = await asyncio.open_connection("127.0.0.1", origin.port)
        writer.write(b"GET /none HTTP/1.1\r\n\r\n")
        assert await reader.readline() == b"HTTP/1.1 404 Not Found\r\n"
        writer.close()


async def test_answers_in_turn_and_notes_what_it_received() -> None:
    request = b"POST /a HTTP/1.1\r\nX-A: b\r\nContent-Length: 2\r\n\r\nhi"
    async with RawServer(answering(http_answer(b"1"), http_answer(b"2"))) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request * 3)
        found = await asyncio.wait_for(reader.readexactly(3 * len(http_answer(b"1"))), 10)
        writer.close()
    assert found == http_answer(b"1") + http_answer(b"2") * 2
    assert [(one.target, one.headers["x-a"], one.body, one.connection) for one in server.requests] == [
        ("/a", "b", b"hi", 0)
    ] * 3


async def test_can_reset_and_can_refuse_to_read() -> None:
    async def resetting(peer: Peer) -> None:
        peer.reset()

    async with RawServer(resetting) as server:
        with pytest.raises(ConnectionError):
            await said(server.port, b"x")
    async with RawServer(never_reading, receive_buffer=4096) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(bytes(20_000_000))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.drain(), 0.2)
        writer.transport.abort()


def test_writes_chunks() -> None:
    assert chunked(b"ab", b"c") == b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert chunked(b"ab", end=False) == b"2\r\nab\r\n"
