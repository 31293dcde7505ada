"""``python -m bench``: one table and one JSON file."""

import argparse
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.cases import Scale, accept, accept_alone
from bench.films import films
from bench.images import images
from bench.texts import texts, throttled

_OUT = Path("bench-output")
_CASES: dict[str, Callable[[Scale, str], dict[str, Any]]] = {
    "accept alone": accept_alone,
    "accept and deliver": accept,
    "films": lambda scale, _: films(scale),
    "images": lambda scale, _: images(scale),
    "texts": texts,
    "throttled": throttled,
}
#: Cases that take minutes: only when they are asked for.
_LONG = {"throttled"}


def main() -> None:
    """Run the cases, print the table, write bench-output/bench.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of one round (default 8)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; each figure is their median (default 3)")
    parser.add_argument("--database", default="", help="a database instead of SQLite, as in slidewire.toml")
    parser.add_argument("--only", action="append", choices=_CASES, metavar="CASE", help=f"of: {', '.join(_CASES)}")
    arguments = parser.parse_args()
    scale = Scale(arguments.seconds, arguments.rounds)
    wanted = arguments.only or [name for name in _CASES if name not in _LONG]
    figures = {name: case(scale, arguments.database) for name, case in _CASES.items() if name in wanted}
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    _OUT.mkdir(exist_ok=True)
    (_OUT / "bench.json").write_text(json.dumps({"machine": machine, "figures": figures}, indent=2))
    print(f"{machine['cores']} cores, Python {machine['python']}; medians of {arguments.rounds} rounds")
    for case, values in figures.items():
        print(f"\n{case}")
        for name, value in values.items():
            if name == "table":
                print("", *value, "", sep="\n  ")
            elif name not in {"rounds", "rows"}:
                print(f"  {name:30} {_said(value)}")
    print(f"\nwritten to {_OUT / 'bench.json'}")


def _said(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
