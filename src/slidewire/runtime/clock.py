"""The time that everything else is handed."""

import time


def now() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000
