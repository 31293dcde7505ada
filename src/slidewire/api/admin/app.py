"""/admin/v1 as a bare ASGI app: who asks, what for, read strictly, served, answered. Whatever comes in: JSON comes out.

Nothing of it is told to whoever does not say the token, not even which paths there are (security 13).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
import structlog

from slidewire.api.admin.bearer import Doorkeeper
from slidewire.api.admin.desk import Asked, Desk
from slidewire.api.admin.operations import OPERATIONS, ROOT, Listed, Operation
from slidewire.api.admin.problems import STATUS_OF, ProblemError, Told, told_json, told_problem
from slidewire.api.body import read_body
from slidewire.api.switchboard import Receive, Scope, Send
from slidewire.domain.account import SettingError
from slidewire.domain.audit import By
from slidewire.domain.request import CallerGoneError
from slidewire.provisioning.refusals import RefusedError
from slidewire.store.database import DatabaseAwayError

log = structlog.get_logger(__name__)

_LONGEST_BODY = 1_000_000  #: bytes
_MOST_PARAMETERS = 20
_LONGEST_WORDS = 1000  #: characters of a problem's detail: parsers and callers can be long-winded


class AdminApp:
    """Serves the table of operations."""

    def __init__(self, desk: Desk, doorkeeper: Doorkeeper) -> None:
        self._desk = desk
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        try:
            told = await self._told(scope, receive)
        except CallerGoneError:
            return
        headers = [*told.headers, (b"content-length", b"%d" % len(told.body))]
        await send({"type": "http.response.start", "status": told.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else told.body})

    async def _told(self, scope: Scope, receive: Receive) -> Told:
        try:
            return await self._answer(scope, receive)
        except ProblemError as error:
            return told_problem(error)
        except RefusedError as error:
            return told_problem(ProblemError(STATUS_OF[error.why], error.problem[:_LONGEST_WORDS]))
        except SettingError as error:
            return told_problem(_wrong(str(error)))
        except DatabaseAwayError as error:
            return told_problem(ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, str(error), (b"retry-after", b"5")))
        except CallerGoneError:
            raise
        except Exception:  # the app's top: a bug is told once, and answered
            reference = self._desk.new_id()
            log.exception("an admin's request broke", reference=reference)
            words = f"something broke; our log calls it {reference}"
            return told_problem(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, words))

    async def _answer(self, scope: Scope, receive: Receive) -> Told:
        headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))  # the first of a name counts
        client = scope.get("client")
        address = client[0] if client else ""
        self._doorkeeper.admit(headers, address)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        segments = _segments(scope)
        if segments == tuple(ROOT.strip("/").split("/")) and method == "GET":
            return told_json(_index(), HTTPStatus.OK)
        operation, path = _find(method, segments)
        asked = Asked(
            self._desk,
            path,
            _read_query(operation, scope["query_string"]),
            await _read_wish(operation, headers, receive),
            By(f"admin_token from {address}", self._desk.now(), self._desk.new_id()),
        )
        return told_json(await operation.serve(asked), operation.status)


def _index() -> Listed[dict[str, str]]:
    return Listed([{"method": each.method, "path": ROOT + each.path, "does": each.words} for each in OPERATIONS])


def _segments(scope: Scope) -> tuple[str, ...]:
    """The path, cut before it is decoded: a slash may be part of a name. Raises ProblemError."""
    raw = scope.get("raw_path") or scope["path"].encode()
    segments = tuple(unquote(each) for each in raw.partition(b"?")[0].decode("latin-1").strip("/").split("/"))
    if not all(each.isprintable() for each in segments):
        raise _nothing()
    return segments


def _find(method: str, segments: tuple[str, ...]) -> tuple[Operation, dict[str, str]]:
    """The operation at a path, and what stands in its braces. Raises ProblemError."""
    others = []
    for operation in OPERATIONS:
        wanted = operation.segments
        if len(wanted) != len(segments):
            continue
        pairs = tuple(zip(wanted, segments, strict=True))
        if all((name.startswith("{") and word) or name == word for name, word in pairs):
            if operation.method == method:
                return operation, {name[1:-1]: word for name, word in pairs if name.startswith("{")}
            others.append(operation.method)
    if not others:
        raise _nothing()
    allowed = ", ".join(sorted({*others, *(["HEAD"] if "GET" in others else [])}))
    words = f"{method} is not for this path; there are: {allowed}"
    raise ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, words, (b"allow", allowed.encode()))


def _nothing() -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "there is nothing here")


def _wrong(words: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, words[:_LONGEST_WORDS])


def _read_query(operation: Operation, raw: bytes) -> Any:
    try:
        pairs = parse_qsl(
            raw.decode("latin-1"), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise _wrong(f"the query: {error}") from None
    given = dict(pairs)
    if len(given) < len(pairs):
        raise _wrong("the query: a parameter comes twice")
    if not all(word.isprintable() for word in given.values()):
        raise _wrong("the query has control characters")
    try:
        return msgspec.convert(given, operation.query, strict=False)
    except msgspec.ValidationError as error:
        raise _wrong(f"the query: {error}") from None


async def _read_wish(operation: Operation, headers: Mapping[bytes, bytes], receive: Receive) -> Any:
    """The body as the operation's type. Raises ProblemError, CallerGoneError."""
    body = await read_body(receive, _LONGEST_BODY)
    if body is None:
        words = f"a request has at most {_LONGEST_BODY} bytes"
        raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
    if operation.body is None:
        if body.strip() not in {b"", b"{}"}:
            raise _wrong("this request has no body")
        return None
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind != b"application/json" or headers.get(b"content-encoding", b"identity") != b"identity":
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "say it as application/json, not compressed")
    try:
        return msgspec.json.decode(body, type=operation.body)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(HTTPStatus.BAD_REQUEST, f"this is no JSON: {error}"[:_LONGEST_WORDS]) from None
