"""``python -m bench``: one table and one JSON file."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import report
from bench.accepting import accept_alone, ceilings
from bench.bulk import bulk
from bench.cases import Scale
from bench.chaos import chaos
from bench.consent import consent
from bench.databases import databases
from bench.delivering import full_store, paced, whole_way
from bench.films import films
from bench.images import images
from bench.lanes import lanes
from bench.pageviews import pages
from bench.scheduled import scheduled
from bench.texts import texts, throttled

_OUT = Path("bench-output")
_CASES: dict[str, Callable[[Scale, str], dict[str, Any]]] = {
    "bulk": bulk,
    "ceilings": ceilings,
    "accept alone": accept_alone,
    "whole way": whole_way,
    "paced": paced,
    "full store": full_store,
    "chaos": chaos,
    "consent": consent,
    "databases": databases,
    "films": lambda scale, _: films(scale),
    "images": lambda scale, _: images(scale),
    "lanes": lanes,
    "pages": pages,
    "scheduled": scheduled,
    "texts": texts,
    "throttled": throttled,
}
#: Cases that take minutes: only when they are asked for.
_LONG = {"bulk", "chaos", "consent", "databases", "full store", "scheduled", "lanes", "throttled"}
#: What the issues ask for: a run that is shorter says so.
_SECONDS, _ROUNDS = 8.0, 3


def main() -> None:
    """Run the cases, print the table, write bench-output/bench.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.0, help="length of one round (default 8), or of `chaos`")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="rounds; each figure is their median (default 3)")
    parser.add_argument("--stored", type=int, default=0, help="messages of the case `full store` (default: all)")
    parser.add_argument(
        "--database",
        default="",
        help="instead of SQLite, as in slidewire.toml; postgresql: a server of its own (lanes, full store)",
    )
    parser.add_argument("--only", action="append", choices=_CASES, metavar="CASE", help=f"of: {', '.join(_CASES)}")
    parser.add_argument("--against", type=Path, metavar="FILE", help="a run's JSON: print what has changed since")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--out", type=Path, default=_OUT, metavar="FOLDER", help=f"where to write (default {_OUT})")
    arguments = parser.parse_args()
    before = json.loads(arguments.against.read_text()) if arguments.against else None
    scale = Scale(arguments.seconds or _SECONDS, arguments.rounds, arguments.stored, arguments.seconds)
    wanted = arguments.only or [name for name in _CASES if name not in _LONG]
    run: dict[str, Any] = {"commit": report.commit(), "machine": report.machine(), "scale": _told(scale)}
    run["database"] = arguments.database.partition(":")[0] or "sqlite"
    run["figures"] = {name: case(scale, arguments.database) for name, case in _CASES.items() if name in wanted}
    written = report.write(run, arguments.out)
    if arguments.json:
        print(json.dumps(run, indent=2))
        return
    print(*report.table(run), sep="\n")
    if before:
        print(*report.compared(run, before), sep="\n")
    print(f"\nwritten to {written}")


def _told(scale: Scale) -> dict[str, Any]:
    """How long it was, and by how much that is less than what its figures are meant to be made of."""
    less = []
    if scale.seconds < _SECONDS:
        less.append(f"rounds of {scale.seconds:g} s instead of {_SECONDS:g}")
    if scale.rounds < _ROUNDS:
        less.append(f"{scale.rounds} instead of {_ROUNDS} rounds")
    if scale.stored:
        less.append(f"{scale.stored} messages in the full store")
    return {"seconds": scale.seconds, "rounds": scale.rounds, "smaller": ", ".join(less)}


if __name__ == "__main__":
    main()
