"""How often a call is tried, and what an answer means: pure, the same for both clients.

Every call that makes something goes under an Idempotency-Key: asked again after a lost answer, it is answered with what
was made the first time. So any failure may be tried again.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from slidewire.client.calls import Call, refusal_of, without_none
from slidewire.client.faults import BadAnswerError, RefusedError, UnreachableError, refused

T = TypeVar("T")
#: What may be asked again, because nothing was done of it.
_AGAIN = frozenset({"E106", "E113", "E503"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call is tried. Times in seconds."""

    tries: int = 5
    timeout: float = 60.0  #: of one try: a call is answered when its files were fetched
    first_wait: float = 0.5  #: doubled with each try
    longest_wait: float = 30.0  #: a gateway that asks for more is not waited for


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came."""

    status: int
    body: bytes
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: so many seconds, then again."""

    seconds: float


class Trying(Generic[T]):
    """One call on its way."""

    def __init__(self, call: Call[T], patience: Patience, jitter: float) -> None:
        """``jitter``: 0 to 1, so that many clients do not come back at one instant."""
        self._call = call
        self._patience = patience
        self._jitter = jitter
        self._tried = 0

    def request(self, key: str, idempotency_key: str) -> Request:
        """What is posted, each time the same bytes."""
        body = json.dumps({"action": self._call.action, **without_none(self._call.fields)}, ensure_ascii=False)
        headers = {"content-type": "application/json; charset=utf-8", "x-api-key": key}
        if not self._call.reads_only:
            headers["idempotency-key"] = idempotency_key
        return Request(body.encode(), headers)

    def after(self, reply: Reply) -> T | Wait:
        """The result, or when to try again. Raises RefusedError, BadAnswerError."""
        answer = _read(reply)
        if answer is None:
            if reply.status in {429, 502, 503, 504} and (wait := self._wait(_seconds(reply.retry_after))):
                return wait
            raise BadAnswerError(f"HTTP {reply.status}: no answer of Slidewire's")
        if answer.get("status") == "Success":
            return self._call.read(answer)
        told = refusal_of(answer)
        refusal = replace(told, retry_after=_seconds(reply.retry_after))
        if refusal.code in _AGAIN and (wait := self._wait(refusal.retry_after)):
            return wait
        raise refused(refusal)

    def after_failure(self, error: Exception) -> Wait:
        """When to try again after no answer came. Raises UnreachableError when it was tried often enough."""
        wait = self._wait(None)
        if wait is None:
            raise UnreachableError(f"no answer after {self._tried} tries: {error!r}") from error
        return wait

    def _wait(self, asked: float | None) -> Wait | None:
        """None: it is over."""
        self._tried += 1
        patience = self._patience
        if self._tried >= patience.tries or (asked or 0) > patience.longest_wait:
            return None
        ours = min(patience.first_wait * 2 ** (self._tried - 1), patience.longest_wait)
        return Wait(max(asked or 0.0, ours * (0.5 + self._jitter / 2)))


def _read(reply: Reply) -> dict[str, Any] | None:
    try:
        answer = json.loads(reply.body)
    except ValueError:
        return None
    good = isinstance(answer, dict) and answer.get("status") in {"Success", "Failure"}
    return answer if good and reply.status == 200 else None


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


__all__ = ["Patience", "RefusedError", "Reply", "Request", "Trying", "Wait"]
