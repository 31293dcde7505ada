"""When to try again: arithmetic on a written-down schedule, the jitter passed in."""

from collections.abc import Sequence

#: A delay is stretched by at most this share, so that what failed together does not come back together.
JITTER = 0.2


def delay_before(attempt: int, schedule: Sequence[float], jitter: float) -> float:
    """Seconds to wait before ``attempt`` (2 is the first repetition), the last delay again past the end.

    ``jitter`` is a number from 0 to 1. Raises ValueError for an empty schedule.
    """
    if not schedule:
        raise ValueError("a schedule needs at least one delay")
    base = schedule[min(max(attempt - 2, 0), len(schedule) - 1)]
    return base * (1 + JITTER * jitter)
