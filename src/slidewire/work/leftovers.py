"""Files on this machine's disk that were made of bytes which another machine has deleted.

Copies of a bucket's content, fitted images and previews lie on each machine that needed them. Who deletes the bytes
drops its own; the others look by themselves what is still there (docs/adr/0105).
"""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from slidewire.content.store import is_digest
from slidewire.store import contents
from slidewire.work.means import Means

log = structlog.get_logger(__name__)

#: Milliseconds that a file is left alone after it was used last: what it is made of may not be committed yet.
LEFT_ALONE = 3_600_000
_DIGEST = 64


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Looks through the folders of one machine; several processes may do so at once."""

    means: Means
    folders: Sequence[Path]  #: each ``ab/abcd...``, whose files' names begin with the digest of what they are made of

    async def sweep(self) -> None:
        """One round."""
        before = (self.means.now() - LEFT_ALONE) / 1000
        with ThreadPoolExecutor(1, thread_name_prefix="leftovers") as thread:  # not in the loop's (security 3)
            dropped = [await self._look(thread, f"{prefix:02x}", before) for prefix in range(256)]
        if any(dropped):
            log.info("files of deleted content were dropped", files=sum(dropped))

    async def _look(self, thread: Executor, prefix: str, before: float) -> int:
        loop = asyncio.get_running_loop()
        files = await loop.run_in_executor(thread, self._old, prefix, before)
        if not files:
            return 0
        digests = sorted({digest for digest, _ in files})
        there = await self.means.database.read(lambda c: contents.still_there(c, digests))
        gone = [path for digest, path in files if digest not in there]
        await loop.run_in_executor(thread, _unlink, gone)
        return len(gone)

    def _old(self, prefix: str, before: float) -> list[tuple[str, Path]]:
        return [found for folder in self.folders for found in _files(folder / prefix, before)]


def _files(folder: Path, before: float) -> Iterator[tuple[str, Path]]:
    try:
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for path in paths:
        digest = path.name[:_DIGEST]
        try:
            if is_digest(digest) and path.stat().st_mtime < before:
                yield digest, path
        except FileNotFoundError:
            continue


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
