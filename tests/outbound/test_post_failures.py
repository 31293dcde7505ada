"""The POST client when things go wrong: how far the request came decides what happens next (durability 3)."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Sequence

import pytest
import trustme
from tests.fakes.raw_server import (
    Peer,
    RawServer,
    Script,
    answering,
    chunked,
    closing_at_once,
    http_answer,
    never_reading,
    silent,
)
from tests.outbound.conftest import SYSTEM, dialing, eventually, names

from slidewire.outbound.connection import Connection
from slidewire.outbound.guard import NOT_PUBLIC, Guard
from slidewire.outbound.post import AnswerCaps, Phase, PostClient, PostFailed, PostLimits, PostRequest

CAPS = AnswerCaps(body=1000, head=2000)
LIMITS = PostLimits(answer=CAPS)
HURRIED = PostLimits(total=0.4, connect=0.3, answer=CAPS)  #: only where running out of time is the point
HUGE = bytes(8_000_000)  #: more than the kernel's buffers take


def saying(*answer: bytes, reset: bool = False) -> Script:
    """Read the request, send these bytes, end the connection."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*answer)
        if reset:
            await asyncio.sleep(0.05)  # the bytes before the reset arrive
            peer.reset()

    return script


def endlessly(start: bytes, piece: bytes) -> Script:
    """Read the request, then send pieces until the other side has enough."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(start)
        while True:
            await peer.send(piece)

    return script


def holding(answer: bytes) -> Script:
    """Read the request, send these bytes, then keep the connection open."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)
        await peer.gone()

    return script


async def dripping(peer: Peer) -> None:
    """Answer a byte at a time, without hurry."""
    await peer.request()
    for byte in http_answer(bytes(900)):
        await peer.send(bytes([byte]))
        await asyncio.sleep(0.02)


async def shouting(peer: Peer) -> None:
    """Say something that is neither TLS nor HTTP, at once and without end."""
    while True:
        await peer.send(b"hello\r\n" * 100)


async def reading_a_little(peer: Peer) -> None:
    """Take the first bytes of the request, then reset."""
    await peer.reader.readexactly(10)
    peer.reset()


async def stopping_in_the_body(peer: Peer) -> None:
    """Take the headers, close with the body unread."""
    await peer.request_head()


async def failure(client: PostClient, url: str, body: bytes = b"x") -> PostFailed:
    with pytest.raises(PostFailed) as failed:
        await client.post(PostRequest(url, body))
    assert "secret" not in str(failed.value)
    return failed.value


HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "phase"),
    [
        pytest.param(saying(), Phase.NO_ANSWER, id="closed after the request"),
        pytest.param(saying(reset=True), Phase.NO_ANSWER, id="reset after the request"),
        pytest.param(saying(b"HTTP/1.1 2"), Phase.NO_ANSWER, id="closed inside the status line"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-"), Phase.NO_ANSWER, id="closed inside the headers"),
        pytest.param(saying(http_answer(b"ab", length=9)), Phase.NO_ANSWER, id="closed before Content-Length"),
        pytest.param(saying(http_answer(b"ab", length=9), reset=True), Phase.NO_ANSWER, id="reset inside the body"),
        pytest.param(saying(HEAD + chunked(b"ab", end=False)), Phase.NO_ANSWER, id="chunked without its end"),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\n\r\nab", reset=True), Phase.NO_ANSWER, id="reset where the close is the end"
        ),
        pytest.param(saying(b"HTTP/1.1 100 Continue\r\n\r\n"), Phase.NO_ANSWER, id="an interim answer only"),
        pytest.param(saying(b"SSH-2.0-x\r\n"), Phase.BAD_ANSWER, id="not HTTP"),
        pytest.param(saying(b"\x15\x03\x01\x00\x02\x02"), Phase.BAD_ANSWER, id="a TLS alert"),
        pytest.param(saying(b"HTTP/3.0 200 OK\r\n\r\n"), Phase.BAD_ANSWER, id="another HTTP"),
        pytest.param(saying(b"HTTP/1.1 20x OK\r\n\r\n"), Phase.BAD_ANSWER, id="a status that is no number"),
        pytest.param(saying(HEAD + b"zz\r\n"), Phase.BAD_ANSWER, id="a chunk that is none"),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab"),
            Phase.BAD_ANSWER,
            id="two lengths",
        ),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nab"),
            Phase.BAD_ANSWER,
            id="two framings",
        ),
        pytest.param(
            saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nab"),
            Phase.BAD_ANSWER,
            id="an upgrade nobody asked for",
        ),
        pytest.param(holding(http_answer(b"", length=1001)), Phase.BAD_ANSWER, id="too big by Content-Length"),
        pytest.param(
            holding(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + b"a:b\r\n" * 200 + b"\r\n"),
            Phase.BAD_ANSWER,
            id="too many headers",
        ),
        pytest.param(holding(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 3000), Phase.BAD_ANSWER, id="a long header"),
        pytest.param(
            holding(HEAD + b"0\r\n" + (b"X: " + b"y" * 97 + b"\r\n") * 30), Phase.BAD_ANSWER, id="long trailers"
        ),
        pytest.param(saying(HEAD + chunked(bytes(600), bytes(600))), Phase.BAD_ANSWER, id="too big, chunked"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(1001)), Phase.BAD_ANSWER, id="too big until the close"),
        pytest.param(endlessly(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 500), Phase.BAD_ANSWER, id="a header without end"),
        pytest.param(endlessly(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 9), Phase.BAD_ANSWER, id="headers without end"),
        pytest.param(endlessly(b"HTTP/1.1 200 ", b"OK" * 99), Phase.BAD_ANSWER, id="a reason phrase without end"),
        pytest.param(endlessly(b"", b"HTTP/1.1 102 P\r\n\r\n"), Phase.BAD_ANSWER, id="interim answers without end"),
        pytest.param(endlessly(HEAD, b"1;" + b"x" * 500 + b"\r\ny\r\n"), Phase.BAD_ANSWER, id="chunk extensions"),
        pytest.param(endlessly(HEAD + b"0\r\n", b"X: y\r\n" * 9), Phase.BAD_ANSWER, id="trailers without end"),
        pytest.param(endlessly(HEAD + b"0\r\nX: ", b"x" * 500), Phase.BAD_ANSWER, id="a trailer without end"),
    ],
)
async def test_a_request_wholly_written_may_have_been_taken(script: Script, phase: Phase) -> None:
    async with RawServer(script) as server:
        client = PostClient(dialing(), LIMITS)
        started = time.monotonic()
        assert (await failure(client, server.url("/?secret=1"))).phase is phase
        assert time.monotonic() - started < LIMITS.total / 2
        assert client.open_connections(server.url()) == 0
        server.script = answering(http_answer(b"later"))
        assert (await client.post(PostRequest(server.url(), b"x"))).body == b"later"
        await client.close()


@pytest.mark.parametrize("script", [silent, dripping])
async def test_an_answer_that_takes_too_long_is_no_answer(script: Script) -> None:
    async with RawServer(script) as server:
        client = PostClient(dialing(), HURRIED)
        told = await failure(client, server.url("/?secret=1"))
        assert (told.phase, told.detail) == (Phase.NO_ANSWER, "no answer in time")
        assert client.open_connections(server.url()) == 0
        await client.close()


@pytest.mark.parametrize(
    ("script", "limits"),
    [
        pytest.param(never_reading, HURRIED, id="a peer that never reads"),
        pytest.param(reading_a_little, LIMITS, id="reset after a little"),
        pytest.param(stopping_in_the_body, LIMITS, id="closed with the body unread"),
    ],
)
async def test_a_request_not_wholly_written_was_not_taken(script: Script, limits: PostLimits) -> None:
    async with RawServer(script, receive_buffer=4096) as server:
        client = PostClient(dialing(), limits)
        assert (await failure(client, server.url(), HUGE)).phase is Phase.NOT_SENT
        await client.close()


