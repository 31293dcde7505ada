"""What W13 customers are told: Success and Failure, byte for byte as published (api.md 2.2, settled 23 to 25).

Always HTTP 200, no prolog, no indentation; the type is text/html because clients break on XML types.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from slidewire.api.doors import Fields, Reply
from slidewire.domain.faults import Fault, FaultError

Headers = list[tuple[bytes, bytes]]

#: settled 23; the answer echoes what strangers sent, so a browser may do nothing with it.
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-type", b"text/html; charset=UTF-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
)
_WARNING_HEADER = b"x-slidewire-warning"
_MOST_WARNING = 2000  #: bytes of the header
_LONGEST_TO = 32  #: characters of a TO that comes back in a Failure
_LONGEST_WORDS = 500  #: characters of ERRORINFO: parsers and callers can be long-winded
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with its headers; the status is always 200."""

    body: bytes
    headers: Headers


def success(reply: Reply, spelling: Callable[[str], str]) -> Answer:
    """The call was served. ``spelling`` gives the dialect's name for a field of ours."""
    body = f"<RESPONSE><STATUS>Success</STATUS>{_elements(reply.fields, spelling)}</RESPONSE>"
    extra = [(_WARNING_HEADER, _header_text(reply.warnings))] if reply.warnings else []
    return _answer(body, extra)


def _elements(fields: Fields, spelling: Callable[[str], str]) -> str:
    parts = []
    for name, value in fields:
        tag = spelling(name)
        parts.append(f"<{tag}>{_escape(value) if isinstance(value, str) else _elements(value, spelling)}</{tag}>")
    return "".join(parts)


def failure(error: FaultError, spelling: Callable[[str], str], receiver: str | None = None) -> Answer:
    """The call was refused. ``spelling`` gives the dialect's name for a field of ours.

    ``receiver`` is TO as given, for a fault of settled 1 (h) or later; None before.
    """
    words = f"{error.words} ({spelling(error.field)} {error.problem})" if error.field else error.words
    extra = [_retry_header(error.retry_after)] if error.retry_after else None
    return _failure(error.fault.code, words, receiver, extra)


def internal_error(reference: str, receiver: str | None = None) -> Answer:
    """Something broke; ``reference`` is what our log calls it."""
    return _failure(Fault.INTERNAL.code, f"{Fault.INTERNAL.words} (reference {reference})", receiver)


def overloaded(retry_after: float, receiver: str | None = None) -> Answer:
    """Nothing was taken, for want of room; ``retry_after`` in seconds (durability 27)."""
    seconds = max(1, math.ceil(retry_after))
    words = f"{Fault.INTERNAL.words} (too busy to take more, again in {seconds} seconds)"
    return _failure(Fault.INTERNAL.code, words, receiver, [_retry_header(seconds)])


def _retry_header(seconds: float) -> tuple[bytes, bytes]:
    return b"retry-after", b"%d" % max(1, math.ceil(seconds))


def _failure(code: str, words: str, receiver: str | None, extra: Headers | None = None) -> Answer:
    given = (receiver or "").strip()[:_LONGEST_TO]
    to = f"<TO>{_escape(given)}</TO>" if given else ""
    body = (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE>{to}"
        f"<ERRORINFO>{_escape(words[:_LONGEST_WORDS])}</ERRORINFO></RESPONSE>"
    )
    return _answer(body, extra or [])


def _answer(body: str, extra: Headers) -> Answer:
    content = body.encode("utf-8", "replace")
    return Answer(content, [*HEADERS, (b"content-length", b"%d" % len(content)), *extra])


def _escape(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text).translate(_MARKUP)


def _header_text(warnings: Sequence[str]) -> bytes:
    """Warnings for a header: ASCII as it is, all else percent-encoded, so that no line can end in it (settled 25)."""
    encoded = [quote(warning, safe=" !\"#$&'()*+,/:<=>?@[]^`{|}~-._") for warning in warnings]
    text = "; ".join(encoded)
    if len(text) > _MOST_WARNING:
        text = text[: text.rfind("; ", 0, _MOST_WARNING) if "; " in text[:_MOST_WARNING] else _MOST_WARNING] + "; more"
    return text.encode("ascii")
