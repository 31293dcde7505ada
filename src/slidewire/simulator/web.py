"""The little HTTP that both doors need, over bare ASGI: bodies read within limits, replies, Basic auth."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from slidewire.simulator.status import Code, RefusedError

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: So much of a refused body is read all the same, so that its sender can hear why.
DRAIN = 16_000_000
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = PLAIN
    headers: tuple[tuple[str, str], ...] = ()


async def send_reply(send: Send, reply: Reply, method: str = "POST") -> None:
    """Send ``reply``, always with its Content-Length; to HEAD without the body."""
    headers = [
        ("content-type", reply.content_type),
        ("content-length", str(len(reply.body))),
        ("x-content-type-options", "nosniff"),
        *reply.headers,
    ]
    encoded = [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else reply.body})


def header(scope: Scope, name: str) -> str | None:
    """The value of a request header, None where it is absent; the last one where it comes twice."""
    values = [value for key, value in scope["headers"] if key == name.encode("ascii")]
    return values[-1].decode("latin-1").strip() if values else None


def authorised(scope: Scope, username: str, password: str) -> bool:
    """Whether the request presents these Basic credentials; compared in constant time."""
    scheme, _, encoded = (header(scope, "authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        presented = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(presented, f"{username}:{password}".encode())


async def read_body(scope: Scope, receive: Receive, limit: int, seconds: float) -> bytes:
    """The body of a request that says its length. Raises RefusedError with the HTTP status of what is wrong."""
    try:
        return await asyncio.wait_for(_read_body(scope, receive, limit), seconds)
    except TimeoutError as error:
        raise RefusedError(Code.FORMAT_CORRUPT, f"The body did not come within {seconds:g} s.", 408) from error


async def _read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    length = _length(scope)
    if length > limit:
        if length <= DRAIN and header(scope, "expect") is None:
            async for _ in _chunks(receive):
                pass
        sentence = f"The body has {length} bytes; at most {limit} are taken."
        raise RefusedError(Code.CONTENT_REFUSED, sentence, 413)
    chunks = [chunk async for chunk in _chunks(receive)]
    return b"".join(chunks)


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionAbortedError("the peer went away before its body ended")
        yield event.get("body", b"")
        more = event.get("more_body", False)


def _length(scope: Scope) -> int:
    """Content-Length is required and chunked bodies are refused, as carriers do.  # standards.md 1.4"""
    if header(scope, "transfer-encoding") is not None:
        raise RefusedError(Code.FORMAT_CORRUPT, "The body is chunked; a Content-Length is required.", 411)
    length = header(scope, "content-length")
    if length is None:
        raise RefusedError(Code.FORMAT_CORRUPT, "The request has no Content-Length.", 411)
    if not (length.isascii() and length.isdecimal() and len(length) < 16):
        raise RefusedError(Code.FORMAT_CORRUPT, "The Content-Length is no number.", 400)
    return int(length)
