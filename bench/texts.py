"""Fallback SMS over one bind: how many in four seconds, and whether a throttling SMSC gets each exactly once."""

import tempfile
import time
from bisect import bisect_right
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cases import Scale, median
from bench.peers import Gateway, Plan, cpu_seconds, gateway, load, running, serving, tally

BODY = (
    "<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>4477{n}</TO><FROM>24680</FROM><SUBJECT>Texts</SUBJECT>"
    "<NAME>texts</NAME><FORCE_SEND_AS_SMS>true</FORCE_SEND_AS_SMS><FALLBACKSMSTEXT>{words}</FALLBACKSMSTEXT>"
    "<SLIDE><TEXT>Hello</TEXT></SLIDE></REQUEST>"
)
ROUTE = """
[[routes]]
name = "texts"
kind = "smpp"
host = "127.0.0.1"
port = {port}
system_id = "bench"
password = "bench"
rate = "{rate}/s"
window = {window}
"""
#: What is counted in the first seconds (issue: at least 8,000 in 4 s).
SECONDS = 4.0


@dataclass(frozen=True)
class Traffic:
    """What is sent over which bind."""

    count: int = 12_000
    rate: int = 100_000  #: segments a second that the route may send
    window: int = 50
    smsc: tuple[str, ...] = ()  #: what the SMSC is told besides
    pieces: int = 1  #: segments of each text: one, or two


def texts(scale: Scale, database: str = "") -> dict[str, Any]:
    """Texts of one segment that wait; one worker sends them over one bind and stores their receipts."""
    return median([sent(Traffic(), database) for _ in range(scale.rounds)])


def throttled(_scale: Scale, database: str = "") -> dict[str, Any]:
    """100,000 texts of two segments each to an SMSC that takes the route's rate of segments, and now and then fewer."""
    traffic = Traffic(100_000, rate=800, smsc=("--rate", "800", "--throttle-every", "9973"), pieces=2)
    found = sent(traffic, database)
    return {"rate_set": traffic.rate, "rate_share": found["taken_rate"] / traffic.rate, **found}


def sent(traffic: Traffic, database: str) -> dict[str, Any]:
    """One round: texts are accepted, then one worker sends them until every receipt is stored."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        _, smsc = stack.enter_context(running(["bench.smsc", *traffic.smsc], folder / "smsc.log"))
        route = ROUTE.format(port=smsc, rate=traffic.rate, window=traffic.window)
        with gateway(Plan(folder, 9, database=database, route=route), role="api") as api:
            accepted = _accepted(api, traffic) * traffic.pieces
        with serving(api.config, api.port, folder / "worker.log", role="worker") as worker:
            seen = _wait_all(smsc, accepted)
            cpu = cpu_seconds(worker.pid)
        return _figures(accepted, seen | tally(smsc, "/times"), cpu)


def _accepted(api: Gateway, traffic: Traffic) -> int:
    """Accept all texts; how many there are. A text of two segments has its number in both."""
    words = "bench {n} " * 12 if traffic.pieces == 2 else "bench {n}"
    done = load(
        port=api.port,
        path="/API/wxml/1.3/",
        body=BODY.replace("{key}", api.key).replace("{words}", words),
        connections=32,
        seconds=900.0,
        count=traffic.count,
    )
    return int(done["success"])


def _wait_all(smsc: int, wanted: int, patience: float = 60.0) -> dict[str, Any]:
    """Wait until ``wanted`` receipts were taken from the SMSC, or none was for a minute; what it has seen."""
    before, ends = -1, 0.0
    while (acked := (seen := tally(smsc))["acked"]) < wanted:
        if acked > before:
            before, ends = acked, time.monotonic() + patience
        elif time.monotonic() > ends:
            break
        time.sleep(0.3)
    return seen


def _figures(accepted: int, seen: dict[str, Any], cpu: float) -> dict[str, Any]:
    taken, acked = seen["taken"], seen["acked"]
    return {
        "accepted": accepted,
        "arrived": seen["distinct"],
        "lost": accepted - seen["distinct"],
        "doubles": seen["doubles"],
        "receipts_stored": len(acked),
        "throttled": seen["throttled"],
        "most_in_a_second": most_in(1.0, taken),
        "taken_in_4_s": bisect_right(taken, SECONDS),
        "receipts_stored_in_4_s": bisect_right(acked, SECONDS),
        "taken_rate": len(taken) / max(taken[-1], 0.001),
        "end_to_end_rate": len(acked) / max(acked[-1], 0.001),
        "cpu_ms_a_text": 1000 * cpu / max(seen["distinct"], 1),
        "smsc_cpu_ms_a_text": 1000 * seen["cpu_seconds"] / max(seen["distinct"], 1),
    }


def most_in(seconds: float, times: list[float]) -> int:
    """How many of ``times``, which ascend, lie in one such span at most."""
    return max((at - bisect_right(times, end - seconds) + 1 for at, end in enumerate(times)), default=0)
