"""The HTTP port of the handset: its pages, and the JSON API for tests and the demo, as a bare ASGI app.

Nothing leads outside: a strict Content-Security-Policy, and parts served as types that cannot run anything.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

from slidewire.simulator.chaos import Chaos
from slidewire.simulator.pages import index_page, phone_page
from slidewire.simulator.screen import Shown, draw_screen
from slidewire.simulator.serving import COMMON, PART_HEADERS, part_reply
from slidewire.simulator.status import RefusedError
from slidewire.simulator.texts import text_view
from slidewire.simulator.views import message_view
from slidewire.simulator.web import Reply, header, read_body, send_reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slidewire.simulator.inbox import Kept
    from slidewire.simulator.mmsc import Mmsc
    from slidewire.simulator.screen import Screen
    from slidewire.simulator.shelf import Shelf
    from slidewire.simulator.web import Receive, Scope, Send

    Say = Callable[[str, str, str], Awaitable[str]]
    Route = tuple[str, re.Pattern[str], Callable[["Asking"], Awaitable[Reply]]]

MAX_JSON = 10_000
HTML, JSON = "text/html; charset=utf-8", "application/json"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = (("content-security-policy", PAGE_POLICY), *COMMON)
STATIC = {
    "handset.css": "text/css; charset=utf-8",
    "handset.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
NOT_FOUND = Reply(404, b"there is nothing here\n", headers=COMMON)


@dataclass(frozen=True, slots=True)
class Asking:
    """One request on its way to its answer: ``words`` are the groups of the route's pattern."""

    scope: Scope
    receive: Receive
    words: tuple[str, ...]


