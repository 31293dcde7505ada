"""The POST client when things go well: what it writes, what it reads, which connections it keeps."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from tests.fakes.raw_server import Peer, RawServer, answering, chunked, http_answer, silent
from tests.outbound.conftest import dialing, eventually, names

from slidewire.outbound.guard import Guard
from slidewire.outbound.post import Phase, PostClient, PostFailed, PostLimits, PostRequest, Reply

OK = http_answer(b"hello")


@asynccontextmanager
async def posting(
    limits: PostLimits | None = None, table: dict[str, Sequence[str]] | None = None, guard: Guard | None = None
) -> AsyncIterator[PostClient]:
    client = PostClient(dialing(names(table or {}), guard), limits)
    yield client
    await client.close()
    assert client.busy == 0


def without_time(reply: Reply) -> tuple[int, str, dict[str, str], bytes]:
    assert 0 <= reply.seconds < 60
    return reply.status, reply.reason, reply.headers, reply.body


async def test_writes_the_request_as_given_with_its_length() -> None:
    received: list[bytes] = []

    async def script(peer: Peer) -> None:
        received.append(await peer.reader.readuntil(b"</x>"))
        await peer.send(OK)

    async with RawServer(script) as server, posting() as client:
        request = PostRequest(
            server.url("/mm7?a=b"),
            [b"<x>", b"", b"text", b"</x>"],
            (("Content-Type", "text/xml"), ("SOAPAction", '""'), ("X-Word", "ä")),
        )
        await client.post(request)
    assert received == [
        b'POST /mm7?a=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: text/xml\r\nSOAPAction: ""\r\nX-Word: \xe4\r\n'
        b"Content-Length: 11\r\n\r\n<x>text</x>" % server.port
    ]


@pytest.mark.parametrize("body", [b"", b"x", bytes(2_000_000), [bytes(700_000)] * 3])
async def test_sends_bodies_of_any_size(body: bytes | list[bytes]) -> None:
    async with RawServer(answering(OK)) as server, posting() as client:
        assert (await client.post(PostRequest(server.url(), body))).status == 200
        assert server.requests[0].body == (body if isinstance(body, bytes) else b"".join(body))


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        pytest.param(OK, (200, "OK", {"content-length": "5"}, b"hello"), id="with Content-Length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"hel", b"lo"),
            (200, "OK", {"transfer-encoding": "chunked"}, b"hello"),
            id="chunked",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;name=value\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
            (200, "OK", {"transfer-encoding": "chunked"}, b"hello"),
            id="chunked with an extension and a trailer",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nhello", (200, "OK", {}, b"hello"), id="until the connection closes"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nhello", (200, "OK", {}, b"hello"), id="HTTP/1.0"),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", (200, "", {"content-length": "0"}, b""), id="bare"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", (204, "No Content", {}, b""), id="204"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
            (200, "OK", {"content-length": "5"}, b"hello"),
            id="interim answers before it",
        ),
        pytest.param(
            http_answer(b"", "302 Found", (("Location", "http://127.0.0.1:1/"),)),
            (302, "Found", {"content-length": "0", "location": "http://127.0.0.1:1/"}, b""),
            id="a redirect is an answer",
        ),
        pytest.param(
            http_answer(b"no", "500 Server Error", (("X-A", "1"), ("x-a", "2"))),
            (500, "Server Error", {"content-length": "2", "x-a": "1, 2"}, b"no"),
            id="an error, a header twice",
        ),
    ],
)
@pytest.mark.parametrize("split", [False, True], ids=["at once", "byte by byte"])
async def test_reads_answers(answer: bytes, reply: tuple[int, str, dict[str, str], bytes], split: bool) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*([bytes([byte]) for byte in answer] if split else [answer]))

    async with RawServer(script) as server, posting() as client:
        assert without_time(await client.post(PostRequest(server.url(), b"x"))) == reply


async def test_keeps_the_connection_for_the_next_request() -> None:
    async with RawServer(answering(OK)) as server, posting() as client:
        for _ in range(5):
            await client.post(PostRequest(server.url(), b"x"))
        assert (server.connections, len(server.requests)) == (1, 5)
        assert (client.open_connections(server.url("/other")), client.open_connections("http://a.test/")) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http_answer(b"x", headers=(("Connection", "close"),)), id="the peer says close"),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", id="HTTP/1.0"),
        pytest.param(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", id="an answer too many"),
        pytest.param(OK + b"garbage", id="garbage behind the answer"),
    ],
)
async def test_does_not_keep_it_after(answer: bytes) -> None:
    async with RawServer(answering(answer)) as server, posting() as client:
        for _ in range(2):
            assert (await client.post(PostRequest(server.url(), b"x"))).status == 200
        assert server.connections == 2
        assert client.open_connections(server.url()) == 0


async def test_drops_a_connection_that_speaks_unasked() -> None:
    speak = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        if peer.number == 0:
            await speak.wait()
            await peer.send(http_answer(b"poison"))
        else:
            await peer.request()
            await peer.send(OK)
        await peer.gone()

    async with RawServer(script) as server, posting(PostLimits(idle=60)) as client:
        await client.post(PostRequest(server.url(), b"x"))
        speak.set()
        await eventually(lambda: client.open_connections(server.url()) == 0)
        assert (await client.post(PostRequest(server.url(), b"x"))).body == b"hello"


async def test_forgets_a_connection_that_the_peer_closes_while_it_rests() -> None:
    async with RawServer(answering(OK, close=True)) as server, posting(PostLimits(idle=60)) as client:
        for round_ in range(3):
            await client.post(PostRequest(server.url(), b"x"))
            await eventually(lambda: client.open_connections(server.url()) == 0)
            assert server.connections == round_ + 1


async def test_sees_a_goodbye_that_the_event_loop_has_not_read_yet() -> None:
    """The peer closes while our loop is busy: nothing of it is known but what lies in the socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    close = threading.Event()

    def serve_one() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            connection.recv(65536)
            connection.sendall(OK)
            close.wait(10)

    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    async with posting() as client:
        with listener:
            thread = threading.Thread(target=serve_one, daemon=True)
            thread.start()
            await client.post(PostRequest(url, b"1"))
            close.set()
            thread.join(10)  # blocks the loop on purpose
            thread = threading.Thread(target=serve_one, daemon=True)
            thread.start()
            assert (await client.post(PostRequest(url, b"2"))).body == b"hello"
            thread.join(10)


