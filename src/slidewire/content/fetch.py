"""A request's media, fetched all at once and kept: the slides come back with content in place of addresses.

The lowest slide at fault wins, and inside a slide image, audio, video, object, whatever order the fetches ended
in (settled 1 l). A medium that is fresh in the cache costs a look-up, no wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from slidewire.content.cache import FetchCache, Got, Key, Now
from slidewire.content.flights import Flights
from slidewire.content.formats import SEND_FORMATS, SILENT_TYPES, Format, declared_type
from slidewire.content.inspection import Inspector, SourceLimits, judge
from slidewire.content.pool import MediaPool
from slidewire.content.refusals import Place, RefusedError, Wrong, too_many_bytes
from slidewire.content.store import ContentStore, NoSpaceError
from slidewire.domain.access import NO_ACCESS, MediaAccess
from slidewire.domain.frozen import frozen
from slidewire.domain.message import Kind, Part, Slide
from slidewire.domain.request import CallerGoneError, CheckedSlide, Medium, OverloadedError
from slidewire.outbound.address import origin_of, strip
from slidewire.outbound.fetch import FetchClient, Fetched, FetchFailed, FetchRequest, Why

T = TypeVar("T")

_ORDER: Final = {Kind.IMAGE: 0, Kind.AUDIO: 1, Kind.VIDEO: 2}
#: Seconds to stay away when fetched bytes find no room, and when the disk is full.
_NO_ROOM_RETRY, _FULL_RETRY = 5.0, 60.0
_NOT_MODIFIED: Final = 304


@frozen
class FetchPolicy:
    """What one account and one request say about fetching."""

    account_id: str
    keep_queries: bool = False  #: signed addresses need theirs (settled 17)
    use_cache: bool = True  #: False: fetched in any case (settled 21)
    formats: frozenset[Format] = SEND_FORMATS  #: what the action takes


@dataclass(frozen=True, slots=True)
class ContentSettings:
    """[fetch] and [limits] as far as content is concerned."""

    limits: SourceLimits = field(default_factory=SourceLimits)
    cache: bool = True  #: "http"; False: "off"
    request_seconds: float = 45.0  #: for all files of a request
    entries: int = 10_000  #: addresses that the cache remembers


#: What an account (by id) presents, by origin.
Access = Callable[[str], Mapping[str, MediaAccess]]


def no_access(_account_id: str) -> Mapping[str, MediaAccess]:
    """Nothing to anybody."""
    return {}


@dataclass(frozen=True, slots=True)
class ContentTools:
    """What fetching works with; handed over by the composition root."""

    client: FetchClient
    store: ContentStore
    pool: MediaPool
    monotonic: Callable[[], float]  #: seconds
    wall: Callable[[], float]  #: Unix seconds: only to read the dates of origins
    access: Access = no_access


@frozen
class FetchedSlides:
    """What came of a request's slides."""

    slides: tuple[Slide, ...]
    warnings: tuple[str, ...] = ()  #: silent cuts, told (settled 25)
    written: frozenset[str] = frozenset()  #: digests whose bytes were stored for this request


@frozen
class _Wanted:
    """One medium to be had."""

    place: Place
    url: str  #: as it is fetched
    cut: bool  #: a query was dropped
    access: MediaAccess = NO_ACCESS  #: what is presented to its origin


