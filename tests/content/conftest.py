"""What the tests of content share: a whole fetcher over a real folder, real children, a real client."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from slidewire.content.fetch import Access, ContentFetcher, ContentSettings, ContentTools, no_access
from slidewire.content.pool import MediaPool, PoolSettings
from slidewire.content.store import FolderStore
from slidewire.outbound.fetch import FetchClient, FetchConfig, FetchLimits
from slidewire.outbound.guard import Guard
from slidewire.outbound.resolve import NotResolved, Resolver
from slidewire.outbound.spool import Spool, SpoolLimits

LOOPBACK = Guard.of(["127.0.0.0/8"])


@dataclass
class Clock:
    """Monotonic seconds that go only when they are told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class House:
    """A fetcher and what it stands on."""

    fetcher: ContentFetcher
    store: FolderStore
    pool: MediaPool
    spool: Spool
    clock: Clock = field(default_factory=Clock)


MakeHouse = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def house(tmp_path: Path) -> MakeHouse:
    """``async with house(settings, limits=..., spool=..., pool=...) as house``; no byte stays behind in the spool."""

    @asynccontextmanager
    async def make(
        settings: ContentSettings | None = None,
        limits: FetchLimits | None = None,
        spool: SpoolLimits | None = None,
        pool: PoolSettings | None = None,
        access: Access = no_access,
    ) -> AsyncIterator[House]:
        async def nothing(host: str) -> list[str]:
            raise NotResolved("no such name")

        spooled, clock, resolver = Spool(tmp_path / "spool", spool), Clock(), Resolver(nothing)
        config = FetchConfig(LOOPBACK, resolver, spooled, "Slidewire/test", limits or FetchLimits())
        async with (
            FetchClient(config) as client,
            FolderStore(tmp_path / "content") as store,
            MediaPool(pool or PoolSettings(children=1)) as media,
        ):
            tools = ContentTools(client, store, media, clock, time.time, access)
            fetcher = ContentFetcher(tools, settings)
            yield House(fetcher, store, media, spooled, clock)
            fetcher.close()
        await resolver.close()
        spooled.close()
        assert (spooled.held, list(spooled.folder.glob("*"))) == (0, [])

    return make


async def eventually(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 10) -> None:
    """Wait until the condition holds; raises TimeoutError when it never does."""
    async with asyncio.timeout(seconds):
        while True:
            holds = condition()
            if holds if isinstance(holds, bool) else await holds:
                return
            await asyncio.sleep(0.005)
