"""Fetching from an origin: what comes back whole, and how each failure is told."""

import asyncio
import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NoReturn

import pytest
from tests.fakes.origin import JPEG_START, Origin, Page
from tests.fakes.raw_server import Peer, RawServer, Script, answering, chunked, closing_at_once, http_answer, silent
from tests.outbound.conftest import MakeClient, eventually

from slidewire.outbound.fetch import FetchClient, Fetched, FetchFailed, FetchLimits, FetchRequest, Why
from slidewire.outbound.spool import Spool

CAP = 100_000


class Untouchable(ThreadPoolExecutor):
    """A default executor that must not be used."""

    def submit(self, *args: object, **kwargs: object) -> NoReturn:
        raise AssertionError("the default executor was used")


async def fetched(client: FetchClient, url: str, max_bytes: int = CAP) -> bytes:
    found = await client.fetch(FetchRequest(url, max_bytes))
    with found.body as body:
        return body.read()


async def failure(client: FetchClient, url: str, max_bytes: int = CAP) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        await client.fetch(FetchRequest(url, max_bytes))
    return failed.value


async def test_gives_the_body_and_the_headers_that_caching_needs(fetching: MakeClient) -> None:
    kept = (("Cache-Control", "max-age=60"), ("ETag", '"x"'), ("Vary", "Accept"), ("Vary", "Cookie"), ("Age", "3"))
    async with Origin() as origin, fetching() as client:
        url = origin.page("/cat.jpg", Page(headers=(*kept, ("Set-Cookie", "a=b"), ("X-Other", "y"))))
        found = await client.fetch(FetchRequest(url + "?sig=secret", CAP))
        with found.body as body:
            assert body.read() == JPEG_START
        assert found == Fetched(
            url=url,
            status=200,
            content_type="image/jpeg",
            headers={"cache-control": "max-age=60", "etag": '"x"', "vary": "Accept, Cookie", "age": "3"},
            body=found.body,
        )


async def test_asks_as_slidewire_and_carries_nothing_of_its_own(fetching: MakeClient) -> None:
    async with Origin() as origin, fetching() as client:
        url = origin.page("/cat.jpg", Page(headers=(("Set-Cookie", "a=b"),)))
        for _ in range(2):
            await fetched(client, url + "?q=%2F%2b")
    first, second = origin.requests
    assert first == second
    assert (first.line, first.headers) == (
        "GET /cat.jpg?q=%2F%2b HTTP/1.1",
        {
            "host": f"127.0.0.1:{origin.port}",
            "user-agent": "Slidewire/test",
            "accept": "*/*",
            "accept-encoding": "identity",
        },
    )


BIG = bytes(range(256)) * 300
WHOLE = [
    pytest.param(Page(BIG), id="with Content-Length"),
    pytest.param(Page(BIG, chunked=True), id="chunked"),
    pytest.param(Page(BIG, until_close=True), id="until the connection closes"),
    pytest.param(Page(gzip.compress(BIG), headers=(("Content-Encoding", "gzip"),)), id="compressed unasked"),
    pytest.param(Page(BIG, headers=(("Content-Encoding", "utf-8"),)), id="a Content-Encoding that is none"),
    pytest.param(Page(BIG, content_type=""), id="without Content-Type"),
    pytest.param(Page(BIG, piece=20_000, pause=0.01), id="in pieces"),
]


@pytest.mark.parametrize("page", WHOLE)
async def test_takes_whole_answers(fetching: MakeClient, page: Page) -> None:
    async with Origin() as origin, fetching() as client:
        assert await fetched(client, origin.page("/x", page), max_bytes=len(BIG)) == BIG


