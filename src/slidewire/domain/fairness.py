"""Who leaves next of a queue in which more waits than may leave: accounts in turn, what was asked for by itself first.

Pure. Bulk has a share of the places, so that it moves; accounts get as many places in a row as their weight says, and
whoever comes new stands in the next round. Within an account what was due first leaves first.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from slidewire.domain.task import BULK, NEVER, ORDINARY, Task

#: The least and the greatest weight of an account.
LIGHTEST, HEAVIEST = 1, 100
#: What adding tenths takes away from a whole.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Sharing:
    """How the places of a crowded queue are shared."""

    bulk: float  #: of all places, those of bulk while others wait too
    weight: Callable[[str], int]  #: of an account, by its id


@dataclass(frozen=True, slots=True)
class Last:
    """The account that left last."""

    account_id: str = ""
    run: int = 0  #: how many of it left one after the other, its weight at most

    def then(self, account_id: str, weight: int) -> "Last":
        """When one of ``account_id`` leaves now."""
        again = account_id == self.account_id and self.run < weight
        return Last(account_id, self.run + 1 if again else 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a queue's sharing stands. Each process has its own: all of them share alike, and so does their sum."""

    credit: float = 0.0  #: of bulk: with its share on top a whole one is a place
    ordinary: Last = Last()
    bulk: Last = Last()

    def of(self, priority: int) -> Last:
        """Who left last of those with this priority."""
        return self.bulk if priority == BULK else self.ordinary

    def is_bulks(self, sharing: Sharing) -> bool:
        """Whether the next place is one of bulk's."""
        return self.credit + sharing.bulk >= 1 - _ROUNDING

    def then(self, priority: int, account_id: str, sharing: Sharing) -> "Standing":
        """When one leaves now. Bulk that had nothing to send does not save more than one place."""
        credit = self.credit + sharing.bulk
        weight = sharing.weight(account_id)
        if priority == BULK:
            return Standing(max(credit - 1, 0.0), self.ordinary, self.bulk.then(account_id, weight))
        return Standing(min(credit, 1.0), self.ordinary.then(account_id, weight), self.bulk)

    def after(self, tasks: Sequence[Task], sharing: Sharing) -> "Standing":
        """When these leave now."""
        standing = self
        for task in tasks:
            standing = standing.then(task.priority, task.account_id, sharing)
        return standing


@dataclass(frozen=True, slots=True)
class Fair:
    """What a claim from a crowded queue keeps to."""

    sharing: Sharing
    standing: Standing = Standing()

    def before(self, priority: int) -> tuple[str, int]:
        """An account and a time: the next turn belongs to whoever stands first behind them."""
        last = self.standing.of(priority)
        goes_on = last.run < self.sharing.weight(last.account_id)
        return last.account_id, -1 if goes_on else NEVER * 2


def bulks(fair: Fair, count: int) -> int:
    """How many of ``count`` places are bulk's while others wait too."""
    standing, places = fair.standing, 0
    for _ in range(count):
        is_bulks = standing.is_bulks(fair.sharing)
        places += is_bulks
        standing = standing.then(BULK if is_bulks else ORDINARY, "", fair.sharing)
    return places


def in_turn(
    accounts: Sequence[str], count: int, last: Last, weight: Callable[[str], int], has: Mapping[str, int]
) -> list[str]:
    """Whose each of ``count`` places is. ``accounts``: those that wait, in their order behind the last that left.

    ``has``: how many of an account wait, where that is known to be few. An account that left less in a row than its
    weight says is the first of ``accounts``, if it waits.
    """
    left = dict(has)
    line = deque(accounts)
    run = last.run if line and line[0] == last.account_id and last.run < weight(last.account_id) else 0
    places: list[str] = []
    while line and len(places) < count:
        account_id = line.popleft()
        taken = min(weight(account_id) - run, count - len(places), left.get(account_id, count))
        places += [account_id] * taken
        run = 0
        if account_id in left:
            left[account_id] -= taken
        if left.get(account_id, count):
            line.append(account_id)
    return places
