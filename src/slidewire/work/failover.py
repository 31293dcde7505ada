"""Which routes are away, told to all processes; and what waits for one that is goes by another (durability 3, 6).

A route that is away is found to be back by a message that is sent by it. Where all that comes and all that waits goes
round it there is none: then it says that it wants one, and each process lets one through.

Only what waits to be sent is moved: a submission whose answer was lost stays where it may have arrived until its wait
is over, and is in a queue of its own until then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from slidewire.carriers.base import Route
from slidewire.carriers.health import Breaker
from slidewire.domain.message import Message
from slidewire.domain.task import SUBMITTING, TaskKind
from slidewire.domain.turns import waiting_of
from slidewire.store import tasks
from slidewire.store.away import away_routes, tell_away, tell_back
from slidewire.work.endings import Attempt
from slidewire.work.means import Means
from slidewire.work.settle import Settler
from slidewire.work.sweep import LEASE_MS

log = structlog.get_logger(__name__)

#: Milliseconds that a word on a route holds, and seconds after which it is said again.
KEEP_MS, AGAIN = 15_000, 5.0
#: Milliseconds: what is due within them is probed with, and no other message is wanted.
_SOON_MS = 60_000
#: Seconds after which a process lets another message through: the first may wait for something else.
_LET_AGAIN = 2.0
#: Messages looked at in one look at one route.
_CHUNK = 200


class Away:
    """The routes that cannot be reached, as all processes know them. ``look`` again and again."""

    def __init__(self, means: Means, breakers: Mapping[str, Breaker], holds: Callable[[str], bool]) -> None:
        """``breakers``: of this process's routes; ``holds``: whether it may send on one now; else others know."""
        self._means = means
        self._breakers = breakers
        self._holds = holds
        self._told: dict[str, bool] = {}
        self._told_at = 0.0
        self._let_at: dict[str, float] = {}  # route -> when a message of ours was let through to it
        self.routes: frozenset[str] = frozenset()
        self.wanting: frozenset[str] = frozenset()  #: those that want a message to be probed with

    def ours(self) -> list[str]:
        """The routes that this process has found to be away."""
        return [name for name, breaker in self._breakers.items() if breaker.is_open and self._holds(name)]

    def avoided(self) -> frozenset[str]:
        """The routes that a new message goes round: those away, but for one that is to be probed with it."""
        if not self.wanting:
            return self.routes
        since = self._means.monotonic() - _LET_AGAIN
        return self.routes - {name for name in self.wanting if self._let_at.get(name, since) <= since}

    def chosen(self, route: str) -> None:
        """A message goes by ``route``: where it was let through, it is the only one for a while."""
        if route in self.wanting:
            self._let_at[route] = self._means.monotonic()

    async def look(self) -> None:
        """Tell of ours, hear of all."""
        ours = {name: await self._wants_probe(name) for name in self.ours()}
        now, at = self._means.monotonic(), self._means.now()
        gone = self._told.keys() - ours.keys()
        if gone:
            await self._means.database.write(lambda c: tell_back(c, list(gone)))
        if ours.items() - self._told.items() or (ours and now - self._told_at >= AGAIN):
            await self._means.database.write(lambda c: tell_away(c, ours, at, KEEP_MS))
            self._told_at = now
        self._told = ours
        known = await self._means.database.look(lambda place: away_routes(place, at)) | ours
        self.routes, self.wanting = frozenset(known), frozenset(name for name, wants in known.items() if wants)

    async def _wants_probe(self, name: str) -> bool:
        """Whether its next probe may leave, and nothing waits there that it could be."""
        if self._breakers[name].probe_at > self._means.monotonic():
            return False
        queues, at = [kind.queue(name) for kind in SUBMITTING], self._means.now()
        return not await self._means.database.look(
            lambda place: any(tasks.has_due(place, queue, at, _SOON_MS) for queue in queues)
        )


@dataclass(frozen=True, slots=True)
class Detours:
    """Who goes by which other route, and when."""

    away: Away
    other: Callable[[Message], Route | None]  #: another route for a message than the one it has
    patience: float  #: seconds that a route must be away


class Failover:
    """Moves what waits for routes that are away."""

    def __init__(self, means: Means, routes: Mapping[str, Route], settler: Settler, detours: Detours) -> None:
        """``routes``: those for MMS."""
        self._means = means
        self._routes = routes
        self._settler = settler
        self._detours = detours
        self._away_since: dict[str, float] = {}
        self._looked: dict[str, str] = {}  # queue -> the last message that was looked at

    async def look(self) -> None:
        """One look at every route of ours."""
        now, away = self._means.monotonic(), self._detours.away.ours()
        self._away_since = {name: self._away_since.get(name, now) for name in away}
        for name, since in self._away_since.items():
            if name in self._routes and now - since >= self._detours.patience:
                await self.move(self._routes[name], TaskKind.DELIVER.queue(name))

    async def move(self, from_here: Route, queue: str) -> None:
        """Some of what waits in ``queue`` of a route, those that another can take."""
        after = self._looked.get(queue, "")
        waiting = await self._means.database.read(lambda c: tasks.waiting_after(c, queue, after, _CHUNK))
        self._looked[queue] = waiting[-1][1].id if len(waiting) == _CHUNK else ""
        moved = 0
        for task, message in waiting:
            if waiting_of(task.body, task.due_at) is not None:
                continue  # it waits for something else than its route, such as somebody to look at it
            route = self._detours.other(message)
            until = self._means.now() + LEASE_MS
            if route is not None and await self._means.database.write(
                lambda c, task=task, until=until: tasks.lease_one(c, task, self._means.node, until)  # type: ignore[misc]
            ):
                await self._settler.moved(Attempt(task, message, from_here), route)
                moved += 1
        if moved:
            log.warning("messages go by another route", route=from_here.name, messages=moved)
