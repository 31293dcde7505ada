"""Which routes cannot be reached, known in every process; and, in a worker, how what waits for them goes by others."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from slidewire.carriers.base import Route
from slidewire.carriers.health import Breaker  # noqa: TC001
from slidewire.domain.message import Message
from slidewire.domain.task import door_of
from slidewire.work.deliver import Way
from slidewire.work.failover import Away, Detours, Failover
from slidewire.work.means import Means
from slidewire.work.outage import Outage
from slidewire.work.settle import Settler
from slidewire.work.sweep import Chore, Sweeper
from slidewire.work.texting import SmsWay

#: Another route for a message than the one it has.
Other = Callable[[Message], Route | None]

#: Seconds between two looks.
_EVERY = 0.5


class RouteWatch:
    """``open`` it before anybody chooses a route."""

    def __init__(self, holds: Callable[[str], bool]) -> None:
        """``holds``: whether this process may send on a route now: only then it knows of its health."""
        self._holds = holds
        self._breakers: dict[str, Breaker] = {}
        self._mms: dict[str, Route] = {}
        self._away: Away | None = None

    def away(self) -> frozenset[str]:
        """The names of the routes that cannot be reached."""
        return self._away.routes if self._away else frozenset()

    def avoided(self) -> frozenset[str]:
        """Those that a new message goes round: all but who is to be probed with it."""
        return self._away.avoided() if self._away else frozenset()

    def chosen(self, route: str) -> None:
        """A new message goes by ``route``."""
        if self._away is not None:
            self._away.chosen(route)

    def queued(self, queue: str) -> None:
        """Something waits in ``queue`` now, by whichever way it came there."""
        if self._away is not None and self._away.wanting:
            self._away.chosen(door_of(queue))

    async def open(self, means: Means, stack: AsyncExitStack) -> None:
        """Look, and keep looking until ``stack`` closes."""
        away = self._away = Away(means, self._breakers, self._holds)
        await away.look()
        sweeper = Sweeper((Chore("away", _EVERY, away.look),))
        sweeper.start()
        stack.push_async_callback(sweeper.stop)

    def watch(self, mms: Mapping[str, Way], sms: Mapping[str, SmsWay]) -> None:
        """The routes that this process sends on."""
        self._mms = {name: way.route for name, way in mms.items()}
        self._breakers |= {name: way.breaker for name, way in mms.items()}
        self._breakers |= {name: way.breaker for name, way in sms.items()}

    def failover(self, means: Means, settler: Settler, other: Other, patience: float) -> Failover:
        """Moves what waits once its route has been away for so many seconds."""
        assert self._away is not None  # noqa: S101  # opened before any work
        return Failover(means, self._mms, settler, Detours(self._away, other, patience))

    def outage(self, means: Means, settler: Settler, patience: float) -> Outage:
        """Turns what has waited so many seconds for a route that was away as long, where its setting says so."""
        assert self._away is not None  # noqa: S101  # opened before any work
        return Outage(means, self._mms.values(), settler, self._away.ours, patience)
