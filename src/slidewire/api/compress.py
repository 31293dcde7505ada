"""Answers are compressed where the caller takes gzip and it is worth it: text of some length, whole in one piece."""

import re
import zlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Bytes of a body: a shorter one fits one packet as it is, a longer one would keep the others waiting.
LEAST, MOST = 1_400, 1_000_000
_LEVEL = 5
#: Types that shrink.
_TEXT = re.compile(rb"(?:text/|application/(?:json|xml|yaml|[a-z.+-]+\+(?:json|xml))\b|image/svg)", re.IGNORECASE)
#: With one of these the body is not to be touched.
_SETTLED = {b"content-encoding", b"content-range", b"etag"}
_ACCEPTED = re.compile(rb"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[0-9.]+\s*)?(?:,|$)", re.IGNORECASE)


class Compressing:
    """Stands in front of an app and compresses what it answers."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] == "HEAD" or not takes_gzip(scope["headers"]):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                held.append(message)  # until its body is seen
                return
            if held:
                head = held.pop()
                if not message.get("more_body") and is_worth(head["headers"], message.get("body", b"")):
                    head, message = _compressed(head, message)
                await send(head)
            await send(message)

        await self._app(scope, receive, sending)


def takes_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether Accept-Encoding names gzip, and not as the last it would take."""
    return any(name == b"accept-encoding" and _ACCEPTED.search(value) is not None for name, value in headers)


def is_worth(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bool:
    """Whether an answer gets shorter by it."""
    if not LEAST <= len(body) <= MOST:
        return False
    told = dict(headers)
    return not (_SETTLED & told.keys()) and _TEXT.match(told.get(b"content-type", b"")) is not None


def _compressed(head: Message, message: Message) -> tuple[Message, Message]:
    deflate = zlib.compressobj(_LEVEL, wbits=31)
    body = deflate.compress(message["body"]) + deflate.flush()
    headers = [each for each in head["headers"] if each[0] != b"content-length"]
    headers += [
        (b"content-length", b"%d" % len(body)),
        (b"content-encoding", b"gzip"),
        (b"vary", b"accept-encoding"),
    ]
    return {**head, "headers": headers}, {**message, "body": body}
