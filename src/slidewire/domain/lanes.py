"""Who holds which lane of a route: a route's rate is shared by its lanes, and a lane is one node's at a time.

Pure. A node takes no more than its share while others could take the rest; what nobody alive holds is free.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane as it is stored, and whether its holder lives."""

    number: int
    of: int  #: how many lanes its holder knew of
    holder: str = ""  #: empty: nobody
    alive: bool = False
    present: float = 0.0  #: share of its rate that its last holder had after throttling; 0: all of it


@dataclass(frozen=True, slots=True)
class Moves:
    """What a node does with the lanes of one route. Numbers of lanes."""

    keep: tuple[int, ...] = ()
    take: tuple[int, ...] = ()
    drop: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """What a node holds of a route."""

    lanes: int = 0
    of: int = 1
    present: float = field(default=1.0)  #: the least share that was found in a lane that was taken

    @property
    def share(self) -> float:
        """Of the route's rate."""
        return self.lanes / self.of


def moves(lanes: Sequence[Lane], of: int, node: str, living: int) -> Moves:
    """What ``node`` does when the route has ``of`` lanes, and so many nodes are alive that could have them.

    While anybody alive goes by another number of lanes nothing is taken: shares of two kinds could add up to more
    than the rate.
    """
    fair = -(-of // max(living, 1))
    mine = [lane.number for lane in lanes if lane.holder == node and lane.of == of and lane.number < of]
    keep = tuple(sorted(mine)[:fair])
    drop = tuple(lane.number for lane in lanes if lane.holder == node and lane.number not in keep)
    others = [lane for lane in lanes if lane.alive and lane.holder not in {"", node}]
    if any(lane.of != of for lane in others):
        return Moves(keep, (), drop)
    taken = {lane.number for lane in others} | {*keep, *drop}
    free = [number for number in range(of) if number not in taken]
    return Moves(keep, tuple(free[: fair - len(keep)]), drop)
