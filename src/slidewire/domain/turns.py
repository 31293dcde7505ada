"""Whose turn it is: rates of one sender or one campaign on a route, quiet hours, and why a message waits.

Pure. What has left stands in a row for each sender or campaign; a message that must wait is told a time, and until
then nobody looks at it, so that it holds up no other of its route (durability 1).
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, unique

from slidewire.domain.quiet import QuietOf, QuietRules
from slidewire.domain.rates import parse_rate

_DAY = 86_400_000
_DAILY = re.compile(r"([0-9]{1,9})\s*/\s*day")
#: Places in a line lie so much further apart than the rate says: what is late by a little makes nobody else late.
_APART = 1.02
#: What a clock's last bit may take away from a place that has come.
_ROUNDING = 1e-3


@unique
class Waits(Enum):
    """Why a message that could leave waits; its words are shown beside its status."""

    SENDER_RATE = "the rate of its sender on this route"
    CAMPAIGN_RATE = "the rate of its campaign on this route"
    REPEATED = "somebody to look at it: the same went to this receiver a moment ago"
    QUIET_HOURS = "the end of quiet hours where the receiver is"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a message waits, and until when."""

    why: Waits
    until: int  #: Unix milliseconds


@dataclass(frozen=True, slots=True)
class Pace:
    """One rate: so many a second, or so many in a UTC day."""

    words: str  #: as in ``0.2/s`` and ``2000/day``, without blanks
    rate: float = 0.0  #: a second; 0: it is a count of the day
    daily: int = 0

    @property
    def apart(self) -> float:
        """Milliseconds from one to the next."""
        return 1000 / self.rate if self.rate else _DAY / self.daily

    @property
    def slack(self) -> float:
        """Milliseconds that one may be early when those before were late: a second's worth may leave at once."""
        return max(1000 - self.apart, 0.0)


@dataclass(frozen=True, slots=True)
class Count:
    """What has left at one pace. Times in Unix milliseconds."""

    at: float = 0.0  #: from when on the next may leave, with nothing saved; of a day's count: when that day began
    used: int = 0  #: on that day
    line: float = 0.0  #: the place behind the last one that was given to who waits


@dataclass(frozen=True, slots=True)
class Bound:
    """What is asked about a message before it leaves."""

    message_id: str
    account_id: str
    sender: str
    receiver: str
    country: str
    campaign_ref: str
    expires_at: int


def nobody_rests(_account_id: str) -> QuietRules | None:
    """No account has quiet hours."""
    return None


@dataclass(frozen=True, slots=True)
class Turns:
    """What the messages of one route keep to."""

    route: str
    sender: tuple[Pace, ...] = ()
    campaign: tuple[Pace, ...] = ()
    quiet: QuietOf = nobody_rests

    def hold(self, account_id: str) -> bool:
        """Whether anything is asked about a message of this account."""
        return bool(self.sender or self.campaign) or self.quiet(account_id) is not None

    def names(self, bound: Bound) -> dict[str, tuple[Pace, Waits]]:
        """The counts that ``bound`` adds to, by name."""
        names = {f"{pace.words} sender {bound.sender}": (pace, Waits.SENDER_RATE) for pace in self.sender}
        if bound.campaign_ref:
            whose = f"campaign {bound.account_id} {bound.campaign_ref}"
            names |= {f"{pace.words} {whose}": (pace, Waits.CAMPAIGN_RATE) for pace in self.campaign}
        return names


#: The turns of a queue; None: it keeps to nothing.
TurnsOf = Callable[[str], Turns | None]


def opens_at(count: Count, pace: Pace, now: float) -> float:
    """When the next may leave, ``now`` when it may at once."""
    if pace.rate:
        return max(count.at - pace.slack, now) if count.at - pace.slack > now + _ROUNDING else now
    full = count.at >= _day(now) and count.used >= pace.daily
    return max(count.at, _day(now)) + _DAY if full else now


