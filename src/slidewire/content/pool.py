"""The pool of media children: work on images and PDFs happens there and nowhere else (durability 21).

None runs until there is work, each has one job at a time, and none outlives its usefulness: recycled after so
many jobs, ended when idle, killed at the time limit. A child's death fails the job that it had, no other.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

import slidewire
from slidewire.content.jobs import (
    MAX_MESSAGE,
    PREFIX,
    Answer,
    ChildLimits,
    FitJob,
    Fitted,
    Inspected,
    InspectJob,
    Job,
    PdfJob,
    PdfSeen,
    Refused,
)

#: Bytes that asyncio reads ahead of us from a child.
_READ_AHEAD: Final = 1 << 20
#: What a job may take in CPU seconds beyond its time limit: the limit ends it first unless the loop is stuck.
_CPU_SLACK: Final = 2
_DECODER: Final = msgspec.msgpack.Decoder(Answer)
_ENCODER: Final = msgspec.msgpack.Encoder()


class MediaFailedError(Exception):
    """A child ended, hung or talked nonsense over a job, twice where trying again made sense."""


class MediaRefusedError(Exception):
    """The file's own fault."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.why = refused.why  #: one of jobs.CORRUPT, OVERSIZE, NO_FIT
        self.detail = refused.detail
        self.size = refused.size


