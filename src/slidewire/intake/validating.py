"""Looks at a request as sendMMS would, tells every fault instead of the first, and keeps and sends nothing.

What is fetched stays in the fetch cache and is nobody's: the sweep takes it. The order is that of settled 1.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from slidewire.carriers.choice import Way
from slidewire.content.av.facts import AvBusyError, AvFailedError, AvRefusedError
from slidewire.content.av.pool import AvPool
from slidewire.content.fetch import ContentFetcher, FetchedSlides, FetchPolicy, unless_gone
from slidewire.content.formats import BY_TYPE
from slidewire.content.store import ContentStore
from slidewire.domain.account import Account
from slidewire.domain.campaigns import Consent
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.gathering import AllFaults
from slidewire.domain.message import Kind, Part, Slide
from slidewire.domain.request import CheckedRequest, CheckedSlide, OverloadedError
from slidewire.domain.template import ENCODED
from slidewire.domain.validation import Count, Measure, Validated
from slidewire.intake.accept import Intake
from slidewire.intake.tools import Load
from slidewire.store.consent import subscriptions_of
from slidewire.store.database import Database

#: Requests that are looked at together in one process; it encodes for several networks, and sending goes first.
AT_ONCE = 2
_BUSY_RETRY = 5.0


@dataclass(frozen=True, slots=True)
class ValidationTools:
    """What this works with."""

    intake: Intake
    fetcher: ContentFetcher
    database: Database
    store: ContentStore
    av: AvPool
    measure: Measure
    count: Count


class Validation:
    """Looks at requests."""

    def __init__(self, tools: ValidationTools) -> None:
        self._tools = tools
        self._under_way = 0

    async def validate(
        self, request: CheckedRequest, account: Account, found: AllFaults, hung_up: Callable[[], Awaitable[None]]
    ) -> Validated:
        """Everything about ``request``, whose fields were checked; ``found``: their faults.

        Raises OverloadedError where too many are looked at, CallerGoneError.
        """
        if self._under_way >= AT_ONCE:
            raise OverloadedError(_BUSY_RETRY)
        self._under_way += 1
        try:
            return await unless_gone(self._looked_at(request, account, found), hung_up)
        finally:
            self._under_way -= 1

    async def _looked_at(self, request: CheckedRequest, account: Account, found: AllFaults) -> Validated:
        way = await self._way(request, account, found) if request.receiver and request.sender else None
        fetched, refused = await self._fetched(request, account)
        found.found += refused
        warnings = (*request.warnings, *fetched.warnings)
        if way is None:
            return Validated(request.receiver, tuple(found.found), warnings)
        load = Load(fetched.slides, _nothing, mms_id=1)
        message = await self._tools.intake.message_of(request, account, way, load)
        networks = () if refused or way.is_sms else await self._tools.measure(message)
        segments = self._tools.count(message, account)
        return Validated(request.receiver, tuple(found.found), warnings, networks, segments)

    async def _way(self, request: CheckedRequest, account: Account, found: AllFaults) -> Way | None:
        """Consent, operator and route; None where no route takes it."""
        try:
            await self._tools.intake.check_clearance(request, account)
        except FaultError as fault:
            found.found.append(fault)
            if fault.fault is Fault.RECEIVER_BLOCKED and await self._is_not_subscribed(request, account):
                found.found.append(Fault.NOT_SUBSCRIBED.error())
        try:
            return await self._tools.intake.way_of(request, account)
        except FaultError as fault:
            found.found.append(fault)
            return None

    async def _is_not_subscribed(self, request: CheckedRequest, account: Account) -> bool:
        """Asked of who is blocked alone: a block hides it."""
        if not account.settings.enforce_campaign or not request.campaign:
            return False
        known = await self._tools.database.read(lambda c: subscriptions_of(c, request.receiver, account.id))
        return not any(each.campaign == request.campaign and each.state is Consent.SUBSCRIBED for each in known)

    async def _fetched(self, request: CheckedRequest, account: Account) -> tuple[FetchedSlides, list[FaultError]]:
        """The slides with every file that can be had, and the faults of the others in their order."""
        policy = FetchPolicy(account.id, account.settings.keep_url_queries, request.use_cache)
        places = [(at, _alone(request.slides, at, n)) for at, slide in enumerate(request.slides) for n in _order(slide)]
        results = await asyncio.gather(
            *(self._tools.fetcher.fetch_slides(alone, policy) for _, alone in places), return_exceptions=True
        )
        parts: list[list[Part]] = [[] for _ in request.slides]
        refused: list[FaultError] = []
        warnings: list[str] = []
        for (at, _), result in zip(places, results, strict=True):
            if isinstance(result, FaultError):
                refused.append(result)
            elif isinstance(result, BaseException):
                raise result
            else:
                [part] = result.slides[at].parts
                parts[at].append(part)
                warnings += result.warnings
                refused += await self._unplayable(part, at + 1)
        slides = (
            Slide(each.text, each.duration, tuple(mine)) for each, mine in zip(request.slides, parts, strict=True)
        )
        return FetchedSlides(tuple(slides), tuple(warnings)), refused

    async def _unplayable(self, part: Part, slide: int) -> list[FaultError]:
        """The fault of audio or video for which a sent message would end with E012 or E013 (settled 19)."""
        if part.kind not in ENCODED:
            return []
        path = await self._tools.store.path(part.content.digest)
        try:
            await self._tools.av.probe(path, BY_TYPE[part.content.type])
        except AvRefusedError as error:
            if part.kind is Kind.VIDEO:
                return [Fault.VIDEO_CODECS.error(str(error), slide=slide)]
            return [Fault.TYPE_UNKNOWN.error(f"audio in slide {slide}: {error}")]
        except (AvBusyError, AvFailedError):
            return []  # for a reason of the machine's: the message would be looked at again
        return []


def _order(slide: CheckedSlide) -> Sequence[int]:
    """The media of a slide, image, audio, video, object (settled 1 l)."""
    ranks = ("image", "audio", "video")
    kinds = [medium.kind.value for medium in slide.media]
    return sorted(range(len(kinds)), key=lambda n: ranks.index(kinds[n]) if kinds[n] in ranks else len(ranks))


def _alone(slides: Sequence[CheckedSlide], at: int, medium: int) -> tuple[CheckedSlide, ...]:
    """The slides up to this one, with one medium in it and none in the others: a fault of it names its slide."""
    empty = tuple(replace(slide, media=()) for slide in slides[: at + 1])
    return (*empty[:-1], replace(empty[-1], media=(slides[at].media[medium],)))


async def _nothing() -> frozenset[str]:
    return frozenset()
