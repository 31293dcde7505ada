"""How many wrong addresses one visitor may try: only misses count, for many phones share an address (security 9).

Nobody is kept from a page that exists: a token has 63 bits, so that what is limited is noise, not the guessing.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from slidewire.domain.networks import neighbourhood

_A_MINUTE: Final = 30
#: Addresses that are remembered.
_REMEMBERED: Final = 20_000


class Misses:
    """A bucket of misses for each address. ``monotonic`` gives seconds."""

    def __init__(self, monotonic: Callable[[], float], a_minute: int = _A_MINUTE) -> None:
        self._monotonic = monotonic
        self._rate = a_minute / 60
        self._burst = float(a_minute)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address -> (tokens left, as of when)

    def count(self, address: str) -> int:
        """Count a miss; seconds to stay away when there were too many, else 0."""
        who, now = neighbourhood(address), self._monotonic()
        left, since = self._buckets.pop(who, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        allowed = left >= 1
        self._buckets[who] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / self._rate)
