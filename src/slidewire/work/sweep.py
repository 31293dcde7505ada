"""What must happen without anyone's asking: dead leases, ended validities, missing receipts, old content.

Time that jumps stops expiring: a wrong clock must not end messages (durability 26).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from slidewire.carriers.base import Route
from slidewire.content.store import ContentStore
from slidewire.domain.change import Change
from slidewire.domain.events import Event
from slidewire.domain.ids import id_time
from slidewire.domain.message import Message
from slidewire.store import batches, contents, messages, tasks
from slidewire.store.database import Connection, Database
from slidewire.store.leases import dead_nodes
from slidewire.store.pins import pin_longer
from slidewire.store.turns import forget_turns
from slidewire.work.endings import Attempt
from slidewire.work.means import Means
from slidewire.work.settle import Settler

log = structlog.get_logger(__name__)

#: Seconds by which the wall clock may leave the monotonic one in a second before expiring pauses.
JUMP = 60.0
#: Seconds that expiring pauses after a jump.
JUMP_PAUSE = 600.0
#: Messages looked at in one transaction.
_CHUNK = 500
#: Files deleted inside one transaction.
_FEW = 50
#: Milliseconds between marking content and deleting it: longer than any request, and than any fetch cache keeps it, and
#: longer by far than intake trusts what it has pinned (intake/pinning.py).
CONTENT_GRACE = 3_600_000
#: Milliseconds of a day: a batch pins its content for one at least, and for more as long as it waits.
DAY = 86_400_000
#: Milliseconds after which a file that no row names is nobody's.
ORPHAN_AGE = 86_400_000
#: Milliseconds that an expired task is held while its end is written.
LEASE_MS = 60_000


class ClockWatch:
    """Compares wall and monotonic time each second (durability 26)."""

    def __init__(self, now: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self._now = now
        self._monotonic = monotonic
        self._offset = now() / 1000 - monotonic()
        self._paused_until = 0.0

    async def look(self) -> None:
        """One comparison; a jump is logged and pauses what depends on the wall clock."""
        offset = self._now() / 1000 - self._monotonic()
        if abs(offset - self._offset) > JUMP:
            log.error("the clock jumped: nothing expires for a while", seconds=round(offset - self._offset))
            self._paused_until = self._monotonic() + JUMP_PAUSE
        self._offset = offset

    @property
    def is_sound(self) -> bool:
        """Whether wall time may be acted on."""
        return self._monotonic() >= self._paused_until


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done again and again."""

    name: str
    every: float  #: seconds
    do: Callable[[], Awaitable[None]]


async def in_turn(*looks: Callable[[], Awaitable[None]]) -> None:
    """One look after the other, each whatever became of those before it; raises what the last of them raised."""
    async with AsyncExitStack() as stack:
        for look in reversed(looks):
            stack.push_async_callback(look)


class Sweeper:
    """Runs the chores, each at its own pace, until it is stopped."""

    def __init__(self, chores: tuple[Chore, ...]) -> None:
        self._chores = chores
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(self._keep(chore)) for chore in self._chores]

    async def stop(self) -> None:
        """End at once: every chore is safe to cut."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, chore: Chore) -> None:
        while True:
            try:
                await chore.do()
            except Exception as error:  # noqa: BLE001  # one failure must not end the chore
                log.error("chore failed", chore=chore.name, error=repr(error)[:300])
            await asyncio.sleep(chore.every)


class Expiry:
    """Ends the validity of what waits, and tells of what never got a receipt."""

    def __init__(
        self, means: Means, clock: ClockWatch, settler: Settler, route: Callable[[str], Route], validity_ms: int
    ) -> None:
        self._means = means
        self._clock = clock
        self._settler = settler
        self._route = route
        self._validity_ms = validity_ms

    async def expire_waiting(self) -> None:
        """Messages that could not be sent within their validity (settled 27)."""
        if not self._clock.is_sound:
            return
        now = self._means.now()
        for task, message in await self._means.database.read(lambda c: tasks.expired_waiting(c, now)):
            if await self._means.database.write(
                lambda c, task=task: tasks.lease_one(c, task, self._means.node, now + LEASE_MS)  # type: ignore[misc]
            ):
                await self._settler.expired(Attempt(task, message, self._route(message.route)))

    async def tell_no_receipt(self) -> None:
        """Messages still submitted when their validity ended: an event says so, nothing is posted (settled 27)."""
        if not self._clock.is_sound:
            return
        until = max(self._means.now() - self._validity_ms, 0)
        while await self._means.database.write(lambda c: self._tell(c, until)):
            pass

    def _tell(self, connection: Connection, until: int) -> bool:
        """One chunk, from where the last one ended; whether there is more."""
        found = messages.without_receipt(connection, until, _CHUNK)
        full = len(found) == _CHUNK
        timed = [] if full else messages.without_receipt(connection, until, _CHUNK, scheduled=True)
        now = self._means.now()
        messages.record(connection, [self._no_receipt(message, now) for message in (*found, *timed)])
        if full:
            messages.receipts_looked_for(connection, id_time(found[-1].id))
        elif len(timed) < _CHUNK:
            messages.receipts_looked_for(connection, until)
        return full or len(timed) == _CHUNK

    def _no_receipt(self, message: Message, now: int) -> Change:
        return Change(
            id=self._means.new_id(),
            message_id=message.id,
            account_id=message.account_id,
            event=Event.NO_RECEIPT,
            at=now,
        )


class QueueAges:
    """How long each queue's oldest due task has waited, where another process works them off (durability 27)."""

    def __init__(self, database: Database, now: Callable[[], int]) -> None:
        self._database = database
        self._now = now
        self.ages: dict[str, int] = {}  #: queue -> milliseconds

    async def look(self) -> None:
        """One look."""
        heads = await self._database.read(tasks.queue_heads)
        self.ages = tasks.ages(heads, self._now())


