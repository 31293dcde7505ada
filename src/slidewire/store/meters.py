"""Whether an account may call now, over all processes, without asking the database for each call (settled 16)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from slidewire.domain.limits import Limit, LimitKind, Standing
from slidewire.store.meter import Meter, MeterTools, Pass


@dataclass(frozen=True, slots=True)
class Taken:
    """What the limits said to a call."""

    standing: Standing
    refused: Limit | None = None  #: the first that refused; None: the call may pass
    wait: float = 0.0  #: seconds until it may


class Meters:
    """The meters of all accounts that call here."""

    def __init__(self, tools: MeterTools) -> None:
        self._tools = tools
        self._meters: dict[tuple[str, str], Meter] = {}

    async def take(self, account_id: str, limits: Sequence[Limit], calls: int = 1) -> Taken:
        """Count a call to ``calls`` receivers, or say which of the ``limits`` (at least one) refuses it."""
        meters = [self._meter(account_id, limit) for limit in limits]
        now = self._tools.monotonic()
        for meter in meters:
            if meter.shut_for(_counted(meter, calls), now):
                return _refused(meter)
        passes: list[tuple[Meter, Pass]] = []
        for meter in meters:
            passed = await meter.take(_counted(meter, calls))
            if passed is None:
                for each, given in passes:
                    each.give_back(given)
                return _refused(meter)
            passes.append((meter, passed))
        return Taken(min((_published(meter) for meter in meters), key=_share_left)[1])

    async def look(self) -> None:
        """Give back what nobody uses, forget who calls no more."""
        now = self._tools.monotonic()
        for key in [key for key, meter in self._meters.items() if meter.idle(now)]:
            del self._meters[key]

    async def close(self) -> None:
        """Give everything back."""
        await asyncio.gather(*(meter.close() for meter in self._meters.values()))

    def _meter(self, account_id: str, limit: Limit) -> Meter:
        meter = self._meters.get((account_id, limit.name))
        if meter is None:
            meter = self._meters[account_id, limit.name] = Meter(self._tools, account_id, limit)
        elif meter.limit is not limit and meter.limit != limit:
            meter.change(limit)
        return meter


def _counted(meter: Meter, calls: int) -> int:
    """A call to many receivers is one call for the interval, and so many for the others."""
    return 1 if meter.limit.kind is LimitKind.INTERVAL else calls


def _refused(meter: Meter) -> Taken:
    return Taken(meter.standing(), meter.limit, meter.wait())


def _published(meter: Meter) -> tuple[bool, Standing]:
    return meter.limit.kind is LimitKind.INTERVAL, meter.standing()


def _share_left(published: tuple[bool, Standing]) -> tuple[bool, float]:
    """The interval is always used up after a call: it is told only where there is nothing else."""
    is_interval, standing = published
    return is_interval, standing.remaining / standing.limit
