"""SQLite and PostgreSQL in the same run, one after the other in every round: what the second does of the first's rate.

PostgreSQL runs on the same cores, with fsync; what its server uses is told apart from what our processes use.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.fixtures.postgres import Server, start_server

from bench.cases import Scale, median, orders_of, picture
from bench.delivering import Staff, flood
from bench.peers import Plan, cpu_seconds, gateway, load, running

_WORKERS = (1, 2, 4)
#: The figures of a way whose share is told: rates and what our processes use.
_SHARED = ("accept_rate", "whole_way_rate", "cpu_ms_a_message")


def databases(scale: Scale, _database: str = "") -> dict[str, Any]:
    """Accepting alone, then the whole way with one, two and four worker nodes beside one of the API, on both."""
    server = start_server(fsync=True)
    try:
        return median([_round(scale, server, f"round{n}") for n in range(scale.rounds)])
    finally:
        server.stop()


def _round(scale: Scale, server: Server, name: str) -> dict[str, Any]:
    found = _both(server, f"{name}accept", lambda staff: _accepted(scale, staff), "alone")
    for workers in _WORKERS:
        way = f"way_{workers}"
        found |= _both(server, f"{name}{way}", lambda staff: flood(scale, staff), way, workers)
    return found | _of_one(found)


def _of_one(found: dict[str, Any]) -> dict[str, Any]:
    """What most workers do of what one does, and what of it they use, on both databases: flat would be 1."""
    one, most = _WORKERS[0], _WORKERS[-1]
    return {
        f"{database}_{key}_with_{most}_workers_of_one": found[f"way_{most}_{database}_{key}"]
        / found[f"way_{one}_{database}_{key}"]
        for database in ("sqlite", "postgresql")
        for key in ("whole_way_rate", "cpu_ms_a_message")
    }


def _both(
    server: Server, database: str, case: Callable[[Staff], dict[str, Any]], name: str, workers: int = 0
) -> dict[str, Any]:
    """The figures of SQLite, of PostgreSQL in a fresh database, and the second's share of the first's."""
    sqlite = case(Staff(workers=workers))
    address = server.create(database)
    try:
        postgresql = case(Staff(address, workers=workers, server=server.process.pid))
    finally:
        server.drop(database)
    shares = {f"{name}_{key}_of_sqlite": postgresql[key] / sqlite[key] for key in _SHARED if sqlite.get(key)}
    return (
        shares
        | {f"{name}_sqlite_{key}": value for key, value in sqlite.items() if key != "server_cpu_ms_a_message"}
        | {f"{name}_postgresql_{key}": value for key, value in postgresql.items()}
    )


def _accepted(scale: Scale, staff: Staff) -> dict[str, Any]:
    """A picture of 30 kB that is fresh in the cache, as fast as ``--role api`` takes it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        picture(folder / "picture.jpg")
        sinking = ["bench.sink", "--image", str(folder / "picture.jpg")]
        _, sink = stack.enter_context(running(sinking, folder / "sink.log"))
        api = stack.enter_context(gateway(Plan(folder, sink, database=staff.database), role="api"))
        orders = orders_of(api, sink) | {"fresh_every": 0}
        load(**orders | {"seconds": 2.0, "rate": 50})
        before, served = cpu_seconds(api.pid), cpu_seconds(staff.server) if staff.server else 0.0
        done = load(**orders | {"seconds": scale.seconds, "first": 10_000_000})
        used = cpu_seconds(api.pid) - before
        of_server = cpu_seconds(staff.server) - served if staff.server else 0.0
        return {
            "accept_rate": done["rate"],
            "accept_p50_ms": done["p50_ms"],
            "accept_p99_ms": done["p99_ms"],
            "cpu_ms_a_message": 1000 * used / max(done["success"], 1),
            "server_cpu_ms_a_message": 1000 * of_server / max(done["success"], 1),
            "refused": sum(done["refused"].values()),
        }
