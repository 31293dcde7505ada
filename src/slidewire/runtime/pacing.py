"""The lanes of a worker's routes and the leases of what it sends, looked after; rates as the settings say them now."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog

from slidewire.carriers.base import Route
from slidewire.carriers.smpp.client import SmppCarrier
from slidewire.domain.task import SUBMITTING, TaskKind, present
from slidewire.runtime.configure import routes_of
from slidewire.settings import Settings, SettingsError
from slidewire.store.leases import NodeLock, lock_folder
from slidewire.store.sqlite import SqliteDatabase
from slidewire.work.deliver import Way
from slidewire.work.lanes import BucketPace, ByLocks, Census, Lanes, Shared, Terms, by_clock
from slidewire.work.leases import Leases, Leave
from slidewire.work.manners import Crowd
from slidewire.work.means import Means
from slidewire.work.sweep import Chore, DeadNodes, Sweeper

log = structlog.get_logger(__name__)

#: Seconds between two looks.
_EVERY = {"lanes": 0.5, "settings": 1.0, "nodes": 1.0}
#: Of the lease of what is on the wire: a lane is free sooner, for all that it stops is sending.
_OF_LANES = 0.7
#: Seconds of a lease where a lock tells that its holder lives: nobody waits for its end.
_LOCKED_LEASE = 90.0

_SUBMITTING = {kind.value for kind in SUBMITTING}

#: The settings as they are now, where they have changed; else None. Raises SettingsError.
Reread = Callable[[], Settings | None]


@dataclass(frozen=True, slots=True)
class Senders:
    """What sends on each route."""

    mms: Mapping[str, Way]
    sms: Mapping[str, SmppCarrier]

    def shared(self) -> dict[str, Shared]:
        """What is told its rate; an SMS route is bound by who holds a lane, and brings receipts from then on."""
        shared = {
            name: Shared(TaskKind.DELIVER.queue(name), BucketPace(way.bucket, time.monotonic))
            for name, way in self.mms.items()
        }
        for name, carrier in self.sms.items():
            shared[name] = Shared(TaskKind.TEXT.queue(name), carrier.pace, carrier.start)
        return shared


class Pacing:
    """``open`` it before a worker starts."""

    def __init__(self, means: Means, lease: float, reread: Reread | None) -> None:
        """``lease``: seconds, where the database's clock ends leases."""
        self._means = means
        self._reread = reread
        self._lease = lease if means.database.has_clock else _LOCKED_LEASE
        self.leases = Leases(means, self._lease)
        self.lanes: Lanes | None = None

    async def open(self, routes: Sequence[Route], senders: Senders, stack: AsyncExitStack) -> Leave:
        """Take lanes, and look after them until ``stack`` closes."""
        lanes = self.lanes = Lanes(self._means, senders.shared(), terms_of(routes), self._lease * _OF_LANES)
        census = self._census(stack)
        await lanes.look(census)
        chores = [
            Chore("lanes", _EVERY["lanes"], lambda: lanes.look(census)),
            Chore("leases", self._lease / 5, self.leases.look),
        ]
        if isinstance(self._means.database, SqliteDatabase):
            dead = DeadNodes(self._means, lock_folder(self._means.database.path))
            chores.append(Chore("nodes", _EVERY["nodes"], dead.look))
        if self._reread is not None:
            chores.append(Chore("settings", _EVERY["settings"], self._read_again))
        sweeper = Sweeper(tuple(chores))
        sweeper.start()
        stack.push_async_callback(sweeper.stop)
        return Leave(lanes, self.leases)

    def crowd(self, stack: AsyncExitStack) -> Crowd:
        """After ``open``: whether to help others would take the cores from them. For as long as ``stack`` is open."""
        assert self.lanes is not None  # noqa: S101  # they are open
        crowd = Crowd(self.lanes.holds_any, self._means.monotonic)
        stack.callback(crowd.close)
        return crowd

    def holds(self, route: str) -> bool:
        """Whether ``route`` may be sent on from here, now."""
        return self.lanes is not None and self.lanes.holds(route)

    def serves(self, queue: str) -> bool:
        """Whether this process may take what is in ``queue``: its route's lane may be another's."""
        kind, _, door = present(queue).partition(":")
        return kind not in _SUBMITTING or self.holds(door)

    def _census(self, stack: AsyncExitStack) -> Census:
        """On one machine a lock tells who lives; on PostgreSQL the leases' own ends do (durability 5)."""
        database = self._means.database
        if not isinstance(database, SqliteDatabase):
            return by_clock
        folder = lock_folder(database.path)
        stack.enter_context(NodeLock(folder, self._means.node))
        return ByLocks(self._means, folder)

    async def _read_again(self) -> None:
        assert self._reread is not None  # noqa: S101  # the chore is only there with it
        assert self.lanes is not None  # noqa: S101  # likewise
        try:
            settings = self._reread()
            if settings is None:
                return
            self.lanes.change(terms_of(routes_of(settings)))
        except SettingsError as error:
            log.error("the changed settings cannot be used", error=str(error))
            return
        log.info("rates and lanes are those of the changed settings; everything else needs a reload")


def terms_of(routes: Iterable[Route]) -> dict[str, Terms]:
    """Rate and lanes of each route."""
    return {route.name: Terms(route.rate, route.lanes) for route in routes}
