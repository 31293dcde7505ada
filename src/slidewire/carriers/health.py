"""Whether a route is worth trying: a breaker that opens after failures in a row (durability 6). Pure: clock passed in.

While it is open its tasks wait unattempted; one submission per back-off is let through to probe.
"""

from collections.abc import Sequence

from slidewire.carriers.base import Outcome

#: Failures in a row after which the route is left alone.
FAILURES = 5
#: Seconds until the next probe, the last again and again.
BACKOFF: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)


class Breaker:
    """The health of one route. Times are seconds of one monotonic clock."""

    def __init__(self, failures: int = FAILURES, backoff: Sequence[float] = BACKOFF) -> None:
        """Raises ValueError without a failure to count or a back-off to wait."""
        if failures < 1 or not backoff:
            raise ValueError("a breaker needs at least one failure and one back-off")
        self._limit = failures
        self._backoff = tuple(backoff)
        self._in_a_row = 0
        self._step = -1  # which back-off is running; -1: closed
        self._probe_at = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether the route is left alone but for probes."""
        return self._step >= 0

    @property
    def probe_at(self) -> float:
        """When the next probe may leave; only while it is open."""
        return self._probe_at

    def available(self, now: float, wanted: int) -> int:
        """How many of ``wanted`` submissions may leave now: all, or while it is open one once a back-off is over."""
        if not self.is_open:
            return max(wanted, 0)
        return 1 if now >= self._probe_at and wanted > 0 else 0

    def take(self, now: float, wanted: int = 1) -> int:
        """As available(); a probe that is taken here is not taken again before the next back-off is over.

        A probe that never reports (its worker died) therefore blocks nothing.
        """
        granted = self.available(now, wanted)
        if granted and self.is_open:
            self._probing = True
            self._probe_at = now + self._backoff[self._step]
        return granted

    def record(self, outcome: Outcome, now: float) -> None:
        """What a submission's end says about the route: an alarm with route_down opens it at once (4001, HTTP 401)."""
        if not outcome.route_down:
            self.succeeded()
        else:
            self.failed(now, at_once=outcome.alarm)

    def succeeded(self) -> None:
        """The peer answered: whatever it said, it is there."""
        self._in_a_row = 0
        self._step = -1
        self._probing = False

    def failed(self, now: float, *, at_once: bool = False) -> None:
        """No connection, no answer, or a 5xx; ``at_once``: one is enough.

        Failures that were under way when it opened do not stretch the back-off.
        """
        self._in_a_row += 1
        if self.is_open:
            if self._probing:
                self._open(now, min(self._step + 1, len(self._backoff) - 1))
        elif at_once or self._in_a_row >= self._limit:
            self._open(now, 0)

    def _open(self, now: float, step: int) -> None:
        self._step = step
        self._probing = False
        self._probe_at = now + self._backoff[step]
