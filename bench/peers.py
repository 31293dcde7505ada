"""Starting and watching what a benchmark runs against: the gateway, the sink, the bare server, the load."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slidewire.demo.loopback import free_port

_TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """``pid`` and every process below it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_seconds(pid: int) -> float:
    """CPU of a process, its children and those of them that have ended."""
    total = 0.0
    for each in tree(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / _TICK
            if each == pid:
                total += (int(fields[13]) + int(fields[14])) / _TICK
    return total


def pss_mb(pid: int) -> float:
    """Memory of a process and its children, shared pages counted by share, in MB."""
    total = 0
    for each in tree(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1000


@contextlib.contextmanager
def running(arguments: list[str], log: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A program that prints its port first; killed at the end."""
    with log.open("a") as errors:
        process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@dataclass
class Gateway:
    """A real ``slidewire serve`` and where it is reached."""

    process: subprocess.Popen[bytes]
    port: int
    key: str
    config: Path

    @property
    def pid(self) -> int:
        return self.process.pid


SETTINGS = """
listen = "127.0.0.1:{port}"
admin_listen = "127.0.0.1:{admin}"
database = "{database}"
content = "file:{folder}/content"
log_level = "warning"
[fetch]
allow_private = ["127.0.0.0/8"]
[postbacks]
allow_private = ["127.0.0.0/8"]
[delivery]
{delivery}
[[routes]]
name = "sink"
kind = "mm7"
url = "http://127.0.0.1:{sink}/mm7"
rate = "{rate}/s"
connections = {connections}
{route}
"""


@dataclass
class Plan:
    """How a benchmarked gateway is set."""

    folder: Path
    sink: int
    database: str = ""
    connections: int = 32
    delivery: str = ""
    route: str = ""
    postback: str = ""
    rate: int = 100_000  #: messages a second that the route may send


def write_config(plan: Plan, port: int) -> Path:
    """The settings file of one gateway."""
    config = plan.folder / "slidewire.toml"
    config.write_text(
        SETTINGS.format(
            port=port,
            admin=free_port(),
            database=plan.database or f"sqlite:///{plan.folder}/slidewire.db",
            folder=plan.folder,
            sink=plan.sink,
            connections=plan.connections,
            delivery=plan.delivery,
            route=plan.route,
            rate=plan.rate,
        )
    )
    return config


def add_account(config: Path, postback: str = "", *, signed: bool = False, settings: Sequence[str] = ()) -> str:
    """An account that may send from 24680; its key. ``settings``: NAME=VALUE."""
    more = ["--postback", postback] if postback else []
    for setting in settings:
        more += ["--set", setting]
    more += ["--set", "postback_secret=new"] if signed else []
    command = ["account", "add", "bench", "--sender", "24680", "--config", str(config), *more]
    made = subprocess.run(
        [sys.executable, "-m", "slidewire", *command],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return str(json.loads(made.stdout)["key"])


def start_gateway(config: Path, log: Path, role: str = "all", processes: int = 1) -> subprocess.Popen[bytes]:
    """``slidewire serve`` as a user starts it."""
    command = ["serve", "--config", str(config), "--role", role]
    if processes > 1:  # else without a supervisor: whoever kills what is returned kills the gateway
        command += ["--processes", str(processes)]
    with log.open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "slidewire", *command],
            stdout=errors,
            stderr=errors,
        )


def start_worker(config: Path, log: Path, port: int) -> subprocess.Popen[bytes]:
    """``slidewire serve --role worker``, one of several: ``port`` tells its health."""
    here = {"SLIDEWIRE_LISTEN": f"127.0.0.1:{port}", "SLIDEWIRE_ADMIN_LISTEN": "127.0.0.1:0"}
    command = [sys.executable, "-m", "slidewire", "serve", "--config", str(config), "--role", "worker"]
    with log.open("ab") as errors:
        return subprocess.Popen(command, stdout=errors, stderr=errors, env=os.environ | here)


def wait_ready(port: int, limit: float = 90.0) -> None:
    """Return when /readyz says so."""
    ends = time.monotonic() + limit
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as a:
            if a.status == 200:
                return
        if time.monotonic() > ends:
            raise TimeoutError("the gateway is not ready")
        time.sleep(0.05)


@contextlib.contextmanager
def gateway(plan: Plan, role: str = "all") -> Iterator[Gateway]:
    """A gateway with an account, ready; stopped as an admin stops it."""
    port = free_port()
    config = write_config(plan, port)
    key = add_account(config, plan.postback)
    with serving(config, port, plan.folder / "gateway.log", role) as process:
        yield Gateway(process, port, key, config)


@contextlib.contextmanager
def serving(
    config: Path, port: int, log: Path, role: str = "all", processes: int = 1
) -> Iterator[subprocess.Popen[bytes]]:
    """A started gateway, ready; stopped as an admin stops it."""
    process = start_gateway(config, log, role, processes)
    with _ending(process):
        wait_ready(port)
        yield process


@contextlib.contextmanager
def working(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One more node that works beside a gateway, ready; stopped as an admin stops it."""
    port = free_port()
    process = start_worker(config, log, port)
    with _ending(process):
        wait_ready(port)
        yield process


@contextlib.contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def load(**orders: Any) -> dict[str, Any]:
    """Run the load generator and wait for its result."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(orders), check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout))


def arrivals(port: int) -> list[float]:
    """When each submission arrived at the sink, Unix seconds, in order."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/tally/times", timeout=30) as answer:
        return sorted(json.load(answer))


def tally(port: int, path: str = "/tally") -> dict[str, Any]:
    """What the sink has seen."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return dict(json.load(answer))


def wait_all(sink: int, wanted: int, limit: float = 180.0) -> int:
    """Wait until ``wanted`` distinct texts have arrived; how many have."""
    ends = time.monotonic() + limit
    while time.monotonic() < ends:
        if (arrived := tally(sink)["distinct"]) >= wanted:
            time.sleep(0.3)
            return int(tally(sink)["distinct"])
        time.sleep(0.1)
    return int(arrived)
