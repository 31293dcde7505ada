"""The page app, bare ASGI: ``/m/{token}`` and ``/m/{token}/{part}``, to be read and nothing else.

No cookie, no script, no third party. Whoever has no link learns nothing here: all guesses get one answer.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from slidewire.content.previews import NoPreviewError, PreviewBusyError, Previews
from slidewire.content.store import ContentAwayError, ContentStore
from slidewire.pages.answer import FILE_POLICY, Answer, Receive, Scope, Send, send_answer
from slidewire.pages.links import EndedError, Links, LiveInbound, LivePage, UnknownError
from slidewire.pages.misses import Misses
from slidewire.pages.parts import RENDITION_TYPES, PageFile, files_of, files_of_inbound
from slidewire.pages.ranges import Span, wanted
from slidewire.pages.view import ICON, PLAY, Frame, PageView, Plain, save_name
from slidewire.pages.visitors import is_bot

#: Where pages lie.
ROOT: Final = "/m/"
#: Seconds that a phone may keep a file; never longer than its link.
_KEPT: Final = 86_400
#: Bytes of a file that are read at once.
_PIECE: Final = 131_072
_UNKNOWN: Final = Plain(404, "Nothing here", "There is no message at this address. Is the link complete?")
_ENDED: Final = Plain(410, "No longer available", "This message has expired or was withdrawn.")
_TOO_MANY: Final = Plain(429, "Too many tries", "Too many wrong addresses were tried from here. Try again in a minute.")
_NOT_ALLOWED: Final = Plain(405, "Only to be read", "A page takes nothing.")
_BUSY: Final = Plain(503, "One moment", "This cannot be shown right now. Try again in a minute.")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where sound and film can be got without us; each may raise ContentAwayError."""

    origin: Callable[[], Awaitable[str]]
    address: Callable[[str, int], Awaitable[str]]  #: of a digest, good for so many seconds at most


@dataclass(frozen=True, slots=True)
class PageTools:
    """What pages are made of; handed over by the composition root."""

    links: Links
    store: ContentStore
    previews: Previews
    monotonic: Callable[[], float]
    new_id: Callable[[], str]  #: names an unexpected error in the log
    elsewhere: Elsewhere | None = None  #: None: every file comes from us


