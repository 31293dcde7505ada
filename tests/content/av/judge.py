"""What an independent decoder (PyAV, with a library of its own) makes of a file: nothing of ours is trusted."""

import io
from dataclasses import dataclass

import av


@dataclass(frozen=True, slots=True)
class Judged:
    """Times in seconds, of what was decoded."""

    codecs: tuple[str, ...]  #: picture, then sound
    profile: str
    size: tuple[int, int]
    picture: tuple[float, float]  #: first shown, last gone
    sound: tuple[float, float]
    keys: tuple[float, ...]  #: where the brightness jumps up
    clicks: tuple[float, ...]  #: where sound begins
    titles: dict[str, str]


def judge(data: bytes) -> Judged:
    """Decode all of it."""
    with av.open(io.BytesIO(data)) as file:
        picture = file.streams.video[0] if file.streams.video else None
        sound = file.streams.audio[0] if file.streams.audio else None
        codecs = tuple(stream.codec_context.name for stream in (picture, sound) if stream)
        profile = str(picture.codec_context.profile) if picture else ""
        size = (picture.codec_context.width, picture.codec_context.height) if picture else (0, 0)
        titles = dict(file.metadata)
        frames = [(float(f.time or 0), _brightness(f)) for f in file.decode(picture)] if picture else []
    with av.open(io.BytesIO(data)) as file:
        blocks = [b for f in file.decode(audio=0) for b in _blocks(f)] if sound else []
    step = (frames[-1][0] - frames[0][0]) / (len(frames) - 1) if len(frames) > 1 else 0.0
    return Judged(
        codecs=codecs,
        profile=profile,
        size=size,
        picture=(frames[0][0], frames[-1][0] + step) if frames else (0.0, 0.0),
        sound=(blocks[0][0], blocks[-1][0]) if blocks else (0.0, 0.0),
        keys=_rises(frames, 128),
        clicks=_rises(blocks, 2000),
        titles=titles,
    )


def _brightness(frame: "av.VideoFrame") -> float:
    plane = frame.reformat(width=16, height=16, format="gray").planes[0]
    data = bytes(plane)
    rows = [data[row * plane.line_size : row * plane.line_size + 16] for row in range(16)]
    return sum(map(sum, rows)) / 256


def _blocks(frame: "av.AudioFrame") -> list[tuple[float, float]]:
    """The loudest sample of each five milliseconds."""
    resampler = av.AudioResampler("s16", "mono", frame.sample_rate)
    (mono,) = resampler.resample(frame)
    samples = memoryview(bytes(mono.planes[0])[: mono.samples * 2]).cast("h")
    step = max(frame.sample_rate // 200, 1)
    begins = float(frame.time or 0)
    return [
        (begins + at / frame.sample_rate, float(max(map(abs, samples[at : at + step]))))
        for at in range(0, len(samples), step)
    ]


def _rises(values: list[tuple[float, float]], over: float) -> tuple[float, ...]:
    """The times at which a value goes over a threshold."""
    pairs = zip([(0.0, 0.0), *values], values, strict=False)
    return tuple(at for (_, before), (at, now) in pairs if before <= over < now)
