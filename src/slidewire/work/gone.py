"""Messages of routes that are in the settings no more: nobody else looks into their queues.

A node that has older settings than others knows less than they do: what may be theirs is left alone for a while.
"""

from collections.abc import Collection
from dataclasses import dataclass

import structlog

from slidewire.carriers.base import Route
from slidewire.carriers.choice import MMS, SMS
from slidewire.domain.events import Reason
from slidewire.domain.task import SUBMITTING, TaskKind, door_of, present
from slidewire.store import tasks
from slidewire.work.endings import Attempt
from slidewire.work.failover import Failover
from slidewire.work.means import Means
from slidewire.work.settle import Settler
from slidewire.work.sweep import LEASE_MS, ClockWatch

log = structlog.get_logger(__name__)

#: Messages ended in one look at one queue.
_CHUNK = 200
_OF_ROUTES = (*SUBMITTING, TaskKind.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class GoneRoutes:
    """Ends what may have arrived, moves MMS that have not left; SMS that have not end with their validity."""

    means: Means
    clock: ClockWatch
    settler: Settler
    failover: Failover
    known: Collection[str]  #: the routes of the settings
    patience_ms: int  #: how long a task is due before it is looked at

    async def look(self) -> None:
        """One look at every queue of a route that is gone."""
        if not self.clock.is_sound:
            return
        before = self.means.now() - self.patience_ms
        for head in await self.means.database.read(tasks.queue_heads):
            kind = next((kind for kind in _OF_ROUTES if present(head.queue).startswith(kind.queue())), None)
            if kind is not None and door_of(head.queue) not in self.known and head.due_at <= before:
                await self._look_into(head.queue, kind, before)

    async def _look_into(self, queue: str, kind: TaskKind, before: int) -> None:
        route = Route(door_of(queue), SMS if kind is TaskKind.TEXT else MMS, "")
        held = kind is not TaskKind.UNCERTAIN  # what has left of the others is what somebody holds who is gone
        left = await self.means.database.read(lambda c: tasks.overdue(c, queue, before, _CHUNK, held=held))
        for task, message in left:
            until = self.means.now() + LEASE_MS
            if await self.means.database.write(
                lambda c, task=task, until=until: tasks.take_over(c, task, self.means.node, until)  # type: ignore[misc]
            ):
                detail = f"route {route.name} is in the settings no more; it may have arrived"
                await self.settler.failed(Attempt(task, message, route), Reason.UNCERTAIN, detail)
        if left:
            log.warning("messages ended whose route is gone", route=route.name, messages=len(left))
        if kind is TaskKind.DELIVER:
            await self.failover.move(route, queue)