class PageApp:
    """Serves pages and their files."""

    def __init__(self, tools: PageTools) -> None:
        self._tools = tools
        self._view = PageView()
        self._misses = Misses(tools.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        answer = await self._guarded(scope)
        listening = asyncio.ensure_future(_hung_up(receive))
        try:
            await send_answer(answer, send, listening.done, bodiless=scope["method"] == "HEAD")
        finally:
            listening.cancel()

    async def _guarded(self, scope: Scope) -> Answer:
        client = scope.get("client")
        try:
            return await self._answer(scope)
        except UnknownError:
            wait = self._misses.count(client[0] if client else "")
            return self._view.plain(_TOO_MANY, {"retry-after": str(wait)}) if wait else self._view.plain(_UNKNOWN)
        except (EndedError, FileNotFoundError):
            return self._view.plain(_ENDED)
        except (PreviewBusyError, ContentAwayError):
            return self._view.plain(_BUSY, {"retry-after": "5"})
        except Exception:  # the app's top: a bug is told once, and nothing of it to strangers
            log.exception("a page broke", reference=self._tools.new_id())
            return self._view.plain(_BUSY, {"retry-after": "60"})

    async def _answer(self, scope: Scope) -> Answer:
        if scope["method"] not in {"GET", "HEAD"}:
            return self._view.plain(_NOT_ALLOWED, {"allow": "GET, HEAD"})
        headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # the first of each name counts
        token, slash, part = scope["path"].removeprefix(ROOT).partition("/")
        if token == ICON and not slash:
            return self._view.icon()
        page = await self._tools.links.find(token)
        if isinstance(page, LiveInbound) and not part:
            raise UnknownError  # what phones send has no page
        if part or isinstance(page, LiveInbound):
            file = self._named(page, part)
            if file is not None and (address := await self._away(page, file, scope)):
                return Answer(307, {"location": address, "cache-control": "no-store"})
            return await self._file(page, file, scope["method"], headers)
        if scope["method"] == "GET":
            await self._tools.links.count(page, is_bot=is_bot(headers))
        elsewhere = self._tools.elsewhere
        frame = Frame(
            prefix="" if slash else f"{token}/",
            packed=b"gzip" in headers.get(b"accept-encoding", b""),
            media=await elsewhere.origin() if elsewhere else "",
        )
        return self._view.page(page.message, page.link.expires_at, frame)

    @staticmethod
    def _named(page: LivePage | LiveInbound, part: str) -> PageFile | None:
        files = files_of_inbound(page.parts) if isinstance(page, LiveInbound) else files_of(page.message)
        return files.get(part)

    async def _away(self, page: LivePage | LiveInbound, file: PageFile, scope: Scope) -> str:
        """Where a player gets ``file`` without us, never for longer than the link holds; empty: from us."""
        left = self._tools.links.seconds_left(page)
        is_played = scope["method"] == "GET" and scope.get("query_string", b"") == PLAY.encode()
        if self._tools.elsewhere is None or not is_played or not file.may_leave or left < 1:
            return ""
        return await self._tools.elsewhere.address(file.content.digest, left)

    async def _file(
        self, page: LivePage | LiveInbound, file: PageFile | None, method: str, headers: Mapping[bytes, bytes]
    ) -> Answer:
        if file is None:
            return self._view.plain(_UNKNOWN)
        left = self._tools.links.seconds_left(page)
        common = {
            "cache-control": f"private, max-age={min(left, _KEPT)}",
            "content-security-policy": FILE_POLICY,
        }
        if file.width:
            return await self._image(file, method, headers, common)
        etag = f'"{file.content.digest[:32]}"'
        span = wanted(method, headers, etag, file.content.size)
        disposition = f'{"attachment" if file.is_attachment else "inline"}; filename="{save_name(file)}"'
        common |= {"content-type": file.type, "content-disposition": disposition}
        answer = _file_answer(common, etag, span, file.content.size)
        if not answer.size:
            return answer
        first = await self._tools.store.read_range(file.content.digest, span.start, min(span.count, _PIECE))
        return Answer(answer.status, answer.headers, size=span.count, pieces=self._pieces(file, span, first))

    async def _pieces(self, file: PageFile, span: Span, first: bytes) -> AsyncIterator[bytes]:
        piece, sent = first, 0
        while piece:
            yield piece
            sent += len(piece)
            count = min(span.count - sent, _PIECE)
            piece = await self._tools.store.read_range(file.content.digest, span.start + sent, count) if count else b""

    async def _image(
        self, file: PageFile, method: str, headers: Mapping[bytes, bytes], common: dict[str, str]
    ) -> Answer:
        try:
            fitted = await self._tools.previews.make(file.content, file.width)
        except NoPreviewError as error:
            log.warning("no preview", digest=file.content.digest, width=file.width, error=str(error))
            return self._view.plain(_UNKNOWN)
        if fitted.mime not in RENDITION_TYPES:
            raise ValueError(f"a rendition of type {fitted.mime}")
        etag = f'"{hashlib.sha256(fitted.data).hexdigest()[:32]}"'
        span = wanted(method, headers, etag, len(fitted.data))
        answer = _file_answer(common | {"content-type": fitted.mime}, etag, span, len(fitted.data))
        body = fitted.data[span.start : span.start + span.count]
        return Answer(answer.status, answer.headers, body)


def _file_answer(common: dict[str, str], etag: str, span: Span, size: int) -> Answer:
    """Status and headers of a file's answer; its body comes later."""
    headers = common | {"etag": etag, "accept-ranges": "bytes"}
    if span.status in {304, 416}:
        headers.pop("content-type", None)
        headers.pop("content-disposition", None)
    if content_range := span.content_range(size):
        headers["content-range"] = content_range
    return Answer(span.status, headers, size=span.count)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
