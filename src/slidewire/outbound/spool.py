"""Where fetched bytes wait until they are stored: small ones in memory, big ones in a file.

Every byte held counts against one budget of the process, so that no number of requests fills memory or disk
(durability 20). Whoever takes a Body closes it.
"""

import asyncio
import os
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

#: Bytes gathered before they go to the file: one trip to the writing thread each.
FLUSH = 262_144
#: Bytes of the beginning that stay at hand for a body in a file.
HEAD = 4096
_PREFIX, _SUFFIX = "fetch-", ".part"


class NoRoom(Exception):  # noqa: N818 - named for what it says
    """The spool's budget or its disk is full: answer E503 with Retry-After (durability 20)."""


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """Bounds of what fetched bodies may hold, in bytes."""

    budget: int = 512_000_000  #: all bodies of the process together, in memory and in files
    body_in_memory: int = 1_000_000  #: a bigger body goes to a file
    all_in_memory: int = 64_000_000  #: when the bodies in memory hold more, even small ones go to files


class Spool:
    """The process's one place for fetched bodies: a folder, a budget, one thread that writes."""

    def __init__(self, folder: Path, limits: SpoolLimits | None = None) -> None:
        self.folder = folder
        self.limits = limits or SpoolLimits()
        self.held = 0  #: bytes of all open bodies
        self.in_memory = 0  #: those of them that are not in files
        # One thread of our own: a stalled disk delays the big bodies, not the event loop (security 3).
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    def body(self) -> "Body":
        """Begin an empty body."""
        return Body(self)

    def sweep(self, older_than: float) -> int:
        """Delete files that a killed process left, last written before ``older_than`` (Unix seconds); count them."""
        swept = 0
        for path in self.folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < older_than:
                    path.unlink()
                    swept += 1
        return swept

    def close(self) -> None:
        """End the writing thread; open bodies stay readable."""
        self._writer.shutdown()

    def take(self, count: int) -> None:
        """Count bytes against the budget; raises NoRoom."""
        if self.held + count > self.limits.budget:
            raise NoRoom(f"more than {self.limits.budget} bytes of fetched files at once")
        self.held += count
        self.in_memory += count

    async def on_thread(self, file: BinaryIO, data: bytearray) -> None:
        """Write to a body's file off the event loop; raises NoRoom when the disk is full or broken."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, file.write, data)
        except OSError as error:
            raise _cannot_write(error) from error


def _cannot_write(error: OSError) -> NoRoom:
    return NoRoom(f"fetched files cannot be written: {error.strerror}")


class Body:
    """The bytes of one answer: ``await write`` while they come, ``await finish`` once, then read, then close."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._buffer = bytearray()  #: what is not in the file; one buffer, for a peer may send byte by byte
        self._whole = b""  #: the finished body, when it stays in memory
        self._head = b""
        self._file: BinaryIO | None = None
        self._open = True
        self.size = 0
        self.path: Path | None = None  #: the file of a big body: read it there instead of read()

    async def write(self, piece: bytes) -> None:
        """Add bytes; raises NoRoom."""
        self._spool.take(len(piece))
        self.size += len(piece)
        self._buffer += piece
        if len(self._head) < HEAD:
            self._head += piece[: HEAD - len(self._head)]
        limits = self._spool.limits
        if self._file is not None:
            if len(self._buffer) >= FLUSH:
                await self._flush(self._file)
        elif self.size > limits.body_in_memory or self._spool.in_memory > limits.all_in_memory:
            await self._flush(self._move_to_file())

    async def finish(self) -> None:
        """All bytes have come: bring the file up to date. Raises NoRoom."""
        if self._file is None:
            self._whole = bytes(self._buffer)
            return
        await self._flush(self._file)
        try:
            self._file.close()
        except OSError as error:
            raise _cannot_write(error) from error

    def _move_to_file(self) -> BinaryIO:
        try:
            self._spool.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(_SUFFIX, _PREFIX, self._spool.folder)
        except OSError as error:
            raise _cannot_write(error) from error
        self._file, self.path = os.fdopen(handle, "wb"), Path(name)
        return self._file

    async def _flush(self, file: BinaryIO) -> None:
        data, self._buffer = self._buffer, bytearray()
        self._spool.in_memory -= len(data)
        await self._spool.on_thread(file, data)

    def head(self, count: int) -> bytes:
        """The first ``count`` bytes; up to HEAD of them without touching the file."""
        if count <= HEAD:
            return self._head[:count]
        if self.path is None:
            return self.read()[:count]
        with self.path.open("rb") as file:
            return file.read(count)

    def read(self) -> bytes:
        """All bytes of a finished body. For a big one prefer ``path``: this reads the file at once."""
        return self._whole if self.path is None else self.path.read_bytes()

    def close(self) -> None:
        """Give the bytes back to the budget and delete the file. Closing twice is harmless."""
        if not self._open:
            return
        self._open = False
        self._spool.held -= self.size
        self._spool.in_memory -= len(self._buffer)
        self._buffer, self._whole = bytearray(), b""
        if self._file is not None:
            with suppress(OSError):  # a full disk may refuse the last buffered bytes
                self._file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self._open and self.size:
            warnings.warn(f"a fetched body of {self.size} bytes was never closed", ResourceWarning, stacklevel=1)
            self.close()
