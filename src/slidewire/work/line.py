"""Places that many doors share, each door in its turn: one with much to do never keeps the others waiting."""

from typing import ClassVar

from slidewire.work.worker import Room


class Line:
    """Doors that wait for a place, each in its turn."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken = 0
        self._waiting: dict[str, None] = {}
        self._claiming: set[str] = set()

    def may_go(self, door: str) -> bool:
        """Whether there is a place and it is this door's turn; the place is held until ``take``."""
        self._claiming.discard(door)  # its last claim failed
        self._waiting.setdefault(door)
        free = self._places - self._taken - len(self._claiming)
        if free <= 0 or next(iter(self._waiting)) != door:
            return False
        del self._waiting[door]
        self._claiming.add(door)
        return True

    def take(self, door: str, count: int) -> None:
        """So many places were needed in the end."""
        self._claiming.discard(door)
        self._taken += count

    def leave(self) -> None:
        """One is free again."""
        self._taken -= 1


class InLine:
    """What steps have in common whose accounts share some places, and which submit nothing."""

    #: Seconds after which a door that found no place asks again.
    pause: ClassVar[float] = 0.2

    def __init__(self, places: int) -> None:
        self._line = Line(places)

    def room(self, door: str) -> Room:
        """A place when it is this account's turn: nobody's films keep all others waiting."""
        return Room(1) if self._line.may_go(door) else Room(0, wait=self.pause)

    def uncertain_wait(self, door: str) -> float:  # noqa: ARG002  # the seam's shape
        """Nothing is submitted."""
        return 0.0

    def take(self, door: str, count: int) -> None:
        """Places only."""
        self._line.take(door, count)
