"""How many requests are accepted a second, by kind of request, beside what the machine can do at best."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.cases import BODY, Scale, bare_rate, median, orders_of, picture
from bench.ceilings import fsyncs, inserts, posts
from bench.peers import Plan, cpu_seconds, gateway, load, pss_mb, running, serving, tally, wait_all

_TEXT = BODY.replace("<IMAGE><URL>{media}</URL></IMAGE>", "")
#: What is posted: its body, the size of its picture, and one in how many has an address (and bytes) of its own.
_KINDS: dict[str, tuple[str, int, int]] = {
    "text": (_TEXT, 30_000, 0),
    "cached": (BODY, 30_000, 0),
    "tenth_new": (BODY, 30_000, 10),
    "unique": (BODY, 200_000, 1),
}


def ceilings(scale: Scale, _database: str = "") -> dict[str, Any]:
    """What the machine can do: the bare server, synced writes, group commits, bare POSTs of a SubmitReq to the sink."""
    return median([_ceilings_round(scale) for _ in range(scale.rounds)])


def accept_alone(scale: Scale, database: str = "") -> dict[str, Any]:
    """Accepted by ``--role api`` alone, each kind beside the bare server; a worker delivers all of it afterwards."""
    rounds = []
    for _ in range(scale.rounds):
        found: dict[str, Any] = {}
        for kind in _KINDS:
            found |= {f"{kind}_{name}": value for name, value in _accept_round(scale, database, kind).items()}
        rounds.append(found)
    return median(rounds)


def _ceilings_round(scale: Scale) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        picture(folder / "picture.jpg")
        image = str(folder / "picture.jpg")
        _, sink = stack.enter_context(running(["bench.sink", "--image", image], folder / "sink.log"))
        bare = bare_rate(folder, scale.seconds / 2)
        return {
            "bare_server_rate": bare["rate"],
            "bare_server_cpu_ms": bare["server_cpu_ms"],
            "fsync_rate": fsyncs(folder, scale.seconds / 4),
            "group_insert_rate": inserts(folder, scale.seconds / 4),
            "bare_post_rate": posts(sink, image, scale.seconds / 4),
        }


def _accept_round(scale: Scale, database: str, kind: str) -> dict[str, Any]:
    body, size, new = _KINDS[kind]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        picture(folder / "picture.jpg", size)
        bare = bare_rate(folder, scale.seconds / 2)
        image = str(folder / "picture.jpg")
        _, sink = stack.enter_context(running(["bench.sink", "--image", image], folder / "sink.log"))
        with gateway(Plan(folder, sink, database=database), role="api") as api:
            idle = pss_mb(api.pid)
            orders = orders_of(api, sink) | {"body": body.replace("{key}", api.key), "fresh_every": new}
            warm = load(**orders | {"seconds": 2.0, "rate": 50})["success"]
            before = cpu_seconds(api.pid)
            done = load(**orders | {"seconds": scale.seconds, "first": 10_000_000})
            cpu = cpu_seconds(api.pid) - before
            busy = pss_mb(api.pid)
        with serving(api.config, api.port, folder / "worker.log", role="worker"):
            delivered = wait_all(sink, warm + done["success"]) - warm
        return {
            "rate": done["rate"],
            "share_of_bare_server": done["rate"] / bare["rate"],
            "p50_ms": done["p50_ms"],
            "p99_ms": done["p99_ms"],
            "cpu_ms_a_message": 1000 * cpu / max(done["success"], 1),
            "cpu_of_bare_server": 1000 * cpu / max(done["success"], 1) / bare["server_cpu_ms"],
            "accepted": done["success"],
            "delivered": delivered,
            "refused": sum(done["refused"].values()),
            "idle_pss_mb": idle,
            "busy_pss_mb": busy,
            "load_cpu_ms_a_message": 1000 * done["cpu_seconds"] / max(done["success"], 1),
            "tally_doubles": tally(sink)["doubles"],
        }
