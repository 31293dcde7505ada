"""Whether this process may take and send now: the disk, the age of the queues, the database (durability 18, 27)."""

import shutil
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import structlog

from slidewire.runtime.clock import now
from slidewire.runtime.configure import read, span
from slidewire.settings import Settings, read_size
from slidewire.store.database import Database
from slidewire.store.fairness import old_lines
from slidewire.work.sweep import Chore, QueueAges, Sweeper
from slidewire.work.worker import Worker

log = structlog.get_logger(__name__)

#: Seconds between two looks.
_EVERY = {"disk": 1.0, "ages": 1.0}
#: Seconds a refused caller is asked to stay away: the disk is nearly full; the queue is too old.
_DISK_RETRY = 60.0
_QUEUE_RETRY = 30.0


class Admission:
    """``open`` it before anything is taken or sent."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Raises SettingsError."""
        self._words = settings.free_space
        self._free_space = read(read_size, settings.free_space, "free_space")
        self._max_age_ms = round(span(settings.delivery.max_queue_age, "delivery.max_queue_age") * 1000)
        self._folder = folder
        self._disk_is_full = False
        self._worker: Worker | None = None
        self._queue_ages: QueueAges | None = None  # where another process is the worker
        self._old: dict[str, frozenset[tuple[str, int]] | None] = {}  # of each old queue: the lines that are old
        self._database: Database | None = None

    async def open(self, database: Database, stack: AsyncExitStack, *, works: bool) -> None:
        """Look, then keep looking until ``stack`` closes. ``works``: we are a worker, which looks at queues itself."""
        self._database = database
        await self._look_at_disk()
        if not works:
            self._queue_ages = QueueAges(database, now)
        disk = Chore("disk", _EVERY["disk"], self._look_at_disk)
        watch = Sweeper((disk, Chore("ages", _EVERY["ages"], self._look_at_ages)))
        watch.start()
        stack.push_async_callback(watch.stop)

    def watch(self, worker: Worker) -> None:
        """Pause ``worker`` while the disk is full, and believe it about the age of queues."""
        self._worker = worker
        worker.paused = self._disk_is_full

    def full(self, queue: str) -> float:
        """Seconds to stay away: the disk is nearly full, or the queue sends too slowly (durability 18, 27)."""
        if self._disk_is_full:
            return _DISK_RETRY
        return _QUEUE_RETRY if self.ages.get(queue, 0) > self._max_age_ms else 0.0

    def old(self, queue: str, account_id: str, priority: int) -> float:
        """Seconds to stay away: what this account has waiting there is too old itself, however old others' is."""
        wait, lines = self.full(queue), self._old.get(queue)
        return wait if lines is None or (account_id, priority) in lines else 0.0

    async def wrong(self) -> str:
        """What keeps this process from its work; empty when nothing does."""
        if self._disk_is_full:
            return f"less than {self._words} of disk is free"
        assert self._database is not None  # noqa: S101  # listeners open after the database
        try:
            await self._database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it is the answer
            return f"the database does not answer: {type(error).__name__}"
        return ""

    @property
    def is_paused(self) -> bool:
        """Whether nothing is taken or sent, since the disk is nearly full."""
        return self._disk_is_full

    @property
    def ages(self) -> Mapping[str, int]:
        """Queue -> milliseconds that its first has been due, as last seen."""
        seen = self._worker or self._queue_ages
        return seen.ages if seen is not None else {}

    async def _look_at_ages(self) -> None:
        if self._queue_ages is not None:
            await self._queue_ages.look()
        assert self._database is not None  # noqa: S101  # it is looked at once there is one
        old: dict[str, frozenset[tuple[str, int]] | None] = {}
        for queue, age in self.ages.items():
            if age > self._max_age_ms:
                before = now() - self._max_age_ms
                old[queue] = await self._database.read(lambda c, q=queue, b=before: old_lines(c, q, b))  # type: ignore[misc]
        self._old = old

    async def _look_at_disk(self) -> None:
        full = shutil.disk_usage(self._folder).free < self._free_space
        if full is not self._disk_is_full:
            log.error("disk nearly full: nothing is accepted or sent") if full else log.warning("disk has room again")
        self._disk_is_full = full
        if self._worker is not None:
            self._worker.paused = full