@pytest.mark.parametrize(("taken", "phase"), [(0, Phase.NOT_SENT), (15_000, Phase.NOT_SENT), (30_000, Phase.NO_ANSWER)])
async def test_the_last_bytes_decide(taken: int, phase: Phase) -> None:
    """A body smaller than what transports like to buffer: only an empty buffer means that it has left."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    theirs.setblocking(False)
    connection = Connection(ours, None, AnswerCaps())
    await loop.create_connection(lambda: connection, sock=ours)
    exchange = asyncio.create_task(connection.exchange([bytes(30_000)], loop.time(), loop.time() + 1))
    left = taken
    while left:
        left -= len(await loop.sock_recv(theirs, min(left, 1000)))
    with pytest.raises(PostFailed) as failed:
        await exchange
    theirs.close()
    await eventually(lambda: ours.fileno() == -1)
    assert failed.value.phase is phase


async def test_a_peer_that_closes_at_once_never_looks_like_an_answer() -> None:
    """Whether the small request was already with the kernel is a matter of microseconds: both are told right."""
    async with RawServer(closing_at_once) as server:
        client = PostClient(dialing(), LIMITS)
        for _ in range(20):
            assert (await failure(client, server.url())).phase in (Phase.NOT_SENT, Phase.NO_ANSWER)
        await client.close()


async def test_nothing_is_sent_twice_when_a_kept_connection_dies() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(http_answer(b"first"))
        await peer.request()

    async with RawServer(script) as server:
        client = PostClient(dialing(), LIMITS)
        await client.post(PostRequest(server.url(), b"1"))
        assert (await failure(client, server.url(), b"2")).phase is Phase.NO_ANSWER
        assert [(request.body, request.connection) for request in server.requests] == [(b"1", 0), (b"2", 0)]
        await client.close()


async def test_tells_that_no_connection_was_made() -> None:
    async with RawServer(silent) as server:
        pass

    async def slow(host: str) -> Sequence[str]:
        if host == "gone.test":
            return []
        await asyncio.Event().wait()
        return []

    client = PostClient(dialing(slow), HURRIED)
    told = [await failure(client, url) for url in (server.url(), "http://gone.test/", "http://slow.test/?secret")]
    assert [(one.phase, one.detail) for one in told] == [
        (Phase.NOT_CONNECTED, "Connection refused"),
        (Phase.NOT_CONNECTED, "the host name was not found"),
        (Phase.NOT_CONNECTED, "no connection in time"),
    ]
    assert client._pools == {}
    await client.close()


async def test_waiting_in_line_too_long_sends_nothing() -> None:
    async with RawServer(silent) as server:
        client = PostClient(dialing(), PostLimits(connections=1, total=5))
        first = asyncio.create_task(client.post(PostRequest(server.url(), b"1")))
        await eventually(lambda: len(server.requests) == 1)
        with pytest.raises(PostFailed) as failed:
            await client.post(PostRequest(server.url(), b"2", total=0.05))
        assert (failed.value.phase, failed.value.detail) == (Phase.NOT_CONNECTED, "no connection came free in time")
        assert client.open_connections(server.url()) == 1
        await client.close()
        await asyncio.gather(first, return_exceptions=True)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        pytest.param("http://127.0.0.1:{port}/?secret", NOT_PUBLIC, id="loopback"),
        pytest.param("http://private.test:{port}/", NOT_PUBLIC, id="a name that resolves to loopback"),
        pytest.param("http://localhost:{port}/", NOT_PUBLIC, id="localhost"),
        pytest.param("http://private.test:6379/", "port 6379 is not allowed", id="a port"),
        pytest.param("http://user:secret@private.test/", "the address carries credentials", id="credentials"),
        pytest.param("ftp://private.test/", "the address is neither http nor https", id="another scheme"),
        pytest.param("http://127.1/", "the host is not a valid IPv4 address", id="short IPv4"),
    ],
)
async def test_the_guard_refuses_before_anything_is_sent(url: str, detail: str) -> None:
    async with RawServer(silent) as server:
        client = PostClient(dialing(names({"private.test": ["127.0.0.1", "::1"]}), Guard()), LIMITS)
        told = await failure(client, url.format(port=server.port))
        assert (told.phase, told.detail) == (Phase.REFUSED, detail)
        assert server.connections == 0
        await client.close()


async def test_the_guard_judges_the_address_that_is_connected_to() -> None:
    """Rebinding: each connection looks the name up anew and is judged by what it then got."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]

    async def rebinding(host: str) -> Sequence[str]:
        return answers.pop(0)

    async with RawServer(answering(http_answer(headers=(("Connection", "close"),)))) as server:
        guard = Guard.of([f"127.0.0.1:{server.port}"])
        client = PostClient(dialing(rebinding, guard), LIMITS)
        url = server.url("/", "rebind.test")
        assert (await client.post(PostRequest(url, b"x"))).status == 200
        assert (await failure(client, url)).phase is Phase.REFUSED
        await client.close()


# TLS ---------------------------------------------------------------------------------------------------------

