"""What may be kept of an exchange: no credentials, no text of the message, phone numbers by their last four digits."""

import base64
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from slidewire.carriers.base import Route
from slidewire.carriers.mm7.soap import escape
from slidewire.domain.exchange import BODY_CAP
from slidewire.domain.message import Message

#: A shorter piece of text tells nothing, and cutting it out everywhere would spoil the carrier's own words.
_LEAST_TEXT = 4
#: Signs in a row that an answer and a text share by no accident.
_RUN = 16
#: A VASPID so long may be an API key; shorter ones are names.
_LEAST_KEY = 12
_SECRET, _TEXT = "[secret]", "[text]"
#: A line of base64 is 76 signs long; nothing that a carrier has to say is.
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/]{60,}={0,2}\s+)*[A-Za-z0-9+/]{60,}={0,2}(?:\s+[A-Za-z0-9+/]{1,59}={0,2}(?!\S))?"  # its last line
)
_LONG_NUMBER = re.compile(r"[0-9]{3,}(?=[0-9]{4})")
_UNPRINTABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u2070-\ud7ff\uf900-\ufffd\U00010000-\U0010ffff]")


def credentials(route: Route) -> tuple[str, ...]:
    """Everything of the route that nobody may read in an exchange.

    Some peers take the password in the address, some an API key as VASPID (standards.md 1.4, 8).
    """
    pair = f"{route.username}:{route.password}".encode()
    words = [route.password, base64.b64encode(pair).decode() if route.password else "", route.report_password]
    words += [route.vasp_id] if len(route.vasp_id) >= _LEAST_KEY else []
    url = urlsplit(route.url)
    words += [url.query, *(step for step in url.path.split("/") if "=" in step)]
    plain = {form for word in words for form in (word, unquote(word)) if form}
    forms = plain | set(filter(None, map(escape, plain)))
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))  # the longest first: some hold others


class Redactor:
    """Takes out of an exchange with one route what one message holds."""

    def __init__(self, secrets: Iterable[str], message: Message) -> None:
        self._secrets = tuple(secrets)
        self._texts = [text for text in (message.subject, *(slide.text for slide in message.slides)) if text.strip()]

    def line(self, words: str, limit: int = 500) -> str:
        """A carrier's words in one printable line."""
        return " ".join(self._cut(words[: limit * 4]).split())[:limit]

    def body(self, answer: bytes, boundary: str) -> str:
        """A carrier's answer. One that repeats our own body ends where it begins to: base64 hides words from us."""
        kept = answer.partition(f"--{boundary}".encode())[0] if boundary else answer
        text = self._cut(kept[: BODY_CAP * 2].decode("utf-8", "replace").replace("\r\n", "\n"))
        return text.encode()[:BODY_CAP].decode("utf-8", "ignore")

    def _cut(self, words: str) -> str:
        for secret in self._secrets:
            words = words.replace(secret, _SECRET)
        for text in self._texts:
            whole = text.strip()
            if _LEAST_TEXT <= len(whole) <= len(words):
                words = words.replace(whole, _TEXT).replace(escape(whole), _TEXT)
        if len(words) >= _RUN:  # a base64 line is longer still
            words = _BASE64.sub(_TEXT, _without_runs(words, self._texts))
        words = _LONG_NUMBER.sub(lambda digits: "*" * len(digits[0]), words)
        if words.isascii() and words.isprintable():  # nearly always
            return words
        return _UNPRINTABLE.sub(lambda sign: f"\\x{ord(sign[0]):02x}", words)


def _without_runs(words: str, texts: Iterable[str]) -> str:
    """``words`` without what they share with ``texts`` in runs of _RUN signs; linear in the length of both."""
    here = {words[at : at + _RUN] for at in range(len(words) - _RUN + 1)}
    shared: set[str] = set()
    for text in texts if here else ():
        for form in {text, escape(text)}:
            shared.update(run for at in range(len(form) - _RUN + 1) if (run := form[at : at + _RUN]) in here)
    if not shared:
        return words
    kept: list[str] = []
    covered = 0  # end of the run that is being left out
    for at, sign in enumerate(words):
        if words[at : at + _RUN] in shared:
            if at >= covered:
                kept.append(_TEXT)
            covered = at + _RUN
        elif at >= covered:
            kept.append(sign)
    return "".join(kept)
