"""Places of each door: how many of its tasks may be under way at once, here."""

from collections.abc import Callable

from slidewire.work.worker import Room


class Places:
    """How many tasks of each door may be under way, and how many are."""

    def __init__(self, most: Callable[[str], int]) -> None:
        self._most = most
        self._taken: dict[str, int] = {}

    def free(self, door: str) -> int:
        """Places left."""
        return self._most(door) - self._taken.get(door, 0)

    def taken(self, door: str) -> int:
        """Places in use."""
        return self._taken.get(door, 0)

    def take(self, door: str, count: int) -> None:
        """Use places."""
        self._taken[door] = self._taken.get(door, 0) + count

    def leave(self, door: str) -> None:
        """One is free again."""
        left = self._taken[door] - 1
        if left:
            self._taken[door] = left
        else:
            del self._taken[door]


class InPlaces:
    """What steps have in common that submit nothing, and whose doors have so many places each."""

    def __init__(self, most: Callable[[str], int]) -> None:
        self._places = Places(most)

    def room(self, door: str) -> Room:
        """What is free: a slow one delays no other (durability 24)."""
        return Room(self._places.free(door))

    def uncertain_wait(self, door: str) -> float:  # noqa: ARG002  # the seam's shape
        """Nothing is submitted: what was cut off is done again at once."""
        return 0.0

    def take(self, door: str, count: int) -> None:
        """Places only."""
        self._places.take(door, count)
