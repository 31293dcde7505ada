"""A ten-second film to 600 kB beside the bare encoder, judged by an independent decoder; accept's p99 meanwhile."""

import asyncio
import statistics
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.content import clips
from tests.content.av.judge import judge

from bench.cases import Scale, orders_of, picture
from bench.peers import Plan, gateway, load, running
from slidewire.content.av.facts import AvFacts, AvTarget, TranscodedFile
from slidewire.content.av.finding import find_ffmpeg
from slidewire.content.av.pool import AvPool
from slidewire.content.formats import Format

_BUDGET = 600_000
_SECONDS = 10
_RATE = 100  #: requests a second while p99 is measured: far below what can be accepted


def films(scale: Scale) -> dict[str, Any]:
    """Ours and the bare encoder by turns; then accept quiet and beside encodes, by turns."""
    with tempfile.TemporaryDirectory(prefix="slidewire-bench-") as name:
        folder = Path(name)
        source = clips.flashes(folder / "film.mp4", _SECONDS)
        rounds = asyncio.run(_rounds(source, folder, scale.rounds))
        waits = _waits(source, folder, scale)
    middle = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    return middle | waits | {"rounds": rounds}


async def _rounds(source: Path, folder: Path, count: int) -> list[dict[str, Any]]:
    rounds = []
    async with AvPool(find_ffmpeg(), folder / "av") as pool:
        await pool.proved()
        for _ in range(count):
            began = time.perf_counter()
            facts = await pool.probe(source, Format.MP4)
            looked = time.perf_counter()
            film = await pool.transcode(source, facts, AvTarget(Format.MP4, _BUDGET))
            ended = time.perf_counter()
            bare = await asyncio.to_thread(_bare, source, film)
            rounds.append(
                {
                    "look_seconds": looked - began,
                    "encode_seconds": ended - looked,
                    "bare_encoder_seconds": bare,
                    "ours_beside_bare": (ended - began) / bare,
                    "encodes": film.encodes,
                }
                | _judged(film)
            )
    return rounds


def _bare(source: Path, film: TranscodedFile) -> float:
    """The encoder alone with the same picture and rates, at the same priority and without any fence; seconds."""
    bits = round(len(film.data) * 8 / _SECONDS) - 64_000
    scale = f"scale={film.width}:{film.height}"
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", "-i", str(source), "-vf", scale, "-c:v", "libx264"]
    command += ["-profile:v", "baseline", "-preset", "fast", "-b:v", str(bits)]
    command += ["-c:a", "aac", "-b:a", "64k", "-ac", "1"]
    began = time.perf_counter()
    subprocess.run(["nice", "-n", "19", *command, str(source.with_name("bare.mp4"))], check=True)
    return time.perf_counter() - began


def _judged(film: TranscodedFile) -> dict[str, Any]:
    seen = judge(film.data)
    apart = [abs(key - click) for key, click in zip(seen.keys, seen.clicks, strict=False)]
    return {
        "share_of_budget": len(film.data) / _BUDGET,
        "pixels": film.width * film.height,
        "length_off_by_seconds": max(abs(end - _SECONDS) for end in (seen.picture[1], seen.sound[1])),
        "flashes_and_clicks": min(len(seen.keys), len(seen.clicks)),
        "sound_from_picture_ms": 1000 * max(apart, default=0.0),
    }


def _waits(source: Path, folder: Path, scale: Scale) -> dict[str, Any]:
    """How long accept takes without and with an encode under way, by turns."""
    with ExitStack() as stack:
        picture(folder / "picture.jpg")
        image = str(folder / "picture.jpg")
        _, sink = stack.enter_context(running(["bench.sink", "--image", image], folder / "sink.log"))
        orders = orders_of(stack.enter_context(gateway(Plan(folder, sink))), sink) | {"rate": _RATE, "fresh_every": 0}
        load(**orders | {"seconds": 2.0})
        quiet: list[dict[str, Any]] = []
        busy: list[dict[str, Any]] = []
        first = 10_000_000
        for _ in range(scale.rounds):
            for into, encoding in ((quiet, False), (busy, True)):
                with _Encoding(source, folder) if encoding else ExitStack():
                    into.append(load(**orders | {"seconds": scale.seconds, "first": first}))
                first += 1_000_000
    figures = {}
    for name in ("p50_ms", "p99_ms"):
        still, beside = (statistics.median(each[name] for each in rounds) for rounds in (quiet, busy))
        figures |= {f"accept_{name}_quiet": still, f"accept_{name}_encoding": beside}
        figures |= {f"accept_{name.removesuffix('_ms')}_ratio": beside / still}
    return figures


class _Encoding:
    """Encodes the film again and again, in children as a gateway does, until it is left."""

    def __init__(self, source: Path, folder: Path) -> None:
        self._source, self._folder = source, folder
        self._begun, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._encode()))

    def __enter__(self) -> None:
        self._thread.start()
        self._begun.wait()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    async def _encode(self) -> None:
        facts = AvFacts(Format.MP4, 1000 * _SECONDS, "h264", "aac", 1280, 720, frame_rate=25, channels=1)
        async with AvPool(find_ffmpeg(), self._folder / "av") as pool:
            await pool.proved()  # a gateway does so once: what this costs is not an encode's
            self._begun.set()
            while not self._over.is_set():
                work = asyncio.create_task(pool.transcode(self._source, facts, AvTarget(Format.MP4, _BUDGET)))
                while not self._over.is_set() and not (await asyncio.wait({work}, timeout=0.05))[0]:
                    pass
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
