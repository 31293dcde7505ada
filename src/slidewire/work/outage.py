"""Where a route's setting says so, its outage turns MMS into SMS once the retry schedule is over (durability 6).

While a route is away its messages wait unattempted, so that their attempts never run out: what counts is the time.
"""

from collections.abc import Callable, Collection, Iterable

from slidewire.carriers.base import Route
from slidewire.domain.task import TaskKind
from slidewire.domain.turns import waiting_of
from slidewire.store import tasks
from slidewire.work.endings import Attempt
from slidewire.work.means import Means
from slidewire.work.settle import Settler
from slidewire.work.sweep import LEASE_MS

#: Messages turned in one look at one route.
_CHUNK = 500


class Outage:
    """Looks at the routes that have ``fallback_on_outage``."""

    def __init__(
        self,
        means: Means,
        routes: Iterable[Route],
        settler: Settler,
        away: Callable[[], Collection[str]],
        patience: float,
    ) -> None:
        """``away``: the routes that this process may send on and cannot reach; of others it knows nothing.

        ``patience``: seconds that a route must be away, and a message must have waited.
        """
        self._means = means
        self._routes = tuple(route for route in routes if route.fallback_on_outage)
        self._settler = settler
        self._away = away
        self._patience = patience
        self._away_since: dict[str, float] = {}

    async def look(self) -> None:
        """One look."""
        now, away = self._means.monotonic(), self._away()
        for route in self._routes:
            if route.name not in away:
                self._away_since.pop(route.name, None)
            elif now - self._away_since.setdefault(route.name, now) >= self._patience:
                await self._turn(route)

    async def _turn(self, route: Route) -> None:
        now = self._means.now()
        queue, before = TaskKind.DELIVER.queue(route.name), now - round(self._patience * 1000)
        waiting = await self._means.database.read(lambda c: tasks.waiting_since(c, queue, before, _CHUNK))
        for task, message in waiting:
            if waiting_of(task.body, task.due_at) is not None:
                continue  # it waits for something else than its route, such as somebody to look at it
            attempt = Attempt(task, message, route)
            if self._settler.may_turn(attempt) and await self._means.database.write(
                lambda c, task=task: tasks.lease_one(c, task, self._means.node, now + LEASE_MS)  # type: ignore[misc]
            ):
                await self._settler.turn(attempt)
