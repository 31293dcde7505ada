"""Two API and two worker processes on one database and one bucket, killed at random, and an MMSC with troubles.

Every Success must be delivered, or reported failed for a reason that the MMSC gave.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, and_, func, select
from tests.fakes.bucket import NAME, a_bucket
from tests.fixtures.postgres import start_server

from bench import peers
from bench.cases import Scale, picture
from bench.verdicts import Found, judged
from slidewire.demo.loopback import free_port
from slidewire.domain.task import TaskKind
from slidewire.simulator.chaos import TROUBLES
from slidewire.store import schema
from slidewire.store.database import open_database
from slidewire.store.tasks import waiting_counts

SETTINGS = """
database = "{database}"
content = "s3://{bucket}/chaos"
server_key = "0123456789abcdef0123456789abcdef"
log_level = "warning"
[s3]
{s3}
[fetch]
allow_private = ["127.0.0.0/8"]
[postbacks]
allow_private = ["127.0.0.0/8"]
published = [0.5, 1, 2, 4, 8]
[delivery]
retry = [0.5, 1, 2, 5]
uncertain_wait = "5s"
stop_grace = "5s"
[[routes]]
name = "sim"
kind = "mm7"
url = "http://127.0.0.1:{mm7}/mm7"
rate = "200/s"
lanes = 2
report_addresses = ["127.0.0.0/8"]
"""
#: Seconds between the tries of a report: more than any API process needs to come back, on a machine under load too.
_REPORT_TRIES = (0.5, 1, 2, 4, *[8] * 60)
#: The name of a place -> its role. Each is one process, started again whenever it falls.
PLACES = {"api 1": "api", "api 2": "api", "worker 1": "worker", "worker 2": "worker"}


@dataclass(frozen=True)
class Course:
    """How long and how hard."""

    seconds: float = 300.0
    rate: float = 20.0  #: requests a second
    kill_every: float = 2.0  #: seconds between two kills
    percent: float = 2.0  #: of each trouble of the simulator, and of postbacks that are refused
    drain: float = 420.0  #: seconds after the last kill in which all must have come to rest
    seed: int = 1


@dataclass
class Node:
    """One process of the gateway at its place."""

    name: str
    config: Path
    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    starts: int = 0

    def start(self) -> None:
        """Start it, as init does for a process that fell."""
        here = {
            "SLIDEWIRE_LISTEN": f"127.0.0.1:{self.port}",
            "SLIDEWIRE_ADMIN_LISTEN": "127.0.0.1:0",
            "SLIDEWIRE_S3_FOLDER": str(self.folder / self.name.replace(" ", "-")),  # as if on a machine of its own
        }
        command = [
            sys.executable,
            "-m",
            "slidewire",
            "serve",
            "--config",
            str(self.config),
            "--role",
            PLACES[self.name],
        ]
        with (self.folder / f"{self.name.replace(' ', '-')}.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | here)
        self.starts += 1

    def is_up(self) -> bool:
        """Whether it takes requests or work by now."""
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
        return False

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def chaos(scale: Scale, database: str = "") -> dict[str, Any]:
    """The run of issue 7, five minutes of it unless --seconds says otherwise."""
    return run(Course(scale.asked or Course.seconds), database)


def run(course: Course, database: str = "") -> dict[str, Any]:
    """One run: what was asked, what became of it, and what was found wrong."""
    with ExitStack() as stack:
        if not database:
            server = start_server(fsync=True)
            stack.callback(server.stop)
            database = server.create("chaos")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-chaos-")))
        stage = stack.enter_context(_stage(folder, course, database))
        began = time.monotonic()
        kills = _killing(stage, course)
        killed_for = time.monotonic() - began
        left = asyncio.run(_at_rest(database, stage, course.drain))
        found = Found(
            seen=_json(stage.customer, "/seen"),
            taken=_json(stage.simulator, "/api/messages"),
            **asyncio.run(_stored(database)),
        )
        figures = {
            "store": database.partition(":")[0],
            "seconds": killed_for,
            "rate_asked": course.rate,
            "trouble_percent": course.percent,
            "kills": sum(kills[name] for name in PLACES),
            "killed": dict(sorted(kills.items())),
            "fell_by_itself": sum(node.starts - 1 - kills[node.name] for node in stage.nodes),
            "seconds_to_rest": time.monotonic() - began - killed_for,
            "left_waiting": left,
            "logged": _cries(folder),
        }
        return figures | judged(found)


@dataclass
class _Stage:
    """Everything that runs."""

    nodes: list[Node]
    customer: int  #: its port
    simulator: int  #: the port of its JSON


@contextmanager
def _stage(folder: Path, course: Course, database: str) -> Iterator[_Stage]:
    with ExitStack() as stack:
        picture(folder / "picture.jpg", 3_000)
        bucket = stack.enter_context(a_bucket())
        arguments = ["bench.customer", str(folder / "picture.jpg")]
        process, customer = stack.enter_context(peers.running(arguments, folder / "customer.log"))
        door = int(process.stdout.readline()) if process.stdout else 0
        mm7, http = free_port(), free_port()
        stack.enter_context(_simulator(folder, course, {"mm7": mm7, "http": http, "door": door}))
        config = folder / "slidewire.toml"
        s3 = "\n".join(f'{name} = "{value}"' for name, value in bucket.settings.items())
        config.write_text(SETTINGS.format(database=database, bucket=NAME, s3=s3, mm7=mm7))
        key = peers.add_account(config, f"http://127.0.0.1:{customer}/postback")
        nodes = [Node(name, config, folder) for name in PLACES]
        for node in nodes:
            node.start()
            stack.callback(node.kill)
        for node in nodes:
            peers.wait_ready(node.port, 180)
        ports = [node.port for node in nodes if PLACES[node.name] == "api"]
        orders = {"ports": ports, "key": key, "seconds": course.seconds, "rate": course.rate}
        _post(customer, "/start", orders | {"refused": course.percent, "seed": course.seed})
        yield _Stage(nodes, customer, http)


@contextmanager
def _simulator(folder: Path, course: Course, ports: dict[str, int]) -> Iterator[None]:
    command = [sys.executable, "-m", "slidewire", "simulator", "--mm7-port", str(ports["mm7"])]
    command += ["--http-port", str(ports["http"]), "--smpp-port", str(free_port()), "--seed", str(course.seed)]
    command += [
        "--report-url",
        f"http://127.0.0.1:{ports['door']}/mm7/sim",
        "--report-backoff",
        ",".join(map(str, _REPORT_TRIES)),
    ]
    command += ["--chaos", ",".join(f"{name}={course.percent:g}" for name in TROUBLES)]
    command += ["--keep-messages", "1000000", "--keep-bytes", "4000000000"]
    with (folder / "simulator.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            with suppress(OSError):
                _json(ports["http"], "/healthz")
                break
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def _killing(stage: _Stage, course: Course) -> Counter[str]:
    """Kill one after the other, at random, until the time is over; start what falls at once. How often whom.

    One that is still starting is not killed again, else a slow machine would never have anybody up.
    """
    chance = Random(course.seed)
    kills: Counter[str] = Counter()
    began = time.monotonic()
    turn = 1
    while turn * course.kill_every <= course.seconds:
        time.sleep(max(began + turn * course.kill_every - time.monotonic(), 0))
        turn += 1
        nodes = chance.sample(stage.nodes, len(stage.nodes))
        node = next((node for node in nodes if node.is_up()), None)
        if node is not None:
            node.kill()
            node.start()
        kills["nobody was up" if node is None else node.name] += 1
        _start_fallen(stage)
    return kills


def _start_fallen(stage: _Stage) -> None:
    for node in stage.nodes:
        if node.process is not None and node.process.poll() is not None:
            node.start()


async def _at_rest(database: str, stage: _Stage, limit: float) -> dict[str, int]:
    """Wait until all have answers and nothing is waiting, ``limit`` seconds at most; what waits then, by queue.

    Receipts of submissions whose answer was lost may lie parked: nobody will ever ask for them. One that came before
    its submission was recorded is found at its next try, which is five minutes away at most (durability 23).
    """
    ends = time.monotonic() + limit
    store = open_database(database)
    try:
        while True:
            waiting = await store.read(waiting_counts)
            parked = waiting.pop(TaskKind.RECEIPT.queue(), 0)
            if late := await store.read(_late_receipts):
                waiting["receipts before their next try"] = late
            is_over = (await asyncio.to_thread(_json, stage.customer, "/seen"))["is_over"]
            reports = any(_owes(each) for each in await asyncio.to_thread(_json, stage.simulator, "/api/messages"))
            if (is_over and not waiting and not reports) or time.monotonic() > ends:
                return waiting | ({"parked receipts": parked} if parked else {})
            _start_fallen(stage)
            await asyncio.sleep(1)
    finally:
        await store.close()


def _late_receipts(connection: Connection) -> int:
    """How many parked receipts have a submission by now."""
    parked, refs = schema.parked_receipts, schema.carrier_refs
    known = and_(parked.c.route == refs.c.route, parked.c.ref == refs.c.ref)
    return int(connection.execute(select(func.count()).select_from(parked.join(refs, known))).scalar_one())


def _owes(message: dict[str, Any]) -> bool:
    """Whether the simulator still has a report to bring: it marks the fate first and the report when it is taken."""
    return bool(message["fates"]) and not message["reports"]


async def _stored(database: str) -> dict[str, Any]:
    """Every message's status, its events and what is still to be done for it."""
    messages, events = schema.messages, schema.events
    store = open_database(database)
    try:
        found = await store.read(lambda c: c.execute(select(messages.c.id, messages.c.status)).fetchall())
        happened = await store.read(
            lambda c: c.execute(
                select(events.c.message_id, events.c.event, events.c.reason, events.c.detail).order_by(events.c.id)
            ).fetchall()
        )
    finally:
        await store.close()
    history: dict[str, list[tuple[str, str, str]]] = {row[0]: [] for row in found}
    for message_id, event, reason, detail in happened:
        history.setdefault(message_id, []).append((event, reason, detail))
    return {"status": {row[0]: row[1] for row in found}, "history": history}


def _cries(folder: Path) -> dict[str, int]:
    """What the gateway's processes logged as errors, and how often; what is no line of the log is told as it is."""
    told: Counter[str] = Counter()
    for name in PLACES:
        for line in (folder / f"{name.replace(' ', '-')}.log").read_text(errors="replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                told[line[:160]] += 1
                continue
            if entry.get("level") in {"error", "critical"}:
                told[f"{entry.get('event')} {entry.get('error', '')}"[:160]] += 1
    return dict(told.most_common(40))


def _json(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.load(answer)


def _post(port: int, path: str, body: dict[str, Any]) -> None:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(asked, timeout=30):
        pass
