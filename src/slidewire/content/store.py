"""Bytes kept by their SHA-256: written once, synced before anyone counts on them (durability 18, 19).

A digest is trusted only when this process has synced its file and folder; a file that merely lies there may be
what a crash left.
"""

import asyncio
import errno
import math
import os
import re
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Protocol, Self, TypeVar

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
#: Seconds after which a temporary file is nobody's.
_STALE: Final = 3600
#: Threads for files: an fsync waits for the disk, not for the processor.
_THREADS: Final = 8

#: Digests that this process remembers to have synced.
_REMEMBERED: Final = 200_000

T = TypeVar("T")


class FsyncError(Exception):
    """The disk did not take what it was given: nobody knows what is kept, so the process must end (durability 18)."""


class NoSpaceError(Exception):
    """The disk is full; nothing was kept. The caller may come back."""


class ContentAwayError(NoSpaceError):
    """The content cannot be reached now, and nothing was kept or read; it may come back."""


def is_digest(word: str) -> bool:
    """Whether ``word`` names content: SHA-256 in lower-case hex."""
    return bool(_DIGEST.fullmatch(word))


class ContentStore(Protocol):
    """Where content lies. Digests are SHA-256 in lower-case hex; ValueError for anything else."""

    async def put(self, digest: str, body: bytes | Path, *, force: bool = False) -> bool:
        """Keep ``body`` (bytes, or a file that is copied); True when it was written.

        False: this process had stored it before and ``force`` was not asked for. Raises FsyncError, NoSpaceError.
        """

    async def read(self, digest: str) -> bytes:
        """The bytes; raises FileNotFoundError."""

    async def read_range(self, digest: str, start: int, count: int) -> bytes:
        """At most ``count`` bytes from ``start`` on; raises FileNotFoundError."""

    async def path(self, digest: str) -> Path:
        """A local file with the bytes, to be read soon; raises FileNotFoundError."""

    async def has(self, digest: str) -> bool:
        """Whether the bytes are there now."""

    async def delete(self, digest: str) -> None:
        """Let them go; it is no error when they are gone already."""

    def unlink(self, digests: Sequence[str]) -> None:
        """As delete, for a sweep that waits on a thread of its own."""

    async def sweep_unknown(self, before: float, known: Callable[[list[str]], Awaitable[set[str]]]) -> int:
        """Delete what was last written before ``before`` (Unix seconds) and is not ``known``; how many were."""


