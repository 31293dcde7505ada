"""What /admin/v1 says when something is not done: application/problem+json (RFC 9457), never with a secret."""

from dataclasses import dataclass, field
from http import HTTPStatus

import msgspec

from slidewire.api.answer import HEADERS, Headers
from slidewire.provisioning.refusals import Why

_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", b"application/problem+json")
#: Why provisioning refuses -> how HTTP says so.
STATUS_OF = {
    Why.WRONG: HTTPStatus.UNPROCESSABLE_ENTITY,
    Why.MISSING: HTTPStatus.NOT_FOUND,
    Why.TAKEN: HTTPStatus.CONFLICT,
    Why.CONFLICT: HTTPStatus.CONFLICT,
}


class Problem(msgspec.Struct, frozen=True):
    """The body of a refusal."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


class ProblemError(Exception):
    """A request that is not served, with what to say of it."""

    def __init__(self, status: HTTPStatus, detail: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, its headers, its body."""

    status: int
    body: bytes
    headers: Headers = field(default_factory=list)


def told_problem(error: ProblemError) -> Told:
    """``error`` as it is answered."""
    status = error.status
    body = msgspec.json.encode(Problem(status.phrase, status.value, error.detail))
    return Told(status.value, body, [_PROBLEM, *HEADERS, *error.headers])


def told_json(value: object, status: HTTPStatus) -> Told:
    """What was asked for."""
    return Told(status.value, msgspec.json.encode(value), [_JSON, *HEADERS])
