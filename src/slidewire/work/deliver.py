"""Hands messages to their routes: what may leave now, the rendition, the submission, the outcome recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog

from slidewire.carriers.base import Carrier, Outcome, Route, Submission, Verdict
from slidewire.carriers.health import Breaker
from slidewire.carriers.shaping import Bucket
from slidewire.content.pool import MediaBusyError, MediaFailedError, MediaRefusedError
from slidewire.content.store import ContentAwayError
from slidewire.domain.events import Reason
from slidewire.domain.task import TaskKind, door_of
from slidewire.store.hot import Claimed
from slidewire.work.endings import Attempt
from slidewire.work.ends import Ends
from slidewire.work.leases import Leave
from slidewire.work.means import Means
from slidewire.work.places import InPlaces, Places
from slidewire.work.receipts import ReceiptDesk
from slidewire.work.refit import smaller_first
from slidewire.work.renditions import Ready, Renditions, SmallerFirstError, UnfitError
from slidewire.work.settle import Settler
from slidewire.work.worker import Room

log = structlog.get_logger(__name__)

#: Tasks that only touch the store, under way at once.
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Way:
    """A route with what holds its pace and its health."""

    route: Route
    carrier: Carrier
    bucket: Bucket
    breaker: Breaker


class Deliver:
    """The step of ``deliver:<route>``."""

    kind = TaskKind.DELIVER

    def __init__(
        self,
        means: Means,
        ways: Mapping[str, Way],
        renditions: Renditions,
        ends: Ends,
        leave: Leave,
    ) -> None:
        self._means = means
        self._ways = ways
        self._renditions = renditions
        self._settler = ends.settler
        self._desk = ends.desk
        self._leave = leave
        self.lease = leave.leases.seconds
        self._asked_at: dict[str, float] = {}  # door -> when its tokens were counted for the claim
        self._places = Places(lambda door: ways[door].route.connections)

    def room(self, door: str) -> Room:
        """Free connections, tokens and the route's health, whichever is least."""
        way = self._ways.get(door)
        if way is None:
            return Room(0, wait=60.0)
        if not self._leave.lanes.holds(door):
            return Room(0)
        now = self._asked_at[door] = self._means.monotonic()
        free = way.breaker.available(now, self._places.free(door))
        if free <= 0:
            wait = way.breaker.probe_at - now if way.breaker.is_open and not self._places.taken(door) else 1.0
            return Room(0, wait=max(wait, 0.01))
        tokens = way.bucket.available(now)
        if tokens <= 0:
            return Room(0, wait=max(way.bucket.next_token_at(now) - now, 0.001))
        return Room(min(free, tokens))

    def uncertain_wait(self, door: str) -> float:
        """As the route says."""
        return self._ways[door].route.uncertain_wait

    def take(self, door: str, count: int) -> None:
        """Use up tokens and connections; while the route is down, the probe."""
        if not count:
            return
        way = self._ways[door]
        now = self._means.monotonic()
        way.bucket.take(self._asked_at[door], count)  # what it earned while the claim was written is not lost
        way.breaker.take(now, count)
        self._places.take(door, count)

    async def run(self, claimed: Claimed) -> None:
        """One submission, from the claim to its outcome."""
        way = self._ways[door_of(claimed.task.queue)]
        if claimed.message is None:
            raise LookupError("a delivery without its message")
        attempt = Attempt(claimed.task, claimed.message, way.route, claimed.clearance, claimed.handset)
        with self._leave.leases.held(claimed.task):
            try:
                submitted = await self._submitted(attempt, way)
            finally:
                self._places.leave(way.route.name)
                self._means.freed(claimed.task.queue)
            if submitted is None:
                return
            attempt, outcome = submitted
            await self._settler.outcome(attempt, outcome)
        if outcome.carrier_ref:
            await self._desk.submitted(way.route.name, outcome.carrier_ref)

    async def _submitted(self, attempt: Attempt, way: Way) -> tuple[Attempt, Outcome] | None:
        """The carrier's answer, and what was made for it.

        None when nothing was sent and the task has ended or waits again.
        """
        if not await self._settler.may_go(attempt):
            return None
        ready = await self._ready(attempt, way.carrier)
        if ready is None:
            return None
        if not self._leave.may_send(attempt.task):
            await self._settler.give_back(attempt)
            return None
        submission = Submission(ready.message, attempt.task.transaction_id, ready.rendition)
        outcome = await way.carrier.submit(submission)
        if outcome.verdict is Verdict.TOO_BIG:
            outcome = replace(outcome, detail=f"{ready.limit()}: {outcome.detail}")
        now = self._means.monotonic()
        was_away = way.breaker.is_open
        way.breaker.record(outcome, now)
        if was_away and not way.breaker.is_open:
            way.bucket.begin_slowly(now)
        if outcome.verdict is Verdict.THROTTLED:
            way.bucket.throttled(now, outcome.retry_after)
        if outcome.alarm:
            log.error("the route needs its admin", route=way.route.name, said=outcome.detail)
        task, message = attempt.task, attempt.message
        size = ready.rendition.size
        return Attempt(task, message, way.route, attempt.clearance, attempt.handset, ready.notes, size), outcome

    async def _ready(self, attempt: Attempt, carrier: Carrier) -> Ready | None:
        """What can be submitted; None when there is nothing and the task has ended or waits again."""
        try:
            return await self._renditions.make(attempt, carrier)
        except UnfitError as error:
            await self._settler.too_big(attempt, str(error))
        except SmallerFirstError as error:
            smaller = smaller_first(attempt.task, error.wanted, str(error), self._means.now())
            await self._settler.goes_on(attempt, smaller, (Reason.TOO_BIG, f"{error}: encoded again for this network"))
        except FileNotFoundError:
            await self._settler.failed(attempt, Reason.CONTENT_LOST)
        except MediaRefusedError as error:
            await self._settler.failed(attempt, Reason.CONTENT_REFUSED, error.detail)
        except ContentAwayError as error:
            await self._settler.outcome(attempt, Outcome(Verdict.RETRY, detail=str(error)))
        except (MediaBusyError, MediaFailedError) as error:
            await self._settler.outcome(attempt, Outcome(Verdict.RETRY, detail=str(error), few_tries=True))
        return None


class Uncertain(InPlaces):
    """The step of ``uncertain:<route>``: the wait for a receipt is over."""

    kind = TaskKind.UNCERTAIN
    lease = 30.0

    def __init__(self, route: Callable[[str], Route | None], settler: Settler) -> None:
        super().__init__(lambda door: AT_ONCE if route(door) else 0)
        self._route = route
        self._settler = settler

    async def run(self, claimed: Claimed) -> None:
        """Send again, or give up, as the route says."""
        door = door_of(claimed.task.queue)
        route = self._route(door)
        try:
            if route is None or claimed.message is None:
                raise LookupError("an uncertain submission without its route or message")
            await self._settler.uncertain_over(Attempt(claimed.task, claimed.message, route))
        finally:
            self._places.leave(door)


class Stray(InPlaces):
    """The step of ``receipt:``: receipts whose submission was not known when they came."""

    kind = TaskKind.RECEIPT
    lease = 30.0

    def __init__(self, desk: ReceiptDesk) -> None:
        super().__init__(lambda _door: AT_ONCE)
        self._desk = desk

    async def run(self, claimed: Claimed) -> None:
        """Look once more."""
        try:
            await self._desk.try_again(claimed.task)
        finally:
            self._places.leave(door_of(claimed.task.queue))
