"""How often an account may call: interval, throughput, quota (E106, E113, E120; settled 16).

Pure: which limits hold for a call and what each of them allows. What was called already stands in ledgers.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, unique
from functools import lru_cache

from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.rates import parse_rate

_DAY = 86_400_000
#: The action of a rate that holds for every action that has none of its own.
ANY = "*"


@unique
class LimitKind(Enum):
    """Which setting a limit comes from, in the order in which they refuse (settled 1 g)."""

    INTERVAL = "interval"
    THROUGHPUT = "throughput"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class ActionRate:
    """One entry of ``throughput``: calls of one action in a second, a minute or an hour."""

    action: str  #: lower case; ANY: each action by itself
    words: str  #: as in ``10/s``

    def __str__(self) -> str:
        return self.words if self.action == ANY else f"{self.action}={self.words}"


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The four settings; 0 and empty: no such limit."""

    min_interval: float = 0.0  #: seconds between two calls of any action
    throughput: tuple[ActionRate, ...] = ()
    quota: int = 0  #: calls in a UTC day
    quota_month: int = 0

    @property
    def are_none(self) -> bool:
        """Whether nothing is limited: then nothing is counted."""
        return not (self.throughput or self.quota or self.quota_month or self.min_interval)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as it holds for one call: a bucket that holds ``most`` calls and earns ``rate`` a second."""

    kind: LimitKind
    name: str  #: of its ledger
    most: float
    rate: float = 0.0  #: 0: nothing comes back until it ends
    ends_at: int = 0  #: Unix milliseconds; 0: never

    def refusal(self, wait: float) -> FaultError:
        """Why the call is refused, and how many seconds later it may pass."""
        if self.kind is LimitKind.INTERVAL:
            return Fault.TOO_SOON.error(seconds=f"{round(1 / self.rate, 3):g}").after(wait)
        fault = Fault.THROUGHPUT_EXCEEDED if self.kind is LimitKind.THROUGHPUT else Fault.QUOTA_REACHED
        return fault.error().after(wait)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with the limit that is nearest to its end (settled 23)."""

    limit: int  #: calls
    remaining: int
    reset: int  #: seconds until all of them are there again


def limits_of(limits: CallLimits, action: str, now: int) -> tuple[Limit, ...]:
    """The limits of one call of ``action``, in the order in which they refuse. ``now``: Unix milliseconds."""
    return () if limits.are_none else _limits_on(limits, action, now // _DAY)


@lru_cache(maxsize=4096)
def _limits_on(limits: CallLimits, action: str, day: int) -> tuple[Limit, ...]:
    return tuple(_limits(limits, action, day))


def _limits(limits: CallLimits, action: str, day: int) -> Iterator[Limit]:
    if limits.min_interval:
        yield Limit(LimitKind.INTERVAL, "interval", 1.0, 1 / limits.min_interval)
    rate = _rate_of(limits.throughput, action)
    if rate:
        yield Limit(LimitKind.THROUGHPUT, f"rate:{action}", max(rate, 1.0), rate)
    if limits.quota:
        yield Limit(LimitKind.DAY, f"day:{day}", limits.quota, ends_at=(day + 1) * _DAY)
    if limits.quota_month:
        today = datetime.fromtimestamp(day * _DAY / 1000, UTC)
        first = datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=UTC)
        name = f"month:{today.year}-{today.month:02}"
        yield Limit(LimitKind.MONTH, name, limits.quota_month, ends_at=round(first.timestamp() * 1000))


def _rate_of(rates: tuple[ActionRate, ...], action: str) -> float:
    """Calls a second; 0 when the action has no limit."""
    words = {each.action: each.words for each in rates}
    found = words.get(action) or words.get(ANY)
    return parse_rate(found) if found else 0.0


def standing(limit: Limit, remaining: int, now: int) -> Standing:
    """What is published of ``limit`` when ``remaining`` calls of it are left."""
    whole = max(int(limit.most), 1)
    left = min(max(remaining, 0), whole)
    seconds = (whole - left) / limit.rate if limit.rate else (limit.ends_at - now) / 1000
    return Standing(whole, left, max(math.ceil(seconds), 0))


def read_throughput(text: str) -> tuple[ActionRate, ...]:
    """``10/s``, or ``sendMMS=10/s, *=5/s``. Raises ValueError."""
    rates: dict[str, ActionRate] = {}
    for entry in (each.strip() for each in text.split(",") if each.strip()):
        action, equals, words = entry.partition("=")
        rate = ActionRate(action.strip().lower(), words.strip()) if equals else ActionRate(ANY, entry)
        parse_rate(rate.words)
        if not rate.action:
            raise ValueError(f"{entry!r} names no action")
        if rate.action in rates:
            raise ValueError(f"{rate.action} has two rates")
        rates[rate.action] = rate
    return tuple(rates.values())


def read_interval(text: str) -> float:
    """Seconds, to the millisecond. Raises ValueError."""
    seconds = float(text) if text.replace(".", "", 1).isdecimal() and text.isascii() else math.nan
    if not 0 <= seconds <= 86_400:
        raise ValueError(f"{text!r} is no number of seconds from 0 to 86400")
    return round(seconds, 3)


def read_quota(text: str) -> int:
    """Calls; 0: any number. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 12:
        raise ValueError(f"{text!r} is no number of calls")
    return int(text)
