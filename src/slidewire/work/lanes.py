"""The lanes that this process holds of each route, and the pace that they give it (durability 5, 6).

A holder sends only within two thirds of its lease by its own clock; who has just taken a lane starts without tokens.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from slidewire.carriers.shaping import Bucket
from slidewire.domain.lanes import Held
from slidewire.store.lanes import Look, Seen, keep_lanes, lane_holders, leave_lanes, see
from slidewire.store.leases import dead_nodes, living_nodes
from slidewire.work.means import Means

log = structlog.get_logger(__name__)

#: Of a lease: after how much of it it is renewed, and for how much of it its holder sends.
RENEW, USABLE = 0.3, 2 / 3
#: Of its share: several holders whose commits stall together come late together, and may not catch up together.
_MARGIN = 0.99
#: A change of the present rate that is worth writing down, as a share of the rate.
_WORTH = 0.1


class Paced(Protocol):
    """What is told its rate: the bucket of an MM7 route, the pace of an SMPP route."""

    @property
    def present_share(self) -> float:
        """Of its rate, after throttling."""

    def set_rate(self, rate: float, present_share: float | None = None) -> None:
        """From now on ``rate`` a second; ``present_share``: where another holder had slowed down to."""


class BucketPace:
    """A bucket that is told its rate."""

    def __init__(self, bucket: Bucket, monotonic: Callable[[], float]) -> None:
        self._bucket = bucket
        self._monotonic = monotonic

    @property
    def present_share(self) -> float:
        """Of its rate, after throttling."""
        return self._bucket.present_rate / self._bucket.rate

    def set_rate(self, rate: float, present_share: float | None = None) -> None:
        """From now on ``rate`` a second."""
        self._bucket.change(self._monotonic(), rate, present_share)


@dataclass(frozen=True, slots=True)
class Shared:
    """A route whose rate is shared."""

    queue: str
    paced: Paced
    begin: Callable[[], None] = lambda: None  #: a lane is ours: be ready to send


@dataclass(frozen=True, slots=True)
class Terms:
    """The rate of a route and by how many lanes it is shared."""

    rate: float
    lanes: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who lives, where the system tells it at once (SQLite); ``living`` 0: the database's clock tells."""

    dead: frozenset[str] = frozenset()
    living: int = 0


#: Asked at each look.
Census = Callable[[], Awaitable[Neighbours]]


async def by_clock() -> Neighbours:
    """The database's clock tells who lives."""
    return Neighbours()


class ByLocks:
    """Locks on files tell at once who lives, on one machine."""

    def __init__(self, means: Means, folder: Path) -> None:
        """``folder``: where the nodes of this database hold their locks; ours is among them."""
        self._means = means
        self._folder = folder

    async def __call__(self) -> Neighbours:
        """Who lives now."""
        holders = await self._means.database.look(lane_holders)
        dead = dead_nodes(self._folder, [holder for holder in holders if holder != self._means.node])
        return Neighbours(frozenset(dead), max(living_nodes(self._folder), 1))


class Lanes:
    """``look`` again and again; ``leave`` at the end."""

    def __init__(self, means: Means, shared: Mapping[str, Shared], terms: Mapping[str, Terms], lease: float) -> None:
        """``terms``: of each route in ``shared``. ``lease``: seconds."""
        self._means = means
        self._shared = shared
        self._terms = dict(terms)
        self._lease = lease
        self._held: dict[str, Held] = {}
        self._rates: dict[str, float] = {}
        self._told: dict[str, float] = {}  # route -> the rate that its pace has been told
        self._written: dict[str, float] = {}
        self._renewed_at = -lease
        self._ends_by_clock = True
        self._left = False

    def holds(self, route: str) -> bool:
        """Whether ``route`` may be sent on from here, now."""
        held = self._held.get(route)
        return held is not None and held.lanes > 0 and self._is_fresh()

    def holds_any(self) -> bool:
        """Whether any route may be sent on from here, now."""
        return any(map(self.holds, self._held))

    def change(self, terms: Mapping[str, Terms]) -> None:
        """The settings were changed; routes that are not among ours are for the next start."""
        self._terms |= {route: each for route, each in terms.items() if route in self._terms}
        self._apply(())

    async def look(self, census: Census) -> None:
        """Renew, give back, take; and tell every route its rate."""
        if self._left:
            return
        neighbours = await census()
        self._ends_by_clock = not neighbours.living
        began = self._means.monotonic()
        look = Look(
            node=self._means.node,
            now=self._means.now(),
            lease_ms=round(self._lease * 1000),
            lanes={route: terms.lanes for route, terms in self._terms.items()},
            present={route: each.paced.present_share for route, each in self._shared.items()},
            dead=neighbours.dead,
            living=neighbours.living,
        )
        seen = await self._means.database.look(lambda place: see(place, look))
        if seen.wanted or self._is_due(began, look.present):
            seen = await self._means.database.write(lambda c: keep_lanes(c, look))
            self._renewed_at = began
            self._written = dict(look.present)
        self._took(seen)

    async def leave(self) -> None:
        """Send no more, and let others have the lanes."""
        self._left = True
        self._held = {}
        now = self._means.now()
        try:
            await self._means.database.write(lambda c: leave_lanes(c, self._means.node, now))
        except Exception as error:  # noqa: BLE001  # a database away for a while: they end with their lease
            log.warning("lanes could not be given back", error=repr(error)[:300])

    def _is_fresh(self) -> bool:
        return not self._ends_by_clock or self._means.monotonic() - self._renewed_at < self._lease * USABLE

    def _is_due(self, now: float, present: Mapping[str, float]) -> bool:
        if self._ends_by_clock and now - self._renewed_at >= self._lease * RENEW:
            return True
        return any(abs(share - self._written.get(route, 1.0)) > _WORTH for route, share in present.items())

    def _took(self, seen: Seen) -> None:
        before, self._held = self._held, {} if self._left else dict(seen.held)
        self._rates = dict(seen.rates)
        new = [route for route, held in self._held.items() if held.lanes and not self._had(before, route)]
        self._apply(new)
        for route in new:
            log.info("lanes taken", route=route, lanes=self._held[route].lanes, of=self._held[route].of)
            self._shared[route].begin()
            self._means.wake(self._shared[route].queue)

    def _had(self, before: Mapping[str, Held], route: str) -> bool:
        return route in before and before[route].lanes > 0

    def _apply(self, new: Sequence[str]) -> None:
        for route, held in self._held.items():
            if not held.lanes:
                continue
            rate = self._rates.get(route, self._terms[route].rate) * held.share
            if held.lanes < held.of:
                rate *= _MARGIN
            if route in new:
                self._shared[route].paced.set_rate(rate, held.present)
            elif rate != self._told.get(route):
                self._shared[route].paced.set_rate(rate)
            self._told[route] = rate