class MediaBusyError(Exception):
    """More jobs wait than the pool will do in useful time, or it is closing."""


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How many children, and what each may take."""

    children: int = 0  #: 0: as many as cores
    jobs_per_child: int = 2000  #: then it is replaced: whatever leaks is bounded; a start costs as much as 80 jobs
    job_seconds: float = 30.0
    idle_seconds: float = 30.0  #: an unused child is ended after so long
    address_space: int = 512_000_000  #: bytes
    nice: int = 5  #: lower priority than serving and sending
    max_waiting: int = 1000  #: jobs
    command: tuple[str, ...] = (sys.executable, "-s", "-P", "-m", "slidewire.content.child")


class MediaPool:
    """``async with MediaPool(settings) as pool: await pool.fit(job)``."""

    def __init__(self, settings: PoolSettings | None = None) -> None:
        self._settings = settings or PoolSettings()
        self._children = self._settings.children or os.cpu_count() or 1
        self._turns = asyncio.Semaphore(self._children)
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._closed = False

    async def inspect(self, job: InspectJob) -> Inspected:
        """Decode a whole image; raises MediaRefusedError, MediaFailedError and MediaBusyError."""
        answer = await self._answer(job)
        if not isinstance(answer, Inspected):
            raise MediaFailedError("the child answered something else")
        return answer

    async def fit(self, job: FitJob) -> Fitted:
        """Make an image fit; raises MediaRefusedError, MediaFailedError and MediaBusyError."""
        answer = await self._answer(job)
        if not isinstance(answer, Fitted) or len(answer.data) > job.budget:
            raise MediaFailedError("the child answered something else")
        return answer

    async def read_pdf(self, job: PdfJob) -> PdfSeen:
        """Find the pages of a PDF; raises MediaRefusedError, MediaFailedError and MediaBusyError."""
        answer = await self._answer(job)
        if not isinstance(answer, PdfSeen):
            raise MediaFailedError("the child answered something else")
        return answer

    @property
    def pids(self) -> list[int]:
        """The process ids of the children that run now."""
        return [child.pid for child in self._all]

    async def close(self) -> None:
        """End all children; jobs under way and waiting fail. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        for child in self._all:
            child.kill()
        while self._idle:
            await self._end(self._idle.pop())
        for _ in range(self._children):
            await self._turns.acquire()
        await asyncio.gather(*self._ending)

    async def __aenter__(self) -> "MediaPool":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _answer(self, job: Job) -> Answer:
        """Have a child do the job; once more on a fresh one when the first died over it."""
        if self._waiting >= self._settings.max_waiting:
            raise MediaBusyError
        self._waiting += 1
        try:
            async with self._turns:
                for _ in range(2):
                    try:
                        answer = await self._attempt(job)
                    except _ChildDiedError:
                        continue
                    if isinstance(answer, Refused):
                        raise MediaRefusedError(answer)
                    return answer
        finally:
            self._waiting -= 1
        raise MediaFailedError("the child died over it")

    async def _attempt(self, job: Job) -> Answer:
        async with self._child() as child:
            try:
                async with asyncio.timeout(self._settings.job_seconds):
                    return await child.ask(job)
            except TimeoutError:
                raise MediaFailedError(f"it took more than {self._settings.job_seconds:g} seconds") from None

    @asynccontextmanager
    async def _child(self) -> AsyncIterator["_Child"]:
        """A child for one job: it comes back to the pool only when the job ended well."""
        if self._closed:
            raise MediaBusyError
        child = self._idle.pop() if self._idle else await self._spawn()
        child.stop_timer()
        try:
            yield child
        except BaseException:
            await self._end(child)
            raise
        if self._closed or child.jobs >= self._settings.jobs_per_child:
            await self._end(child)
        else:
            self._idle.append(child)
            child.start_timer(self._settings.idle_seconds, self._retire)

    async def _spawn(self) -> "_Child":
        limits = ChildLimits(
            address_space=self._settings.address_space,
            cpu_seconds=round(self._settings.job_seconds) + _CPU_SLACK,
            nice=self._settings.nice,
            parent=os.getpid(),
        )
        process = await asyncio.create_subprocess_exec(
            *self._settings.command,
            msgspec.json.encode(limits).decode(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_READ_AHEAD,
            cwd="/",
            # none of our secrets; the package is found where this process has it
            env={"PYTHONPATH": str(Path(slidewire.__file__).parents[1]), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        child = _Child(process)
        self._all.add(child)
        return child

    def _retire(self, child: "_Child") -> None:
        """End a child that had nothing to do for long."""
        if child in self._idle:
            self._idle.remove(child)
            self._ending_task(child)

    async def _end(self, child: "_Child") -> None:
        # Shielded: a caller that is cancelled once more must not leave a child behind.
        await asyncio.shield(self._ending_task(child))

    def _ending_task(self, child: "_Child") -> asyncio.Task[None]:
        self._all.discard(child)
        task = asyncio.get_running_loop().create_task(child.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task


class _ChildDiedError(Exception):
    """The child ended before it had answered."""


class _Child:
    """One child process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a media child without pipes")
        self._process = process
        self._jobs, self._answers = process.stdin, process.stdout
        self._timer: asyncio.TimerHandle | None = None
        self.pid = process.pid
        self.jobs = 0  #: done so far

    async def ask(self, job: Job) -> Answer:
        """Send one job and wait for its answer; raises _ChildDiedError and MediaFailedError."""
        message = _ENCODER.encode(job)
        try:
            self._jobs.write(len(message).to_bytes(PREFIX, "big"))
            self._jobs.write(message)
            await self._jobs.drain()
            length = int.from_bytes(await self._answers.readexactly(PREFIX), "big")
            if length > MAX_MESSAGE:
                raise MediaFailedError("the child's answer is too long")
            answer: Answer = _DECODER.decode(await self._answers.readexactly(length))
        except (OSError, asyncio.IncompleteReadError) as error:
            raise _ChildDiedError from error
        except msgspec.DecodeError as error:  # ValidationError is one
            raise MediaFailedError("the child's answer cannot be read") from error
        self.jobs += 1
        return answer

    def start_timer(self, seconds: float, retire: Callable[["_Child"], None]) -> None:
        """Call ``retire`` when the child stays unused for so long."""
        self._timer = asyncio.get_running_loop().call_later(seconds, retire, self)

    def stop_timer(self) -> None:
        """It is used again, or ends."""
        if self._timer is not None:
            self._timer.cancel()

    def kill(self) -> None:
        """It keeps nothing that could be lost."""
        # Not Process.kill(): it may reap a child that has just ended, and asyncio's watcher then finds none.
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill it and wait until it is gone and its pipes are closed."""
        self.stop_timer()
        self.kill()
        self._jobs.close()
        with suppress(OSError):
            while await self._answers.read(_READ_AHEAD):
                pass
        await self._process.wait()
