"""MMSLINK_EXPIRATION_DATE: when the link of a fallback SMS ends.

Times are Unix milliseconds; the clock is the caller's.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

DEFAULT_MS = 365 * 24 * 3600 * 1000  #: from the request on, when none is given (settled 11)
_END_OF_DAY = timedelta(days=1) - timedelta(milliseconds=1)
_LONGEST = 64  #: characters; no date needs more
_FORM = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})"  # the date, extended or basic
    r"(?:[Tt ]([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]+))?)?"  # the time
    r"(?:([Zz])|([-+ ])([0-9]{2})(?::?([0-9]{2}))?)?)?"  # its offset; a blank is a + that a GET swallowed
)


class ExpirationError(ValueError):
    """A date that cannot be taken, with the reason in words for the customer (E617)."""


def read_expiration(text: str, now_ms: int) -> int:
    """When the link ends. Raises ExpirationError for what is unreadable, past or too far ahead (settled 11)."""
    ends_ms = _read_moment(text) if len(text) <= _LONGEST else None
    if ends_ms is None:
        raise ExpirationError("no date and time of ISO 8601")
    if ends_ms <= now_ms:
        raise ExpirationError("not in the future")
    if ends_ms > now_ms + DEFAULT_MS and ends_ms > _year_after(now_ms):
        raise ExpirationError("more than one year ahead")
    return ends_ms


@lru_cache(maxsize=1024)
def _read_moment(text: str) -> int | None:
    """The moment that ``text`` names; None when it names none."""
    match = _FORM.fullmatch(text)
    try:
        return _millis(_moment(match)) if match else None
    except (ValueError, OverflowError):
        return None


def _moment(match: re.Match[str]) -> datetime:
    year, _, month, day, hour, minute, second, fraction, zulu, sign, offset_hours, offset_minutes = match.groups()
    date = datetime(int(year), int(month), int(day), tzinfo=UTC)
    if hour is None:
        return date + _END_OF_DAY
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


def _year_after(now_ms: int) -> int:
    """The same date and time one calendar year on; February 29 has none, and the caller's 365 days rule."""
    now = _EPOCH + timedelta(milliseconds=now_ms)
    try:
        return _millis(now.replace(year=now.year + 1))
    except ValueError:
        return now_ms


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