async def test_closes_connections_that_rested_too_long() -> None:
    async with RawServer(answering(OK)) as server, posting(PostLimits(idle=0.05)) as client:
        await client.post(PostRequest(server.url(), b"x"))
        await eventually(lambda: server.open == 0)
        assert client.open_connections(server.url()) == 0
        await client.post(PostRequest(server.url(), b"x"))
        assert server.connections == 2


async def test_does_not_use_a_connection_that_rested_too_long_while_the_loop_was_busy() -> None:
    async with RawServer(answering(OK)) as server, posting(PostLimits(idle=0.05)) as client:
        await client.post(PostRequest(server.url(), b"x"))
        time.sleep(0.1)  # noqa: ASYNC251 - the loop is kept from its timers on purpose
        await client.post(PostRequest(server.url(), b"x"))
        assert server.connections == 2


async def test_the_time_limit_of_one_request_does_not_end_the_next() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK)
        await peer.request()
        await asyncio.sleep(0.4)
        await peer.send(OK)

    async with RawServer(script) as server, posting() as client:
        await client.post(PostRequest(server.url(), b"x", total=0.2))
        assert (await client.post(PostRequest(server.url(), b"x", total=5))).status == 200
        assert server.connections == 1


async def test_holds_to_its_number_of_connections_first_come_first_served() -> None:
    most = 0
    order: list[bytes] = []

    async def script(peer: Peer) -> None:
        nonlocal most
        while (request := await peer.request()) is not None:
            most = max(most, server.open)
            order.append(request.body)
            await asyncio.sleep(0.01)
            await peer.send(OK)

    server = RawServer(script)
    async with server, posting(PostLimits(connections=2)) as client:
        posts = [client.post(PostRequest(server.url(), b"%d" % n)) for n in range(10)]
        await asyncio.gather(*posts)
        assert client.open_connections(server.url()) == 2
    assert (most, server.connections) == (2, 2)
    assert sorted(order[:2]) == [b"0", b"1"]
    assert len(order) == 10


