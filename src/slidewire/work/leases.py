"""Leases of what is on the wire: renewed while it is, so that they may be short (durability 2, 5).

A short lease tells soon that a node is gone; a submission may take longer than that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from slidewire.domain.task import Task, door_of
from slidewire.store import tasks
from slidewire.work.lanes import RENEW, USABLE, Lanes
from slidewire.work.means import Means


class Leases:
    """Of this process. ``look`` again and again, a few times in a lease."""

    def __init__(self, means: Means, seconds: float) -> None:
        self.seconds = seconds
        self._means = means
        self._held: dict[str, tuple[Task, float]] = {}  # task id -> the task, and when its lease began

    @contextmanager
    def held(self, task: Task) -> Iterator[None]:
        """``task`` was claimed just now and is under way."""
        self._held[task.id] = task, self._means.monotonic()
        try:
            yield
        finally:
            del self._held[task.id]

    def may_send(self, task: Task) -> bool:
        """Whether its lease lasts long enough for it to leave now."""
        return self._means.monotonic() - self._held[task.id][1] < self.seconds * USABLE

    async def look(self) -> None:
        """Renew what has been under way for a while."""
        now = self._means.monotonic()
        old = [task for task, since in self._held.values() if now - since >= self.seconds * RENEW]
        if not old:
            return
        at, lease_ms = self._means.now(), round(self.seconds * 1000)
        node = self._means.node
        await self._means.database.write(lambda c: tasks.renew_leases(c, old, node, at, lease_ms))
        for task in old:
            if task.id in self._held:
                self._held[task.id] = task, now


@dataclass(frozen=True, slots=True)
class Leave:
    """What lets a submission leave from here: a lane of its route, and its own lease."""

    lanes: Lanes
    leases: Leases

    def may_send(self, task: Task) -> bool:
        """Whether both last long enough (durability 5)."""
        return self.lanes.holds(door_of(task.queue)) and self.leases.may_send(task)
