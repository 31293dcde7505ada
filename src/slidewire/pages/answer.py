"""Answers of the page app: every one carries the headers that keep a page to itself (security 9)."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: On every answer. No token leaves in a Referer, nothing is indexed, framed, guessed at or shared.
_ALWAYS: Final = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow, noarchive"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
)
#: Of a file: looked at by itself it is nothing but itself.
FILE_POLICY: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " sandbox"
)


def page_policy(style_hash: str, media: str = "") -> str:
    """The Content-Security-Policy of a page with one inline style sheet.

    ``media``: the one origin besides its own from which sound and film may come.
    ``allow-same-origin``: without it the page's own media would be another origin's; no script can make use of it,
    for none runs: neither the sandbox nor script-src allows any.
    """
    sources = f"'self' {media}".rstrip()
    return (
        f"default-src 'none'; style-src '{style_hash}'; img-src 'self'; media-src {sources}; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'; sandbox allow-same-origin allow-downloads"
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, its body whole or in pieces."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)  #: names in lower case
    body: bytes = b""
    size: int | None = None  #: bytes of the body where it comes in pieces
    pieces: AsyncIterator[bytes] | None = None


async def send_answer(answer: Answer, send: Send, gone: Callable[[], bool], *, bodiless: bool) -> None:
    """Send it; in the middle of the pieces ``gone`` tells that nobody listens any more. ``bodiless``: for HEAD."""
    headers = [*_ALWAYS, *((name.encode(), value.encode("latin-1")) for name, value in answer.headers.items())]
    if answer.status != 304:
        headers.append((b"content-length", b"%d" % (len(answer.body) if answer.size is None else answer.size)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.pieces is not None and not bodiless:
        async for piece in answer.pieces:
            if gone():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"" if bodiless else answer.body})
