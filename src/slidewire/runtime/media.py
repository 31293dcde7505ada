"""Everything about content, opened together: fetching behind the guard, the folder, the child processes."""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from slidewire import __version__
from slidewire.content.av.pool import AvPool
from slidewire.content.bucket import BucketStore
from slidewire.content.fetch import Access, ContentFetcher, ContentSettings, ContentTools, no_access
from slidewire.content.fitted import FittedImages
from slidewire.content.inspection import SourceLimits
from slidewire.content.pool import MediaPool, PoolSettings
from slidewire.content.previews import Previews
from slidewire.content.rendition import RenditionMaker, RenditionSettings
from slidewire.content.store import ContentStore, FolderStore
from slidewire.domain.figures import Figures, uncounted
from slidewire.outbound.address import BadAddress
from slidewire.outbound.fetch import FetchClient, FetchConfig, FetchLimits
from slidewire.outbound.guard import Guard, IPAddress, own_addresses
from slidewire.outbound.resolve import DnsLookup, NotResolved, Resolver, addresses_of
from slidewire.outbound.spool import Spool, SpoolLimits
from slidewire.pages.app import Elsewhere
from slidewire.runtime.configure import av_settings_of, bucket_of, ffmpeg_of, read, span
from slidewire.runtime.counted import CountedFetches
from slidewire.settings import Settings, SettingsError, read_size

#: Seconds after which a file in the spool is a killed process's.
_STALE = 3600.0
#: Bytes of disk for the images of fallback pages.
_PREVIEWS = 1_000_000_000
#: Folders beside the content.
_FITTED, _PREVIEWED = "fitted", "previews"


class Media:
    """Fetcher and rendition maker with all they stand on. ``async with Media(settings, folder) as media``."""

    own: frozenset[IPAddress]
    resolver: Resolver
    fetcher: ContentFetcher
    maker: RenditionMaker
    store: ContentStore
    previews: Previews
    client: FetchClient
    spool: Spool
    pool: MediaPool
    limits: SourceLimits
    av: AvPool

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        broken: Callable[[BaseException], None],
        access: Access = no_access,
        figures: Figures | None = None,
    ) -> None:
        """``broken`` is told when the disk fails (durability 18); ``access``: what media's origins are shown."""
        self._access = access
        self._figures = figures or uncounted()
        self._settings = settings
        self._folder = folder
        self._broken = broken
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _open(self) -> None:
        limits = self._settings.limits
        lookup = DnsLookup()
        self._stack.push_async_callback(lookup.close)
        self.resolver = Resolver(lookup)
        self.own = own_addresses() | await self._public_addresses()
        client = self.client = await self._stack.enter_async_context(self._client())
        store = self.store = await self._stack.enter_async_context(self._content_store())
        pool = self.pool = MediaPool(PoolSettings(children=limits.media_processes))
        self._stack.push_async_callback(pool.close)
        self.av = AvPool(ffmpeg_of(self._settings), self._folder / "av", av_settings_of(self._settings))
        self._stack.push_async_callback(self.av.close)
        tools = ContentTools(client, store, pool, time.monotonic, time.time, self._access)
        content = self._content_settings()
        self.limits = content.limits
        self.fetcher = ContentFetcher(tools, content)
        self._stack.callback(self.fetcher.close)
        rendition = RenditionSettings(folder=self._folder / _FITTED)
        self.maker = RenditionMaker(store, pool, rendition, lambda: secrets.token_hex(12))
        self._stack.callback(self.maker.close)
        self.previews = Previews(store, pool, FittedImages(self._folder / _PREVIEWED, _PREVIEWS), limits.pixels)
        self._stack.callback(self.previews.close)

    @property
    def made(self) -> tuple[Path, ...]:
        """The folders on this machine of what was made of content."""
        copies = (self.store.copies,) if isinstance(self.store, BucketStore) else ()
        return (self._folder / _FITTED, self._folder / _PREVIEWED, *copies)

    def unlink(self, digests: Sequence[str]) -> None:
        """Delete bytes with everything that was made of them; runs where it may block (durability 19)."""
        self.store.unlink(digests)
        for digest in digests:
            self.maker.forget(digest)
            self.previews.forget(digest)

    def elsewhere(self) -> Elsewhere | None:
        """Where pages let sound and film come from; None: from us."""
        store = self.store
        return Elsewhere(store.origin, store.address) if isinstance(store, BucketStore) and store.signs else None

    def _content_store(self) -> FolderStore | BucketStore:
        place = bucket_of(self._settings, self._folder)
        return FolderStore(self._folder, self._broken) if place is None else read(BucketStore, place, "content")

    async def _public_addresses(self) -> frozenset[IPAddress]:
        """Where customers reach us: no media address may lead there (security 1)."""
        if not self._settings.public_url:
            return frozenset()
        try:
            return await addresses_of(self._settings.public_url, self.resolver)
        except (NotResolved, TimeoutError, BadAddress) as error:
            raise SettingsError(f"public_url = {self._settings.public_url!r}: {error}") from None

    def _client(self) -> FetchClient:
        fetch = self._settings.fetch
        guard = read(lambda entries: Guard.of(entries, self.own), fetch.allow_private, "fetch.allow_private")
        folder = self._folder / "spool"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        spool = self.spool = Spool(folder, SpoolLimits(budget=read(read_size, fetch.spool, "fetch.spool")))
        self._stack.callback(spool.close)
        spool.sweep(time.time() - _STALE)
        config = FetchConfig(
            guard=guard,
            resolver=self.resolver,
            spool=spool,
            user_agent=f"Slidewire/{__version__}",
            limits=FetchLimits(
                connect=span(fetch.connect, "fetch.connect"),
                total=span(fetch.total, "fetch.total"),
                redirects=fetch.redirects,
            ),
            proxy=fetch.proxy,
        )
        return read(lambda each: CountedFetches(each, self._figures), config, "fetch.proxy")

    def _content_settings(self) -> ContentSettings:
        fetch, limits = self._settings.fetch, self._settings.limits
        if fetch.cache not in {"http", "off"}:
            raise SettingsError(f"fetch.cache = {fetch.cache!r} is neither http nor off")
        return ContentSettings(
            limits=SourceLimits(
                image=limits.image,
                gif=limits.gif,
                audio=limits.audio,
                video=limits.video,
                object=limits.object,
                pixels=limits.pixels,
            ),
            cache=fetch.cache == "http",
            request_seconds=span(fetch.request, "fetch.request"),
        )
