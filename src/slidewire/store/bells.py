"""How processes tell each other that a queue may have something: after the commit, never inside it (durability 7).

A bell that is not heard costs a second, no more: workers look over all queues by themselves.
"""

import asyncio
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

#: Seconds between two rings, whatever the number of queues.
QUIET = 0.004
#: So often as long after a pause in which CROWD times or more, for each QUIET of it, somebody wanted to ring: every
#: ring wakes every worker, and where so much is due they have enough to do (docs/adr/0362).
LONGER = 4
CROWD = 6
#: Seconds for which a look at who listens holds.
_KNOWN_FOR = 0.5
_ENDING = ".bell"
#: What a pipe takes in one piece, so that rings of several processes do not mix (PIPE_BUF).
_PIECE = 4096
_READ = 65_536

#: Told the queue that may have something.
Heard = Callable[[str], None]


class Bell(Protocol):
    """Rung by everybody, heard by workers. Pipes on one machine, the database's own channel on PostgreSQL."""

    async def open(self, heard: Heard | None) -> None:
        """Call ``heard`` with each queue that another process rings for; None: we only ring."""

    def ring(self, queue: str) -> None:
        """Tell the workers of other processes; comes back at once."""

    async def close(self) -> None:
        """Neither ring nor hear any more."""


class Gathered:
    """Rings for several queues within a moment are sent together: at once, and then not again for QUIET seconds.

    In a flood not again for LONGER times as long.
    """

    def __init__(self, send: Callable[[list[str]], None]) -> None:
        self._send = send
        self._waiting: set[str] = set()
        self._timer: asyncio.Handle | None = None
        self._wanted = 0  # rings since the last one that was sent
        self._quiet = QUIET

    def add(self, queue: str) -> None:
        """Something may be due in ``queue``."""
        self._waiting.add(queue)
        self._wanted += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_soon(self._flush)

    def close(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        self._timer = None
        crowded = self._wanted >= CROWD * self._quiet / QUIET
        self._quiet = QUIET * LONGER if crowded else QUIET
        if self._waiting:
            queues, self._waiting, self._wanted = sorted(self._waiting), set(), 0
            self._timer = asyncio.get_running_loop().call_later(self._quiet, self._flush)
            self._send(queues)


def pieces(queues: Iterable[str], most: int) -> list[bytes]:
    """The names in lines, as many together as ``most`` bytes hold."""
    found = [b""]
    for queue in queues:
        line = queue.encode() + b"\n"
        if len(found[-1]) + len(line) > most:
            found.append(b"")
        found[-1] += line
    return [piece for piece in found if piece]


class FolderBell:
    """Named pipes in a folder, one for each process that listens."""

    def __init__(self, folder: Path, node: str) -> None:
        self._folder = folder
        self._own = folder / f"{quote(node, safe='')}{_ENDING}"
        self._gathered = Gathered(self._tell)
        self._pipe: int | None = None
        self._rest = b""
        self._others: list[Path] = []
        self._looked_at = 0.0

    async def open(self, heard: Heard | None) -> None:
        """Call ``heard`` with each queue that another process rings for; None: we only ring."""
        if heard is None:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.mkfifo(self._own, 0o600)
        # opened for writing too, so that it never ends when nobody writes
        self._pipe = os.open(self._own, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        asyncio.get_running_loop().add_reader(self._pipe, self._read, heard)

    def ring(self, queue: str) -> None:
        """Tell the workers of other processes; comes back at once."""
        self._gathered.add(queue)

    async def close(self) -> None:
        """Neither ring nor hear any more."""
        self._gathered.close()
        if self._pipe is not None:
            asyncio.get_running_loop().remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = None
            self._own.unlink(missing_ok=True)

    def _read(self, heard: Heard) -> None:
        assert self._pipe is not None  # noqa: S101  # a reader is only there while it is
        with suppress(BlockingIOError):
            *lines, self._rest = (self._rest + os.read(self._pipe, _READ)).split(b"\n")
            for line in dict.fromkeys(lines):
                heard(line.decode("utf-8", "replace"))

    def _tell(self, queues: list[str]) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._looked_at > _KNOWN_FOR:
            self._others = [path for path in self._folder.glob(f"*{_ENDING}") if path != self._own]
            self._looked_at = now
        for path in self._others:
            _write(path, pieces(queues, _PIECE))


def _write(path: Path, told: list[bytes]) -> None:
    """Into one pipe; one that nobody reads is left behind by a process that was killed."""
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    except OSError:  # ENXIO
        path.unlink(missing_ok=True)
        return
    try:
        with suppress(BlockingIOError, BrokenPipeError):  # full: its reader has enough to do
            for piece in told:
                os.write(pipe, piece)
    finally:
        os.close(pipe)
