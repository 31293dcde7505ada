"""Sheets of figures: one for each process of a gateway, in memory that all of them share and that no file names.

A process counts in the first sheet that nobody counts in, from where a process before it stopped: nothing that was
counted is lost with whoever counted it, and the sheets go with the last process (docs/adr/0370).
"""

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from slidewire.domain.figures import SHEET, Figures, Series, read_sheet

log = structlog.get_logger(__name__)

#: Processes that can count at once: twice as many as a supervisor keeps, for while they are replaced.
_SHEETS = 256
#: struct flock: type, whence, start, length, process.
_LOCK = struct.Struct("hhqqi")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def make_sheets() -> int:
    """Room for all processes of one gateway; its descriptor."""
    descriptor = os.memfd_create("slidewire-figures", os.MFD_CLOEXEC)
    os.ftruncate(descriptor, _SHEETS * SHEET)  # nothing of it is memory before it is written
    return descriptor


class Sheets:
    """What this process counts in, and what all of them have counted.

    Kept until the process ends: a mapping that goes closes a descriptor, and with any of them all locks are gone.
    """

    def __init__(self, shared: int | None) -> None:
        """``shared``: the descriptor of ``make_sheets``, of which there may be one in a process; None: we are alone."""
        self._shared = shared
        self._own = memoryview(bytearray(SHEET)) if shared is None else _taken(shared)
        self.figures = Figures(self._own, time.perf_counter)
        self.figures.begin(time.time())

    def read(self) -> list[Series]:
        """Every sheet that was ever counted in."""
        if self._shared is None:
            return [read_sheet(bytes(self._own))]
        return [read_sheet(os.pread(self._shared, SHEET, at)) for at in _used(self._shared)]

    def processes(self) -> list[int]:
        """Who counts now, by process id."""
        others = [] if self._shared is None else [_holder(self._shared, at) for at in _used(self._shared)]
        return [os.getpid(), *filter(None, others)]

    def resident(self) -> int:
        """Bytes of memory that they hold."""
        return sum(map(_resident, self.processes()))


def _taken(shared: int) -> memoryview:
    """The first sheet that nobody counts in; its lock ends with our process, however that ends."""
    os.set_inheritable(shared, False)
    for at in range(0, _SHEETS * SHEET, SHEET):
        try:
            fcntl.lockf(shared, fcntl.LOCK_EX | fcntl.LOCK_NB, SHEET, at)
        except OSError:
            continue
        return memoryview(mmap.mmap(shared, SHEET, offset=at))
    log.error("too many processes: what this one counts is in no figure")
    return memoryview(bytearray(SHEET))


def _used(shared: int) -> Iterator[int]:
    """Where sheets begin that were counted in: the first free one is taken, so they lie at the beginning."""
    for at in range(0, _SHEETS * SHEET, SHEET):
        if not any(os.pread(shared, 8, at)):
            return
        yield at


def _holder(shared: int, at: int) -> int:
    """Who holds the sheet there, should it be another process; else 0."""
    asked = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, at, SHEET, 0)
    kind, _, _, _, process = _LOCK.unpack(fcntl.fcntl(shared, fcntl.F_GETLK, asked))
    return 0 if kind == fcntl.F_UNLCK else int(process)


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):  # it has ended meanwhile, or this system has no such file
        return 0
