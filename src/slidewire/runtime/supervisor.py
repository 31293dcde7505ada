"""Keeps the processes of one gateway: starts them, starts again what falls, replaces them one by one, ends them.

It holds the listening sockets and opens nothing else, so that it has no reason to end before its children.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

#: Seconds until a child that fell is started again, the last again and again.
BACKOFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
#: Seconds that a child must live for its fall to count as the first.
GOOD_AFTER = 30.0
#: Seconds that a child may take until it takes requests or work.
START_LIMIT = 60.0
#: What a shell reports of a process that a second interrupt ended.
INTERRUPTED = 130
_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@dataclass(frozen=True, slots=True)
class Child:
    """A started process. ``ready``: a pipe on which it says that it is up, and that ends with it."""

    process: subprocess.Popen[bytes]
    ready: int
    started_at: float


#: Starts one process of a role.
Spawn = Callable[[str], Child]


@dataclass(slots=True)
class _Post:
    """One place of the gateway, and who fills it."""

    role: str
    child: Child | None = None
    is_ready: bool = False
    successor: Child | None = None  #: started, not ready yet; then it takes the place
    falls: int = 0
    start_at: float = 0.0


@dataclass(slots=True)
class _Leaving:
    """Children that were told to end, and when they are ended."""

    children: list[tuple[Child, float]] = field(default_factory=list)

    def dismiss(self, child: Child, until: float) -> None:
        child.process.send_signal(signal.SIGTERM)
        self.children.append((child, until))

    def look(self, now: float) -> None:
        """Forget who has ended, end who is late."""
        for child, until in self.children:
            if child.process.poll() is None and now >= until:
                log.error("a process that was told to stop is ended", pid=child.process.pid)
                child.process.kill()
        self.children = [each for each in self.children if each[0].process.poll() is None]


def roles_of(role: str, processes: int) -> tuple[str, ...]:
    """What each process does: of ``all`` half take requests and the others do the rest (performance 7)."""
    if role != "all" or processes == 1:
        return (role,) * processes
    doors = processes // 2
    return ("api",) * doors + ("worker",) * (processes - doors)


class Supervisor:
    """``run`` until a signal says stop: SIGTERM, SIGINT; twice: at once. SIGHUP replaces every child."""

    def __init__(self, roles: Iterable[str], spawn: Spawn, again: Callable[[], float]) -> None:
        """``again`` reads the settings anew: seconds that a stopping child may take. It may raise."""
        self._posts = [_Post(role) for role in roles]
        self._spawn = spawn
        self._again = again
        self._limit = again()
        self._leaving = _Leaving()
        self._rolling: list[_Post] = []
        self._settled = False  # whether everybody has been ready once: before that a fall ends us
        self._code: int | None = None  # set: we are stopping, and end with it

    def run(self) -> int:
        """Until told to stop; the exit code."""
        ears, mouth = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        for wanted in _HEARD:
            signal.signal(wanted, _heard)
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        try:
            while self._code is None or self._leaving.children:
                for number in self._wait(ears):
                    if self._obey(number):
                        return INTERRUPTED
                self._look(time.monotonic())
        finally:
            for child in self._everybody():
                child.process.kill()
            signal.set_wakeup_fd(-1)
        return self._code

    def _wait(self, ears: int) -> bytes:
        """The signals that came; returns also when somebody is ready, and a few times a second."""
        ready = [child.ready for child in self._starting()]
        heard, _, _ = select.select([ears, *ready], [], [], 0.2)
        if ears not in heard:
            return b""
        return os.read(ears, 64)

    def _obey(self, number: int) -> bool:
        """One signal; True: end everything where it stands."""
        if number in {signal.SIGTERM, signal.SIGINT}:
            if self._code is not None:
                return True
            log.info("stopping", again="a second signal ends at once")
            self._stop(0)
        elif number == signal.SIGHUP and self._code is None:
            self._replace()
        return False

    def _look(self, now: float) -> None:
        self._leaving.look(now)
        if self._code is not None:
            return
        for post in self._posts:
            self._look_at(post, now)
        if not self._settled and all(post.is_ready for post in self._posts):
            self._settled = True
        self._roll(now)

    def _look_at(self, post: _Post, now: float) -> None:
        child = post.child
        if child is None:
            if now >= post.start_at:
                post.child, post.is_ready = self._spawn(post.role), False
            return
        if not post.is_ready:
            post.is_ready = self._is_up(child, now)
        code = child.process.poll()
        if code is not None:
            self._fell(post, child, code)

    def _fell(self, post: _Post, child: Child, code: int) -> None:
        _close(child)
        post.child = None
        if not self._settled and code > 0:  # it has said why
            self._stop(code)
            return
        if post.successor is not None:
            post.child, post.is_ready, post.successor = post.successor, False, None
            self._rolling.remove(post)
            return
        now = time.monotonic()
        post.falls = 1 if now - child.started_at >= GOOD_AFTER else post.falls + 1
        pause = BACKOFF[min(post.falls, len(BACKOFF)) - 1]
        post.start_at = now + pause
        log.error("a process fell", role=post.role, pid=child.process.pid, code=code, again_in=pause)

    def _is_up(self, child: Child, now: float) -> bool:
        """Whether it has said so; one that never does is ended."""
        if select.select([child.ready], [], [], 0)[0] and os.read(child.ready, 1):
            return True
        if now - child.started_at > START_LIMIT:
            child.process.kill()
        return False

    def _replace(self) -> None:
        try:
            self._limit = self._again()
        except Exception as error:  # noqa: BLE001  # whatever is wrong with them: what runs goes on
            log.error("the settings cannot be used: everything stays as it is", error=str(error))
            return
        log.info("replacing every process")
        self._rolling = [post for post in self._posts if post not in self._rolling[:1]] + self._rolling[:1]

    def _roll(self, now: float) -> None:
        """Replace one post after the other: the new process is up before the old one is told to stop."""
        if not self._rolling:
            return
        post = self._rolling[0]
        if post.child is None:  # it fell: who is started next is new
            self._rolling.remove(post)
            return
        if post.successor is None:
            post.successor = self._spawn(post.role)
            return
        new = post.successor
        if self._is_up(new, now):
            self._leaving.dismiss(post.child, now + self._limit)
            _close(post.child)
            post.child, post.is_ready, post.successor, post.falls = new, True, None, 0
            self._rolling.pop(0)
            if not self._rolling:
                log.info("every process is replaced")
        elif new.process.poll() is not None:
            log.error("a new process does not start: the others stay", role=post.role, code=new.process.returncode)
            _close(new)
            post.successor = None
            self._rolling = []

    def _stop(self, code: int) -> None:
        self._code, self._rolling = code, []
        until = time.monotonic() + self._limit
        for post in self._posts:
            for child in filter(None, (post.child, post.successor)):
                self._leaving.dismiss(child, until)
            post.child = post.successor = None

    def _starting(self) -> list[Child]:
        waited = [post.child for post in self._posts if not post.is_ready] + [post.successor for post in self._posts]
        return [child for child in waited if child is not None and child.process.poll() is None]

    def _everybody(self) -> list[Child]:
        filled = [each for post in self._posts for each in (post.child, post.successor) if each is not None]
        return filled + [child for child, _ in self._leaving.children]


def start(command: Sequence[str], keep: Sequence[int], ready: int, mouth: int) -> Child:
    """Run ``command``, which keeps the descriptors ``keep`` and writes to ``mouth`` when it is up.

    In a process group of its own: Ctrl-C reaches us, and we say when to stop.
    """
    process = subprocess.Popen(  # noqa: S603  # ourselves
        command, pass_fds=(*keep, mouth), process_group=0, stdin=subprocess.DEVNULL
    )
    os.close(mouth)
    return Child(process, ready, time.monotonic())


def _close(child: Child) -> None:
    with suppress(OSError):
        os.close(child.ready)


def _heard(_number: int, _frame: object) -> None:
    """Nothing: the pipe tells."""
