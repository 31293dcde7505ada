"""Quiet hours: when nobody is to be written to, by the clock where the receiver is.

A number does not say where its phone is: every place and every time zone that it may belong to is asked, and the
strictest wins. Pure: the time is passed in, and zones are tables like those of the phone library.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from slidewire.domain.areas import STATES, STATES_OF
from slidewire.domain.countries import COUNTRIES

#: Every place.
ANYWHERE = "*"
#: Whose messages quiet hours hold.
MARKETING, ALL = "marketing", "all"
_WINDOW = re.compile(
    r"(?:([A-Za-z]{2}(?:-[A-Za-z0-9]{1,3})?|\*)\s+)?([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})"
)
_WITH_STATES = frozenset({"US", "CA"})
#: Windows that follow one another are looked through so often: two for each of eight days.
_ROUNDS = 16
_NANP = 11


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """From when to when it is quiet in one place; over midnight where it ends earlier than it begins."""

    place: str  #: a country, a state such as US-FL, or ANYWHERE
    start: int  #: minutes of the day
    end: int

    def __str__(self) -> str:
        hours = f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"
        return hours if self.place == ANYWHERE else f"{self.place} {hours}"

    def ends_after(self, now: datetime) -> datetime | None:
        """When the window that ``now`` lies in ends, UTC; None: it lies in none. ``now`` has its place's time zone."""
        minute = now.hour * 60 + now.minute
        over_midnight = self.end <= self.start
        inside = minute >= self.start or minute < self.end if over_midnight else self.start <= minute < self.end
        if not inside:
            return None
        day = now.date() + timedelta(days=1 if over_midnight and minute >= self.start else 0)
        # an hour that comes twice ends when it ends the second time, one that is left out when the clock has passed it
        ends = (datetime.combine(day, time(self.end // 60, self.end % 60, fold=fold), now.tzinfo) for fold in (0, 1))
        return max(end.astimezone(UTC) for end in ends)


@dataclass(frozen=True, slots=True)
class QuietRules:
    """The quiet hours of one account."""

    windows: tuple[QuietWindow, ...]
    holds: str = MARKETING
    exempt: tuple[str, ...] = ()  #: campaigns that are no marketing

    def until(self, receiver: str, country: str, campaign_ref: str, now: float) -> int:
        """When a message to ``receiver`` may leave, Unix milliseconds; 0: now."""
        if self.holds == MARKETING and (not campaign_ref or campaign_ref in self.exempt):
            return 0
        places = {ANYWHERE, *places_of(receiver, country)}
        windows = [window for window in self.windows if window.place in places]
        return quiet_until(windows, zones_of(receiver), now) if windows else 0


#: The quiet hours of an account, by its id; None: it has none.
QuietOf = Callable[[str], QuietRules | None]


def quiet_until(windows: Sequence[QuietWindow], zones: Sequence[str], now: float) -> int:
    """When it is quiet by none of ``windows`` in any of ``zones``, Unix milliseconds; 0: it is not quiet now."""
    at = datetime.fromtimestamp(now / 1000, UTC)
    start = at
    for _ in range(_ROUNDS):
        places = [at.astimezone(_zone(zone)) for zone in zones]
        ends = [end for place in places for window in windows if (end := window.ends_after(place)) is not None]
        if not ends:
            break
        at = max(ends)
    return 0 if at is start else round(at.timestamp() * 1000)


def places_of(receiver: str, country: str) -> tuple[str, ...]:
    """The country, and every state that the number may belong to."""
    if country not in _WITH_STATES or len(receiver) != _NANP:
        return (country,)
    known = STATES_OF.get(receiver[1:4])
    return (country, *(known or (state for state in sorted(STATES) if state.startswith(country))))


@lru_cache(maxsize=16_384)
def zones_of(receiver: str) -> tuple[str, ...]:
    """Every time zone that the number may be in; UTC where nothing is known."""
    if receiver.startswith("1") and (area := _area_zones(receiver[:4])):
        return area
    try:
        number = phonenumbers.parse("+" + receiver, None)
    except phonenumbers.NumberParseException:
        return ("UTC",)
    found = timezone.time_zones_for_geographical_number(number)
    return tuple(zone for zone in found if zone != timezone.UNKNOWN_TIMEZONE) or ("UTC",)


@lru_cache(maxsize=1024)
def _area_zones(prefix: str) -> tuple[str, ...]:
    """All zones of an area code: its phones move, whatever exchange they were first in."""
    found = {zone for known, zones in TIMEZONE_DATA.items() if known.startswith(prefix) for zone in zones}
    return tuple(sorted(found))


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def read_windows(words: Sequence[str]) -> tuple[QuietWindow, ...]:
    """``21:00-08:00``, ``US 21:00-09:00``, ``US-FL 20:00-08:00``. Raises ValueError."""
    return tuple(_read_window(word) for word in words)


def _read_window(word: str) -> QuietWindow:
    found = _WINDOW.fullmatch(word.strip())
    if found is None:
        raise ValueError(f"{word!r} is no window; write it as 21:00-08:00 or US-FL 20:00-08:00")
    place = (found[1] or ANYWHERE).upper()
    if place != ANYWHERE and place not in COUNTRIES and place not in STATES:
        raise ValueError(f"{place!r} is neither a country of ISO 3166, such as US, nor a state, such as US-FL or CA-ON")
    hours, minutes = (int(found[2]), int(found[4])), (int(found[3]), int(found[5]))
    start, end = hours[0] * 60 + minutes[0], hours[1] * 60 + minutes[1]
    if max(hours) > 23 or max(minutes) > 59 or start == end:
        raise ValueError(f"{word!r}: hours go from 00:00 to 23:59, and a window does not end when it begins")
    return QuietWindow(place, start, end)
