"""MMSLINK_EXPIRATION_DATE: when the link of a fallback SMS ends.

Times are Unix milliseconds; the clock is the caller's.
"""

from datetime import timedelta

from slidewire.domain.moments import EPOCH, millis, read_moment

DEFAULT_MS = 365 * 24 * 3600 * 1000  #: from the request on, when none is given (settled 11)


class ExpirationError(ValueError):
    """A date that cannot be taken, with the reason in words for the customer (E617)."""


def read_expiration(text: str, now_ms: int) -> int:
    """When the link ends. Raises ExpirationError for what is unreadable, past or too far ahead (settled 11)."""
    ends_ms = read_moment(text, ends=True)
    if ends_ms is None:
        raise ExpirationError("no date and time of ISO 8601")
    if ends_ms <= now_ms:
        raise ExpirationError("not in the future")
    if ends_ms > now_ms + DEFAULT_MS and ends_ms > _year_after(now_ms):
        raise ExpirationError("more than one year ahead")
    return ends_ms


def _year_after(now_ms: int) -> int:
    """The same date and time one calendar year on; February 29 has none, and the caller's 365 days rule."""
    now = EPOCH + timedelta(milliseconds=now_ms)
    try:
        return millis(now.replace(year=now.year + 1))
    except ValueError:
        return now_ms
