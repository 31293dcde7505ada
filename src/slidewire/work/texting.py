"""Hands over SMS, fallbacks and texts: what it says made once, each segment sent until it is taken (durability 9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from slidewire.carriers.base import Outcome, Route, SmsCarrier, SmsSubmission, Verdict
from slidewire.carriers.health import Breaker
from slidewire.carriers.smpp.text import Writing, fallback_text, segments
from slidewire.domain.events import Reason
from slidewire.domain.message import Message
from slidewire.domain.segment import Segment
from slidewire.domain.spending import day_of
from slidewire.domain.task import TaskKind, door_of
from slidewire.store import links
from slidewire.store.database import Connection
from slidewire.store.hot import Claimed
from slidewire.store.segments import SegmentState, insert_segments, read_all_segments
from slidewire.store.sms_days import Spend, spend
from slidewire.work.endings import Attempt
from slidewire.work.ends import Ends
from slidewire.work.leases import Leave
from slidewire.work.means import Means
from slidewire.work.places import Places
from slidewire.work.receipts import Expected
from slidewire.work.worker import Room

log = structlog.get_logger(__name__)

#: Seconds: a route that answers within the first is quick; of a slow rate no more is claimed than the second's worth.
QUICK = 0.5
WORTH = 5.0
#: What an SMS says that has neither text nor link nor subject: nothing at all cannot be sent.
_NOTHING = " "


@dataclass(frozen=True, slots=True)
class SmsWay:
    """An SMS route with its health and how its texts are written. Its pace is kept by the carrier, in segments."""

    route: Route
    carrier: SmsCarrier
    breaker: Breaker
    writing: Writing


@dataclass(frozen=True, slots=True)
class LinkMaker:
    """How page links are made."""

    key: Callable[[], links.LinkKey]  #: as it is now
    base: Callable[[], str]  #: what stands before /m/<token>
    token: Callable[[], str]

    async def for_mms(self, message: Message, means: Means) -> str:
        """The address that stands in an MMS for what a phone is not given; live before it is told (docs/adr/0087)."""
        key = self.key()
        token = key.token_in_mms(message.id)
        link = links.new_link(message, token, key, means.now())
        await means.commits.write(links.add_links, link)
        return links.link_address(self.base(), token)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a message's SMS will be, should it have none yet."""

    message: Message
    segments: tuple[Segment, ...]
    link: links.PageLink | None  #: of the page that they lead to; None: no link is wanted
    spend: Spend  #: what the account spends with it