class FolderStore:
    """Content in a folder: ``ab/cd/abcd...``; temporary files in ``tmp/``.

    ``broken`` is called with a FsyncError before it is raised: whoever runs the process ends it there.
    """

    def __init__(self, folder: Path, broken: Callable[[FsyncError], None] | None = None) -> None:
        self._folder = folder
        self._broken = broken
        self._synced: set[str] = set()
        self._folders: set[str] = set()  #: whose entry in the folder above is synced
        # Our own threads: nothing of ours waits in the default executor (security 3).
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="content")

    async def __aenter__(self) -> Self:
        await self._run(self._open)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait for what is being written."""
        self._threads.shutdown()

    async def put(self, digest: str, body: bytes | Path, *, force: bool = False) -> bool:
        """See ContentStore. A caller that is cancelled leaves a whole file or none."""
        place = self._place(digest)
        if digest in self._synced and not force:
            return False
        try:
            await self._run(partial(self._write, place, body))
        except FsyncError as error:
            if self._broken is not None:
                self._broken(error)
            raise
        if len(self._synced) >= _REMEMBERED:
            self._synced.clear()  # it costs one more writing each
        self._synced.add(digest)
        return True

    async def read(self, digest: str) -> bytes:
        """See ContentStore."""
        return await self._run(self._place(digest).read_bytes)

    async def read_range(self, digest: str, start: int, count: int) -> bytes:
        """See ContentStore."""
        return await self._run(partial(_read_range, self._place(digest), start, count))

    async def path(self, digest: str) -> Path:
        """See ContentStore."""
        place = self._place(digest)
        if not await self._run(place.is_file):
            raise FileNotFoundError(errno.ENOENT, "no such content", digest)
        return place

    async def has(self, digest: str) -> bool:
        """See ContentStore."""
        return await self._run(self._place(digest).is_file)

    async def delete(self, digest: str) -> None:
        """See ContentStore."""
        place = self._place(digest)
        self._synced.discard(digest)
        await self._run(partial(place.unlink, missing_ok=True))

    def unlink(self, digests: Sequence[str]) -> None:
        """See ContentStore."""
        for digest in digests:
            self._synced.discard(digest)
            self._place(digest).unlink(missing_ok=True)

    async def sweep_unknown(self, before: float, known: Callable[[list[str]], Awaitable[set[str]]]) -> int:
        """Delete what was last written before ``before`` (Unix seconds) and is not ``known``; how many were."""
        deleted = 0
        for prefix in range(256):
            stale = await self._run(partial(lambda under: list(self.stale(before, under)), f"{prefix:02x}"))
            kept = await known(stale) if stale else set()
            for digest in stale:
                if digest not in kept:
                    deleted += await self._run(partial(self.unlink_stale, digest, before))
        return deleted

    def stale(self, before: float, under: str = "[0-9a-f][0-9a-f]") -> Iterator[str]:
        """Digests of files last written before ``before`` (Unix seconds), for a sweep on its own thread.

        What was fetched for a request that came to nothing has no row: whoever knows the rows deletes it, with
        ``unlink_stale``, which does not touch a file that was written again meanwhile.
        """
        for folder in self._folder.glob(f"{under}/[0-9a-f][0-9a-f]"):
            for path in folder.iterdir():
                if _DIGEST.fullmatch(path.name) and _written(path) < before:
                    yield path.name

    def unlink_stale(self, digest: str, before: float) -> bool:
        """Delete a file that was last written before ``before``; False when it was written since, or is gone."""
        place = self._place(digest)
        if _written(place) >= before:
            return False
        self._synced.discard(digest)
        place.unlink(missing_ok=True)
        return True

    def _place(self, digest: str) -> Path:
        if not is_digest(digest):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self._folder / digest[:2] / digest[2:4] / digest

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    # on the threads

    @property
    def _temporary(self) -> Path:
        return self._folder / "tmp"

    def _open(self) -> None:
        """Make the folder, and clear what killed processes left in the middle of writing."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._temporary.mkdir(exist_ok=True, mode=0o700)
        sync_folder(self._folder.parent)
        sync_folder(self._folder)
        before = time.time() - _STALE
        for path in self._temporary.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    def _write(self, place: Path, body: bytes | Path) -> None:
        """Temporary file, fsync, rename, fsync of the folder: the only order that survives a power cut."""
        for length, folder in ((2, place.parent.parent), (4, place.parent)):
            self._make_folder(folder, place.name[:length])
        fresh = self._temporary / secrets.token_hex(16)
        try:
            _fill(fresh, body)
            fresh.replace(place)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        sync_folder(place.parent)

    def _make_folder(self, folder: Path, name: str) -> None:
        if name in self._folders:
            return
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise _told(error) from error
        sync_folder(folder.parent)
        self._folders.add(name)


def _written(path: Path) -> float:
    """When a file was last written, Unix seconds; in the future when it is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _fill(path: Path, body: bytes | Path) -> None:
    """Write a whole new file and sync it; raises NoSpaceError and FsyncError."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as file:
            if isinstance(body, Path):
                with body.open("rb", buffering=0) as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            else:
                _write_all(file.fileno(), body)
            _sync(file.fileno())
    except OSError as error:
        raise _told(error) from error


def _read_range(path: Path, start: int, count: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        return os.pread(file.fileno(), count, start)


def _write_all(handle: int, body: bytes) -> None:
    view = memoryview(body)
    while view:
        view = view[os.write(handle, view) :]


def _told(error: OSError) -> Exception:
    """A full disk in our words, whatever else as it is."""
    return NoSpaceError("the disk of the content is full") if error.errno in _FULL else error


def _sync(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        raise FsyncError(f"fsync of content failed: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable; raises FsyncError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _sync(handle)
    finally:
        os.close(handle)


def free_space(path: Path) -> int:
    """Bytes that the disk of ``path`` has left for us (durability 18)."""
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize
