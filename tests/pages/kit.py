"""A running page server over a real store, and messages with every kind of part to be looked at through it."""

import asyncio
import hashlib
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.builders import DAY, Clock, a_message, an_account, an_id
from tests.store.kit import stored

from slidewire.api.http_server import bind, make_server
from slidewire.api.switchboard import ByHost, Switchboard
from slidewire.content.bucket import BucketPlace, BucketStore
from slidewire.content.fitted import FittedImages
from slidewire.content.pool import MediaPool, PoolSettings
from slidewire.content.previews import Previews
from slidewire.content.store import FolderStore
from slidewire.domain.account import Account
from slidewire.domain.ids import new_token
from slidewire.domain.message import Content, Kind, Message, Part
from slidewire.pages.app import ROOT, Elsewhere, PageApp, PageTools
from slidewire.pages.links import Links, LinkTools
from slidewire.store.commits import Commits
from slidewire.store.database import Database
from slidewire.store.links import LinkKey, PageLink, add_link, find_link, new_link, revoke_link

KEY = LinkKey.of(b"a server key for tests")
#: What every page answers besides its own.
KEPT_TO_ITSELF = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
#: A phone's browser, which is no bot.
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36"
#: The host that pages have when a test gives them one.
HOST = "m.example.net"


@dataclass
class Answer:
    """What came back, as it was on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class PageHouse:
    """A page server with its database, its content and a clock that goes when told to."""

    address: tuple[str, int]
    database: Database
    store: FolderStore | BucketStore
    clock: Clock
    ticks: list[float] = field(default_factory=lambda: [0.0])  #: of the clock that misses are counted by
    account: Account = field(default_factory=an_account)  #: every message's
    woken: list[str] = field(default_factory=list)

    async def put(self, body: bytes, type_: str, **measures: int) -> Content:
        """Keep a file."""
        digest = hashlib.sha256(body).hexdigest()
        await self.store.put(digest, body)
        return Content(digest, len(body), type_, **measures)

    async def part(self, kind: Kind, body: bytes, type_: str, **measures: int) -> Part:
        """Keep a file as a part of a slide."""
        return Part(kind, "http://origin.example.net/secret/path", await self.put(body, type_, **measures))

    async def publish(self, message: Message | None = None, **changes: Any) -> str:
        """Store a message and a link to it; the link's token."""
        now = self.clock.now
        message = message or a_message(accepted_at=now, link_expires_at=now + DAY)
        await stored(self.database, message)
        token = new_token()
        link = replace(new_link(message, token, KEY, now), **changes)
        await self.database.write(lambda c: add_link(c, link))
        return token

    async def link(self, token: str) -> PageLink:
        """A link as it stands."""
        found = await self.database.read(lambda c: find_link(c, token, KEY))
        assert found is not None
        return found

    async def revoke(self, token: str) -> bool:
        return await self.database.write(lambda c: revoke_link(c, token, KEY, self.clock.now))

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request of a phone."""
        return await get(self.address, path, method, **headers)


async def get(address: tuple[str, int], path: str, method: str = "GET", **headers: str) -> Answer:
    """One request on a connection of its own, spoken by hand: nothing is added, unpacked or followed."""
    named = {"Host": "127.0.0.1", "User-Agent": PHONE} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items() if value)]
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        async with asyncio.timeout(30):
            raw = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *rest = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(": ") for line in rest]
    told = {name.lower(): value for name, _, value in pairs}
    assert len(told) == len(pairs), f"a header twice: {rest}"
    return Answer(int(status.split()[1]), told, body)


async def _ready() -> str:
    return ""


@asynccontextmanager
async def page_house(
    database: Database, folder: Path, *, own_host: bool = False, bucket: BucketPlace | None = None
) -> AsyncIterator[PageHouse]:
    """Pages on loopback, behind the server that the gateway has. ``bucket``: of the content; None: a folder."""
    async with AsyncExitStack() as stack:
        kept = BucketStore(bucket) if bucket else FolderStore(folder / "content")
        store = await stack.enter_async_context(kept)
        away = Elsewhere(store.origin, store.address) if isinstance(store, BucketStore) and store.signs else None
        pool = MediaPool(PoolSettings(children=1))
        stack.push_async_callback(pool.close)
        previews = Previews(store, pool, FittedImages(folder / "previews", 10_000_000))
        stack.callback(previews.close)
        commits = Commits(database, lambda error: None)
        stack.push_async_callback(commits.close)
        clock = Clock(time.time_ns() // 1_000_000)
        listener = bind("127.0.0.1", 0)
        house = PageHouse(listener.getsockname(), database, store, clock)
        tools = LinkTools(database, commits, lambda: KEY, an_id, clock, lambda _id: house.account, house.woken.append)
        links = Links(tools)
        app = PageApp(PageTools(links, store, previews, lambda: house.ticks[0], an_id, away))
        front = Switchboard({}, {ROOT: app}, _ready)
        served = ByHost({HOST: front}, Switchboard({}, {}, _ready)) if own_host else front
        stack.push_async_callback(await _serve(served, listener))
        yield house


async def _serve(app: Any, listener: socket.socket) -> Any:
    server = make_server(app)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        assert not serving.done()
        await asyncio.sleep(0.005)

    async def stop() -> None:
        server.should_exit = True
        await serving

    return stop
