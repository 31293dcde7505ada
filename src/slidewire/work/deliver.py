"""Hands messages to their routes: what may leave now, the rendition, the submission, the outcome recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slidewire.carriers.base import Carrier, Outcome, Route, Submission, Verdict
from slidewire.carriers.health import Breaker
from slidewire.carriers.shaping import Bucket
from slidewire.content.rendition import RenditionMaker
from slidewire.domain.events import Reason
from slidewire.domain.rendition import Rendition, Target, TooBigError
from slidewire.domain.task import TaskKind
from slidewire.store.hot import Claimed
from slidewire.work.means import Means
from slidewire.work.receipts import ReceiptDesk
from slidewire.work.settle import Attempt, Settler, shrink_of
from slidewire.work.worker import Room

#: Seconds a leased submission may take; a holder sends only within two thirds of it (durability 5).
LEASE = 90.0
SEND_WITHIN = LEASE * 2 / 3
#: Each time a carrier finds a message too big, it is made again for this share of the room before.
SHRINK = 0.7
#: Bytes to which the room for a body is rounded down.
STEP = 512


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
    lease = LEASE

    def __init__(
        self,
        means: Means,
        ways: Mapping[str, Way],
        maker: RenditionMaker,
        settler: Settler,
        desk: ReceiptDesk,
    ) -> None:
        self._means = means
        self._ways = ways
        self._maker = maker
        self._settler = settler
        self._desk = desk

    def room(self, door: str, running: int) -> Room:
        """Free connections, tokens and the route's health, whichever is least."""
        way = self._ways.get(door)
        if way is None:
            return Room(0, wait=60.0)
        now = self._means.monotonic()
        free = way.breaker.available(now, way.route.connections - running)
        if free <= 0:
            wait = way.breaker.probe_at - now if way.breaker.is_open and not running else 1.0
            return Room(0, wait=max(wait, 0.01))
        tokens = way.bucket.available(now)
        if tokens <= 0:
            return Room(0, wait=max(way.bucket.next_token_at(now) - now, 0.001))
        return Room(min(free, tokens))

    def take(self, door: str, count: int) -> None:
        """Use up tokens; while the route is down, the probe."""
        way = self._ways[door]
        now = self._means.monotonic()
        way.bucket.take(now, count)
        if count:
            way.breaker.take(now, count)

    async def run(self, claimed: Claimed) -> None:
        """One submission, from the claim to its outcome."""
        started = self._means.monotonic()
        way = self._ways[claimed.task.queue.partition(":")[2]]
        if claimed.message is None:
            raise LookupError("a delivery without its message")
        attempt = Attempt(claimed.task, claimed.message, way.route)
        if not await self._may_go(attempt):
            return
        rendition = await self._rendition(attempt, way.carrier)
        if rendition is None:
            return
        if self._means.monotonic() - started > SEND_WITHIN:
            await self._settler.give_back(attempt)
            return
        submission = Submission(attempt.message, attempt.task.transaction_id, rendition)
        outcome = await way.carrier.submit(submission)
        self._note(way, outcome)
        await self._settler.outcome(attempt, outcome)
        if outcome.carrier_ref:
            await self._desk.submitted(way.route.name, outcome.carrier_ref)

    async def _may_go(self, attempt: Attempt) -> bool:
        """What may have changed since the message was accepted (durability 25)."""
        if self._means.now() >= attempt.message.expires_at:
            await self._settler.expired(attempt)
            return False
        account = self._means.account(attempt.message.account_id)
        if account is None or account.disabled or account.settings.blocked:
            await self._settler.failed(attempt, Reason.ACCOUNT_OFF)
            return False
        return True

    async def _rendition(self, attempt: Attempt, carrier: Carrier) -> Rendition | None:
        message, route = attempt.message, attempt.route
        room = (route.max_bytes - carrier.overhead(message)) * SHRINK ** shrink_of(attempt.task)
        # whole steps, so that messages which differ by a subject share their rendition (durability 22)
        target = Target(max_bytes=int(room) // STEP * STEP if room > STEP else int(room), encoding=route.encoding)
        try:
            return await self._maker.make(message.slides, target)
        except TooBigError as error:
            operator = message.operator or message.spid or "unknown"
            detail = f"operator {operator}, limit {route.max_bytes} bytes, size {error.size} bytes at best"
            await self._settler.failed(attempt, Reason.TOO_BIG, detail)
        except FileNotFoundError:
            await self._settler.failed(attempt, Reason.CONTENT_LOST)
        return None

    def _note(self, way: Way, outcome: Outcome) -> None:
        now = self._means.monotonic()
        way.breaker.record(outcome, now)
        if outcome.verdict is Verdict.THROTTLED:
            way.bucket.throttled(now, outcome.retry_after)


class Uncertain:
    """The step of ``uncertain:<route>``: the wait for a receipt is over."""

    kind = TaskKind.UNCERTAIN
    lease = 30.0

    def __init__(self, route: Callable[[str], Route | None], settler: Settler) -> None:
        self._route = route
        self._settler = settler

    def room(self, door: str, running: int) -> Room:
        """A few at a time."""
        return Room(max(20 - running, 0) if self._route(door) else 0)

    def take(self, door: str, count: int) -> None:
        """No tokens are used: nothing is sent."""

    async def run(self, claimed: Claimed) -> None:
        """Send again, or give up, as the route says."""
        route = self._route(claimed.task.queue.partition(":")[2])
        if route is None or claimed.message is None:
            raise LookupError("an uncertain submission without its route or message")
        await self._settler.uncertain_over(Attempt(claimed.task, claimed.message, route))


class Stray:
    """The step of ``receipt:``: receipts whose submission was not known when they came."""

    kind = TaskKind.RECEIPT
    lease = 30.0

    def __init__(self, desk: ReceiptDesk) -> None:
        self._desk = desk

    def room(self, door: str, running: int) -> Room:  # noqa: ARG002  # the seam's shape
        """A few at a time."""
        return Room(max(20 - running, 0))

    def take(self, door: str, count: int) -> None:
        """Nothing is used up."""

    async def run(self, claimed: Claimed) -> None:
        """Look once more."""
        await self._desk.try_again(claimed.task)
