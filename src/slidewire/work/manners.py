"""Who goes first where several processes could do the same: those whose help brings little let others (docs/adr/0360).

What leaves us knows no manners: its lanes give it to one process.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from slidewire.domain.task import SUBMITTING, TaskKind
from slidewire.store.hot import Claimed

#: Seconds for which others go first when all hear of something due, doubled for each claim in vain, so many times at
#: most. Of four that claim at once three find nothing, which costs as much as to find something (docs/adr/0360).
POLITE = 0.004
POLITE_DOUBLED = 4
#: Milliseconds: who finds tasks that had waited for less sees that others keep up, and goes on letting them go first;
#: less than the longest such wait, so that whoever is left is prompt again.
KEPT_UP = 50
#: Where cores are scarce: seconds between two claims of who could leave it to others, and milliseconds after which
#: what waits needs everybody, whatever that costs (docs/adr/0393).
ASIDE = 0.5
FALLEN_BEHIND = 10_000
#: Seconds over which it is seen whether cores are scarce.
_SEEN_OVER = 0.1
#: How long the thread that opens it has run, and how long it has waited for a core, in nanoseconds.
_TOLD = Path("/proc/thread-self/schedstat")


class Crowd:
    """Whether to help here would take the cores from those who are at it anyway. Made by the event loop's thread."""

    def __init__(self, holds_lanes: Callable[[], bool], monotonic: Callable[[], float], told: Path = _TOLD) -> None:
        """``holds_lanes``: who holds some sends, and posts what comes of it. Without other workers all are ours."""
        self._holds_lanes = holds_lanes
        self._monotonic = monotonic
        self._told = _open(told)
        self._looked_at = -_SEEN_OVER
        self._ran = self._waited = 0
        self._scarce = False

    def is_here(self) -> bool:
        """Of late the event loop has waited for a core for longer than it had one. False where no system tells."""
        if self._told is None or self._holds_lanes():
            return False
        now = self._monotonic()
        if now - self._looked_at >= _SEEN_OVER:
            self._looked_at = now
            ran, waited = _times(self._told)
            self._scarce = waited - self._waited > ran - self._ran
            self._ran, self._waited = ran, waited
        return self._scarce

    def close(self) -> None:
        """Ask no more."""
        if self._told is not None:
            os.close(self._told)
            self._told = None


class Manners:
    """Of one queue's pump: whether it claims now, or a little later, when others have had their turn."""

    def __init__(self, kind: TaskKind, crowd: Crowd, claim: Callable[[], None]) -> None:
        """``claim`` is called when the others have had it."""
        self._has_some = kind not in SUBMITTING
        self._crowd = crowd if kind is TaskKind.NOTIFY else None  # small, and in masses
        self._claim = claim
        self._vain = 0  # claims that found nothing since the last that found something old
        self._waiting: asyncio.TimerHandle | None = None

    def lets_others_go_first(self) -> bool:
        """Whether what all have heard of is claimed a little later, and not now."""
        if self._waiting is None and self._vain:
            self._wait(POLITE * 2 ** min(self._vain, POLITE_DOUBLED))
        return self._waiting is not None

    def steps_aside(self, claimed: Sequence[Claimed], now: int) -> bool:
        """After a claim: whether the next one waits, though there may be more."""
        if not self._has_some:
            return False
        waited = now - min((each.due_at for each in claimed), default=now)
        if not claimed:
            self._vain += 1
        elif waited >= KEPT_UP:
            self._vain = 0
        if self._crowd is None or waited >= FALLEN_BEHIND or not self._crowd.is_here():
            return False
        self._wait(ASIDE)
        return True

    def _wait(self, seconds: float) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.get_running_loop().call_later(seconds, self._waited_for_others)

    def _waited_for_others(self) -> None:
        self._waiting = None
        self._claim()


def _times(told: int) -> tuple[int, int]:
    """How long it ran, how long it waited; two noughts where something else is told."""
    try:
        ran, waited, *_ = (int(word) for word in os.pread(told, 100, 0).split())
    except (OSError, ValueError):
        return 0, 0
    return ran, waited


def _open(told: Path) -> int | None:
    try:
        return os.open(told, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # another system, or one that does not count it
        return None
