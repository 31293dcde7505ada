"""What /metrics tells: what all processes counted, and how it stands now, by looks at the database that all share."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from slidewire import __version__
from slidewire.api.admin.metrics import MetricsApp
from slidewire.carriers.base import Route
from slidewire.carriers.choice import SMS
from slidewire.domain.exposition import Rows, written
from slidewire.domain.figures import (
    AGE,
    BUILD,
    COUNTED,
    DATABASE,
    LANES,
    LEDGER,
    LEDGER_SECONDS,
    LOOKED_AT,
    MEMORY,
    PAUSED,
    PROCESSES,
    ROUTE_UP,
    SHARE,
    STARTED,
    TASKS,
    Figure,
    Series,
    summed,
)
from slidewire.domain.task import TaskKind
from slidewire.runtime.admission import Admission
from slidewire.runtime.looks import Look
from slidewire.runtime.sheets import Sheets
from slidewire.store.message_ledger import Ledger, no_lots, read_ledger
from slidewire.store.standing import Standing, oldest, read_standing
from slidewire.work.means import Means

#: Seconds for which a look at what waits is good; one at the ledger costs up to some tenths of a second.
_STANDING_GOOD_FOR = 1.0
_LEDGER_GOOD_FOR = 30.0
#: How far back the ledger reaches, in milliseconds, and how many messages are looked at: those of a minute in a flood.
_LEDGER_SPAN = 3_600_000
_LEDGER_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Sights:
    """What is told of beside what was counted."""

    routes: Sequence[Route]
    away: Callable[[], frozenset[str]]  #: routes that cannot be reached
    admission: Admission
    sheets: Sheets


def open_metrics(means: Means, sights: Sights, stack: AsyncExitStack) -> MetricsApp:
    """The page, whose looks ``stack`` ends."""
    metrics = Metrics(means, sights)
    stack.push_async_callback(metrics.close)
    return MetricsApp(metrics.tell)


class Metrics:
    """Writes the page."""

    def __init__(self, means: Means, sights: Sights) -> None:
        self._means = means
        self._sights = sights
        self._kinds = {r.name: TaskKind.TEXT if r.kind == SMS else TaskKind.DELIVER for r in sights.routes}
        self._standing = Look(self._read_standing, _STANDING_GOOD_FOR, means.monotonic)
        self._ledger = Look(self._read_ledger, _LEDGER_GOOD_FOR, means.monotonic)

    async def tell(self) -> bytes:
        """The page; with the database away, what is known without it."""
        standing, _ = await asyncio.gather(self._standing.found(), self._ledger.found())
        sheets = self._sights.sheets.read()
        counted = summed(sheets)
        rows: dict[Figure, Rows] = {figure: _rows_of(figure, counted) for figure in COUNTED}
        rows |= self._here(sheets) | {DATABASE: {(): (float(standing is not None),)}}
        if standing is not None:
            rows |= self._in_store(standing)
            if ledger := self._ledger.last:  # while a look takes long, what the one before it found
                rows |= self._in_ledger(ledger)
        return written([(figure, rows[figure]) for figure in (*LOOKED_AT, *COUNTED) if figure in rows])

    async def close(self) -> None:
        """End the looks that are under way."""
        await self._standing.close()
        await self._ledger.close()

    def _here(self, sheets: Sequence[Series]) -> dict[Figure, Rows]:
        """What needs no database."""
        sights = self._sights
        away = sights.away()
        return {
            BUILD: {(__version__,): (1,)},
            STARTED: {(): min(sheet[STARTED.name, ()] for sheet in sheets if (STARTED.name, ()) in sheet)},
            PROCESSES: {(): (len(sights.sheets.processes()),)},
            MEMORY: {(): (sights.sheets.resident(),)},
            PAUSED: {(): (sights.admission.is_paused,)},
            ROUTE_UP: {(name,): (name not in away,) for name in self._kinds},
        }

    def _in_store(self, standing: Standing) -> dict[Figure, Rows]:
        ages = {(kind, route): 0.0 for kind, route, _ in standing.tasks} | oldest(self._sights.admission.ages)
        return {
            LANES: {(name,): (standing.lanes.get(name, 0),) for name in self._kinds},
            SHARE: {(name,): (share,) for name, share in standing.share.items()},
            TASKS: {labels: (count,) for labels, count in standing.tasks.items()},
            AGE: {labels: (age,) for labels, age in ages.items()},
        }

    def _in_ledger(self, ledger: Ledger) -> dict[Figure, Rows]:
        lots = {name: no_lots() for name in self._kinds} | {**ledger.lots}
        return {
            LEDGER: {(route, lot.value): (count,) for route, each in lots.items() for lot, count in each.items()},
            LEDGER_SECONDS: {(): ((ledger.until - ledger.since) / 1000,)},
        }

    async def _read_standing(self) -> Standing:
        return await self._means.database.read(lambda c: read_standing(c, self._kinds))

    async def _read_ledger(self) -> Ledger:
        now = self._means.now()
        return await self._means.database.read(lambda c: read_ledger(c, now - _LEDGER_SPAN, now, _LEDGER_MOST))


def _rows_of(figure: Figure, series: Series) -> Rows:
    rows = {labels: cells for (name, labels), cells in series.items() if name == figure.name}
    return rows or ({} if figure.labels else {(): (0.0,) * figure.width})
