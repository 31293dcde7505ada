"""Carriers, and whoever takes what they bring, counted: what passes them is what the figures tell of routes."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from slidewire.carriers.base import Carrier, Outcome, Receipt, Route, Submission, TakeReceipt, WayOut
from slidewire.domain.figures import (
    FETCHES,
    INBOUND,
    RECEIPTS,
    SEGMENTS,
    SUBMISSION_SECONDS,
    SUBMISSIONS,
    Figures,
)
from slidewire.domain.inbound import ArrivedMms, Inbound
from slidewire.domain.message import Message
from slidewire.domain.usage import Channel
from slidewire.outbound.fetch import FetchClient, FetchConfig, Fetched, FetchFailed, FetchRequest

Handed = TypeVar("Handed")
Brought = TypeVar("Brought", Inbound, ArrivedMms)
_NOT_MODIFIED = 304


class CountedWay(Generic[Handed]):
    """A way out whose outcomes are counted, with the time that they took."""

    def __init__(self, way: WayOut[Handed], route: Route, channel: Channel, figures: Figures) -> None:
        self._way = way
        self._route = route.name
        self._channel = channel.value
        self._figures = figures

    async def submit(self, submission: Handed, /) -> Outcome:
        """Hand over one submission. Network trouble is an Outcome, never an exception."""
        figures = self._figures
        began = figures.clock()
        outcome = await self._way.submit(submission)
        figures.time(SUBMISSION_SECONDS, figures.clock() - began, self._route)
        figures.add(SUBMISSIONS, self._route, self._channel, outcome.verdict.value)
        for segment in outcome.segments:
            figures.add(SEGMENTS, self._route, segment.verdict.value)
        return outcome

    async def close(self) -> None:
        """Close what it holds open."""
        await self._way.close()


class CountedCarrier(CountedWay[Submission]):
    """The same of a way out for MMS."""

    def __init__(self, carrier: Carrier, route: Route, figures: Figures) -> None:
        super().__init__(carrier, route, Channel.MMS, figures)
        self._carrier = carrier

    def overhead(self, message: Message) -> int:
        """Bytes, at most, that are posted around ``message``'s rendition."""
        return self._carrier.overhead(message)


class CountedFetches(FetchClient):
    """Fetches media, and counts what came of it."""

    def __init__(self, config: FetchConfig, figures: Figures) -> None:
        super().__init__(config)
        self._figures = figures

    async def fetch(self, request: FetchRequest) -> Fetched:
        """As a FetchClient. Raises FetchFailed."""
        try:
            fetched = await super().fetch(request)
        except FetchFailed as failure:
            self._figures.add(FETCHES, failure.reason.value)
            raise
        self._figures.add(FETCHES, "not modified" if fetched.status == _NOT_MODIFIED else "fetched")
        return fetched


def counted_receipts(take: TakeReceipt, figures: Figures) -> TakeReceipt:
    """Whoever takes receipts: those that were taken are counted."""

    async def take_and_count(receipt: Receipt) -> None:
        await take(receipt)
        figures.add(RECEIPTS, receipt.route, receipt.status.value)

    return take_and_count


def counted_inbound(
    take: Callable[[Brought], Awaitable[None]], channel: Channel, figures: Figures
) -> Callable[[Brought], Awaitable[None]]:
    """The same of messages of phones."""

    async def take_and_count(brought: Brought) -> None:
        await take(brought)
        figures.add(INBOUND, brought.route, channel.value)

    return take_and_count