async def test_gives_the_slot_on_when_the_connection_does_not_live() -> None:
    script = answering(http_answer(headers=(("Connection", "close"),)))
    async with RawServer(script) as server, posting(PostLimits(connections=1)) as client:
        replies = await asyncio.gather(*(client.post(PostRequest(server.url(), b"x")) for _ in range(5)))
        assert [reply.status for reply in replies] == [200] * 5
        assert server.connections == 5


async def test_counts_what_is_busy() -> None:
    async with RawServer(silent) as server, posting() as client:
        task = asyncio.create_task(client.post(PostRequest(server.url(), b"x")))
        await eventually(lambda: len(server.requests) == 1)
        assert (client.busy, client.open_connections(server.url())) == (1, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.busy == 0


async def test_cancelling_closes_the_connection_and_frees_its_slot() -> None:
    async with RawServer(silent) as server, posting(PostLimits(connections=1, idle=60)) as client:
        first = asyncio.create_task(client.post(PostRequest(server.url(), b"x")))
        await eventually(lambda: len(server.requests) == 1)
        second = asyncio.create_task(client.post(PostRequest(server.url(), b"y")))
        third = asyncio.create_task(client.post(PostRequest(server.url(), b"z")))
        await asyncio.sleep(0)
        second.cancel()  # in line
        first.cancel()  # under way
        await eventually(lambda: len(server.requests) == 2)
        third.cancel()
        results = await asyncio.gather(first, second, third, return_exceptions=True)
        assert [type(result) for result in results] == [asyncio.CancelledError] * 3
        assert [(request.body, request.connection) for request in server.requests] == [(b"x", 0), (b"z", 1)]
        await eventually(lambda: server.open == 0)
        assert client.open_connections(server.url()) == 0


async def test_closing_ends_what_is_under_way() -> None:
    async with RawServer(silent) as server:
        client = PostClient(dialing())
        task = asyncio.create_task(client.post(PostRequest(server.url(), b"x")))
        await eventually(lambda: len(server.requests) == 1)
        await client.close()
        with pytest.raises(PostFailed) as cut:
            await task
        with pytest.raises(PostFailed) as late:
            await client.post(PostRequest(server.url(), b"x"))
        assert [cut.value.phase, late.value.phase] == [Phase.NO_ANSWER, Phase.NOT_CONNECTED]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("X-A", "b\r\nX-Evil: c", id="a line break"),
        pytest.param("X-A", "b\nX-Evil: c", id="a line feed"),
        pytest.param("X-A", "b\x00", id="a NUL"),
        pytest.param("X-A", "€", id="a letter that HTTP cannot write"),
        pytest.param("X A", "b", id="a blank in the name"),
        pytest.param("X-A:", "b", id="a colon in the name"),
        pytest.param("", "b", id="no name"),
        pytest.param("Content-Length", "5", id="our own header"),
        pytest.param("transfer-encoding", "chunked", id="another framing"),
        pytest.param("HOST", "evil.test", id="another host"),
    ],
)
async def test_refuses_headers_that_would_change_the_request(name: str, value: str) -> None:
    async with RawServer(answering(OK)) as server, posting() as client:
        with pytest.raises(ValueError, match="header"):
            await client.post(PostRequest(server.url(), b"x", ((name, value),)))
        assert server.connections == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "a.test"])
async def test_finds_hosts_by_name(host: str) -> None:
    async with RawServer(answering(OK)) as server, posting(table={"a.test": ["::1", "127.0.0.1"]}) as client:
        assert (await client.post(PostRequest(server.url("/", host), b"x"))).status == 200
        assert server.requests[0].headers["host"] == f"{host}:{server.port}"


async def test_finds_localhost_on_ipv6_too() -> None:
    async with RawServer(answering(OK), host="::1") as server, posting() as client:
        assert (await client.post(PostRequest(server.url("/", "localhost"), b"x"))).status == 200
        assert (await client.post(PostRequest(server.url("/"), b"x"))).status == 200


async def test_answers_early_without_taking_the_body() -> None:
    """A peer that refuses the size answers at once; the half-sent request spoils the connection."""

    async def script(peer: Peer) -> None:
        await peer.request_head()
        await peer.send(http_answer(b"", "413 Too Large"))
        await peer.gone()

    async with RawServer(script, receive_buffer=4096) as server, posting() as client:
        assert (await client.post(PostRequest(server.url(), bytes(8_000_000)))).status == 413
        assert client.open_connections(server.url()) == 0
