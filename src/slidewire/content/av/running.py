"""One run of ffmpeg: a folder of its own that goes with it, its input as stdin, a limit on time and on what it says.

What ffmpeg says is believed in two places only: the lines of ``reading.py`` and the numbers of -progress.
"""

import asyncio
import math
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import slidewire
from slidewire.content.av.facts import AvFailedError

#: What stands for the input in the arguments: reopened by number, so that it can be read from anywhere in it.
INPUT: Final = "file:/dev/fd/0"
#: What stands for the output: a file in the run's own folder.
OUTPUT: Final = "out"
#: Bytes of what ffmpeg says that are kept; the rest is read and dropped.
_KEPT: Final = 65_536
_LINE: Final = 65_536
_LAUNCH: Final = (sys.executable, "-S", "-s", "-P", "-m", "slidewire.content.av.launch")


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What one ffmpeg may take."""

    memory: int = 2_000_000_000  #: bytes of address space
    cores: int = 0  #: for those that come last; 0: half of what this process may use


@dataclass(frozen=True, slots=True)
class Run:
    """One call."""

    arguments: tuple[str, ...]
    source: Path | None  #: its stdin; None: nothing
    seconds: float  #: then it is killed
    file_bytes: int = 0  #: it may write no larger file
    last: bool = False  #: nobody waits for it as for an answer: it keeps off some of the cores


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended."""

    code: int
    said: str  #: the beginning of what it said, lines by LF
    printed: str  #: the beginning of what it printed
    reached_ms: int  #: the end of what came out, as its -progress told
    output: bytes = b""  #: the file that it wrote


class Runner:
    """Starts ffmpeg in ``folder``, which is a place for temporary folders."""

    def __init__(self, program: str, folder: Path, limits: RunLimits) -> None:
        self._program = program
        self._folder = folder
        self._limits = limits
        self._cores = limits.cores or max(len(os.sched_getaffinity(0)) // 2, 1)
        self._running: set[asyncio.subprocess.Process] = set()

    @property
    def pids(self) -> list[int]:
        """The process ids of what runs now."""
        return [process.pid for process in self._running]

    def kill(self) -> None:
        """End whatever runs; each run then fails."""
        for process in self._running:
            _kill(process)

    async def run(self, run: Run, on_reached: Callable[[int], None] | None = None) -> Ran:
        """Run to the end; raises AvFailedError when it was killed, by us or by a limit."""
        with _own_folder(self._folder) as folder:
            async with self._process(run, folder) as process:
                reached, said = _Progress(on_reached), _Words()
                try:
                    async with asyncio.timeout(run.seconds):
                        await asyncio.gather(_drain(process.stdout, reached.take), _drain(process.stderr, said.take))
                        code = await process.wait()
                except TimeoutError:
                    raise AvFailedError(f"it took more than {run.seconds:g} seconds") from None
            if code < 0:
                raise AvFailedError(f"it was ended by {_signal(code)}")
            return Ran(code, said.text, reached.words.text, reached.ms, _output(folder))

    @asynccontextmanager
    async def _process(self, run: Run, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
        cpu = math.ceil(run.seconds * (os.cpu_count() or 1)) + 1
        head = (self._limits.memory, cpu, run.file_bytes, self._cores if run.last else 0, os.getpid())
        with _opened(run.source) as source:
            process = await asyncio.create_subprocess_exec(
                *_LAUNCH,
                *map(str, head),
                self._program,
                *run.arguments,
                stdin=source,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=folder,
                # none of our secrets; the package is found where this process has it
                env={
                    "PYTHONPATH": str(Path(slidewire.__file__).parents[1]),
                    "LC_ALL": "C.UTF-8",
                    "MALLOC_ARENA_MAX": "2",  # each thread's own heap would count against the address space
                },
                start_new_session=True,
            )
        self._running.add(process)
        try:
            yield process
        finally:
            _kill(process)
            with suppress(OSError):
                await asyncio.shield(_gone(process))
            self._running.discard(process)


class _Progress:
    """Reads ``out_time_us=1234`` out of what -progress writes."""

    def __init__(self, on_reached: Callable[[int], None] | None) -> None:
        self._on_reached = on_reached
        self._rest = b""
        self.words = _Words()
        self.ms = 0

    def take(self, chunk: bytes) -> None:
        self.words.take(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._rest = self._rest[-_LINE:]
        for line in lines:
            name, _, number = line.partition(b"=")
            if name == b"out_time_us" and number.strip().isdigit():
                self.ms = max(self.ms, int(number) // 1000)
                if self._on_reached is not None:
                    self._on_reached(self.ms)


class _Words:
    """Keeps the beginning of what was said."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def take(self, chunk: bytes) -> None:
        self._kept += chunk[: _KEPT - len(self._kept)]

    @property
    def text(self) -> str:
        return self._kept.decode("utf-8", "replace").replace("\r", "\n")


async def _drain(stream: asyncio.StreamReader | None, take: Callable[[bytes], None]) -> None:
    while stream is not None and (chunk := await stream.read(_LINE)):
        take(chunk)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Its pipes are read to their end, so that nothing of it stays open."""
    await asyncio.gather(*(_drain(stream, _dropped) for stream in (process.stdout, process.stderr)))
    await process.wait()


def _dropped(_chunk: bytes) -> None:
    pass


def _kill(process: asyncio.subprocess.Process) -> None:
    # Not Process.kill(): it may reap a child that has just ended, and asyncio's watcher then finds none.
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with whatever a wrapper around ffmpeg has started


@contextmanager
def _own_folder(parent: Path) -> Iterator[Path]:
    """An empty folder that goes with everything in it."""
    path = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _opened(source: Path | None) -> Iterator[int]:
    """The file to read, or nothing to read, as a descriptor."""
    handle = os.open(source or os.devnull, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


def _output(folder: Path) -> bytes:
    path = folder / OUTPUT
    return path.read_bytes() if path.is_file() else b""


def _signal(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
