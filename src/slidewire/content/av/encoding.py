"""Encodes a file for a phone within a budget: once at the planned rates, once more at corrected ones if need be."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slidewire.content.av.asking import demuxer, opening
from slidewire.content.av.facts import AvFacts, AvNoFitError, AvRefusedError, AvTarget, TranscodedFile
from slidewire.content.av.plan import AIM, Plan, Sound, plan_film, plan_sound
from slidewire.content.av.running import OUTPUT, Ran, Run, Runner
from slidewire.content.formats import Format
from slidewire.domain.message import Kind

#: Below this share of the budget a film is encoded again, if there is more to show.
_WELL_USED: Final = 0.75
#: Encodes at most: the second is the correction; the third only where that is still too large.
_MOST: Final = 3
#: By how much a correction may raise or lower the picture's rate.
_CORRECTION: Final = (0.05, 6.0)
#: ffmpeg may write so many times the budget before it is stopped: we must learn by how much it missed.
_OVERRUN: Final = 4
_MUXERS: Final = {
    Format.MP4: "mp4",
    Format.THREEGP: "3gp",
    Format.MP3: "mp3",
    Format.M4A: "ipod",
    Format.AAC: "adts",
    Format.AMR: "amr",
}
_CODECS: Final = {Format.MP3: "libmp3lame", Format.AMR: "libopencore_amrnb"}
#: No title, place or date of the source leaves, nor the name of a program.
_PLAIN: Final = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")
#: Sound that begins late or has gaps is filled with silence, so that it stays with the picture.
_IN_STEP: Final = "aresample=async=1:first_pts=0"


@dataclass(frozen=True, slots=True)
class Encoding:
    """One file to be encoded."""

    path: Path
    head: bytes  #: its first bytes
    facts: AvFacts
    target: AvTarget
    seconds: float  #: for each encode


async def encode(runner: Runner, job: Encoding, on_progress: Callable[[float], None]) -> TranscodedFile:
    """The file that fits. Raises AvNoFitError, AvRefusedError, AvFailedError."""
    if job.target.format.kind is Kind.VIDEO:
        return await _film(runner, job, on_progress)
    plan = plan_sound(job.facts, job.target)
    ran = await _encoded(runner, job, plan, on_progress)
    if len(ran.output) > job.target.max_bytes:
        raise AvNoFitError(len(ran.output), job.target.max_bytes)
    return _file(job, plan, ran, 1)


async def _film(runner: Runner, job: Encoding, on_progress: Callable[[float], None]) -> TranscodedFile:
    limit, factor = job.target.max_bytes, 1.0
    best: TranscodedFile | None = None
    smallest = 0
    for count in range(1, _MOST + 1):
        plan = plan_film(job.facts, job.target, factor)
        ran = await _encoded(runner, job, plan, on_progress)
        size = len(ran.output)
        smallest = min(smallest or size, size)
        if size <= limit:  # the later one is larger to the eye, even where it takes fewer bytes
            best = _file(job, plan, ran, count)
        if best is not None and (count > 1 or size >= limit * _WELL_USED):
            break
        sound = plan.sound.bits * plan.seconds / 8 if plan.sound else 0.0
        factor *= min(max((limit * AIM - sound) / max(size - sound, 1.0), _CORRECTION[0]), _CORRECTION[1])
    if best is None:
        raise AvNoFitError(smallest, limit)
    return best


async def _encoded(runner: Runner, job: Encoding, plan: Plan, on_progress: Callable[[float], None]) -> Ran:
    whole = plan.seconds * 1000

    def reached(ms: int) -> None:
        on_progress(min(ms / whole, 1.0))

    arguments = (
        *opening(demuxer(job.facts.format, job.head)),
        *_streams(plan, _CODECS.get(job.target.format, "aac")),
        *("-t", f"{plan.seconds:.3f}", *_PLAIN, "-progress", "pipe:1"),
        *("-f", _MUXERS[job.target.format], f"file:{OUTPUT}"),
    )
    # the fence holds the size as well: what is stopped there was far too large
    size = job.target.max_bytes * _OVERRUN + 1_000_000
    ran = await runner.run(Run(arguments, job.path, job.seconds, size, last=True), reached)
    if len(ran.output) >= size:
        raise AvNoFitError(len(ran.output), job.target.max_bytes)
    if ran.code or not ran.output:
        raise AvRefusedError("it cannot be encoded")
    return ran


def _streams(plan: Plan, codec: str) -> tuple[str, ...]:
    return (*(_picture(plan) if plan.bits else ()), *_sound(plan.sound, codec))


def _picture(plan: Plan) -> tuple[str, ...]:
    """Baseline, no picture that waits for a later one, an index in front."""
    rate = f"{plan.frame_rate:g}"
    # begins at 0 and goes at one pace: pictures of a phone come when they like
    filters = f"fps={rate}:start_time=0,scale={plan.width}:{plan.height},setsar=1,format=yuv420p"
    return (
        *("-map", "0:V:0", "-vf", filters, "-c:v", "libx264", "-profile:v", "baseline", "-preset", "fast"),
        *("-b:v", str(plan.bits), "-maxrate", str(plan.bits * 2), "-bufsize", str(plan.bits * 3)),
        *("-g", str(max(round(plan.frame_rate * 4), 1)), "-movflags", "+faststart"),
    )


def _sound(sound: Sound | None, codec: str) -> tuple[str, ...]:
    if sound is None:
        return ("-an",)
    rates = ("-ar", str(sound.rate), "-ac", str(sound.channels), "-b:a", str(sound.bits))
    return ("-map", "0:a:0", "-af", _IN_STEP, "-c:a", codec, *rates)


def _file(job: Encoding, plan: Plan, ran: Ran, count: int) -> TranscodedFile:
    return TranscodedFile(ran.output, job.target.format, ran.reached_ms, plan.width, plan.height, count)
