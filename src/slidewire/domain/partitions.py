"""The stretches of time in which messages lie together, so that what is old goes at once (durability 14).

Pure arithmetic. Times are those of the messages' ids: what happens to a message later lies with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slidewire.domain.moments import DAY_MS

#: How far ahead there are partitions: whoever is stopped for less finds them when it starts.
AHEAD = 30 * DAY_MS
#: The time that messages are kept is so many partitions long: each costs whatever cannot tell where to look.
_SHARE = 30
_LONGEST = 28 * DAY_MS
#: What is empty is kept for so long: a clock may have been behind.
_LATE = 2 * DAY_MS


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """Messages accepted from ``since`` on and before ``until``, Unix milliseconds: whole days; 0: the beginning."""

    since: int
    until: int

    @property
    def length(self) -> int:
        """Milliseconds."""
        return self.until - self.since


def length_for(keep: int | None) -> int:
    """Milliseconds of a new partition. ``keep``: of the account that keeps longest; None: for ever."""
    if keep is None:
        return _LONGEST
    return min(max(keep // _SHARE // DAY_MS * DAY_MS, DAY_MS), _LONGEST)


def next_partition(known: Sequence[Partition], now: int, length: int) -> Partition | None:
    """What is to be made after those that are there; None: they reach far enough."""
    since = max([now // DAY_MS * DAY_MS, *(each.until for each in known)])
    return Partition(since, since + length) if since < now + AHEAD else None


def without_strays(partition: Partition, stray: int | None) -> Partition | None:
    """``partition`` from the day after a ``stray`` on: a message that came before it was made; None: nothing of it."""
    since = partition.since if stray is None else (stray // DAY_MS + 1) * DAY_MS
    return Partition(since, partition.until) if since < partition.until else None


def is_over(partition: Partition, now: int, keep: int | None) -> bool:
    """Whether no account wants any message of it."""
    return keep is not None and partition.until + keep <= now


def is_past(partition: Partition, now: int) -> bool:
    """Whether it gets no more messages, so that it may go once it is empty."""
    return partition.until + _LATE <= now


def until_whole(known: Sequence[Partition], until: int, keep: int) -> int:
    """Up to when messages are deleted one by one: a partition that will soon go whole is left until it does.

    Nothing is kept for longer than a thirtieth of its time, or a day, over it: a longer partition is not waited for.
    """
    for each in known:
        if each.since <= until < each.until and each.length <= length_for(keep):
            return each.since
    return until
