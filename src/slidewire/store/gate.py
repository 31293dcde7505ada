"""One fair gate for everyone who writes to one SQLite file (durability 10).

Two lock files: who waits holds the turnstile, so that whoever has just left cannot overtake it.
SQLite's own busy handler lets an eager writer starve the others.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Gate:
    """Held by one writer at a time, over all processes of this machine."""

    def __init__(self, database: Path) -> None:
        self._turnstile = _open(database.with_name(f"{database.name}-turnstile"))
        self._gate = _open(database.with_name(f"{database.name}-gate"))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn, hold the gate, leave."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def enter(self) -> None:
        """Wait for the turn, and hold the gate."""
        self._pass(fcntl.LOCK_EX)

    def take(self) -> bool:
        """Hold the gate where nobody has it or waits for it; False where somebody does."""
        try:
            self._pass(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _pass(self, how: int) -> None:
        fcntl.flock(self._turnstile, how)
        try:
            fcntl.flock(self._gate, how)
        finally:
            fcntl.flock(self._turnstile, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._gate, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the lock files."""
        os.close(self._turnstile)
        os.close(self._gate)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