FAILURES = [
    pytest.param(Page(status="404 Not Found"), Why.STATUS, id="404"),
    pytest.param(Page(status="403 Forbidden"), Why.STATUS, id="403"),
    pytest.param(Page(status="500 Oops"), Why.STATUS, id="500"),
    pytest.param(Page(b"", status="204 No Content"), Why.STATUS, id="204"),
    pytest.param(Page(status="206 Partial Content"), Why.STATUS, id="a part nobody asked for"),
    pytest.param(Page(b"", status="304 Not Modified"), Why.STATUS, id="304 though nobody asked"),
    pytest.param(Page(b"", status="302 Found"), Why.STATUS, id="a redirect to nowhere"),
    pytest.param(Page(b""), Why.EMPTY, id="empty"),
    pytest.param(Page(b"", chunked=True), Why.EMPTY, id="empty and chunked"),
    pytest.param(
        Page(gzip.compress(b""), headers=(("Content-Encoding", "gzip"),)), Why.EMPTY, id="empty and compressed"
    ),
    pytest.param(Page(BIG, cut_after=100), Why.CUT_OFF, id="cut before Content-Length"),
    pytest.param(Page(BIG, cut_after=0), Why.CUT_OFF, id="cut before the first byte of the body"),
    pytest.param(Page(BIG, cut_after=100, reset=True), Why.CUT_OFF, id="reset inside"),
    pytest.param(Page(BIG, chunked=True, cut_after=20_000), Why.CUT_OFF, id="chunked without its end"),
    pytest.param(
        Page(BIG, until_close=True, cut_after=70_000, pause=0.05, piece=70_000, reset=True),
        Why.CUT_OFF,
        id="reset where the close would be the end",
    ),
    pytest.param(
        Page(gzip.compress(BIG)[:500], headers=(("Content-Encoding", "gzip"),)), Why.CUT_OFF, id="cut inside gzip"
    ),
    pytest.param(Page(bytes(CAP + 1)), Why.TOO_BIG, id="too big by Content-Length"),
    pytest.param(Page(bytes(CAP + 1), chunked=True), Why.TOO_BIG, id="too big, chunked"),
    pytest.param(Page(bytes(CAP + 1), until_close=True), Why.TOO_BIG, id="too big, until the connection closes"),
    pytest.param(
        Page(gzip.compress(bytes(50_000_000)), headers=(("Content-Encoding", "gzip"),)), Why.TOO_BIG, id="a bomb"
    ),
]


@pytest.mark.parametrize(("page", "reason"), FAILURES)
async def test_tells_why_it_failed(fetching: MakeClient, spool: Spool, page: Page, reason: Why) -> None:
    async with Origin() as origin, fetching() as client:
        url = origin.page("/x", page)
        assert (await failure(client, url + "?secret=1")).reason is reason
        assert await fetched(client, origin.page("/y", Page())) == JPEG_START  # the client goes on
    assert spool.held == 0


async def test_tells_the_announced_size_without_reading_it(fetching: MakeClient) -> None:
    async with Origin() as origin, fetching() as client:
        told = await failure(client, origin.page("/x", Page(b"abc", length=5_000_000, piece=1, pause=5)))
    assert (told.reason, told.size) == (Why.TOO_BIG, 5_000_000)


