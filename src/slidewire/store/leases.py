"""Whether a node still lives, on one machine: it holds a lock on a file of its own (durability 5).

The system lets go of the lock when the process ends, however it ends; no clock is asked. A node locks before it
claims, so what is held by a name without a locked file was left behind.
"""

import fcntl
import os
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, unquote

from slidewire.store.database import DatabaseError

_ENDING = ".lock"
#: Whoever looks whether a node lives holds its lock for a moment: so often, and so many seconds apart, it is tried.
_TRIES = 200
_PAUSE = 0.01


def lock_folder(database: Path) -> Path:
    """Where the nodes of one SQLite file keep their locks."""
    return database.with_name(f"{database.name}-nodes")


class NodeLock:
    """Held from before the first claim until the process ends. A child forked without exec would hold it too."""

    def __init__(self, folder: Path, node: str) -> None:
        """Take the lock. Raises DatabaseError when another process lives under this name."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = _place(folder, node)
        for _ in range(_TRIES):
            held = _try_lock(self._path, os.O_CREAT)
            if held is not None:
                self._held = held
                return
            time.sleep(_PAUSE)
        raise DatabaseError(f"a node named {node!r} is running already")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End cleanly: nothing is left for others to find."""
        self._path.unlink(missing_ok=True)
        os.close(self._held)


def dead_nodes(folder: Path, holders: Iterable[str]) -> list[str]:
    """Those of ``holders`` whose processes have ended; the files of all that have ended are removed.

    A holder without a file is dead: somebody removed the file and then died before he could end its leases.
    """
    asked = set(holders)
    return sorted(node for node in asked | _named(folder) if _has_ended(_place(folder, node)) and node in asked)


def living_nodes(folder: Path) -> int:
    """How many nodes hold their lock; call ``dead_nodes`` before, which removes the files of those that have ended."""
    return len(_named(folder))


def _named(folder: Path) -> set[str]:
    return {unquote(path.name.removesuffix(_ENDING)) for path in folder.glob(f"*{_ENDING}")}


def _place(folder: Path, node: str) -> Path:
    return folder / f"{quote(node, safe='')}{_ENDING}"


def _has_ended(path: Path) -> bool:
    try:
        held = _try_lock(path)
    except FileNotFoundError:
        return True
    if held is None:
        return False
    path.unlink()  # nobody else may: the lock on this very file is ours
    os.close(held)
    return True


def _try_lock(path: Path, create: int = 0) -> int | None:
    """Lock the file that is at ``path`` now; None when somebody holds it. Raises FileNotFoundError."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | create, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        if _is_at(path, handle):
            return handle
        os.close(handle)  # removed, and perhaps made anew, between our opening and our locking: that one counts


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(handle))
    except FileNotFoundError:
        return False
