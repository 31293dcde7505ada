"""What an MMSC posts to /mm7/{route}: receipts and messages are stored, then acknowledged (durability 23).

A bare ASGI application. Whoever is let in is decided before the body is read (security 12).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import structlog

from slidewire.carriers.base import Receipt, Route, TakeMms, TakeReceipt
from slidewire.carriers.mm7 import reader, soap
from slidewire.carriers.mm7.deliver import read_delivery
from slidewire.carriers.mm7.doorkeeper import Caller, Doorkeeper
from slidewire.carriers.mm7.multipart import MAX_PARTS, Part, TooManyPartsError, split
from slidewire.carriers.mm7.namespaces import PREFIX, VERSIONS
from slidewire.carriers.mm7.options import profile_of
from slidewire.carriers.mm7.profiles import Profile
from slidewire.carriers.mm7.reader import Asked
from slidewire.carriers.mm7.status import receipt_status
from slidewire.carriers.mm7.tree import MalformedError
from slidewire.domain.frozen import frozen

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """What one request may be ([inbound])."""

    body: int = 10_000_000  #: bytes; an inbound message comes with its content, a receipt has two thousand
    parts: int = 50  #: files of one message
    body_seconds: float = 10.0  #: for the whole body to arrive


@dataclass(frozen=True, slots=True)
class Mm7Takers:
    """Who takes what an MMSC brings."""

    receipt: TakeReceipt
    mms: TakeMms


@frozen
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b'text/xml; charset="utf-8"'),)


@frozen
class Posted:
    """One request as it came."""

    body: bytes
    content_type: str
    operator: str  #: of the phone, where a header names it


@dataclass(frozen=True, slots=True)
class Naming:
    """How a peer names the phone's operator in its requests."""

    header: bytes  #: in lower case; empty: it does not
    ours: Mapping[str, str]  #: the peer's word -> our id

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """As the profile says."""
        return cls(
            profile.operator_header.lower().encode(), {theirs: own for own, theirs in profile.operator_ids.items()}
        )

    def operator_in(self, scope: Scope) -> str:
        """The word for the operator, ours where it is known; empty where there is none that could be one."""
        word = _header(scope, self.header).strip() if self.header else ""
        return self.ours.get(word, word) if _OPERATOR.fullmatch(word) else ""


_OPERATOR = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PLAIN = (b"content-type", b"text/plain; charset=utf-8")
_CLOSE = (b"connection", b"close")  # the body that we did not read must not be taken for a request
_NOBODY = Reply(401, b"Unauthorized\n", (_PLAIN, (b"www-authenticate", b'Basic realm="mm7"'), _CLOSE))
_NOT_POST = Reply(405, b"Only POST\n", (_PLAIN, (b"allow", b"POST"), _CLOSE))
_TOO_LONG = Reply(413, b"Too long\n", (_PLAIN, _CLOSE))
_TOO_SLOW = Reply(408, b"Too slow\n", (_PLAIN, _CLOSE))
_GONE = Reply(400, b"", (_PLAIN, _CLOSE))
_LOG = structlog.get_logger(__name__)
#: MM7 code and words for what is read and cannot be taken: without what it needs; with more than we look at.
_CORRUPT = (2007, "Message format corrupt")
_TOO_MUCH = (2004, "Multimedia content refused")