async def test_tells_the_status(fetching: MakeClient) -> None:
    async with Origin() as origin, fetching() as client:
        told = await failure(client, origin.url("/missing?key=secret"))
    assert (told.reason, told.status, told.detail) == (Why.STATUS, 404, "the answer was HTTP 404")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(Page(BIG, piece=1, pause=0.05), id="a body byte by byte"),
        pytest.param(Page(BIG, delay=60), id="headers that do not come"),
        pytest.param(Page(BIG, length=200_000, chunked=False, piece=50_000, pause=60), id="a body that stops"),
    ],
)
async def test_gives_up_what_takes_too_long(fetching: MakeClient, page: Page) -> None:
    async with Origin() as origin, fetching(limits=FetchLimits(total=0.3)) as client:
        started = time.monotonic()
        assert (await failure(client, origin.page("/x", page), 500_000)).reason is Why.TIMEOUT
        assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(closing_at_once, Why.UNREACHABLE, id="closes at once"),
        pytest.param(answering(b"SSH-2.0-x\r\n"), Why.UNREACHABLE, id="not HTTP"),
        pytest.param(answering(b"HTTP/1.1 200 OK\r\n" + b"x" * 9000), Why.UNREACHABLE, id="a long line"),
        pytest.param(
            answering(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n"),
            Why.UNREACHABLE,
            id="too many headers",
        ),
        pytest.param(
            answering(http_answer(b"ab", headers=(("Content-Length", "9"),))),
            Why.UNREACHABLE,
            id="two lengths",
        ),
        pytest.param(
            answering(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
            Why.UNREACHABLE,
            id="a negative length",
        ),
        pytest.param(
            answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            Why.UNREACHABLE,
            id="a chunk that is none",
        ),
        pytest.param(
            answering(b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n"),
            Why.BAD_ADDRESS,
            id="a redirect that cannot be parsed",
        ),
        pytest.param(
            answering(b"HTTP/1.1 302 Found\r\nLocation: /\xff\xfe\r\nContent-Length: 0\r\n\r\n"),
            Why.BAD_ADDRESS,
            id="a redirect in no encoding",
        ),
    ],
)
async def test_survives_peers_that_break_the_rules(fetching: MakeClient, script: Script, reason: Why) -> None:
    async with RawServer(script) as server, fetching() as client:
        assert (await failure(client, server.url("/?secret"))).reason is reason


async def test_a_chunk_that_breaks_the_rules_later_ends_at_the_time_limit(fetching: MakeClient) -> None:
    """aiohttp's parser drops such a body without a word: only our clock ends it."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"ab", end=False))
        await asyncio.sleep(0.1)
        await peer.send(b"zz\r\n")
        await peer.gone()

    async with RawServer(script) as server, fetching(limits=FetchLimits(total=0.5)) as client:
        assert (await failure(client, server.url())).reason in (Why.CUT_OFF, Why.TIMEOUT)


async def test_says_that_nobody_is_there(fetching: MakeClient) -> None:
    async with RawServer(silent) as server:
        pass
    async with fetching(table={"a.test": ["127.0.0.1"]}) as client:
        dead = await failure(client, server.url("/", "a.test"))
        unknown = await failure(client, "http://gone.test/")
    assert (dead.reason, dead.detail) == (Why.UNREACHABLE, "no connection could be made")
    assert (unknown.reason, unknown.detail) == (Why.UNREACHABLE, "the host name was not found")


async def test_tries_the_next_address_when_one_is_dead(fetching: MakeClient) -> None:
    async with Origin() as origin, fetching(table={"a.test": ["::1", "127.0.0.1"]}) as client:
        origin.page("/x", Page())
        assert await fetched(client, origin.url("/x", "a.test")) == JPEG_START


async def test_spools_big_bodies_and_has_no_room_past_the_budget(fetching: MakeClient, spool: Spool) -> None:
    async with Origin() as origin, fetching() as client:
        url = origin.page("/big", Page(bytes(3_000_000), chunked=True))
        found = await client.fetch(FetchRequest(url, 5_000_000))
        with found.body as body:
            assert body.path is not None
            assert (body.size, body.path.stat().st_size, spool.held) == (3_000_000, 3_000_000, 3_000_000)
            assert (await failure(client, url, 5_000_000)).reason is Why.NO_ROOM
        assert len(await fetched(client, url, 5_000_000)) == 3_000_000


async def test_leaves_nothing_behind_when_the_caller_hangs_up(fetching: MakeClient, spool: Spool) -> None:
    async with Origin() as origin, fetching() as client:
        url = origin.page("/big", Page(bytes(3_000_000), piece=1_500_000, pause=30))
        task = asyncio.create_task(client.fetch(FetchRequest(url, 5_000_000)))
        await eventually(lambda: spool.held > 1_000_000)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (spool.held, list(spool.folder.glob("*"))) == (0, [])


async def test_sends_validators_and_takes_304_for_them(fetching: MakeClient) -> None:
    async with Origin() as origin, fetching() as client:
        url = origin.page("/x", replace(Page(b"", status="304 Not Modified"), headers=(("ETag", '"x"'),)))
        found = await client.fetch(FetchRequest(url, CAP, conditions=(("If-None-Match", '"x"'),)))
        with found.body as body:
            assert (found.status, body.size, found.headers) == (304, 0, {"etag": '"x"'})
    assert origin.requests[0].headers["if-none-match"] == '"x"'


async def test_headers_in_no_encoding_do_not_get_through(fetching: MakeClient) -> None:
    answer = http_answer(b"ab", headers=(("Content-Type", "image/\xff"), ("ETag", '"\xe9"')))
    async with RawServer(answering(answer)) as server, fetching() as client:
        found = await client.fetch(FetchRequest(server.url(), CAP))
        found.body.close()
    assert (found.content_type, found.headers) == ("image/?", {"etag": '"?"'})


async def test_one_account_at_its_limit_does_not_hold_up_another(fetching: MakeClient) -> None:
    async with Origin() as origin, fetching(limits=FetchLimits(per_account=1)) as client:
        slow, quick = origin.page("/slow", Page(delay=60)), origin.page("/quick", Page())
        greedy = [asyncio.create_task(client.fetch(FetchRequest(url, CAP, "greedy"))) for url in (slow, quick)]
        await eventually(lambda: origin.hits("/slow") == 1)
        other = await client.fetch(FetchRequest(quick, CAP, "patient"))
        other.body.close()
        assert origin.hits("/quick") == 1
        for task in greedy:
            task.cancel()
        results = await asyncio.gather(*greedy, return_exceptions=True)
        assert [type(result) for result in results] == [asyncio.CancelledError] * 2


async def test_keeps_connections_for_the_next_fetch(fetching: MakeClient) -> None:
    async with Origin() as origin, fetching() as client:
        url = origin.page("/x", Page())
        for _ in range(3):
            await fetched(client, url)
        assert origin.raw.connections == 1


async def test_uses_no_thread_of_the_default_executor(fetching: MakeClient) -> None:
    asyncio.get_running_loop().set_default_executor(Untouchable())
    async with Origin() as origin, fetching(table={"a.test": ["127.0.0.1"]}) as client:
        origin.page("/big", Page(bytes(2_000_000)))
        assert len(await fetched(client, origin.url("/big", "a.test"), 5_000_000)) == 2_000_000