TABLE: dict[str, Sequence[str]] = {"a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"]}
Serving = Callable[..., ssl.SSLContext]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
async def test_speaks_tls(serving: Serving, trusting: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    context = serving("a.test", "127.0.0.1")
    context.minimum_version = context.maximum_version = version
    big = bytes(range(256)) * 8000
    async with RawServer(answering(http_answer(big)), tls=context) as server:
        client = PostClient(dialing(names(TABLE), tls=trusting), PostLimits(answer=AnswerCaps(3_000_000)))
        for host in ("a.test", "a.test", "127.0.0.1"):
            assert (await client.post(PostRequest(server.url("/", host), [b"x", big]))).body == big
        assert [(request.body == b"x" + big, request.connection) for request in server.requests] == [
            (True, 0),
            (True, 0),
            (True, 1),
        ]
        await client.close()


@pytest.mark.parametrize("goodbye", [True, False], ids=["with a goodbye", "without"])
async def test_reads_an_answer_that_ends_with_the_tls_connection(
    serving: Serving, trusting: ssl.SSLContext, goodbye: bool
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nhello")
        if goodbye:
            peer.writer.close()
            await peer.writer.wait_closed()

    async with RawServer(script, tls=serving("a.test")) as server:
        client = PostClient(dialing(names(TABLE), tls=trusting), LIMITS)
        assert (await client.post(PostRequest(server.url("/", "a.test"), b"x"))).body == b"hello"
        await client.close()


async def test_a_goodbye_inside_tls_ends_a_resting_connection(serving: Serving, trusting: ssl.SSLContext) -> None:
    """The peer has said goodbye and keeps TCP open, waiting for ours."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(http_answer(b"hello"))
        peer.writer.close()
        await peer.writer.wait_closed()

    async with RawServer(script, tls=serving("a.test")) as server:
        client = PostClient(dialing(names(TABLE), tls=trusting), LIMITS)
        url = server.url("/", "a.test")
        for _ in range(2):
            assert (await client.post(PostRequest(url, b"x"))).body == b"hello"
            await eventually(lambda: client.open_connections(url) == 0)
        await client.close()


@pytest.mark.parametrize(
    ("host", "trust", "words"),
    [
        pytest.param("b.test", True, "Hostname mismatch", id="another name"),
        pytest.param("127.0.0.1", True, "IP address mismatch", id="an address that it does not name"),
        pytest.param("a.test", False, "unable to get local issuer", id="an authority that nobody trusts"),
    ],
)
async def test_checks_certificates(
    serving: Serving, trusting: ssl.SSLContext, host: str, trust: bool, words: str
) -> None:
    async with RawServer(answering(http_answer()), tls=serving("a.test")) as server:
        tls = trusting if trust else SYSTEM
        client = PostClient(dialing(names(TABLE), tls=tls), LIMITS)
        told = await failure(client, server.url("/", host))
        assert (told.phase, words in told.detail) == (Phase.NOT_CONNECTED, True)
        assert server.requests == []
        assert client._pools == {}
        await client.close()


@pytest.mark.parametrize(
    ("script", "limits"),
    [
        pytest.param(silent, HURRIED, id="a peer that keeps silent"),
        pytest.param(shouting, LIMITS, id="a peer that does not speak TLS"),
        pytest.param(closing_at_once, LIMITS, id="a peer that closes"),
    ],
)
async def test_a_failed_handshake_sends_nothing(script: Script, limits: PostLimits, trusting: ssl.SSLContext) -> None:
    async with RawServer(script) as server:
        client = PostClient(dialing(names(TABLE), tls=trusting), limits)
        url = server.url("/?secret", "a.test").replace("http:", "https:")
        assert (await failure(client, url)).phase is Phase.NOT_CONNECTED
        await eventually(lambda: server.open == 0)
        await client.close()


async def test_knows_under_tls_too_what_was_not_wholly_written(serving: Serving, trusting: ssl.SSLContext) -> None:
    async with RawServer(never_reading, tls=serving("a.test"), receive_buffer=4096) as server:
        client = PostClient(dialing(names(TABLE), tls=trusting), PostLimits(total=1))
        assert (await failure(client, server.url("/", "a.test"), HUGE)).phase is Phase.NOT_SENT
        await client.close()


async def test_a_demand_for_our_certificate_is_no_answer(
    serving: Serving, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = serving("a.test")
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    async with RawServer(answering(http_answer()), tls=context) as server:
        client = PostClient(dialing(names(TABLE), tls=trusting), LIMITS)
        told = await failure(client, server.url("/", "a.test"))
        assert told.phase in (Phase.NO_ANSWER, Phase.NOT_CONNECTED)
        assert server.requests == []
        await client.close()
