"""The peak memory of a process and of every child that it ever has, seen while they live."""

import threading
from pathlib import Path
from typing import Self

from bench.peers import tree


class PeakWatch:
    """``with PeakWatch(pid) as peaks: ...``; then ``peaks.own`` and ``peaks.children``, in kilobytes."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peaks: dict[int, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    @property
    def own(self) -> int:
        return self._peaks[self._pid]

    @property
    def children(self) -> dict[int, int]:
        return {pid: peak for pid, peak in self._peaks.items() if pid != self._pid}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _look_on(self) -> None:
        while not self._over.wait(0.02):
            self._look()

    def _look(self) -> None:
        for pid in tree(self._pid):
            try:
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            except OSError:
                continue  # it has ended meanwhile
            for line in lines:
                if line.startswith("VmHWM:"):
                    self._peaks[pid] = max(self._peaks.get(pid, 0), int(line.split()[1]))