class Text:
    """The step of ``text:<route>``."""

    kind = TaskKind.TEXT

    def __init__(self, means: Means, ways: Mapping[str, SmsWay], ends: Ends, link: LinkMaker, leave: Leave) -> None:
        self._means = means
        self._leave = leave
        self.lease = leave.leases.seconds
        self._ways = ways
        self._settler = ends.settler
        self._desk = ends.desk
        self._link = link
        self._places = Places(self._most)
        self._quick: set[str] = set()  # routes whose last answer came at once

    def room(self, door: str) -> Room:
        """What may be claimed beside what is; while the route is down, a probe now and then."""
        way = self._ways.get(door)
        if way is None:
            return Room(0, wait=60.0)
        if not self._leave.lanes.holds(door):
            return Room(0)
        now = self._means.monotonic()
        free = way.breaker.available(now, self._places.free(door))
        wait = way.breaker.probe_at - now if way.breaker.is_open and not self._places.taken(door) else 1.0
        return Room(free, wait=max(wait, 0.01))

    def _most(self, door: str) -> int:
        """What the window holds; as much again while the peer answers at once: the next are written meanwhile."""
        route = self._ways[door].route
        return min(route.window * (2 if door in self._quick else 1), max(1, round(route.rate * WORTH)))

    def uncertain_wait(self, door: str) -> float:
        """As the route says."""
        return self._ways[door].route.uncertain_wait

    def take(self, door: str, count: int) -> None:
        """Places; while the route is down, the probe."""
        if count:
            self._ways[door].breaker.take(self._means.monotonic(), count)
            self._places.take(door, count)

    async def run(self, claimed: Claimed) -> None:
        """One SMS, from the claim to its outcome."""
        way = self._ways[door_of(claimed.task.queue)]
        if claimed.message is None:
            raise LookupError("an SMS without its message")
        attempt = Attempt(claimed.task, claimed.message, way.route, claimed.clearance)
        with self._leave.leases.held(claimed.task):
            await self._sent(attempt, way)

    async def _sent(self, attempt: Attempt, way: SmsWay) -> None:
        expected = self._desk.expect(way.route.name)
        try:
            outcome = await self._on_the_wire(attempt, way, expected)
            if outcome is not None:
                for ref in filter(None, (segment.carrier_ref for segment in outcome.segments)):
                    expected.add(ref)
                await self._settler.sms_outcome(attempt, outcome)
        finally:
            await expected.stored()

    async def _on_the_wire(self, attempt: Attempt, way: SmsWay, expected: Expected) -> Outcome | None:
        """The carrier's answer; its place is free when it is there."""
        try:
            return await self._submitted(attempt, way, expected)
        finally:
            self._places.leave(way.route.name)
            self._means.freed(attempt.task.queue)

    async def _submitted(self, attempt: Attempt, way: SmsWay, expected: Expected) -> Outcome | None:
        if not await self._settler.may_go(attempt):
            return None
        left = await self._means.commits.write(_segments, self._drafted(attempt, way.writing))
        if left is None:
            await self._settler.failed(attempt, Reason.SMS_CAP)
            return None
        if not self._leave.may_send(attempt.task):
            await self._settler.give_back(attempt)
            return None
        submission = SmsSubmission(attempt.message, attempt.task.transaction_id, left, expected.add)
        began = self._means.monotonic()
        outcome = await way.carrier.submit(submission)
        now = self._means.monotonic()
        (self._quick.add if now - began < QUICK else self._quick.discard)(way.route.name)
        if outcome.verdict is not Verdict.THROTTLED:
            way.breaker.record(outcome, now)
        if outcome.alarm:
            log.error("the route needs its admin", route=way.route.name, said=outcome.detail)
        return outcome

    def _drafted(self, attempt: Attempt, writing: Writing) -> _Draft:
        """The text with the address of its page, in as many segments as its account may have."""
        message, account = attempt.message, self._means.account(attempt.message.account_id)
        most = account.settings.sms_segments if account else 1
        address, link = "", None
        if message.link_wanted:
            token = self._link.token()
            address = links.link_address(self._link.base(), token)
            link = links.new_link(message, token, self._link.key(), self._means.now())
        text = message.fallback_text
        if not message.is_text:  # what sendSMS asks for was found to fit, and goes as it is (settled 30)
            text = fallback_text(text or message.subject, address, most, writing)
        written = segments(text or _NOTHING, _reference(message), writing)
        cap = account.settings.sms_daily if account and not attempt.route.test else 0
        return _Draft(message, written, link, Spend(message.account_id, day_of(self._means.now()), len(written), cap))


def _reference(message: Message) -> int:
    """What tells a phone which segments are one text: of the message, for many share the MMS id of a template."""
    return int(message.id[-8:], 16)


def _segments(connection: Connection, drafts: Sequence[_Draft]) -> list[tuple[Segment, ...] | None]:
    """What is still to be sent of each; kept, with the page's link, when this is the first time.

    None: the account's cap of the day leaves no room for it, and nothing is kept.
    """
    kept = read_all_segments(connection, [draft.message.id for draft in drafts])
    new = [draft for draft in drafts if draft.message.id not in kept]
    allowed = spend(connection, [draft.spend for draft in new])
    refused = {draft.message.id for draft, ok in zip(new, allowed, strict=True) if not ok}
    new = [draft for draft in new if draft.message.id not in refused]
    links.add_link(connection, *(draft.link for draft in new if draft.link))
    insert_segments(connection, [(draft.message, draft.segments) for draft in new])
    waiting = {
        message_id: tuple(each.segment for each in known if each.state is SegmentState.WAITING)
        for message_id, known in kept.items()
    }
    return [None if draft.message.id in refused else waiting.get(draft.message.id, draft.segments) for draft in drafts]