class ContentFetcher:
    """Fetches media for accounts; one for the process."""

    def __init__(self, tools: ContentTools, settings: ContentSettings | None = None) -> None:
        self._tools = tools
        self._settings = settings or ContentSettings()
        self._inspector = Inspector(tools.store, tools.pool, self._settings.limits)
        self._cache = FetchCache(self._settings.entries)
        self._flights: Flights[Got] = Flights()

    def close(self) -> None:
        """End the threads."""
        self._inspector.close()

    async def fetch_slides(
        self,
        slides: Sequence[CheckedSlide],
        policy: FetchPolicy,
        hung_up: Callable[[], Awaitable[None]] | None = None,
    ) -> FetchedSlides:
        """The slides with their content.

        ``hung_up`` returns when the caller has gone. Raises FaultError for the lowest slide at fault,
        OverloadedError when there is no room, CallerGoneError.
        """
        wanted = [self._wanted(n, medium, policy) for n, slide in enumerate(slides, 1) for medium in _in_order(slide)]
        got: Sequence[Got | None] = [self._fresh(each, policy) for each in wanted]
        if None in got:
            work = self._fetch_all(wanted, got, policy)
            got = await (unless_gone(work, hung_up) if hung_up else work)
        return _assembled(slides, wanted, got, policy)

    async def bring_back(
        self, slides: Sequence[CheckedSlide], kept: Sequence[Slide], policy: FetchPolicy
    ) -> frozenset[str]:
        """Write again the bytes that ``kept`` counts on, for a sweep was about to delete them (durability 19).

        Gives their digests. Raises OverloadedError when they are gone and the origin has others by now: the
        caller comes back and gets those; FaultError as ``fetch_slides``.
        """
        contents = {part.content.digest: part for slide in kept for part in slide.parts}
        lost = await self.write_again(contents)
        if lost:
            self._cache.forget_bytes(set(lost))
            fetched = await self.fetch_slides(slides, policy)
            now = {part.content.digest for slide in fetched.slides for part in slide.parts}
            if not contents.keys() <= now:
                raise OverloadedError(1.0)
        return frozenset(contents)

    async def write_again(self, digests: Iterable[str]) -> list[str]:
        """Write anew the bytes that a sweep was about to delete; gives the digests of those that are gone."""
        return [digest for digest in digests if not await self._rewritten(digest)]

    async def _rewritten(self, digest: str) -> bool:
        try:
            return await self._tools.store.put(digest, await self._tools.store.path(digest), force=True)
        except FileNotFoundError:
            self._inspector.forget(digest)
            await self._tools.store.delete(digest)  # so that the next put writes it
            return False
        except NoSpaceError as error:
            raise OverloadedError(_FULL_RETRY) from error

    def _fresh(self, wanted: _Wanted, policy: FetchPolicy) -> Got | None:
        """What the cache has for it."""
        if not self._may_use(policy):
            return None
        return self._cache.fresh(_key(wanted, policy), self._tools.monotonic())

    def _wanted(self, slide: int, medium: Medium, policy: FetchPolicy) -> _Wanted:
        url = strip(medium.url, policy.keep_queries)
        cut = not policy.keep_queries and "?" in medium.url
        presented = self._tools.access(policy.account_id)
        access = presented.get(origin_of(url), NO_ACCESS) if presented else NO_ACCESS
        return _Wanted(Place(slide, medium.kind), url, cut, access)

    def _may_use(self, policy: FetchPolicy) -> bool:
        return self._settings.cache and policy.use_cache

    async def _fetch_all(
        self, wanted: Sequence[_Wanted], got: Sequence[Got | None], policy: FetchPolicy
    ) -> list[Got | None]:
        """Whatever the cache had not, all at once; raises the fault of the lowest as soon as it is known."""
        loop = asyncio.get_running_loop()
        tasks = {
            at: loop.create_task(self._one(each, policy))
            for at, (each, have) in enumerate(zip(wanted, got, strict=True))
            if have is None
        }
        deadline = loop.time() + self._settings.request_seconds
        result = list(got)
        try:
            # In order: while a lower one may still fail, the failure of a higher one says nothing.
            for at, (each, have) in enumerate(zip(wanted, got, strict=True)):
                if have is not None:
                    _judge(have, each, policy)
                else:
                    result[at] = await self._awaited(tasks[at], each, deadline)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        return result

    async def _awaited(self, task: asyncio.Task[Got], wanted: _Wanted, deadline: float) -> Got:
        try:
            async with asyncio.timeout_at(deadline):
                return await task
        except RefusedError as refused:
            raise wanted.place.fault(refused) from refused
        except TimeoutError:
            detail = f"all files together took more than {self._settings.request_seconds:g} seconds"
            raise wanted.place.fault(RefusedError(Wrong.NOT_FETCHED, detail)) from None

    async def _one(self, wanted: _Wanted, policy: FetchPolicy) -> Got:
        """One medium; many who want the same at once share one fetch where the origin allows it."""

        async def work() -> Got:
            return await self._fetched(wanted, policy)

        if not self._may_use(policy):
            return await work()
        key = (_key(wanted, policy), wanted.place.kind, policy.formats)
        got, began = await self._flights.join(key, work)
        return got if began or got.freshness.shareable else await work()

    async def _fetched(self, wanted: _Wanted, policy: FetchPolicy) -> Got:
        """Fetch or have confirmed, inspect, keep, remember. Raises RefusedError and OverloadedError."""
        key = _key(wanted, policy)
        stale = self._cache.stale(key) if self._may_use(policy) else None
        fetched = await self._from_origin(wanted, policy, stale.conditions if stale is not None else ())
        if stale is not None and fetched.status == _NOT_MODIFIED:
            fetched.body.close()
            same = stale.confirmed(fetched.headers, self._now())
            if same is not None:
                judge(same.held.format, wanted.place.kind, policy.formats)
                self._cache.keep(key, same, self._tools.monotonic())
                return same
            fetched = await self._from_origin(wanted, policy)
        now = self._now()
        with fetched.body as body:
            held = await self._inspector.inspect(body, fetched.content_type, wanted.place.kind, policy.formats)
        got = Got.of(held, declared_type(fetched.content_type), fetched.headers, now)
        if fetched.redirected:  # what the other address allows says nothing about ours
            self._cache.forget(key)
        elif self._settings.cache:
            self._cache.keep(key, got, self._tools.monotonic())
        return got

    def _now(self) -> Now:
        return Now(self._tools.monotonic(), self._tools.wall())

    async def _from_origin(
        self, wanted: _Wanted, policy: FetchPolicy, conditions: tuple[tuple[str, str], ...] = ()
    ) -> Fetched:
        limit = self._settings.limits.while_streaming(wanted.place.kind)
        request = FetchRequest(wanted.url, limit, policy.account_id, wanted.access.headers, conditions)
        try:
            return await self._tools.client.fetch(request)
        except FetchFailed as failure:
            if failure.reason is Why.NO_ROOM:
                raise OverloadedError(_NO_ROOM_RETRY) from failure
            if failure.reason is Why.TOO_BIG and failure.size is not None:
                raise too_many_bytes(failure.size, limit) from failure
            raise RefusedError(Wrong.NOT_FETCHED, failure.detail) from failure


