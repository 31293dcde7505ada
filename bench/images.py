"""Images a second beside the bare library's best, and how few encodes spend how much of the budget."""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.content import makers
from tests.content.sources import SHARES, sources

from bench.cases import Scale
from bench.peers import cpu_seconds
from slidewire.content.jobs import FitJob, Fitted, Source
from slidewire.content.pool import MediaPool, MediaRefusedError, PoolSettings

_BUDGET = 600_000
_BOX = (2592, 1944)
_COUNT = 5  #: images in one round of each side


def images(scale: Scale) -> dict[str, Any]:
    """A 12-megapixel JPEG to 600 kB, ours and the bare library's by turns; then the table over the corpus."""
    with tempfile.TemporaryDirectory(prefix="slidewire-bench-") as folder:
        path = Path(folder) / "picture.jpg"
        path.write_bytes(makers.saved(makers.photo(4000, 3000), quality=92))
        rounds = asyncio.run(_rounds(path, scale.rounds))
    table = asyncio.run(_table())
    encoded = [row for row in table if row["encodes"]]
    must_use = [row["used"] for row in encoded if row["larger"] and row["quality"] < 90]
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    return middle | {
        "mean_encodes": statistics.mean(row["encodes"] for row in encoded),
        "least_used_of_a_budget": min(must_use),
        "mean_used_of_a_budget": statistics.mean(must_use),
        "fitted": len(encoded),
        "table": _drawn(table),
        "rows": table,
        "rounds": rounds,
    }


async def _rounds(path: Path, count: int) -> list[dict[str, Any]]:
    rounds = []
    job = FitJob(Source(path=str(path)), "image/jpeg", 50_000_000, _BUDGET, *_BOX)
    async with MediaPool(PoolSettings(children=1, jobs_per_child=1_000_000, idle_seconds=600)) as pool:
        await pool.fit(job)  # the child is there, its library loaded
        for _ in range(count):
            bare = _bare(path)
            ours, fitted = await _ours(pool, job)
            best, mine = _COUNT / bare["cpu_seconds"], _COUNT / ours
            rounds.append(
                {
                    "bare_images_a_core_second": best,
                    "our_images_a_core_second": mine,
                    "our_share_of_bare": mine / best,
                    "bare_bytes": bare["bytes"],
                    "our_bytes": len(fitted.data),
                    "our_encodes": fitted.encodes,
                }
            )
    return rounds


def _bare(path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.ceilings", "--image", str(path), "--count", str(_COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


async def _ours(pool: MediaPool, job: FitJob) -> tuple[float, Fitted]:
    """CPU seconds of the child and of this process, which feeds it."""
    before = time.process_time() + cpu_seconds(pool.pids[0])
    for _ in range(_COUNT):
        fitted = await pool.fit(job)
    return time.process_time() + cpu_seconds(pool.pids[0]) - before, fitted


async def _table() -> list[dict[str, Any]]:
    rows = []
    async with MediaPool(PoolSettings()) as pool:
        for name, (mime, data) in sources().items():
            for share in SHARES:
                budget = int(len(data) * share)
                job = FitJob(Source(data=data), mime, 50_000_000, budget, *_BOX)
                try:
                    fitted = await pool.fit(job)
                except MediaRefusedError:
                    continue  # too little for any picture: told apart by a test
                rows.append(
                    {
                        "source": name,
                        "bytes": len(data),
                        "budget": budget,
                        "larger": len(data) > budget,
                        "pixels": f"{fitted.width}x{fitted.height}",
                        "made": len(fitted.data),
                        "quality": fitted.quality,
                        "encodes": fitted.encodes,
                        "used": len(fitted.data) / budget,
                    }
                )
    return rows


def _drawn(rows: list[dict[str, Any]]) -> list[str]:
    head = f"{'source':20} {'bytes':>9} {'budget':>9} {'made':>9} {'used':>5} {'pixels':>10} {'q':>3} {'encodes':>7}"
    return [head] + [
        f"{row['source']:20} {row['bytes']:9,} {row['budget']:9,} {row['made']:9,} {row['used']:5.2f}"
        f" {row['pixels']:>10} {row['quality']:3} {row['encodes']:7}"
        for row in rows
    ]
