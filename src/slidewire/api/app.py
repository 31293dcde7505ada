"""One dialect's endpoint as a bare ASGI app: read, admit, check, accept, answer (settled 1).

Whatever comes in, the answer is the dialect's, with HTTP 200: never a 5xx, never a traceback.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from slidewire.api.answer import Answer, Voice, limit_headers
from slidewire.api.body import read_body
from slidewire.api.decoding import too_long
from slidewire.api.dialects import ADDRESSES
from slidewire.api.doors import Doors, Visit
from slidewire.api.envelope import Envelope, WireLimits
from slidewire.api.guard import admit, count_calls, given_credentials
from slidewire.api.inflating import inflated
from slidewire.api.once import keys_of, serve_once
from slidewire.domain.checks import Rules
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.figures import REQUEST_SECONDS, REQUESTS
from slidewire.domain.idempotency import read_key
from slidewire.domain.message import Dialect
from slidewire.domain.request import CallerGoneError, OverloadedError
from slidewire.store.database import DatabaseAwayError

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_NOT_ALLOWED = b"Make a request via GET or POST.\n"
#: No CORS header beside it: keys do not belong into web pages.
_ALLOWED = (b"allow", b"GET, HEAD, OPTIONS, POST")
_NOT_ALLOWED_HEADERS = [
    _ALLOWED,
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", b"%d" % len(_NOT_ALLOWED)),
]

#: Seconds that a caller is asked to stay away while the database is.
_DATABASE_RETRY = 5.0

log = structlog.get_logger(__name__)


class WireApp:
    """Serves one dialect."""

    def __init__(
        self, dialect: Dialect, doors: Doors, rules: Rules | None = None, limits: WireLimits | None = None
    ) -> None:
        self._doors = doors
        self._dialect = dialect.value
        self._rules = rules or Rules()
        self._limits = limits or WireLimits()
        self._read = ADDRESSES[dialect].reader(self._limits)
        self._voice = Voice(dialect)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        method = scope["method"]
        if method in {"POST", "GET"}:
            visit, figures = self._visit(receive), self._doors.figures
            began = figures.clock()
            try:
                answer = await self._answer(scope, receive, visit)
            except CallerGoneError:
                return
            figures.time(REQUEST_SECONDS, figures.clock() - began, visit.action)
            figures.add(REQUESTS, visit.action, self._dialect, answer.code)
            headers = answer.headers if visit.standing is None else answer.headers + limit_headers(visit.standing)
            await _send(send, 200, headers, answer.body)
        elif method == "HEAD":
            # asking for headers sends no message
            await _send(send, 200, self._voice.failure(_empty()).headers, b"")
        elif method == "OPTIONS":
            await _send(send, 200, [_ALLOWED, (b"content-length", b"0")], b"")
        else:
            await _send(send, 405, _NOT_ALLOWED_HEADERS, _NOT_ALLOWED)

    def _visit(self, receive: Receive) -> Visit:
        async def hung_up() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        return Visit(self._doors, self._rules, hung_up)

    async def _answer(self, scope: Scope, receive: Receive, visit: Visit) -> Answer:
        voice = self._voice
        try:
            envelope = await self._open(scope, receive)
            return await self._serve(envelope, scope, visit)
        except FaultError as error:
            if visit.account_id:
                self._doors.entry.count_refusal(visit.account_id)
            return voice.failure(error, visit.receiver)
        except OverloadedError as error:
            return voice.overloaded(error.retry_after, visit.receiver)
        except DatabaseAwayError as error:
            log.error("a request could not be stored", error=str(error)[:300])
            return voice.overloaded(_DATABASE_RETRY, visit.receiver)
        except CallerGoneError:
            raise
        except Exception:  # the app's top: a bug is told once, and answered in the dialect
            reference = self._doors.new_id()
            log.exception("a request broke", reference=reference)
            return voice.internal_error(reference, visit.receiver)

    async def _serve(self, envelope: Envelope, scope: Scope, visit: Visit) -> Answer:
        call = self._read(envelope)
        client = scope.get("client")
        address = client[0] if client else ""
        if envelope.idempotency_key:
            visit.key = read_key(envelope.idempotency_key)
        account, action = await admit(call, given_credentials(call), address, visit)
        visit.action = action.right
        if visit.key is not None or account.settings.unique_client_reference:
            visit.keys = keys_of(call, account, action, visit.key)
            if visit.keys:
                return await serve_once(call, account, action, visit, self._voice)
            await count_calls(account, action, action.receivers(call), visit)
        return self._voice.success(await action.serve(call, account, visit))

    async def _open(self, scope: Scope, receive: Receive) -> Envelope:
        """The request's bytes. Raises FaultError E100 over the cap: at once where the length is told."""
        query, limit, has_body = scope["query_string"], self._limits.request, scope["method"] == "POST"
        kind = key = encoding = once = b""
        for name, value in scope["headers"]:
            if name == b"content-type":
                kind = value
            elif name == b"content-length" and has_body and int(value) > limit:
                raise too_long(limit)
            elif name == b"x-api-key" and not key:
                key = value
            elif name == b"idempotency-key" and not once:
                once = value
            elif name == b"content-encoding":
                encoding = value if not encoding else encoding + b", " + value
        body = await read_body(receive, limit) if has_body else b""
        if body is None:
            raise too_long(limit)
        if encoding:
            body = inflated(body, encoding, limit)
        return Envelope(body, kind, query, key, once)


def _empty() -> FaultError:
    return Fault.INVALID_REQUEST.error("the request is empty")


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
