"""Leases tasks, runs their steps, stops cleanly; knows no step.

One pump per queue: it asks its step how many may leave now, claims no more than that, and runs them.
Nothing waits while leased (durability 1).
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import structlog

from slidewire.content.store import ContentAwayError
from slidewire.domain.change import Ending
from slidewire.domain.task import NEVER, SUBMITTING, Task, TaskKind, door_of, is_later, later, present
from slidewire.domain.turns import TurnsOf
from slidewire.store import ends, hot, tasks
from slidewire.store.hot import Ask, Claimed
from slidewire.store.plain_claims import claim_plainly, is_plain
from slidewire.work.fairness import Fairness
from slidewire.work.manners import Crowd, Manners
from slidewire.work.means import Means
from slidewire.work.seats import Coming

log = structlog.get_logger(__name__)

#: Seconds between two looks over all queues: the safety net behind the wake-ups (durability 7).
SCAN = 1.0
#: Seconds after which an idle queue's pump ends.
IDLE = 30.0
#: After a claim of several, fewer than there was room for, the next one waits so many seconds for more: to claim two at
#: a time costs nearly as much as to claim ten (docs/adr/0360).
SEVERAL = 3
GATHER = 0.008
#: Seconds a failed step's task waits, and how often it may fail before it is parked for the admin.
BROKEN_PAUSE = 30.0
BROKEN_TRIES = 5


@dataclass(frozen=True, slots=True)
class Room:
    """How many tasks of a queue may leave now, and when to ask again if none may."""

    count: int
    wait: float = 1.0  #: seconds


class Step(Protocol):
    """What is done with the tasks of one kind."""

    kind: TaskKind
    lease: float  #: seconds one task may take

    def room(self, door: str) -> Room:
        """How many more may leave now."""

    def uncertain_wait(self, door: str) -> float:
        """Seconds that a submission which was cut off waits for a receipt (durability 4)."""

    def take(self, door: str, count: int) -> None:
        """``count`` tasks were claimed, and will run: their tokens and places are used."""

    async def run(self, claimed: Claimed) -> None:
        """Do it, and end the task; its place is free as soon as nothing is on the wire for it."""


class Worker:
    """All pumps of one process."""

    def __init__(self, means: Means, steps: Sequence[Step], turns: TurnsOf, fairness: Fairness, crowd: Crowd) -> None:
        """``turns``: what the messages of a queue keep to besides their route's own pace."""
        self.turns = turns
        self.fairness = fairness
        self.crowd = crowd
        self._means = means
        self._steps = {step.kind: step for step in steps}
        self._pumps: dict[str, _Pump] = {}
        self._stopping = False
        self._scan: asyncio.Task[None] | None = None
        #: queue -> milliseconds that its oldest due task has waited, as last seen (durability 27)
        self.ages: dict[str, int] = {}
        #: while true nothing is claimed: the disk is nearly full (durability 18)
        self.paused = False

    async def start(self) -> None:
        """Look over all queues, then begin."""
        self._scan = asyncio.create_task(self._keep_scanning())

    async def stop(self, grace: float) -> None:
        """Claim no more, finish what runs within ``grace`` seconds, then cancel it (its lease tells the rest)."""
        self._stopping = True
        if self._scan is not None:
            self._scan.cancel()
        await asyncio.gather(*(pump.stop(grace) for pump in list(self._pumps.values())))

    def heard(self, queue: str) -> None:
        """Another process says to all others that there may be something due in ``queue``."""
        pump = self._pumps.get(queue)
        if pump is None or not pump.manners.lets_others_go_first():
            self.wake(queue)

    def wake(self, queue: str) -> None:
        """There may be something due in ``queue``."""
        if self._stopping:
            return
        timed, queue = is_later(queue), present(queue)
        pump = self._pumps.get(queue)
        if pump is None:
            step = next((step for kind, step in self._steps.items() if queue.startswith(f"{kind.value}:")), None)
            if step is None:
                return
            pump = self._pumps[queue] = _Pump(self, self._means, step, queue)
        pump.wake(timed=timed)

    def freed(self, queue: str) -> None:
        """One more of ``queue`` may be under way here; nothing else has become due by that."""
        if (pump := self._pumps.get(queue)) is not None:
            pump.freed()

    def expect(self, queue: str, follows: bool) -> Coming | None:  # the shape of Means
        """Run a task of ``queue`` that its own transaction takes; None: others wait there, or nothing may begin.

        ``follows``: it goes on where another has just ended, and passes nobody who waits.
        """
        pump = self._pumps.get(queue)
        return None if pump is None or self.paused else pump.expect(follows=follows)

    def forget(self, queue: str) -> None:
        """A pump has ended."""
        self._pumps.pop(queue, None)

    async def _keep_scanning(self) -> None:
        while True:
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001  # a database away for a while must not end the safety net
                log.error("queues could not be read", error=repr(error)[:300])
            await asyncio.sleep(SCAN)

    async def _look(self) -> None:
        heads = await self._means.database.read(tasks.queue_heads)
        now = self._means.now()
        self.ages = tasks.ages(heads, now)
        loop = asyncio.get_running_loop()
        for head in heads:
            wait = (head.due_at - now) / 1000
            if wait <= 0:
                self.wake(head.queue)
            elif wait <= SCAN:
                loop.call_later(wait, self.wake, head.queue)


