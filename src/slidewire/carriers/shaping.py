"""How fast a route may send: a token bucket, slowed down when the peer says so. Pure: the clock is passed in.

In no window do more than rate x window + burst submissions leave, whatever happens (settled 16).
"""

import math
from dataclasses import dataclass

#: A peer that throttles is asked again at no less than this share of the route's rate.
LEAST_SHARE = 1 / 64
#: Seconds without throttling after which the rate rises by one step, and the size of a step as a share of the rate.
STEP_SECONDS = 1.0
STEP_SHARE = 1 / 16
#: Seconds: at least so long a pause follows a throttling without Retry-After, and at most so long one with it.
LEAST_PAUSE = 1.0
MOST_PAUSE = 3600.0
#: What of a token may be missing: who waits until next_token_at() shall not come too early by the last bit of a clock.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Manners:
    """How a route slows down and comes back. Shares are of its rate."""

    start: float = 1.0  #: where it begins, and where it goes on after it could not be reached
    step: float = STEP_SHARE
    every: float = STEP_SECONDS  #: seconds without throttling after which it rises by a step
    least: float = LEAST_SHARE


_USUAL = Manners()


class Bucket:
    """The tokens of one route (or of one of its lanes). Times are seconds of one monotonic clock."""

    def __init__(
        self, rate: float, now: float, *, burst: float = 0.0, present_rate: float = 0.0, manners: Manners = _USUAL
    ) -> None:
        """``rate``: tokens a second. ``burst``: tokens kept at most (0: a tenth of a second's, at least one).

        ``present_rate``: where an earlier holder of the lane had slowed down to (0: not at all, durability 6). A new
        holder starts without tokens (durability 5). Raises ValueError for a rate that is no positive number.
        """
        if not (rate > 0 and math.isfinite(rate)):
            raise ValueError("a rate is more than zero")
        self.rate = rate
        self.burst = max(burst or rate / 10, 1.0)
        self._manners = manners
        self._least = rate * manners.least
        self._present = min(max(present_rate, self._least), rate) if present_rate > 0 else rate * manners.start
        self._tokens = 0.0
        self._at = now
        self._paused_until = now
        self._rises_at = now + manners.every

    @property
    def present_rate(self) -> float:
        """Tokens a second now, after throttling; at most ``rate``. It lives in the lane's row (durability 6)."""
        return self._present

    def available(self, now: float) -> int:
        """Whole tokens that are there at ``now``."""
        self._advance(now)
        return max(int(self._tokens + _ROUNDING), 0)

    def take(self, now: float, wanted: int = 1) -> int:
        """Take up to ``wanted`` tokens; how many were taken."""
        taken = min(max(wanted, 0), self.available(now))
        self._tokens -= taken
        return taken

    def charge(self, now: float, count: int) -> None:
        """Take ``count`` tokens, there or not: what is missing is earned before the next is available.

        For what turns out to cost more than was taken for it: an SMS of several segments.
        """
        self._advance(now)
        self._tokens -= max(count, 0)

    def give_back(self, count: int) -> None:
        """Return tokens that were taken and not used."""
        self._tokens = min(self._tokens + max(count, 0), self.burst)

    def next_token_at(self, now: float) -> float:
        """When a whole token will be there; ``now`` when there is one already."""
        if self.available(now):
            return now
        return max(self._at, self._paused_until) + (1.0 - self._tokens) / self._present

    def change(self, now: float, rate: float, present_share: float | None = None) -> None:
        """From now on ``rate`` tokens a second, slowed down as it is.

        ``present_share``: it was another's until now, who had slowed down to this share; it starts without tokens.
        """
        self._advance(now)
        share = self._present / self.rate
        if present_share is not None:
            share = min(present_share, self._manners.start)
            self._tokens, self._rises_at = 0.0, now + self._manners.every
        self.rate = rate
        self.burst = max(rate / 10, 1.0)
        self._least = rate * self._manners.least
        self._present = min(max(share * rate, self._least), rate)
        self._tokens = min(self._tokens, self.burst)

    def begin_slowly(self, now: float) -> None:
        """The peer could not be reached for a while: go on as at the start."""
        self._advance(now)
        self._present = min(self._present, max(self.rate * self._manners.start, self._least))
        self._rises_at = now + self._manners.every

    def throttled(self, now: float, retry_after: float = 0.0) -> None:
        """The peer asked to slow down: halve the rate, rest for ``retry_after`` seconds.

        Submissions that were under way together are throttled together: during a pause the rate is not halved again.
        """
        self._advance(now)
        if now >= self._paused_until:
            self._present = max(self._present / 2, self._least)
        pause = min(max(retry_after, LEAST_PAUSE), MOST_PAUSE)
        self._paused_until = max(self._paused_until, now + pause)
        self._rises_at = self._paused_until + self._manners.every
        self._tokens = 0.0

    def _advance(self, now: float) -> None:
        """Bring tokens and rate from the last look to ``now``; a clock that goes back changes nothing."""
        while self._rises_at <= now and self._present < self.rate:
            self._fill(self._rises_at)
            self._present = min(self._present + self.rate * self._manners.step, self.rate)
            self._rises_at += self._manners.every
        self._fill(now)

    def _fill(self, until: float) -> None:
        if until <= self._at:
            return
        earning = until - max(self._at, self._paused_until)
        if earning > 0:
            self._tokens = min(self._tokens + earning * self._present, self.burst)
        self._at = until