class Handset:
    """The bare ASGI app of the HTTP port. ``mm7_url`` and ``smpp_port`` are what the pages tell."""

    def __init__(self, shelf: Shelf, mmsc: Mmsc, host: str, say: Say) -> None:
        """``say``: lets a phone send a text to a number."""
        self._shelf = shelf
        self._inbox = shelf.inbox
        self._texts = shelf.texts
        self._host = host
        self._say = say
        self._mmsc = mmsc
        self._loopback = ipaddress.ip_address(host).is_loopback
        self._artist = ThreadPoolExecutor(max_workers=1, thread_name_prefix="screen")
        self._static = {name: _static_file(name) for name in STATIC}
        self.mm7_url = ""
        self.smpp_port = 0
        self._routes: tuple[Route, ...] = (
            ("GET", re.compile(r"/"), self._index),
            ("GET", re.compile(r"/phone/([^/]{1,120})"), self._phone),
            ("GET", re.compile(r"/static/([a-z.]{1,40})"), self._static_reply),
            ("GET", re.compile(r"/healthz"), self._healthz),
            ("GET", re.compile(r"/api/version"), self._version),
            ("GET", re.compile(r"/api/messages"), self._messages),
            ("DELETE", re.compile(r"/api/messages"), self._clear),
            ("GET", re.compile(r"/api/messages/([0-9]{1,15})"), self._message),
            ("GET", re.compile(r"/api/messages/([0-9]{1,15})/parts/([0-9]{1,3})"), self._part),
            ("GET", re.compile(r"/api/messages/([0-9]{1,15})/screen\.png"), self._screen),
            ("GET", re.compile(r"/api/messages/([0-9]{1,15})/screen\.json"), self._screen_places),
            ("GET", re.compile(r"/api/sms"), self._sms),
            ("POST", re.compile(r"/api/sms"), self._send_sms),
            ("DELETE", re.compile(r"/api/sms"), self._clear_sms),
            ("GET", re.compile(r"/api/sms/([0-9]{1,15})"), self._one_sms),
            ("GET", re.compile(r"/api/chaos"), self._chaos),
            ("PUT", re.compile(r"/api/chaos"), self._set_chaos),
        )

    def close(self) -> None:
        """Let go of the drawing thread."""
        self._artist.shutdown(wait=True, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if not self._is_our_host(scope):
            await send_reply(send, Reply(421, b"ask by a loopback name\n"), scope["method"])
            return
        try:
            reply = await self._route(scope, receive)
        except RefusedError as refused:
            reply = Reply(refused.http, refused.sentence.encode(), headers=COMMON)
        except ConnectionAbortedError:
            return
        await send_reply(send, reply, scope["method"])

    def _is_our_host(self, scope: Scope) -> bool:
        """On loopback other names are refused: a foreign page must not reach us by a name of its own."""
        name = re.sub(r":[0-9]{1,5}\Z", "", header(scope, "host") or "")
        if not self._loopback or name == "localhost":
            return True
        try:
            return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
        except ValueError:
            return False

    async def _route(self, scope: Scope, receive: Receive) -> Reply:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        allowed = []
        for verb, pattern, answer in self._routes:
            found = pattern.fullmatch(scope["path"])
            if found and verb == method:
                return await answer(Asking(scope, receive, found.groups()))
            if found:
                allowed.append(verb)
        if allowed:
            return Reply(405, b"not that way\n", headers=(("allow", ", ".join(allowed)), *COMMON))
        return NOT_FOUND

    async def _index(self, _asking: Asking) -> Reply:
        host = f"[{self._host}]" if ":" in self._host else self._host
        doors = (self.mm7_url, f"smpp://{host}:{self.smpp_port}")
        document = index_page(self._shelf, doors, self._mmsc.chaos)
        return Reply(200, document, HTML, PAGE_HEADERS)

    async def _phone(self, asking: Asking) -> Reply:
        return Reply(200, phone_page(asking.words[0], self._shelf), HTML, PAGE_HEADERS)

    async def _static_reply(self, asking: Asking) -> Reply:
        name = asking.words[0]
        if name not in STATIC:
            return NOT_FOUND
        return Reply(200, self._static[name], STATIC[name], COMMON)

    async def _healthz(self, _asking: Asking) -> Reply:
        return _json({"status": "ok", "messages": len(self._inbox) + len(self._texts)})

    async def _version(self, _asking: Asking) -> Reply:
        return _json({"version": self._shelf.version})

    async def _messages(self, _asking: Asking) -> Reply:
        return _json([message_view(message) for message in self._inbox])

    async def _clear(self, _asking: Asking) -> Reply:
        self._inbox.clear()
        return Reply(204, headers=COMMON)

    async def _message(self, asking: Asking) -> Reply:
        message = self._inbox.get(int(asking.words[0]))
        return _json(message_view(message)) if message else NOT_FOUND

    async def _part(self, asking: Asking) -> Reply:
        number, place = asking.words
        message = self._inbox.get(int(number))
        if message is None or int(place) >= len(message.content.parts):
            return NOT_FOUND
        return part_reply(message.content.parts[int(place)], header(asking.scope, "range"))

    async def _sms(self, _asking: Asking) -> Reply:
        return _json([text_view(text) for text in self._texts])

    async def _clear_sms(self, _asking: Asking) -> Reply:
        self._texts.clear()
        return Reply(204, headers=COMMON)

    async def _send_sms(self, asking: Asking) -> Reply:
        """A phone writes to a number. Only JSON that says so: no page of others can send that unasked."""
        if (header(asking.scope, "content-type") or "").partition(";")[0].strip() != JSON:
            return _json({"error": "send application/json"}, 415)
        try:
            said = _read_said(await read_body(asking.scope, asking.receive, MAX_JSON, 10))
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        problem = await self._say(*said)
        return _json({"error": problem}, 502) if problem else Reply(204, headers=COMMON)

    async def _one_sms(self, asking: Asking) -> Reply:
        text = self._texts.get(int(asking.words[0]))
        return _json(text_view(text)) if text else NOT_FOUND

    async def _screen(self, asking: Asking) -> Reply:
        screen = await self._draw(int(asking.words[0]))
        return Reply(200, screen.png, "image/png", PART_HEADERS) if screen else NOT_FOUND

    async def _screen_places(self, asking: Asking) -> Reply:
        screen = await self._draw(int(asking.words[0]))
        if screen is None:
            return NOT_FOUND
        places = [{"part": placed.part, "box": placed.box} for placed in screen.pictures]
        return _json({"pictures": places})

    async def _draw(self, number: int) -> Screen | None:
        """The screen of a message, drawn in a thread of its own: the loop has answers to give."""
        message = self._inbox.get(number)
        if message is None:
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._artist, partial(draw_screen, shown(message)))

    async def _chaos(self, _asking: Asking) -> Reply:
        return _json(self._mmsc.chaos.all_percents())

    async def _set_chaos(self, asking: Asking) -> Reply:
        try:
            self._mmsc.chaos = _read_chaos(await read_body(asking.scope, asking.receive, MAX_JSON, 10))
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        return _json(self._mmsc.chaos.all_percents())


def shown(message: Kept) -> Shown:
    """What the drawn screen tells of a message."""
    return Shown(message.sender, message.request.subject, message.arrived_at, message.content)


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), JSON, COMMON)


def _read_said(body: bytes) -> tuple[str, str, str]:
    """Phone, number and text from a JSON object. Raises ValueError with a sentence."""
    found = _read_object(body, "a text is a JSON object of from, to and text")
    phone, number, text = (found.get(name) for name in ("from", "to", "text"))
    for digits in (phone, number):
        if not (isinstance(digits, str) and digits.isascii() and digits.isdigit() and len(digits) <= 20):
            raise ValueError("from and to are at most 20 digits")
    if not isinstance(text, str) or len(text) > (254 if text.isascii() else 127):
        raise ValueError("text is one segment: at most 254 octets")
    return str(phone), str(number), text


def _read_object(body: bytes, otherwise: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError(otherwise)
    return found


def _read_chaos(body: bytes) -> Chaos:
    """Percentages from a JSON object; what it leaves out is 0. Raises ValueError with a sentence."""
    found = _read_object(body, "chaos is a JSON object of percentages")
    for name, percent in found.items():
        if isinstance(percent, bool) or not isinstance(percent, int | float):
            raise ValueError(f"chaos {name} is no number")
    return Chaos(found)


def _static_file(name: str) -> bytes:
    return resources.files("slidewire.simulator").joinpath("static", name).read_bytes()