class _Pump:
    """One queue's claims, and those of what was scheduled for the same door: they take turns."""

    def __init__(self, worker: Worker, means: Means, step: Step, queue: str) -> None:
        self._worker = worker
        self._means = means
        self._step = step
        self._queue = queue
        self._door = door_of(queue)
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._due = True  # something may be: the last claim took all that it could, or somebody has said so since
        self._timed = False  # likewise something that was scheduled
        self._timed_first = False
        self._gathers = False  # a claim found several, and not all that it could take: some more are coming
        self.manners = Manners(step.kind, worker.crowd, partial(worker.wake, queue))
        self._loop = asyncio.create_task(self._pump())

    def wake(self, *, timed: bool = False) -> None:
        self._timed = self._timed or timed
        self._due = True
        self._woken.set()

    def freed(self) -> None:
        self._woken.set()

    def expect(self, *, follows: bool) -> Coming | None:
        if self._stopping or (self._due and not follows):
            return None
        coming: Coming = asyncio.get_running_loop().create_future()
        self._begin(self._run_coming(coming))
        return coming

    async def stop(self, grace: float) -> None:
        self._stopping = True
        self._woken.set()
        await asyncio.wait([self._loop])
        if self._running:
            _done, late = await asyncio.wait(self._running, timeout=grace)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _pump(self) -> None:
        idle_since = self._means.monotonic()
        while not self._stopping:
            if not self._due:
                idle = self._means.monotonic() - idle_since > IDLE
                if idle and not self._running and not self._woken.is_set():
                    break
                await self._rest(IDLE)
                continue
            if self._gathers:
                self._gathers = False
                await asyncio.sleep(GATHER)
            room = Room(0) if self._worker.paused else self._step.room(self._door)
            if room.count <= 0:
                await self._rest(room.wait)
            elif await self._claim(room.count):
                idle_since = self._means.monotonic()
        self._worker.forget(self._queue)

    async def _claim(self, count: int) -> int:
        self._woken.clear()
        self._due = False
        lease_ms = round(self._step.lease * 1000)
        wait_ms = round(self._step.uncertain_wait(self._door) * 1000)
        leaves = self._step.kind in SUBMITTING
        ask = Ask(self._queue, count, self._means.node, self._means.now(), lease_ms, wait_ms, self._means.new_id)
        timed, self._timed = self._timed, False
        if timed:
            self._timed_first = not self._timed_first
            ask = replace(ask, later=later(self._queue), later_first=self._timed_first)
        if leaves:
            ask = self._worker.fairness.of(replace(ask, turns=self._worker.turns(self._queue)), self._worker.ages)
        try:
            claimed = await self._claimed(ask)
        except Exception as error:  # noqa: BLE001  # a database away for a while must not end the pump
            log.error("claim failed", queue=self._queue, error=repr(error)[:300])
            self._due = True
            await asyncio.sleep(1)
            return 0
        self._worker.fairness.left(ask, claimed)
        self._gathers = SEVERAL <= len(claimed) < count
        # an empty claim costs as much as one that finds something; who keeps to turns may find more at a second look
        is_more = len(claimed) == count or bool(ask.turns and claimed)
        self._due = (not self.manners.steps_aside(claimed, ask.now) and is_more) or self._due
        self._timed = self._timed or (timed and len(claimed) == count)
        self._step.take(self._door, len(claimed))
        for each in claimed:
            self._begin(self._run(each))
        return len(claimed)

    async def _claimed(self, ask: Ask) -> list[Claimed]:
        commits = self._means.commits
        if is_plain(ask):
            return await commits.write_alone(hot.claim, claim_plainly, ask)
        return await commits.write(hot.claim, ask)

    def _begin(self, running: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(running)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), timeout=max(seconds, 0.001))
        self._woken.clear()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._woken.set()

    async def _run_coming(self, coming: Coming) -> None:
        claimed = await coming
        if claimed is not None:
            await self._run(claimed)

    async def _run(self, claimed: Claimed) -> None:
        try:
            await self._means.meet(claimed.task.account_id)
            await self._step.run(claimed)
        except ContentAwayError as error:  # no bug: it waits as long as it takes
            log.warning("content away", queue=self._queue, message=claimed.task.message_id, error=str(error))
            await self._put_back(claimed.task, counted=False)
        except Exception:
            log.exception("step failed", queue=self._queue, message=claimed.task.message_id)
            await self._put_back(claimed.task)

    async def _put_back(self, task: Task, *, counted: bool = True) -> None:
        """A bug or a broken machine: later again, and after some times never (until an admin says so)."""
        known = task.body.get("errors", 0)
        errors = (known if isinstance(known, int) else 0) + counted
        parked = errors >= BROKEN_TRIES
        due_at = NEVER if parked else self._means.now() + round(BROKEN_PAUSE * 1000)
        again = replace(task, due_at=due_at, body=task.body | {"errors": errors})
        try:
            await self._means.commits.write(ends.end, Ending(task, self._means.node, again=again))
        except Exception:
            log.exception("task could not be put back", message=task.message_id)
