"""Where a route's setting says so, its outage turns MMS into SMS once the retry schedule is over (durability 6).

While a route is away its messages wait unattempted, so that their attempts never run out: what counts is the time.
"""

from collections.abc import Mapping

from slidewire.domain.task import TaskKind
from slidewire.domain.turns import waiting_of
from slidewire.store import tasks
from slidewire.work.deliver import Way
from slidewire.work.endings import Attempt
from slidewire.work.means import Means
from slidewire.work.settle import Settler
from slidewire.work.sweep import LEASE_MS

#: Messages turned in one look at one route.
_CHUNK = 500


class Outage:
    """Looks at the routes that have ``fallback_on_outage``."""

    def __init__(self, means: Means, ways: Mapping[str, Way], settler: Settler, patience: float) -> None:
        """``patience``: seconds that a route must be away, and a message must have waited."""
        self._means = means
        self._ways = tuple(way for way in ways.values() if way.route.fallback_on_outage)
        self._settler = settler
        self._patience = patience
        self._away_since: dict[str, float] = {}

    async def look(self) -> None:
        """One look."""
        now = self._means.monotonic()
        for way in self._ways:
            name = way.route.name
            if not way.breaker.is_open:
                self._away_since.pop(name, None)
            elif now - self._away_since.setdefault(name, now) >= self._patience:
                await self._turn(way)

    async def _turn(self, way: Way) -> None:
        now = self._means.now()
        queue, before = TaskKind.DELIVER.queue(way.route.name), now - round(self._patience * 1000)
        waiting = await self._means.database.read(lambda c: tasks.waiting_since(c, queue, before, _CHUNK))
        for task, message in waiting:
            if waiting_of(task.body, task.due_at) is not None:
                continue  # it waits for something else than its route, such as somebody to look at it
            attempt = Attempt(task, message, way.route)
            if self._settler.may_turn(attempt) and await self._means.database.write(
                lambda c, task=task: tasks.lease_one(c, task, self._means.node, now + LEASE_MS)  # type: ignore[misc]
            ):
                await self._settler.turn(attempt)
