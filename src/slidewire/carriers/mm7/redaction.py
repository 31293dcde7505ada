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
#: A VASPID so long may be an API key; shorter ones are names.
_LEAST_KEY = 12
_SECRET, _TEXT = "[secret]", "[text]"
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
    return tuple(dict.fromkeys(form for word in words for form in (word, unquote(word)) if form))


class Redactor:
    """Takes out of an exchange with one route what one message holds."""

    def __init__(self, secrets: Iterable[str], message: Message) -> None:
        texts = [message.subject]
        texts += [line for slide in message.slides for line in (slide.text, *slide.text.splitlines())]
        self._cuts = [(word, _SECRET) for word in _longest_first(secrets)]
        self._cuts += [(text, _TEXT) for text in _longest_first(texts) if len(text.strip()) >= _LEAST_TEXT]

    def line(self, words: str, limit: int = 500) -> str:
        """A carrier's words in one printable line."""
        return " ".join(self._cut(words[: limit * 4]).split())[:limit]

    def body(self, answer: bytes, boundary: str) -> str:
        """A carrier's answer. One that repeats our own body ends where it begins to: base64 hides words from us."""
        kept = answer.partition(f"--{boundary}".encode())[0] if boundary else answer
        text = self._cut(kept[: BODY_CAP * 2].decode("utf-8", "replace").replace("\r\n", "\n"))
        return text.encode()[:BODY_CAP].decode("utf-8", "ignore")

    def _cut(self, text: str) -> str:
        for word, instead in self._cuts:
            for form in {word, escape(word)}:
                text = text.replace(form, instead)
        text = _LONG_NUMBER.sub(lambda digits: "*" * len(digits[0]), text)
        return _UNPRINTABLE.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text)


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if word}, key=lambda word: (-len(word), word))
