"""Group commit: what many tasks write at about the same time shares one transaction and one fsync.

A write function takes a Connection and a list of items and returns one result per item. On SQLite all
functions share the one writer; on PostgreSQL each has commits of its own. A lane that is idle commits
at once; what arrives meanwhile goes together into the next. While nobody else waits, patient writes wait a little
for company.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from slidewire.store.database import BrokenDiskError, Database, DatabaseAwayError

Item = TypeVar("Item")
Result = TypeVar("Result")
WriteMany = Callable[[Connection, Sequence[Item]], Sequence[Result]]

#: Seconds that a patient write (an outcome, a finished task) waits for company (performance 4).
PATIENCE = 0.005
#: Seconds that a batch waits for more when the one before it had so many items; one that is alone never waits
#: (performance 4: fewer commits cost less CPU than the wait costs time). Again so long while more have come that are
#: not patient, and so often at most: where all who ask are waiting already, none come (docs/adr/0395).
WINDOW = 0.001
COMPANY = 3
WINDOWS = 4
#: Items that make a batch large enough to wait for no more: others are served while it is written.
ENOUGH = 24
#: Items in one transaction; more would make the others wait.
_MOST = 500
#: Items whose statements take a few milliseconds at most: they may run where others are served.
_BRIEF = 100

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting(Generic[Item, Result]):
    write: WriteMany[Item, Result]
    item: Item
    done: asyncio.Future[Result]
    bulk: bool
    plainly: WriteMany[Item, Result] | None


class Commits:
    """Gathers writes and commits them together."""

    def __init__(self, database: Database, broken: Callable[[BaseException], None]) -> None:
        """``broken`` is told when the disk fails: the process must not go on (durability 18)."""
        self._database = database
        self._broken = broken
        self._lanes: dict[object, _Lane] = {}

    async def write(
        self,
        write: WriteMany[Item, Result],
        item: Item,
        *,
        patient: bool = False,
        bulk: bool = False,
        plainly: WriteMany[Item, Result] | None = None,
    ) -> Result:
        """Have ``write`` called with ``item`` among others; returns its result once it is committed.

        ``bulk``: ``item`` is many rows, for which nobody else shall stand still. ``plainly`` does the same with this
        item, by one statement where group commits run side by side: it is called, without a transaction, when all of a
        commit are such. A caller that is cancelled meanwhile does not undo the write (durability 12).
        """
        lane = self._lane(write)
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        lane.add(_Waiting(write, item, done, bulk, plainly), patient=patient)
        return await done  # a caller that leaves takes its future along, not the lane

    async def write_alone(
        self, write: WriteMany[Item, Result], alone: Callable[[Connection, Item], Result], item: Item
    ) -> Result:
        """As ``write``; where group commits run side by side ``alone`` does it: one statement, its own transaction."""
        if self._database.writers == 1:
            return await self.write(write, item)
        return await self._database.alone(lambda connection: alone(connection, item))

    async def close(self) -> None:
        """Commit what still waits."""
        await asyncio.gather(*(lane.drain() for lane in list(self._lanes.values())))

    def _lane(self, write: object) -> "_Lane":
        key = write if self._database.writers > 1 else None
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(self._database, self._broken)
        return lane


class _Lane:
    """One transaction at a time, everything that waits in the next."""

    def __init__(self, database: Database, broken: Callable[[BaseException], None]) -> None:
        self._database = database
        self._broken = broken
        self._waiting: list[_Waiting[Any, Any]] = []
        self._running: asyncio.Task[None] | None = None
        self._hurried = 0  # of those that wait: how many are not patient
        self._gathering: asyncio.Future[None] | None = None
        self._had_company = False

    def add(self, waiting: _Waiting[Any, Any], *, patient: bool) -> None:
        self._waiting.append(waiting)
        if not patient:
            self._hurried += 1
            if self._gathering is not None:
                _end(self._gathering)
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def drain(self) -> None:
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._gather()
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                self._hurried = len(self._waiting)
                self._had_company = len(batch) >= COMPANY
                await self._commit(batch)
        finally:
            self._running = None

    async def _gather(self) -> None:
        """Wait a little for company: while all are patient, or where there was some a moment ago."""
        if self._hurried:
            if self._had_company:
                await self._gather_more()
            return
        loop = asyncio.get_running_loop()
        self._gathering = loop.create_future()
        timer = loop.call_later(PATIENCE, _end, self._gathering)
        try:
            await self._gathering
        finally:
            timer.cancel()
            self._gathering = None

    async def _gather_more(self) -> None:
        """Wait while more keep coming, until there are enough."""
        for _ in range(WINDOWS):
            here = self._hurried
            if len(self._waiting) >= ENOUGH:
                return
            await asyncio.sleep(WINDOW)
            if self._hurried == here:
                return

    async def _commit(self, batch: list[_Waiting[Any, Any]]) -> None:
        try:
            results = await self._written(batch)
        except BrokenDiskError as error:
            self._broken(error)
            _fail(batch, error)
        except DatabaseAwayError as error:  # these have waited long enough, and who came behind them nearly
            late, self._waiting = self._waiting, []
            _fail([*batch, *late], error)
        except Exception as error:  # noqa: BLE001  # whatever went wrong belongs to whoever waits for it
            if len(batch) == 1:
                _fail(batch, error)
                return
            # one bad row must not throw back a batch (durability 12): halve it until it is alone
            log.warning("batch written again in halves", size=len(batch), error=repr(error)[:300])
            half = len(batch) // 2
            await self._commit(batch[:half])
            await self._commit(batch[half:])
        else:
            for waiting, result in zip(batch, results, strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(result)

    async def _written(self, batch: list[_Waiting[Any, Any]]) -> Sequence[Any]:
        """The results of one transaction."""
        plainly = batch[0].plainly
        if plainly and self._database.writers > 1 and all(waiting.plainly == plainly for waiting in batch):
            return await self._database.alone(lambda connection: plainly(connection, [each.item for each in batch]))
        is_brief = len(batch) <= _BRIEF and not any(waiting.bulk for waiting in batch)
        write = self._database.write_briefly if is_brief else self._database.write
        return await write(lambda connection: _write_all(connection, batch))


def _end(gathering: asyncio.Future[None]) -> None:
    if not gathering.done():
        gathering.set_result(None)


def _write_all(connection: Connection, batch: list[_Waiting[Any, Any]]) -> list[Any]:
    """Call each write function once with all of its items; results in the batch's order."""
    groups: dict[object, list[int]] = {}
    for index, waiting in enumerate(batch):
        groups.setdefault(waiting.write, []).append(index)
    results: list[Any] = [None] * len(batch)
    for indexes in groups.values():
        write = batch[indexes[0]].write
        for index, result in zip(indexes, write(connection, [batch[i].item for i in indexes]), strict=True):
            results[index] = result
    return results


def _fail(batch: list[_Waiting[Any, Any]], error: BaseException) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_exception(error)
