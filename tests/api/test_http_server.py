"""The server against those who hold connections, headers and bodies open (security 14): raw sockets, short bounds."""

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.api.door import read_reply, serving

from slidewire.api.http_server import Bounds, bind

#: Short enough to wait for; the server looks at its connections once a second.
SHORT = Bounds(header_time=0.3, body_time=2.0, body_rate=1_000.0, keep_alive=1, answer_time=0.5, drained=200_000)
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def echo(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Answers with the length of the body."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await answer(send, b"%d" % size)


async def answer(send: Send, body: bytes) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_early(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Answers without reading the body."""
    await answer(send, b"early")


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def closes(reader: asyncio.StreamReader, within: float = 10.0) -> bytes:
    """What comes before the server closes the connection."""
    received = b""
    try:
        async with asyncio.timeout(within):
            while chunk := await reader.read(65_536):
                received += chunk
    except ConnectionError:
        pass
    return received


GET = b"GET / HTTP/1.1\r\nHost: l\r\n\r\n"


async def test_answers_over_one_connection_as_often_as_asked() -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        for size in (0, 1, 100_000, 3):
            writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
            assert (await read_reply(reader)).body == str(size)


async def test_tells_no_server_and_no_reason_to_guess_one() -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        writer.write(GET)
        assert set((await read_reply(reader)).headers) == {"date", "content-length"}


@pytest.mark.parametrize(
    "opening",
    [
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(b"GET / HT", id="half a request line"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: l\r\nX-Half: ", id="half a header"),
        pytest.param(GET + b"GET / HTTP/1.1\r\nX-Half: ", id="half a header after a whole request"),
    ],
)
async def test_a_header_that_does_not_end_is_cut_in_time(opening: bytes) -> None:
    async with serving(echo, SHORT) as port, connected(port) as (reader, writer):
        writer.write(opening)
        await closes(reader)


async def test_a_header_that_drips_is_cut_in_time() -> None:
    async with serving(echo, SHORT) as port, connected(port) as (reader, writer):
        ended = asyncio.create_task(closes(reader))
        writer.write(b"GET / HTTP/1.1\r\n")
        while not ended.done():
            writer.write(b"X-More: y\r\n")
            await asyncio.wait([ended], timeout=0.05)
        assert await ended == b""


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param([b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 8_000_000], id="8 MB of one header"),
        pytest.param([b"GET / HTTP/1.1\r\n"] + [b"X-Long: abcdefgh\r\n" * 1000] * 400, id="many headers"),
        pytest.param([b"GET /" + b"a" * 8_000_000], id="a long address"),
        pytest.param([b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n"], id="a whole header over the bound"),
        pytest.param(
            [b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 9_000, b"a" * 9_000 + b"\r\n\r\n"],
            id="a whole header in two pieces",
        ),
    ],
)
async def test_a_header_over_the_bound_is_refused(flood: list[bytes]) -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        ended = asyncio.create_task(closes(reader))
        try:
            for piece in flood:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        received = await ended
        assert received.startswith(b"HTTP/1.1 431 ") or received == b""


async def test_a_header_within_the_bound_is_read_behind_a_large_body() -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        body = b"x" * 60_000
        one = b"POST / HTTP/1.1\r\nHost: l\r\nX-Long: " + b"a" * 15_000 + b"\r\nContent-Length: 60000\r\n\r\n" + body
        writer.write(one + one + one)
        for _ in range(3):
            assert (await read_reply(reader)).body == "60000"


async def test_many_small_requests_at_once_are_no_long_header() -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        padded = b"GET / HTTP/1.1\r\nHost: l\r\nX: " + b"a" * 3_000 + b"\r\n\r\n"
        writer.write(padded * 8 + padded[:2_000])
        for _ in range(8):
            await read_reply(reader)
        writer.write(padded[2_000:])
        assert (await read_reply(reader)).status == 200


async def test_a_thousand_requests_at_once_are_not_queued() -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        writer.write(GET * 1_000)
        received = await closes(reader)
        assert received.count(b"HTTP/1.1 200") < 1_000


async def test_a_body_that_stops_is_cut_in_time() -> None:
    async with serving(echo, SHORT) as port, connected(port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 1000\r\n\r\nx")
        assert await closes(reader) == b""


async def test_a_body_that_drips_is_cut_in_time() -> None:
    async with serving(echo, replace(SHORT, body_time=60.0)) as port, connected(port) as (reader, writer):
        ended = asyncio.create_task(closes(reader))
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 1000000\r\n\r\n")
        while not ended.done():
            writer.write(b"x" * 10)
            await asyncio.wait([ended], timeout=0.05)
        assert await ended == b""


async def test_a_body_that_is_fast_enough_but_never_ends_is_cut_in_time() -> None:
    async with serving(echo, SHORT) as port, connected(port) as (reader, writer):
        started = time.monotonic()
        ended = asyncio.create_task(closes(reader))
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 100000000\r\n\r\n")
        while not ended.done():
            writer.write(b"x" * 1_000)
            await asyncio.wait([ended], timeout=0.05)
        assert await ended == b""
        assert time.monotonic() - started >= 1.5


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(b"1;" + b"a" * 1_000_000, id="one endless chunk extension"),
        pytest.param(b"0\r\nX-Trailer: " + b"a" * 1_000_000, id="one endless trailer"),
        pytest.param(b"0\r\n" + b"X-Trailer: a\r\n" * 80_000, id="endless trailers"),
    ],
)
async def test_a_body_that_is_mostly_framing_is_cut(flood: bytes) -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        ended = asyncio.create_task(closes(reader))
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(flood)
        assert not (await ended).startswith(b"HTTP/1.1 200")


async def test_small_chunks_are_a_body_too() -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        writer.write(
            b"POST / HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n"
        )
        assert (await read_reply(reader)).body == "50000"


async def test_a_body_that_was_answered_is_read_on_only_so_far() -> None:
    async with serving(answer_early, Bounds(drained=200_000)) as port, connected(port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nContent-Length: 500000000\r\n\r\n")
        assert (await read_reply(reader)).body == "early"
        ended = asyncio.create_task(closes(reader))
        try:
            for _ in range(50):
                writer.write(b"x" * 100_000)
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        assert await ended == b""


async def test_who_asks_before_sending_is_not_left_waiting() -> None:
    async with serving(answer_early) as port, connected(port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n")
        assert (await read_reply(reader)).body == "early"
        assert await closes(reader) == b""
    async with serving(echo) as port, connected(port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: l\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10) == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"xyz")
        assert (await read_reply(reader)).body == "3"


async def test_a_connection_that_rests_is_closed() -> None:
    async with serving(echo, SHORT) as port, connected(port) as (reader, writer):
        writer.write(GET)
        await read_reply(reader)
        assert await closes(reader) == b""


async def test_empty_lines_keep_no_connection_open() -> None:
    async with serving(echo, SHORT) as port, connected(port) as (reader, writer):
        writer.write(GET)
        await read_reply(reader)
        ended = asyncio.create_task(closes(reader))
        while not ended.done():
            writer.write(b"\r\n")
            await asyncio.wait([ended], timeout=0.05)
        assert await ended == b""


async def test_a_client_that_takes_no_answers_is_cut() -> None:
    async def answer_much(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await answer(send, b"x" * 20_000_000)

    async with serving(answer_much, SHORT) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(GET)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport too
        await asyncio.sleep(2.5)
        writer.transport.resume_reading()  # type: ignore[attr-defined]  # a read transport too
        assert len(await closes(reader)) < 20_000_000
        writer.transport.abort()


@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_an_offer_of_http_2_is_answered_as_if_it_were_none(method: bytes) -> None:
    async with serving(echo) as port, connected(port) as (reader, writer):
        for _ in range(2):
            writer.write(
                method + b" / HTTP/1.1\r\nHost: l\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Length: 3\r\n\r\nabc"
            )
            assert (await read_reply(reader)).body == "3"


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="a TLS greeting"),
        pytest.param(b"CONNECT example.net:443 HTTP/1.1\r\nHost: l\r\n\r\n", id="CONNECT"),
        pytest.param(b"GET /\xff HTTP/1.1\r\nHost: l\r\n\r\n", id="an address that is not ASCII"),
        pytest.param(b"GET http://[ HTTP/1.1\r\nHost: l\r\n\r\n", id="half an address"),
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="two lengths"
        ),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", id="two Content-Lengths"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", id="a negative length"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n", id="a length without end"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", id="no chunk"),
    ],
)
async def test_what_is_no_http_is_refused_and_closed(garbage: bytes) -> None:
    async with serving(echo, SHORT) as port, connected(port) as (reader, writer):
        writer.write(garbage)
        received = await closes(reader)
        assert b" 200 " not in received
        assert b" 500 " not in received


async def test_one_address_has_only_so_many_connections() -> None:
    bounds = Bounds(per_address=2, loopback_free=False)
    async with serving(echo, bounds) as port, connected(port) as first, connected(port) as second:
        for reader, writer in (first, second):
            writer.write(GET)
            assert (await read_reply(reader)).status == 200
        async with connected(port) as (reader, writer):
            assert await closes(reader) == b""
        first[1].close()
        await closes(first[0])
        async with asyncio.timeout(10):
            while True:  # the server learns a moment later that one has gone
                async with connected(port) as (reader, writer):
                    writer.write(GET)
                    try:
                        assert (await read_reply(reader)).status == 200
                        break
                    except (ConnectionError, asyncio.IncompleteReadError):
                        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "bounds", [Bounds(per_address=1), Bounds(per_address=0, loopback_free=False)], ids=["free", "off"]
)
async def test_loopback_is_free_and_no_bound_is_none(bounds: Bounds) -> None:
    async with serving(echo, bounds) as port, connected(port), connected(port) as (reader, writer):
        writer.write(GET)
        assert (await read_reply(reader)).status == 200


async def test_signals_stay_with_the_runtime() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with serving(echo) as port, connected(port) as (reader, writer):
        writer.write(GET)
        await read_reply(reader)
        assert signal.getsignal(signal.SIGTERM) is before


async def test_the_listening_socket_names_its_protocol() -> None:
    listener = bind("127.0.0.1", 0)
    try:
        assert listener.proto == socket.IPPROTO_TCP
        with pytest.raises(OSError, match="in use"):
            bind("127.0.0.1", listener.getsockname()[1])
    finally:
        listener.close()
