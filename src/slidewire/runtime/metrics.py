"""What /metrics tells: what all processes counted, and how it stands now, at most a look a second at the database."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import structlog

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
from slidewire.runtime.sheets import Sheets
from slidewire.store.standing import Standing, oldest, read_standing
from slidewire.work.means import Means

log = structlog.get_logger(__name__)

#: Seconds for which a look at the database is good, and for which one is waited for.
_GOOD_FOR = 1.0
_PATIENCE = 2.0


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
        self._looking: asyncio.Task[Standing | None] | None = None
        self._good_until = 0.0

    async def tell(self) -> bytes:
        """The page; with the database away, what is known without it."""
        standing = await self._standing()
        sheets = self._sights.sheets.read()
        counted = summed(sheets)
        rows: dict[Figure, Rows] = {figure: _rows_of(figure, counted) for figure in COUNTED}
        rows |= self._here(sheets) | {DATABASE: {(): (float(standing is not None),)}}
        if standing is not None:
            rows |= self._in_store(standing)
        return written([(figure, rows[figure]) for figure in (*LOOKED_AT, *COUNTED) if figure in rows])

    async def close(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

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

    async def _standing(self) -> Standing | None:
        """What the last look found, where it is still good; else one more, which all who ask meanwhile wait for."""
        now = self._means.monotonic()
        looking = self._looking
        if looking is None or (looking.done() and now >= self._good_until):
            looking = self._looking = asyncio.create_task(self._look())
            self._good_until = now + _GOOD_FOR
        done, _ = await asyncio.wait((looking,), timeout=_PATIENCE)
        return looking.result() if done else None

    async def _look(self) -> Standing | None:
        try:
            return await self._means.database.read(lambda c: read_standing(c, self._kinds))
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it is told by a figure
            log.warning("the figures of the database cannot be read", error=repr(error)[:300])
            return None


def _rows_of(figure: Figure, series: Series) -> Rows:
    rows = {labels: cells for (name, labels), cells in series.items() if name == figure.name}
    return rows or ({} if figure.labels else {(): (0.0,) * figure.width})
