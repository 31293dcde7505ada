"""What a run found: a table, a JSON file, a chart as SVG, and what has changed since another run."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

#: What is told of a figure that is worse than before by more than this share: these machines are noisy.
NOISE = 0.15
#: Ends of names whose figures are better when they are smaller.
_LESS_IS_BETTER = ("_ms", "_ms_a_message", "_ms_a_text", "_mb", "lost", "doubles", "refused")
_BAR, _LEFT, _WIDTH = 22, 330, 900
_INK = "#1d2b36"


def machine() -> dict[str, Any]:
    """What the figures were made on."""
    words = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = next((line.partition(":")[2].strip() for line in words.splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "memory_gb": round(memory, 1),
        "python": platform.python_version(),
        "system": platform.system() + " " + platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """The commit that was measured; a star behind it: with changes."""
    told = subprocess.run(["git", "describe", "--always", "--dirty=*"], capture_output=True, text=True, check=False)
    return told.stdout.strip()


def table(run: dict[str, Any]) -> Iterator[str]:
    """The run for people."""
    scale = run["scale"]
    yield f"{run['machine']['cores']} cores, Python {run['machine']['python']}; medians of {scale['rounds']} rounds"
    if scale["smaller"]:
        yield f"smaller than asked: {scale['smaller']}"
    for case, values in run["figures"].items():
        yield f"\n{case}"
        for name, value in values.items():
            if name == "table":
                yield from ("", *(f"  {line}" for line in value), "")
            elif name not in {"rounds", "rows"}:
                yield f"  {name:36} {said(value)}"


def said(value: Any) -> str:
    """A figure as it is printed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"


def compared(run: dict[str, Any], before: dict[str, Any]) -> Iterator[str]:
    """Every figure of both runs with what it is of the former; those that are worse by more than noise are marked.

    Rates are compared as shares of the bare server's, where both runs have them: machines differ from day to day.
    """
    yield f"\nagainst {before.get('commit', 'a run')}; ! is worse by more than {NOISE:.0%}"
    for case, values in run["figures"].items():
        former = before["figures"].get(case, {})
        for name, value in values.items():
            was = former.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not was:
                continue
            ratio = value / was
            mark = "!" if is_worse(name, ratio) else " "
            yield f"{mark} {case}: {name:36} {said(was)} -> {said(value)} ({ratio:.2f})"


def is_worse(name: str, ratio: float) -> bool:
    """Whether a figure that is ``ratio`` times what it was has become worse by more than noise."""
    if name.endswith(_LESS_IS_BETTER):
        return ratio > 1 + NOISE
    return ratio < 1 - NOISE


def chart(run: dict[str, Any]) -> str:
    """The rates of a run as bars, on a logarithmic scale, for the docs."""
    bars = [
        (f"{case}: {name.removesuffix('_rate').replace('_', ' ')}", float(value))
        for case, values in run["figures"].items()
        for name, value in values.items()
        if name.endswith("rate") and isinstance(value, int | float) and value > 0
    ]
    if not bars:
        return ""
    most = math.log10(max(value for _, value in bars))
    height = _BAR * len(bars) + 40
    view = f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {view} role="img" aria-label="Rates a second">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="20" font-weight="bold" fill="{_INK}">A second, on a logarithmic scale</text>',
    ]
    for number, (name, value) in enumerate(bars):
        top = 32 + number * _BAR
        length = max(2.0, (_WIDTH - _LEFT - 80) * math.log10(max(value, 1.0)) / most)
        colour = "#8aa3b5" if "ceiling" in name else "#2f7d5b"
        lines += [
            f'<text x="{_LEFT - 8}" y="{top + 14}" text-anchor="end" fill="{_INK}">{escape(name)}</text>',
            f'<rect x="{_LEFT}" y="{top + 2}" width="{length:.0f}" height="{_BAR - 6}" fill="{colour}"/>',
            f'<text x="{_LEFT + length + 6:.0f}" y="{top + 14}" fill="{_INK}">{value:,.0f}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


def write(run: dict[str, Any], folder: Path) -> Path:
    """``bench.json`` and ``bench.svg`` in ``folder``; gives the former."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.svg").write_text(chart(run))
    written = folder / "bench.json"
    written.write_text(json.dumps(run, indent=2) + "\n")
    return written
