"""From the request to its second postback: how many a second, at what cost, how soon; with receipts, and signed."""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cases import Scale, median, orders_of, picture
from bench.filling import fill
from bench.looking import looks
from bench.peers import (
    Gateway,
    Plan,
    add_account,
    cpu_seconds,
    load,
    pss_mb,
    running,
    serving,
    tally,
    working,
    write_config,
)
from bench.servers import fresh_databases
from slidewire.demo.loopback import free_port

#: Messages of one round, however slow it is.
_MOST = 40_000
#: Postbacks of a message: N101 and N102.
_POSTBACKS = 2


@dataclass(frozen=True)
class Staff:
    """Which processes do the work of a round, on which database."""

    database: str = ""  #: empty: SQLite
    processes: int = 1  #: of one supervisor
    workers: int = 0  #: instead of that so many nodes of ``--role worker``, beside one of ``--role api``
    server: int = 0  #: the database server's process


@dataclass(frozen=True)
class House:
    """What a round runs: the processes of one machine, with the peers around them."""

    gateway: Gateway
    sink: int
    stamps: Path  #: where the load writes down when it posted what
    nodes: tuple[int, ...]  #: our processes, by those that started them

    def cpu(self) -> float:
        """Seconds of CPU that our processes have used."""
        return sum(map(cpu_seconds, self.nodes))

    def pss_mb(self) -> float:
        """Their memory."""
        return sum(map(pss_mb, self.nodes))

    def told(self) -> int:
        """Postbacks that have arrived."""
        return int(tally(self.sink)["postbacks"])


def whole_way(scale: Scale, database: str = "") -> dict[str, Any]:
    """Everything at once, as fast as it goes, in one process, in two and in four."""
    rounds = []
    for _ in range(scale.rounds):
        found: dict[str, Any] = {}
        for processes in (1, 2, 4):
            found |= {f"in_{processes}_{key}": value for key, value in flood(scale, Staff(database, processes)).items()}
        rounds.append(found)
    return median(rounds)


def full_store(scale: Scale, database: str = "") -> dict[str, Any]:
    """The same in two processes, beside many messages that are stored: 2 million in SQLite, 10 in PostgreSQL.

    ``database``: a server's, beside which two fresh ones are made; "postgresql": of a server of our own.
    """
    count = scale.stored or (10_000_000 if database else 2_000_000)
    with fresh_databases(database, 2) as ((one, other), server):
        staff = Staff(one, 2, server=server)
        with _house(staff) as empty, _house(Staff(other, 2, server=server)) as full:
            filled = fill(full.gateway.config, count)
            rounds = [_beside(scale, staff, empty, full) for _ in range(scale.rounds)]
    return filled | median(rounds)


#: Figures of a full store that are told as shares of an empty one's.
_SHARES = (
    *("accept_rate", "whole_way_rate", "accept_p99_ms", "cpu_ms_a_message"),
    *("claim_p50_ms", "claim_p99_ms", "receipt_p50_ms", "receipt_p99_ms"),
)


def _beside(scale: Scale, staff: Staff, empty: House, full: House) -> dict[str, Any]:
    """Both stores one after the other."""
    one, other = (_flooded(scale, staff, house) | looks(house.gateway.config) for house in (empty, full))
    shares = {f"{key}_of_empty": other[key] / one[key] for key in _SHARES}
    return (
        shares
        | {f"empty_{key}": value for key, value in one.items()}
        | {f"full_{key}": value for key, value in other.items()}
    )


def paced(scale: Scale, database: str = "") -> dict[str, Any]:
    """At 200, 500 and 1,000 a second: how soon the MMSC has each, whether sending keeps up, and what it costs."""
    rounds = []
    for _ in range(scale.rounds):
        found: dict[str, Any] = {}
        for rate in (200, 500, 1000):
            found |= {f"at_{rate}_{key}": value for key, value in _steady(scale, database, rate).items()}
        rounds.append(found)
    return median(rounds)


def flood(scale: Scale, staff: Staff) -> dict[str, Any]:
    """Everything at once, as fast as it goes."""
    with _house(staff) as house:
        return _flooded(scale, staff, house)