def _in_order(slide: CheckedSlide) -> list[Medium]:
    if len(slide.media) < 2:  # alone it is in order
        return list(slide.media)
    return sorted(slide.media, key=lambda medium: _ORDER.get(medium.kind, 3))


def _key(wanted: _Wanted, policy: FetchPolicy) -> Key:
    return policy.account_id, wanted.url, wanted.access.id


async def unless_gone(work: Coroutine[Any, Any, T], hung_up: Callable[[], Awaitable[None]]) -> T:
    """The result of ``work``; raises CallerGoneError when the caller hangs up before it is there."""
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(hung_up())
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise CallerGoneError
        return working.result()
    finally:
        working.cancel()
        gone.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)


def _judge(got: Got, wanted: _Wanted, policy: FetchPolicy) -> None:
    """What the cache had may be of another kind than it is wanted for now; raises FaultError."""
    try:
        judge(got.held.format, wanted.place.kind, policy.formats)
    except RefusedError as refused:
        raise wanted.place.fault(refused) from refused


def _assembled(
    slides: Sequence[CheckedSlide], wanted: Sequence[_Wanted], got: Sequence[Got | None], policy: FetchPolicy
) -> FetchedSlides:
    """Slides, warnings and what was written."""
    parts: list[list[Part]] = [[] for _ in slides]
    warnings: list[str] = []
    written = set()
    for each, have in zip(wanted, got, strict=True):
        if have is None:
            raise RuntimeError("a medium was neither fetched nor refused")
        _judge(have, each, policy)
        held = have.held
        parts[each.place.slide - 1].append(Part(each.place.kind, each.url, held.content))
        if held.written:
            written.add(held.content.digest)
        if each.cut:
            warnings.append(f"the query of the address of {each.place} was dropped")
        if have.declared not in held.format.names and have.declared not in SILENT_TYPES:
            warnings.append(f"{each.place} was served as {have.declared[:80]} and is {held.format.type}")
    made = [Slide(slide.text, slide.duration, tuple(mine)) for slide, mine in zip(slides, parts, strict=True)]
    return FetchedSlides(tuple(made), tuple(warnings), frozenset(written))
