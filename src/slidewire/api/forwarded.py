"""Who calls, where a proxy stands in front: its headers are believed only when the peer itself is a configured proxy.

A chain is read from its right end: each proxy appends whom it saw, and what stands left of a stranger is hearsay.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from slidewire.domain.networks import Address, Network, lies_in, read_address

Headers = Iterable[tuple[bytes, bytes]]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Links of a chain that are looked at; a longer one names nobody.
_LONGEST_CHAIN = 50
_PORT = re.compile(r":[0-9]{1,5}")
#: One parameter of Forwarded (RFC 7239), up to what must follow it.
_PAIR = re.compile(r'[ \t]*([A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))[ \t]*(?=[,;]|$)')
_SCHEMES = ("http", "https")
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What proxies of ours told of a call."""

    address: str  #: of the caller; empty: they did not say, or not so that it can be believed
    scheme: str = ""  #: empty: not told
    host: str = ""


class BehindProxies:
    """Hands requests to an app with the caller's own address, scheme and host in their scope."""

    def __init__(self, app: App, proxies: Sequence[Network]) -> None:
        self._app = app
        self._proxies = tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        client = scope.get("client")
        told = read_forwarded(client[0] if client else "", scope.get("headers", ()), self._proxies)
        if told is not None:
            changes: dict[str, Any] = {"client": (told.address, 0)}
            if told.scheme:
                changes["scheme"] = told.scheme
            if told.host:
                others = [each for each in scope["headers"] if each[0] != b"host"]
                changes["headers"] = [(b"host", told.host.encode("latin-1")), *others]
            scope = {**scope, **changes}
        await self._app(scope, receive, send)


def read_forwarded(peer: str, headers: Headers, proxies: Sequence[Network]) -> Forwarded | None:
    """What is told of a call that came from ``peer``; None when it is no proxy of ours, or says nothing.

    A proxy writes one of the two headers and lets the other through as the caller sent it. So where both are there and
    name different callers, neither is believed.
    """
    if not lies_in(read_address(peer), proxies):
        return None
    found: dict[bytes, list[str]] = {}
    for name, value in headers:
        if name == b"forwarded" or name.startswith(b"x-forwarded-"):
            found.setdefault(name, []).append(value.decode("latin-1"))
    old, new = found.get(b"x-forwarded-for"), found.get(b"forwarded")
    if old is None and new is None:
        return None
    links = list(_links(",".join(new))) if new is not None else []
    callers = {_caller(each, proxies) for each in (_words(old), [link.get("for", "") for link in links]) if each}
    last = links[-1] if links else {}
    return Forwarded(
        address=callers.pop() if len(callers) == 1 else "",
        scheme=_one_of(_last(found.get(b"x-forwarded-proto")) or last.get("proto", "")),
        host=_plain(_last(found.get(b"x-forwarded-host")) or last.get("host", "")),
    )


def _caller(chain: Sequence[str], proxies: Sequence[Network]) -> str:
    """The first from the right that is no proxy of ours, or the leftmost; empty when it cannot be told."""
    here: Address | None = None
    for word in reversed(chain[-_LONGEST_CHAIN:]):
        here = _address(word)
        if not lies_in(here, proxies):  # what cannot be read is no proxy of ours either: nobody answers for its left
            return "" if here is None else str(here)
    return "" if here is None or len(chain) > _LONGEST_CHAIN else str(here)


def _address(word: str) -> Address | None:
    """``192.0.2.7``, ``192.0.2.7:80``, ``2001:db8::7``, ``[2001:db8::7]:80``."""
    text = word.strip()
    if text.startswith("["):
        inner, closed, port = text[1:].partition("]")
        return read_address(inner) if closed and (not port or _PORT.fullmatch(port)) else None
    return read_address(_PORT.sub("", text) if text.count(":") == 1 else text)


def _words(values: Sequence[str] | None) -> list[str]:
    return ",".join(values).split(",") if values else []


def _links(text: str) -> Iterator[dict[str, str]]:
    """The elements of Forwarded, each a proxy's word; one that cannot be read names nobody."""
    place, link = 0, dict[str, str]()
    while place < len(text):
        pair = _PAIR.match(text, place)
        if pair is None:
            end = text.find(",", place)
            link, place = {"for": ""}, len(text) if end < 0 else end
        else:
            value = pair[3] if pair[2] is None else re.sub(r"\\(.)", r"\1", pair[2])
            link.setdefault(pair[1].lower(), value)
            place = pair.end()
        if text[place : place + 1] == ",":
            yield link
            link = {}
        place += 1
    yield link


def _last(values: Sequence[str] | None) -> str:
    return _words(values)[-1].strip() if values else ""


def _one_of(scheme: str) -> str:
    return scheme.lower() if scheme.lower() in _SCHEMES else ""


def _plain(host: str) -> str:
    return host if _HOST.fullmatch(host) else ""