class DeadNodes:
    """Ends the leases of processes that are gone, where a lock on a file tells so (durability 5)."""

    def __init__(self, means: Means, folder: Path) -> None:
        """``folder``: where the nodes of this database hold their locks."""
        self._means = means
        self._folder = folder

    async def look(self) -> None:
        """One look; what a dead node had submitted is uncertain, and becomes due now."""
        holders = await self._means.database.read(tasks.lease_holders)
        dead = dead_nodes(self._folder, [holder for holder in holders if holder != self._means.node])
        if dead:
            now = self._means.now()
            ended = await self._means.database.write(lambda c: tasks.end_leases(c, dead, now))
            log.warning("leases of ended processes were taken back", nodes=dead, tasks=ended)


class OldContent:
    """Lets content go that no message and no page link needs any more (durability 19)."""

    def __init__(
        self,
        means: Means,
        clock: ClockWatch,
        store: ContentStore,
        unlink: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        """``unlink`` deletes the bytes of digests with all that was made of them; else the bytes alone."""
        self._means = means
        self._clock = clock
        self._store = store
        self._unlink = unlink or store.unlink

    async def sweep(self) -> None:
        """One round: mark what is no longer pinned, delete what was marked a grace ago."""
        if not self._clock.is_sound:
            return
        now = self._means.now()
        await self._keep_for_batches(now)
        while await self._means.database.write(lambda c: contents.doom(c, now, _CHUNK)) == _CHUNK:
            pass
        await self._ask_again(now - CONTENT_GRACE)
        while await self._means.database.write(lambda c: self._delete(c, now)) == _FEW:
            pass

    async def _keep_for_batches(self, now: int) -> None:
        """Batches wait as long as their route has no room: what they need is pinned for another day, ever again."""
        until, before, after = (now // DAY + 2) * DAY, now - DAY // 2, ""
        while True:
            look = partial(batches.needed_by_waiting, before=before, after=after, limit=_CHUNK)
            needed = await self._means.database.read(look)
            if needed.digests:
                await self._means.database.write(partial(pin_longer, digests=needed.digests, until=until))
            if not (after := needed.last):
                return

    async def _ask_again(self, before: int) -> None:
        """What was let go on request: is it used after all, by whom nobody could see then (docs/adr/0397)?"""
        database = self._means.database
        for digest in await database.read(lambda c: contents.in_doubt(c, before, _CHUNK)):
            used = await database.read(partial(contents.is_used, digest=digest))
            await database.write(partial(contents.decide, digest=digest, before=before, used=used))

    async def sweep_orphans(self) -> None:
        """Bytes that were fetched for requests that came to nothing: no row has ever named them."""
        if self._clock.is_sound:
            await self._store.sweep_unknown((self._means.now() - ORPHAN_AGE) / 1000, self._known)

    def _delete(self, connection: Connection, now: int) -> int:
        return contents.delete_doomed(connection, self._unlink, now=now, grace_ms=CONTENT_GRACE, limit=_FEW)

    async def _known(self, digests: list[str]) -> set[str]:
        return await self._means.database.read(lambda c: contents.known(c, digests))


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Forgets rows that are old, some in a transaction."""

    means: Means
    clock: ClockWatch
    forget: Callable[[Connection, int, int], int]  #: at most so many (2) from before a time (1); how many it were
    keep_ms: int = 0  #: how old they may become
    portion: int = _CHUNK

    async def sweep(self) -> None:
        """One round."""
        if not self.clock.is_sound:
            return
        before = self.means.now() - self.keep_ms
        while await self.means.database.write(lambda c: self.forget(c, before, self.portion)) == self.portion:
            pass


class OldTurns:
    """Forgets senders and campaigns that have not sent for days."""

    def __init__(self, means: Means, clock: ClockWatch) -> None:
        self._means = means
        self._clock = clock

    async def sweep(self) -> None:
        """One round."""
        if self._clock.is_sound:
            now = self._means.now()
            await self._means.database.write(lambda c: forget_turns(c, now))
