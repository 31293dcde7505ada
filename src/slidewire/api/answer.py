"""What customers are told, in the dialect that they spoke: Success and Failure, byte for byte as published.

An action tells fields under our own names, in their published order; how they are spelled is wire.FIELDS' matter
(api.md 2.2 to 2.4, settled 23 to 25). Always HTTP 200.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from slidewire.api.bodies import json_body, xml_body
from slidewire.api.doors import Fields, Reply
from slidewire.api.wire import Names
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.frozen import frozen
from slidewire.domain.idempotency import KeptAnswer
from slidewire.domain.limits import Standing
from slidewire.domain.message import Dialect

Headers = list[tuple[bytes, bytes]]

#: What a request is counted as that was served.
SUCCESS = "Success"

#: settled 23; the answer echoes what strangers sent, so a browser may do nothing with it.
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
)
_WARNING_HEADER = b"x-slidewire-warning"
#: Tells a caller that its request was served before, and that this is what it was answered with then.
_AGAIN = (b"idempotent-replayed", b"true")
_MOST_WARNING = 2000  #: bytes of the header
_LONGEST_TO = 32  #: characters of a TO that comes back in a Failure
_LONGEST_WORDS = 500  #: characters of ERRORINFO: parsers and callers can be long-winded


@frozen
class Answer:
    """A body with its headers; the status is always 200."""

    body: bytes
    headers: Headers
    code: str = SUCCESS  #: else that of the fault


@dataclass(frozen=True, slots=True)
class Style:
    """How a dialect's answers look."""

    content_type: bytes
    write: Callable[[Fields, Callable[[str], str]], bytes]
    warns_in_body: bool = False  #: else in a header: the XML body stays as published (settled 25)
    #: published beginnings of ERRORINFO that this dialect words in its own way (api.md 1.3, 5)
    words: tuple[tuple[str, str], ...] = ()


#: W13 is text/html because clients break on XML types (settled 23).
STYLES = {
    Dialect.W13: Style(b"text/html; charset=UTF-8", xml_body),
    Dialect.M1: Style(b"text/xml; charset=utf-8", xml_body),
    Dialect.J2: Style(
        b"application/json; charset=utf-8",
        json_body,
        warns_in_body=True,
        words=(
            (
                Fault.INVALID_REQUEST.words,
                "Invalid request. Please make a valid JSON POST request with all the required variables.",
            ),
            ("XML Parse error", "JSON Parse error"),
        ),
    ),
}


class Voice:
    """Answers in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._style = STYLES[dialect]
        self._spelling = Names(dialect).spelling
        self._headers = ((b"content-type", self._style.content_type), *HEADERS)

    def success(self, reply: Reply) -> Answer:
        """The call was served; or nothing of what it asked for was done, each with its reason."""
        if reply.refusal is not None:
            error, blocks = reply.refusal, tuple(("fault", self._told(each)) for each in reply.faults)
            told = self._told(error, reply.receiver.strip()[:_LONGEST_TO])
            return self._answer((("status", "Failure"), *told, *blocks, *reply.fields), [], error.fault.code)
        fields: Fields = (("status", "Success"), *reply.fields)
        extra: Headers = []
        if reply.warnings and self._style.warns_in_body:
            fields += tuple(("warnings", warning) for warning in reply.warnings)
        elif reply.warnings:
            extra.append((_WARNING_HEADER, _header_text(reply.warnings)))
        return self._answer(fields, extra)

    def kept(self, reply: Reply) -> KeptAnswer:
        """The answer of a call that was served, as it is kept for its repetitions."""
        answer = self.success(reply)
        warning = next((value for name, value in answer.headers if name == _WARNING_HEADER), b"")
        return KeptAnswer(answer.body.decode(), warning.decode("ascii"))

    def first(self, kept: KeptAnswer) -> Answer:
        """The answer of a call whose answer is kept by now, byte for byte."""
        extra = [(_WARNING_HEADER, kept.warning.encode("ascii"))] if kept.warning else []
        return self._with_headers(kept.body.encode(), extra)

    def again(self, kept: KeptAnswer) -> Answer:
        """The same answer, to a repetition."""
        answer = self.first(kept)
        return Answer(answer.body, [*answer.headers, _AGAIN])

    def failure(self, error: FaultError, receiver: str | None = None) -> Answer:
        """The call was refused. ``receiver`` is TO as given, for a fault of settled 1 (h) or later; None before."""
        extra = [_retry_header(error.retry_after)] if error.retry_after else None
        return self._failure(error.fault.code, self.words(error), receiver, extra)

    def _told(self, error: FaultError, receiver: str = "") -> Fields:
        to: Fields = (("receiver", receiver),) if receiver else ()
        return ("error_code", error.fault.code), *to, ("error_words", self.words(error))

    def words(self, error: FaultError) -> str:
        """ERRORINFO: the published words, with the field named as the dialect spells it (settled 24)."""
        words = error.words
        for published, ours in self._style.words:
            if words.startswith(published):
                words = ours + words[len(published) :]
        if error.field:
            words = f"{words} ({self._spelling(error.field)} {error.problem})"
        return words[:_LONGEST_WORDS]

    def internal_error(self, reference: str, receiver: str | None = None) -> Answer:
        """Something broke; ``reference`` is what our log calls it."""
        return self._failure(Fault.INTERNAL.code, f"{Fault.INTERNAL.words} (reference {reference})", receiver)

    def overloaded(self, retry_after: float, receiver: str | None = None) -> Answer:
        """Nothing was taken, for want of room; ``retry_after`` in seconds (durability 27)."""
        seconds = max(1, math.ceil(retry_after))
        words = f"{Fault.INTERNAL.words} (too busy to take more, again in {seconds} seconds)"
        return self._failure(Fault.INTERNAL.code, words, receiver, [_retry_header(seconds)])

    def _failure(self, code: str, words: str, receiver: str | None, extra: Headers | None = None) -> Answer:
        given = (receiver or "").strip()[:_LONGEST_TO]
        to: Fields = (("receiver", given),) if given else ()
        fields: Fields = (("status", "Failure"), ("error_code", code), *to, ("error_words", words))
        return self._answer(fields, extra or [], code)

    def _answer(self, fields: Fields, extra: Headers, code: str = SUCCESS) -> Answer:
        return self._with_headers(self._style.write(fields, self._spelling), extra, code)

    def _with_headers(self, content: bytes, extra: Headers, code: str = SUCCESS) -> Answer:
        return Answer(content, [*self._headers, (b"content-length", b"%d" % len(content)), *extra], code)


def limit_headers(standing: Standing) -> Headers:
    """Where the caller stands with its limits (settled 23)."""
    return [
        (b"ratelimit-limit", b"%d" % standing.limit),
        (b"ratelimit-remaining", b"%d" % standing.remaining),
        (b"ratelimit-reset", b"%d" % standing.reset),
    ]


def _retry_header(seconds: float) -> tuple[bytes, bytes]:
    return b"retry-after", b"%d" % max(1, math.ceil(seconds))


def _header_text(warnings: Sequence[str]) -> bytes:
    """Warnings for a header: ASCII as it is, all else percent-encoded, so that no line can end in it (settled 25)."""
    encoded = [quote(warning, errors="replace", safe=" !\"#$&'()*+,/:<=>?@[]^`{|}~-._") for warning in warnings]
    text = "; ".join(encoded)
    if len(text) > _MOST_WARNING:
        text = text[: text.rfind("; ", 0, _MOST_WARNING) if "; " in text[:_MOST_WARNING] else _MOST_WARNING] + "; more"
    return text.encode("ascii")
