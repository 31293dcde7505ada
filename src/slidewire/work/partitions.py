"""Makes the partitions of messages ahead, and drops those that nobody wants any more (durability 14).

It never keeps the hot path waiting for more than a moment: what is in use is tried again in the next round.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import structlog

from slidewire.domain import partitions as rules
from slidewire.domain.account import Account
from slidewire.domain.moments import DAY_MS
from slidewire.domain.partitions import Partition
from slidewire.domain.retention import kept_for
from slidewire.store import partitions
from slidewire.store.database import Connection, DatabaseBusyError
from slidewire.store.retention import delete_elsewhere
from slidewire.work.means import Means
from slidewire.work.sweep import ClockWatch

log = structlog.get_logger(__name__)

#: Messages of one transaction.
_CHUNK = 1_000
#: How often a partition is tried to be dropped in one round, and seconds between two tries.
_TRIES, _PAUSE = 5, 1.0


def longest(accounts: Iterable[Account], validity_ms: int) -> int | None:
    """How long the account keeps its messages that keeps them longest, in milliseconds.

    None: no time after which partitions could go whole. One that is over before receipts have come does not count.
    """
    kept = [kept_for(account.settings.retention_days) for account in accounts]
    longest = max((each or 0 for each in kept), default=0)
    return longest if all(kept) and longest > validity_ms + DAY_MS else None


class Partitions:
    """The chore of PostgreSQL's partitions; on SQLite there is nothing to do."""

    def __init__(
        self, means: Means, clock: ClockWatch, accounts: Callable[[], Iterable[Account]], validity_ms: int
    ) -> None:
        self._means = means
        self._clock = clock
        self._accounts = accounts
        self._validity_ms = validity_ms

    async def look(self) -> None:
        """Drop what is over, then see to it that there are enough ahead."""
        known = await self._means.database.read(partitions.read_partitions)
        if known is None or not self._clock.is_sound:
            return
        keep = longest(self._accounts(), self._validity_ms)
        try:
            for each in known:
                await self._let_go(each, keep)
            await self._make(known, rules.length_for(keep))
        except DatabaseBusyError as error:
            log.warning("partitions are tried again in the next round", error=str(error)[:300])

    async def _make(self, known: Sequence[Partition], length: int) -> None:
        known = list(known)
        while (planned := rules.next_partition(known, self._means.now(), length)) is not None:
            known.append(planned)  # gone on from, whether it can be made or not
            await self._means.database.write(lambda c, planned=planned: _add(c, planned))  # type: ignore[misc]

    async def _let_go(self, partition: Partition, keep: int | None) -> None:
        """Drop a partition when every message in it is older than anybody wants, or when none is left in it."""
        now, database = self._means.now(), self._means.database
        full = keep is not None and rules.is_over(partition, now, keep)
        if full and await database.read(lambda c: partitions.has_scheduled(c, partition, now - (keep or 0))):
            full = False
        if full and not await database.read(lambda c: partitions.has_tasks(c, partition)):
            await self._delete_elsewhere(partition)
        elif not rules.is_past(partition, now) or not await database.read(lambda c: partitions.is_empty(c, partition)):
            return
        for tried in range(1, _TRIES + 1):
            try:
                if await database.write(lambda c: partitions.drop_partition(c, partition, full=full)):
                    log.info("partition dropped", since=partition.since, until=partition.until, full=full)
            except DatabaseBusyError:
                if tried == _TRIES:
                    raise
                await asyncio.sleep(_PAUSE)
            else:
                return

    async def _delete_elsewhere(self, partition: Partition) -> None:
        """What tables without partitions hold of its messages."""
        after = ""
        while True:
            ids = await self._means.database.write(lambda c, after=after: _forget_some(c, partition, after))  # type: ignore[misc]
            if not ids:
                return
            after = ids[-1]


def _add(connection: Connection, planned: Partition) -> None:
    """Make what is planned, or as much of it as can be had: what was accepted without it stays in the rest."""
    stray = partitions.newest_stray(connection, planned)
    partition = rules.without_strays(planned, stray)
    if partition is not None:
        partitions.add_partition(connection, partition)


def _forget_some(connection: Connection, partition: Partition, after: str) -> Sequence[str]:
    ids = partitions.ids_in(connection, partition, after, _CHUNK)
    if ids:
        delete_elsewhere(connection, ids)
    return ids
