"""One route's rate shared by several worker processes, one of which is killed: what left in each second."""

import signal
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import peers
from bench.cases import BODY, Scale
from bench.servers import fresh_databases
from slidewire.demo.loopback import free_port

RATE, LANES, SECONDS = 50, 4, 60.0


@dataclass(frozen=True)
class Course:
    """How long, and what a second may hold."""

    seconds: float = SECONDS
    most_a_second: int = 54
    most_in_ten: int = 505


def lanes(scale: Scale, database: str = "") -> dict[str, Any]:
    """A route at 50/s over four workers for 60 seconds, one killed in the middle.

    ``database``: a server's, on which each round has a fresh one; "postgresql": of a server of our own.
    """
    with fresh_databases(database, 1 if scale.rounds < 3 else scale.rounds) as (made, _server):
        rounds = [shared(Course(), each) for each in made]
    figures = {name: [each[name] for each in rounds] for name in rounds[0] if name != "by_second"}
    return {
        "rate": RATE,
        "seconds": SECONDS,
        "most_in_a_clock_second": max(figures["most_in_a_clock_second"]),
        "most_in_ten_seconds": max(figures["most_in_ten_seconds"]),
        "least_mean_rate": min(figures["mean_rate"]),
        "mean_rate": statistics.median(figures["mean_rate"]),
        "doubles": max(figures["doubles"]),
        "rounds": rounds,
    }


def shared(course: Course, database: str = "") -> dict[str, Any]:
    """One round: what arrived at the MMSC in each clock second."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-lanes-")))
        (folder / "unused.jpg").write_bytes(b"")
        image = ["bench.sink", "--image", str(folder / "unused.jpg")]
        _, sink = stack.enter_context(peers.running(image, folder / "sink.log"))
        config = _filled(folder, sink, database, round(RATE * (course.seconds + 8)))
        workers = [stack.enter_context(_worker(config, folder)) for _ in range(LANES)]
        for _, port in workers:
            peers.wait_ready(port, 60)
        begin = int(time.time()) + 2
        _sleep_until(begin + course.seconds / 2)
        workers[0][0].send_signal(signal.SIGKILL)
        _sleep_until(begin + course.seconds)
        times = peers.arrivals(sink)
        return _judged(times, begin, course) | {"doubles": peers.tally(sink)["doubles"]}


def _filled(folder: Path, sink: int, database: str, count: int) -> Path:
    """Settings, and so many messages that wait."""
    plan = peers.Plan(folder, sink, database=database, connections=8, route=f"lanes = {LANES}")
    with peers.gateway(plan, role="api") as api:
        body = BODY.replace("{key}", api.key).replace("<IMAGE><URL>{media}</URL></IMAGE>", "")
        done = peers.load(port=api.port, path="/API/wxml/1.3/", body=body, connections=16, seconds=300, count=count)
        assert done["success"] >= count, done
    config = api.config
    config.write_text(config.read_text().replace('rate = "100000/s"', f'rate = "{RATE}/s"'))
    return config


@contextmanager
def _worker(config: Path, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A worker process, and where it tells its health."""
    port = free_port()
    process = peers.start_worker(config, folder / "workers.log", port)
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def _judged(times: list[float], begin: int, course: Course) -> dict[str, Any]:
    seconds = Counter(int(each) for each in times)
    within = [each for each in times if begin <= each < begin + course.seconds]
    first = 0
    most_in_ten = 0
    for last, at in enumerate(times):
        while at - times[first] >= 10:
            first += 1
        most_in_ten = max(most_in_ten, last - first + 1)
    return {
        "most_in_a_clock_second": max(seconds.values(), default=0),
        "most_in_ten_seconds": most_in_ten,
        "mean_rate": len(within) / course.seconds,
        "by_second": [seconds[second] for second in range(begin - 3, int(begin + course.seconds))],
    }


def _sleep_until(at: float) -> None:
    time.sleep(max(at - time.time(), 0))