def _flooded(scale: Scale, staff: Staff, house: House) -> dict[str, Any]:
    _forget_told(house.sink)
    before, served, started = house.cpu(), _server_cpu(staff), time.perf_counter()
    orders = orders_of(house.gateway, house.sink) | {"fresh_every": 0}
    done = load(**orders | {"seconds": scale.seconds, "count": _MOST, "first": 10_000_000})
    told_meanwhile = house.told()
    told = _wait_told(house, done["success"] * _POSTBACKS)
    took = time.perf_counter() - started
    return {
        "accept_rate": done["rate"],
        "accept_p99_ms": done["p99_ms"],
        "whole_way_rate": told / _POSTBACKS / took,
        "told_meanwhile_share": told_meanwhile / _POSTBACKS / max(done["success"], 1),
        "cpu_ms_a_message": 1000 * (house.cpu() - before) / max(told / _POSTBACKS, 1),
        "server_cpu_ms_a_message": 1000 * (_server_cpu(staff) - served) / max(told / _POSTBACKS, 1),
        "all_told": told == done["success"] * _POSTBACKS,
        "pss_mb": house.pss_mb(),
    }


def _server_cpu(staff: Staff) -> float:
    return cpu_seconds(staff.server) if staff.server else 0.0


def _steady(scale: Scale, database: str, rate: int) -> dict[str, Any]:
    with _house(Staff(database, 2)) as house:
        before = house.cpu()
        orders = orders_of(house.gateway, house.sink) | {"fresh_every": 0, "rate": rate, "stamps": str(house.stamps)}
        done = load(**orders | {"seconds": scale.seconds, "first": 10_000_000})
        sent = tally(house.sink)["distinct"] - _WARM
        _wait_told(house, done["success"] * _POSTBACKS)
        cpu = house.cpu() - before
        arrived = {int(n): at for n, at in tally(house.sink, "/tally/arrived").items()}
        posted = json.loads(house.stamps.read_text())
        waits = sorted(1000 * (arrived[int(n)] - at) for n, at in posted.items() if int(n) in arrived)
        return {
            "rate": done["rate"],
            "accept_p50_ms": done["p50_ms"],
            "accept_p99_ms": done["p99_ms"],
            "sent_share": sent / max(done["success"], 1),
            "to_submit_p50_ms": statistics.median(waits),
            "to_submit_p99_ms": waits[int(len(waits) * 0.99)],
            "cpu_ms_a_message": 1000 * cpu / max(done["success"], 1),
        }


#: Messages that are sent before anything is measured.
_WARM = 50


@contextmanager
def _house(staff: Staff) -> Iterator[House]:
    """Gateway and peers, warm: the picture is in the cache, the first messages are told."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        picture(folder / "picture.jpg")
        port = free_port()
        peers = ["bench.sink", "--image", str(folder / "picture.jpg"), "--report-port", str(port)]
        _, sink = stack.enter_context(running(peers, folder / "sink.log"))
        config = write_config(Plan(folder, sink, database=staff.database), port)
        key = add_account(config, f"http://127.0.0.1:{sink}/told", signed=True)
        role = "api" if staff.workers else "all"
        started = [stack.enter_context(serving(config, port, folder / "gateway.log", role, staff.processes))]
        started += [stack.enter_context(working(config, folder / "worker.log")) for _ in range(staff.workers)]
        nodes = tuple(process.pid for process in started)
        house = House(Gateway(started[0], port, key, config), sink, folder / "stamps.json", nodes)
        load(**orders_of(house.gateway, sink) | {"seconds": 30.0, "count": _WARM, "rate": 50, "fresh_every": 0})
        _wait_told(house, _WARM * _POSTBACKS)
        _forget_told(sink)
        yield house


def _forget_told(sink: int) -> None:
    tally(sink, "/tally/restart")


def _wait_told(house: House, wanted: int, limit: float = 180.0) -> int:
    ends = time.perf_counter() + limit
    while (told := house.told()) < wanted and time.perf_counter() < ends:
        time.sleep(0.05)
    return told
