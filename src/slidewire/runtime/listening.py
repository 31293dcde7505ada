"""The listeners of a process: which app answers under which host and path, on which address."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog

from slidewire.api.compress import Compressing
from slidewire.api.forwarded import BehindProxies
from slidewire.api.http_server import Bounds, bind, make_server
from slidewire.api.switchboard import App, ByHost, Switchboard
from slidewire.domain.networks import Network
from slidewire.pages.app import ROOT as PAGES
from slidewire.runtime.configure import address_of, own_host
from slidewire.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Inside:
    """What is to be reached from outside."""

    whole: dict[str, App]  #: path -> what answers it
    below: dict[str, App]  #: beginning of a path -> what answers everything below it
    pages: App
    wrong: Callable[[], Awaitable[str]]  #: what keeps this process from its work; empty: nothing


def front_of(inside: Inside, settings: Settings, proxies: tuple[Network, ...]) -> App:
    """What a listener answers with: compressed for who wants that, behind whatever ``proxies`` stand before it."""
    front = Compressing(_by_host(inside, settings))
    return BehindProxies(front, proxies) if proxies else front


def _by_host(inside: Inside, settings: Settings) -> App:
    """API and pages on one listener; where pages have a host of their own, neither is seen under the other's."""
    host = own_host(settings, "pages_url")
    if settings.pages_url and not host:
        log.warning("pages_url names the API's own host: pages are better kept apart (docs: fallback page)")
    if not host:
        return Switchboard(inside.whole, {**inside.below, PAGES: inside.pages}, inside.wrong)
    alone = Switchboard({}, {PAGES: inside.pages}, inside.wrong)
    return ByHost({host: alone}, Switchboard(inside.whole, inside.below, inside.wrong))


@dataclass(frozen=True, slots=True)
class Serving:
    """How listeners serve."""

    bounds: Bounds
    stop_grace: int  #: seconds that requests under way have when a listener ends
    given: Mapping[str, int] | None = None  #: setting -> a listening socket's descriptor; None: we open our own


def open_socket(listen: str, key: str) -> socket.socket:
    """A socket that listens where the setting ``key`` says. Raises OSError, SettingsError."""
    host, port = address_of(listen, key)
    try:
        return bind(host, port)
    except OSError as error:
        raise OSError(error.errno, f"{key} = {listen!r}: {error.strerror}") from None


def url_of(listener: socket.socket) -> str:
    """Where ``listener`` is reached."""
    bound = listener.getsockname()
    name = f"[{bound[0]}]" if listener.family is socket.AF_INET6 else bound[0]
    return f"http://{name}:{bound[1]}"


class Listeners:
    """Opens listeners, which are closed with ``stack``."""

    def __init__(self, stack: AsyncExitStack, serving: Serving) -> None:
        self._stack = stack
        self._serving = serving

    async def open(self, app: App, listen: str, key: str) -> str:
        """Serve ``app`` on the address that the setting ``key`` says; its URL. Raises OSError, SettingsError."""
        given = self._serving.given
        listener = open_socket(listen, key) if given is None else socket.socket(fileno=given[key])
        server = make_server(app, self._serving.bounds, stop_grace=self._serving.stop_grace)
        serving = asyncio.create_task(server.serve(sockets=[listener]))

        async def stop() -> None:
            server.should_exit = True
            await serving

        self._stack.push_async_callback(stop)
        while not server.started:
            if serving.done():
                serving.result()
            await asyncio.sleep(0.005)
        return url_of(listener)
