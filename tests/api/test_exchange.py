"""An answer on the wire: head, length, and what becomes of an application that does not what it said."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from tests.api.door import serving

Event = MutableMapping[str, Any]
_HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]}
_BARE = {"type": "http.response.start", "status": 200, "headers": []}


def body(data: bytes, *, more: bool = False) -> Event:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def answered(events: list[Event], request: bytes = b"GET / HTTP/1.1\r\n") -> bytes:
    """What comes over the wire, without Date, when the application sends ``events``; up to the connection's end."""

    async def app(scope: Event, receive: object, send: Callable[[Event], Awaitable[None]]) -> None:
        for event in events:
            await send(event)

    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request + b"Host: l\r\nConnection: close\r\n\r\n")
        received = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    head, _, rest = received.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"date: ")]
    return b"\r\n".join(lines) + b"\r\n\r\n" + rest if received else b""


_OK = b"HTTP/1.1 200 OK\r\n"
_END = b"connection: close\r\n"


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param(
            [_HEAD, body(b"abc")], _OK + b"content-length: 3\r\n" + _END + b"\r\nabc", id="its length is told"
        ),
        pytest.param(
            [_HEAD, body(b"a", more=True), body(b"bc")],
            _OK + b"content-length: 3\r\n" + _END + b"\r\nabc",
            id="its length is told, and it comes in pieces",
        ),
        pytest.param(
            [_BARE, body(b"a", more=True), body(b"", more=True), body(b"bc")],
            _OK + _END + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
            id="its length is not told",
        ),
        pytest.param([_BARE, body(b"")], _OK + _END + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n", id="empty"),
        pytest.param(
            [_BARE | {"status": 304}, body(b"")], b"HTTP/1.1 304 Not Modified\r\n" + _END + b"\r\n", id="never a body"
        ),
        pytest.param(
            [_BARE | {"headers": [(b"connection", b"close")]}, body(b"")],
            _OK + _END + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            id="the end is told once",
        ),
        pytest.param([_HEAD, body(b"abcd")], b"", id="too long"),
        pytest.param([_HEAD, body(b"ab")], _OK + b"content-length: 3\r\n" + _END + b"\r\nab", id="too short"),
        pytest.param([_HEAD], b"", id="it never comes"),
    ],
)
async def test_an_answer_leaves_as_it_was_told(events: list[Event], expected: bytes) -> None:
    assert await answered(events) == expected


async def test_an_answer_to_head_is_its_head_alone() -> None:
    got = await answered([_HEAD, body(b"abc")], b"HEAD / HTTP/1.1\r\n")
    assert got == _OK + b"content-length: 3\r\n" + _END + b"\r\n"


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: b", b"a\nb", b"a\x00b", b"a\rb"])
async def test_no_header_ends_early(value: bytes) -> None:
    got = await answered([_BARE | {"headers": [(b"x-warning", value)]}, body(b"abc")])
    assert got.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"cookie" not in got


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([body(b"abc")], id="a body before its head"),
        pytest.param([], id="nothing"),
    ],
)
async def test_an_application_that_does_not_answer_is_answered_for(events: list[Event]) -> None:
    assert (await answered(events)).startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
