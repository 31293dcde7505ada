"""Dates and times as customers write them: ISO 8601 in its calendar forms, to Unix milliseconds (settled 11)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_END_OF_DAY = timedelta(days=1) - timedelta(milliseconds=1)
DAY_MS = 86_400_000
_LONGEST = 64  #: characters; no date needs more
_FORM = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})"  # the date, extended or basic
    r"(?:[Tt ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]+))?)?"  # the time
    r"(?:([Zz])|([-+ ])([0-9]{2})(?::?([0-9]{2}))?)?)?"  # its offset; a blank is a + that a GET swallowed
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1024)
def read_moment(text: str, *, ends: bool = False) -> int | None:
    """The moment that ``text`` names; None when it names none.

    A date alone is the beginning of its day, or with ``ends`` its last millisecond; no offset means UTC.
    """
    match = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    try:
        return millis(_moment(match, ends)) if match else None
    except (ValueError, OverflowError):
        return None


def millis(moment: datetime) -> int:
    """Unix milliseconds of ``moment``."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def written(at: int | None) -> str:
    """Unix milliseconds as ISO 8601 in UTC, for JSON and tables alike; empty for none."""
    if at is None:
        return ""
    return (EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(match: re.Match[str], ends: bool) -> datetime:
    year, _, month, day, hour, minute, second, fraction, zulu, sign, offset_hours, offset_minutes = match.groups()
    date = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if hour is None:
        return date + _END_OF_DAY if ends else date
    time = _time_of_day(int(hour), int(minute), int(second or 0), (fraction or "").ljust(6, "0"))
    if zulu or not sign:
        return date + time
    offset = _offset(int(offset_hours), int(offset_minutes or 0))
    return date + time + offset if sign == "-" else date + time - offset


def _time_of_day(hour: int, minute: int, second: int, fraction: str) -> timedelta:
    time = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(fraction[:6]))
    # 24:00 is the end of the day in ISO 8601
    if minute > 59 or second > 59 or time > timedelta(days=1):
        raise ValueError("no such time of day")
    return time


def _offset(hours: int, minutes: int) -> timedelta:
    if hours > 23 or minutes > 59:
        raise ValueError("no such offset")
    return timedelta(hours=hours, minutes=minutes)
