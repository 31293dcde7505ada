"""Which routes are away, told to all processes; and what waits for one that is goes by another (durability 3, 6).

Only what waits to be sent is moved: a submission whose answer was lost stays where it may have arrived until its wait
is over, and is in a queue of its own until then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from slidewire.carriers.base import Route
from slidewire.carriers.health import Breaker
from slidewire.domain.message import Message
from slidewire.domain.task import TaskKind
from slidewire.store import tasks
from slidewire.store.away import away_routes, tell_away, tell_back
from slidewire.work.endings import Attempt
from slidewire.work.means import Means
from slidewire.work.settle import Settler
from slidewire.work.sweep import LEASE_MS

log = structlog.get_logger(__name__)

#: Milliseconds that a word on a route holds, and seconds after which it is said again.
KEEP_MS, AGAIN = 15_000, 5.0
#: Messages looked at in one look at one route.
_CHUNK = 200


class Away:
    """The routes that cannot be reached, as all processes know them. ``look`` again and again."""

    def __init__(self, means: Means, breakers: Mapping[str, Breaker], holds: Callable[[str], bool]) -> None:
        """``breakers``: of this process's routes; ``holds``: whether it may send on one now; else others know."""
        self._means = means
        self._breakers = breakers
        self._holds = holds
        self._told: frozenset[str] = frozenset()
        self._told_at = 0.0
        self.routes: frozenset[str] = frozenset()

    def ours(self) -> list[str]:
        """The routes that this process has found to be away."""
        return [name for name, breaker in self._breakers.items() if breaker.is_open and self._holds(name)]

    async def look(self) -> None:
        """Tell of ours, hear of all."""
        ours = frozenset(self.ours())
        now, at = self._means.monotonic(), self._means.now()
        gone = self._told - ours
        if gone:
            await self._means.database.write(lambda c: tell_back(c, list(gone)))
        if ours - self._told or (ours and now - self._told_at >= AGAIN):
            await self._means.database.write(lambda c: tell_away(c, list(ours), at, KEEP_MS))
            self._told_at = now
        self._told = ours
        self.routes = await self._means.database.look(lambda place: away_routes(place, at)) | ours


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
        self._looked: dict[str, str] = {}  # route -> the last message that was looked at

    async def look(self) -> None:
        """One look at every route of ours."""
        now, away = self._means.monotonic(), self._detours.away.ours()
        self._away_since = {name: self._away_since.get(name, now) for name in away}
        for name, since in self._away_since.items():
            if name in self._routes and now - since >= self._detours.patience:
                await self._move(self._routes[name])

    async def _move(self, from_here: Route) -> None:
        name = from_here.name
        queue, after = TaskKind.DELIVER.queue(name), self._looked.get(name, "")
        waiting = await self._means.database.read(lambda c: tasks.waiting_after(c, queue, after, _CHUNK))
        self._looked[name] = waiting[-1][1].id if len(waiting) == _CHUNK else ""
        moved = 0
        for task, message in waiting:
            route = self._detours.other(message)
            until = self._means.now() + LEASE_MS
            if route is not None and await self._means.database.write(
                lambda c, task=task, until=until: tasks.lease_one(c, task, self._means.node, until)  # type: ignore[misc]
            ):
                await self._settler.moved(Attempt(task, message, from_here), route)
                moved += 1
        if moved:
            log.warning("messages go by another route", route=name, messages=moved)
