"""One listener, several doors: host and path decide. Health is told here too, to the machine that runs us."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
#: Says what is wrong; empty when all is well.
Ready = Callable[[], Awaitable[str]]

_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class Switchboard:
    """Hands a request to the app of its path; 404 for the rest."""

    def __init__(self, whole: dict[str, App], below: dict[str, App], ready: Ready) -> None:
        """``whole``: a path -> its app. ``below``: the beginning of a path -> the app for all that lies below."""
        self._whole = whole
        self._below = tuple(below.items())
        self._ready = ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        app = self._whole.get(path)
        if app is None:
            app = next((app for beginning, app in self._below if path.startswith(beginning)), None)
        if app is not None:
            await app(scope, receive, send)
        elif path == "/healthz":
            await _say(send, 200, "ok\n")
        elif path == "/readyz":
            wrong = await self._ready()
            await _say(send, 503 if wrong else 200, f"{wrong or 'ready'}\n")
        else:
            await _say(send, 404, "There is nothing here.\n")


class ByHost:
    """Hands a request to the app of the host that it names (security 9); every other host gets ``others``."""

    def __init__(self, hosts: dict[str, App], others: App) -> None:
        """``hosts``: as ``plain_host`` writes them."""
        self._hosts = hosts
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        named = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"")
        await self._hosts.get(plain_host(named.decode("latin-1")), self._others)(scope, receive, send)


def plain_host(host: str) -> str:
    """A Host header as it is compared: lower case, without the ports that addresses leave out, and no last dot."""
    name, colon, port = host.strip().lower().rpartition(":")
    if not colon or not port.isdigit():
        return host.strip().lower().rstrip(".")
    return name.rstrip(".") if port in {"80", "443"} else f"{name.rstrip('.')}:{port}"


async def _say(send: Send, status: int, text: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": text.encode()})