class Mm7Receiver:
    """The door for the MMSCs of all routes."""

    def __init__(
        self,
        routes: Iterable[Route],
        takers: Mm7Takers,
        clock: Callable[[], int],
        limits: DoorLimits = DoorLimits(),  # frozen
    ) -> None:
        """``clock`` gives Unix milliseconds. Raises ValueError for a route whose callers cannot be told."""
        self._limits = limits
        self._routes = {route.name: route for route in routes if route.kind == "mm7"}
        self._naming = {name: Naming.of(profile_of(route)) for name, route in self._routes.items()}
        self._usual = {name: _usual(route.namespace) for name, route in self._routes.items()}
        self._doorkeeper = Doorkeeper(self._routes.values())
        self._takers = takers
        self._clock = clock
        #: MM7 element -> what answers it.
        self._answers: dict[str, Callable[[Route, Asked, Sequence[Part]], Awaitable[Reply]]] = {
            "DeliveryReportReq": self._report,
            "ReadReplyReq": self._read_reply,
            "DeliverReq": self._deliver,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close"})
            return
        reply = await self._reply(scope, receive)
        headers = [*reply.headers, (b"content-length", str(len(reply.body)).encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        name = str(scope["path"]).rpartition("/mm7/")[2]
        if not self._doorkeeper.admits(name, Caller.of(scope.get("client"), scope["headers"])):
            return _NOBODY
        if scope["method"] != "POST":
            return _NOT_POST
        body = await _read_body(receive, self._limits)
        if isinstance(body, Reply):
            return body
        posted = Posted(body, _header(scope, b"content-type"), self._naming[name].operator_in(scope))
        return await self._answer(self._routes[name], posted)

    async def _answer(self, route: Route, posted: Posted) -> Reply:
        usual = self._usual[route.name]
        try:
            came = split(posted.body, posted.content_type, max(MAX_PARTS, self._limits.parts + 2))
            asked = reader.read_request(came.soap, usual, posted.operator)
        except MalformedError as error:
            _LOG.warning("mm7 request not readable", route=route.name, reason=str(error))
            return Reply(400, soap.write_fault(usual, 4004, "Validation error"))
        answer = self._answers.get(asked.name, self._refuse)
        try:
            return await answer(route, asked, came.others)
        except MalformedError as error:
            _LOG.warning("mm7 request not usable", route=route.name, element=asked.name, reason=str(error))
            code, words = _TOO_MUCH if isinstance(error, TooManyPartsError) else _CORRUPT
            return Reply(400, soap.write_fault(asked.told, code, words))

    async def _report(self, route: Route, asked: Asked, _parts: Sequence[Part]) -> Reply:
        report = reader.read_report(asked)
        detail = " ".join(filter(None, (report.extension, report.text)))
        receipt = Receipt(
            route=route.name,
            carrier_ref=report.message_id,
            status=receipt_status(report.word),
            word=report.word,
            received_at=self._clock(),
            numbers=report.numbers,
            date=report.date,
            detail=detail,
            handset=report.handset.profile,
            agent=report.handset.agent,
            network=asked.operator,
        )
        return await self._stored(self._takers.receipt(receipt), asked, "DeliveryReportRsp")

    async def _deliver(self, route: Route, asked: Asked, parts: Sequence[Part]) -> Reply:
        """An MMS of a phone; 1000 is said when it is on disk, for the MMSC forgets it then (durability 23)."""
        mms = read_delivery(asked, parts, route.name, now=self._clock(), most=self._limits.parts)
        return await self._stored(self._takers.mms(mms), asked, "DeliverRsp")

    async def _stored(self, taking: Awaitable[None], asked: Asked, answer: str) -> Reply:
        try:
            await taking
        except Exception:  # noqa: BLE001 - the top of a web application: the MMSC must hear "again", not a broken line
            _LOG.exception("mm7 request not stored", element=asked.name)
            return Reply(500, soap.write_fault(asked.told, 3000, "Server error"))
        return Reply(200, soap.write_response(answer, asked.told, 1000, "Success"))

    async def _read_reply(self, route: Route, asked: Asked, _parts: Sequence[Part]) -> Reply:
        """We never ask for read replies; one that comes is thanked for and not kept."""
        _LOG.info("mm7 read reply not kept", route=route.name)
        return Reply(200, soap.write_response("ReadReplyRsp", asked.told, 1000, "Success"))

    async def _refuse(self, route: Route, asked: Asked, _parts: Sequence[Part]) -> Reply:
        _LOG.info("mm7 request refused", route=route.name, element=asked.name[:40])
        return Reply(200, soap.write_fault(asked.told, 4003, "Unsupported operation"))


def _usual(namespace: str) -> soap.Told:
    """How a route's MMSC speaks where its request does not say."""
    return soap.Told("", PREFIX + namespace, PREFIX + namespace, VERSIONS[namespace])


async def _read_body(receive: Receive, limits: DoorLimits) -> bytes | Reply:
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            while True:
                event = await receive()
                if event["type"] == "http.disconnect":
                    return _GONE
                piece = event.get("body", b"")
                size += len(piece)
                if size > limits.body:
                    return _TOO_LONG
                pieces.append(piece)
                if not event.get("more_body", False):
                    return b"".join(pieces)
    except TimeoutError:
        return _TOO_SLOW


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")
