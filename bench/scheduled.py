"""Many messages for one instant: when they leave, how fast, and how long what comes meanwhile waits."""

import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.cases import Scale, picture
from bench.peers import Plan, gateway, load, running, tally

BODY = (
    "<REQUEST><ACTION>sendMMS</ACTION><API_KEY>{key}</API_KEY><TO>15557650001</TO><FROM>24680</FROM>"
    "<SUBJECT>Later</SUBJECT><NAME>later</NAME><SLIDE><TEXT>bench {n}</TEXT></SLIDE>{more}</REQUEST>"
)
#: The number of the first message that is not scheduled.
_NEW = 50_000_000


@dataclass(frozen=True)
class Burst:
    """How many wait for one instant, and what comes while they leave."""

    count: int = 100_000
    rate: int = 400  #: messages a second that the route may send
    accept_rate: int = 300  #: at least so many a second are accepted: the instant lies so far ahead
    new: int = 1_000
    new_rate: int = 20


def scheduled(_scale: Scale, database: str = "") -> dict[str, Any]:
    """100,000 messages for one instant."""
    return burst(Burst(), database)


def burst(asked: Burst, database: str) -> dict[str, Any]:
    """One round: accepted before the instant, sent from then on; new ones are posted as soon as it has come."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slidewire-bench-")))
        picture(folder / "picture.jpg")
        sinking = ["bench.sink", "--image", str(folder / "picture.jpg")]
        _, sink = stack.enter_context(running(sinking, folder / "sink.log"))
        served = stack.enter_context(gateway(Plan(folder, sink, database=database, rate=asked.rate)))
        instant = float(int(time.time() + 5 + asked.count / asked.accept_rate))
        at = datetime.fromtimestamp(instant, UTC).isoformat()
        orders = {"port": served.port, "path": "/API/wxml/1.3/", "connections": 16, "seconds": 3_600.0}
        body = BODY.replace("{key}", served.key)
        timed = load(**orders, body=body.replace("{more}", f"<SENDAT>{at}</SENDAT>"), count=asked.count)
        accepted_in_time = time.time() < instant
        time.sleep(max(instant + 0.5 - time.time(), 0))
        began = time.time()
        new = load(**orders, body=body.replace("{more}", ""), count=asked.new, rate=asked.new_rate, first=_NEW)
        _wait_all(sink, timed["success"] + new["success"])
        found = {"accepted_in_time": accepted_in_time, "accepted": timed["success"], "new": new["success"]}
        seen = {int(number): when for number, when in tally(sink, "/tally/arrived").items()}
        return found | {"doubles": tally(sink)["doubles"]} | _figures(asked, seen, instant, began)


def _wait_all(sink: int, wanted: int, patience: float = 30.0) -> None:
    """Wait until ``wanted`` have arrived, or none has for a while."""
    before, ends = -1, 0.0
    while (arrived := tally(sink)["distinct"]) < wanted:
        if arrived > before:
            before, ends = arrived, time.monotonic() + patience
        elif time.monotonic() > ends:
            return
        time.sleep(0.1)


def _figures(asked: Burst, seen: dict[int, float], instant: float, began: float) -> dict[str, Any]:
    timed = sorted(when for number, when in seen.items() if number < _NEW)
    waits = sorted(when - began - (number - _NEW) / asked.new_rate for number, when in seen.items() if number >= _NEW)
    span = max(timed[-1] - timed[0], 0.001)
    while_leaving = [when for when in seen.values() if timed[0] <= when <= timed[-1]]
    return {
        "arrived": len(timed),
        "early": sum(when < instant for when in timed),
        "first_is_late_by_s": timed[0] - instant,
        "seconds_of_the_burst": span,
        "rate_set": asked.rate,
        "rate_share": len(while_leaving) / span / asked.rate,
        "new_arrived": len(waits),
        "new_arrived_before_the_last": sum(when < timed[-1] for number, when in seen.items() if number >= _NEW),
        "new_waited_p50_s": statistics.median(waits),
        "new_waited_p99_s": waits[-1 - len(waits) // 100],
    }
