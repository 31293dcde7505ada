"""The door to ffmpeg: so many at once, so many waiting, none that was not proved, none that outlives us.

Looking at files and encoding them have places of their own: an encode takes minutes, a message waits for the look.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import structlog

from slidewire.content.av.asking import demuxer, looking
from slidewire.content.av.encoding import Encoding, encode
from slidewire.content.av.facts import (
    AvBusyError,
    AvFacts,
    AvFailedError,
    AvMissingError,
    AvRefusedError,
    AvTarget,
    TranscodedFile,
)
from slidewire.content.av.proving import Proved, prove
from slidewire.content.av.reading import facts_of
from slidewire.content.av.running import Run, RunLimits, Runner
from slidewire.content.av.walking import walk
from slidewire.content.formats import Format
from slidewire.domain.message import Kind

log = structlog.get_logger(__name__)

#: What tells a container's variant.
_HEAD: Final = 16


@dataclass(frozen=True, slots=True)
class AvSettings:
    """[media]."""

    encodes: int = 1  #: at once
    looks: int = 2  #: at once
    max_waiting: int = 1000  #: of each
    look_seconds: float = 30.0
    encode_seconds: float = 300.0  #: for each encode of a file; it takes one or two
    max_seconds: float = 300.0  #: of what comes out
    limits: RunLimits = field(default_factory=RunLimits)


class AvPool:
    """``async with AvPool(find_ffmpeg(), folder) as pool: await pool.probe(path, format)``.

    With no ffmpeg (``program`` empty, or one that failed its proof) files are only walked by our own readers.
    """

    def __init__(self, program: str, folder: Path, settings: AvSettings | None = None) -> None:
        """``folder``: where the runs' own folders are made."""
        self._settings = settings or AvSettings()
        self._program = program
        self._folder = folder
        self._runner = Runner(program, folder, self._settings.limits)
        self._looks = _Places(self._settings.looks, self._settings.max_waiting)
        self._encodes = _Places(self._settings.encodes, self._settings.max_waiting)
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="av")
        self._proof: asyncio.Task[Proved] | None = None
        self._closed = False
        self._told = False  #: that there is no ffmpeg
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def proved(self) -> Proved:
        """The ffmpeg that is used, tried once before the first file; raises AvMissingError with the reason."""
        if not self._program:
            raise AvMissingError("there is no ffmpeg: install it, or the extra slidewire[video]")
        if self._proof is None:
            self._proof = asyncio.create_task(self._prove())
        return await asyncio.shield(self._proof)

    async def _prove(self) -> Proved:
        try:
            return await prove(self._runner, self._folder)
        except AvMissingError as error:
            if isinstance(error.__cause__, AvFailedError | OSError):  # the machine's fault perhaps: try again next time
                self._proof = None
            raise

    async def probe(self, path: Path, found: Format) -> AvFacts:
        """Look at a whole file of audio or video, which its bytes said to be ``found``.

        Raises AvRefusedError for a damaged one, AvFailedError when ffmpeg died or hung over it, AvBusyError.
        """
        async with self._place(self._looks):
            loop = asyncio.get_running_loop()
            walked = await loop.run_in_executor(self._threads, walk, path, found)
            try:
                await self.proved()
            except AvMissingError as error:
                if not self._told:
                    log.error("audio and video are looked at by our own readers only", reason=str(error))
                self._told = True
                return walked
            arguments = looking(demuxer(found, _head(path)), picture=found.kind is Kind.VIDEO)
            return facts_of(await self._runner.run(Run(arguments, path, self._settings.look_seconds)), found)

    async def transcode(
        self, path: Path, facts: AvFacts, target: AvTarget, on_progress: Callable[[float], None] | None = None
    ) -> TranscodedFile:
        """Make the best file of ``target`` that fits its budget; ``on_progress`` is told the share, 0 to 1.

        A correction begins at 0 again. Raises AvMissingError, AvNoFitError, AvRefusedError, AvFailedError, AvBusyError.
        """
        if target.format not in (await self.proved()).makes:
            raise AvMissingError(f"this ffmpeg cannot make {target.format.type}")
        if target.format.kind is Kind.VIDEO and not (facts.video and facts.width and facts.height):
            raise AvRefusedError("it has no picture")
        if target.format.kind is Kind.AUDIO and not facts.has_sound:
            raise AvRefusedError("it has no sound")
        if not target.max_seconds:
            target = replace(target, max_seconds=self._settings.max_seconds)
        job = Encoding(path, _head(path), facts, target, self._settings.encode_seconds)
        async with self._place(self._encodes):
            return await encode(self._runner, job, on_progress or _untold)

    async def makes(self) -> frozenset[Format]:
        """What ``transcode`` can make; nothing without an ffmpeg."""
        try:
            return (await self.proved()).makes
        except AvMissingError:
            return frozenset()

    @property
    def pids(self) -> list[int]:
        """The process ids of what runs now."""
        return self._runner.pids

    async def close(self) -> None:
        """End all of it; what is under way or waits fails. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._runner.kill()
        for places in (self._looks, self._encodes):
            await places.close()
        if self._proof is not None:
            self._proof.cancel()
            await asyncio.gather(self._proof, return_exceptions=True)
        self._threads.shutdown()

    async def __aenter__(self) -> "AvPool":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def _place(self, places: "_Places") -> AsyncIterator[None]:
        async with places.one():
            try:
                yield
            except AvFailedError as error:
                if self._closed:  # it was us who killed it
                    raise AvBusyError("the pool is closing") from error
                raise


class _Places:
    """So many at once, so many waiting."""

    def __init__(self, most: int, waiting: int) -> None:
        self._turns = asyncio.Semaphore(most)
        self._most = most
        self._room = most + waiting
        self._closed = False

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        if self._closed or not self._room:
            raise AvBusyError("too much waits to be encoded" if not self._closed else "the pool is closing")
        self._room -= 1
        try:
            async with self._turns:
                if self._closed:
                    raise AvBusyError("the pool is closing")
                yield
        finally:
            self._room += 1

    async def close(self) -> None:
        """Wait for those that run."""
        self._closed = True
        for _ in range(self._most):
            await self._turns.acquire()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _untold(_share: float) -> None:
    """Nobody wants to know."""
