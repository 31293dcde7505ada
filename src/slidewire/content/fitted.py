"""Images that were fitted before, in a folder of their own: a cache, so nothing is synced and anything may go.

What a crash tore is recognised by its checksum and made again.
"""

import asyncio
import hashlib
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from slidewire.content.jobs import Fitted
from slidewire.domain.rendition import IMAGE_TYPES

#: Raised when fitting changes: older results are not found any more.
_EDITION: Final = "2"
_CHECK: Final = 32
#: Share of the limit that is left when old files are cleared away.
_LEAVE: Final = 0.8

_DECODER: Final = msgspec.msgpack.Decoder(Fitted)
_ENCODER: Final = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which image, and what it must keep to: all that its result depends on."""

    digest: str  #: of the source
    budget: int  #: bytes
    box: tuple[int, int]  #: width and height in pixels
    types: tuple[str, ...] = IMAGE_TYPES  #: what it may be


class FittedImages:
    """Fitted images by what was wanted, ``max_bytes`` of disk at most (roughly)."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._bytes = -1  #: in the folder; -1: not counted yet
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="fitted")

    def close(self) -> None:
        """Wait for what is being written."""
        self._threads.shutdown()

    async def find(self, wanted: Wanted) -> Fitted | None:
        """The image as it was fitted before; None: never, or it is gone."""
        return await self._run(partial(self._read, self._place(wanted)))

    async def keep(self, wanted: Wanted, fitted: Fitted) -> None:
        """Remember it; a full disk is no error."""
        await self._run(partial(self._write, self._place(wanted), fitted))

    def _place(self, wanted: Wanted) -> Path:
        words = (_EDITION, wanted.digest, *map(str, (wanted.budget, *wanted.box)), *wanted.types)
        key = hashlib.sha256(" ".join(words).encode()).hexdigest()
        return self._folder / wanted.digest[:2] / f"{wanted.digest}-{key}"

    def forget(self, digest: str) -> None:
        """Drop everything that was made of a source whose bytes are deleted. Blocks."""
        for path in self._folder.glob(f"{digest[:2]}/{digest}-*"):
            path.unlink(missing_ok=True)

    async def _run(self, work: "partial[Fitted | None] | partial[None]") -> Fitted | None:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    # on the threads

    def _read(self, place: Path) -> Fitted | None:
        try:
            data = place.read_bytes()
            if hashlib.sha256(data[_CHECK:]).digest() != data[:_CHECK]:
                return None
            fitted = _DECODER.decode(memoryview(data)[_CHECK:])
            os.utime(place)
        except (OSError, msgspec.DecodeError):
            return None
        return fitted

    def _write(self, place: Path, fitted: Fitted) -> None:
        data = _ENCODER.encode(fitted)
        fresh = place.with_name(secrets.token_hex(16))
        with suppress(OSError):
            try:
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                fresh.write_bytes(hashlib.sha256(data).digest() + data)
                fresh.replace(place)
            finally:
                fresh.unlink(missing_ok=True)
            self._make_room(len(data) + _CHECK)

    def _make_room(self, added: int) -> None:
        """Let the longest unused go when there is too much."""
        if self._bytes >= 0 and self._bytes + added <= self._max_bytes:
            self._bytes += added
            return
        files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob("*/*"))
        self._bytes = sum(size for _, size, _ in files)
        if self._bytes <= self._max_bytes:
            return
        for _, size, path in files:
            if self._bytes <= self._max_bytes * _LEAVE:
                break
            path.unlink(missing_ok=True)
            self._bytes -= size