def left(count: Count, pace: Pace, now: float) -> Count:
    """``count`` when one more leaves now."""
    if pace.rate:
        return replace(count, at=max(count.at, now) + pace.apart)
    day = max(count.at, _day(now))  # a clock that lags behind another's goes on with that one's day
    return replace(count, at=day, used=count.used + 1 if day == count.at else 1)


def queued(count: Count, pace: Pace, now: float) -> tuple[Count, float]:
    """``count`` with one more place in its line, and when that place comes."""
    place = max(count.line, opens_at(count, pace, now))
    due = place if pace.rate else float(_day(place))
    return replace(count, line=place + pace.apart * (_APART if pace.rate else 1)), due


class Line:
    """Judges the messages of one claim, one after the other."""

    def __init__(self, turns: Turns, counts: Mapping[str, Count], now: float) -> None:
        self._turns = turns
        self.now = now  #: Unix milliseconds
        self._missed: dict[str, int] = {}
        self.counts = dict(counts)  #: as they are after those that were judged

    def judge(self, bound: Bound, waited: Waits | None) -> Waiting | None:
        """None: it leaves, and is counted; else until when it waits.

        ``waited``: for what it waited already. Where another was quicker it does not go to the end of that line again.
        """
        rules = self._turns.quiet(bound.account_id)
        if rules and (until := rules.until(bound.receiver, bound.country, bound.campaign_ref, self.now)):
            return Waiting(Waits.QUIET_HOURS, until)
        names = self._turns.names(bound)
        shut = [name for name, (pace, _) in names.items() if opens_at(self._count(name), pace, self.now) > self.now]
        if not shut:
            for name, (pace, _) in names.items():
                self.counts[name] = left(self._count(name), pace, self.now)
            return None
        due = {name: self._place(name, names[name][0], had_a_place=names[name][1] is waited) for name in shut}
        last = max(due, key=lambda name: due[name])
        return Waiting(names[last][1], math.ceil(due[last]))

    def _count(self, name: str) -> Count:
        return self.counts.get(name, Count())

    def _place(self, name: str, pace: Pace, *, had_a_place: bool) -> float:
        if not had_a_place:
            self.counts[name], due = queued(self._count(name), pace, self.now)
            return due
        before = self._missed[name] = self._missed.get(name, -1) + 1
        ahead = before * pace.apart if pace.rate else before // pace.daily * _DAY
        return opens_at(self._count(name), pace, self.now) + ahead


def waiting_body(body: Mapping[str, object], waiting: Waiting) -> dict[str, object]:
    """What a task remembers of why it waits."""
    return {**body, "waits": waiting.why.name, "until": waiting.until}


def waiting_of(body: Mapping[str, object], due_at: int) -> Waiting | None:
    """Why a task that is due at ``due_at`` waits; None: for nothing of ours, or not any more."""
    why = waited_for(body)
    return None if why is None or body.get("until") != due_at else Waiting(why, due_at)


def waited_for(body: Mapping[str, object]) -> Waits | None:
    """What a task waited for last."""
    why = body.get("waits")
    return Waits.__members__.get(why) if isinstance(why, str) else None


def read_paces(text: str) -> tuple[Pace, ...]:
    """``0.2/s``, ``2000/day``, or several with commas, all of which hold. Raises ValueError."""
    return tuple(_read_pace(word.strip()) for word in text.split(",") if word.strip())


def _read_pace(word: str) -> Pace:
    daily = _DAILY.fullmatch(word)
    words = "".join(word.split())
    if daily is None:
        try:
            return Pace(words, rate=parse_rate(word))
        except ValueError as error:
            raise ValueError(f"{error}, or 2000/day") from None
    if not int(daily[1]):
        raise ValueError(f"{word!r}: a rate is more than zero")
    return Pace(words, daily=int(daily[1]))


def _day(now: float) -> int:
    return int(now // _DAY) * _DAY
