"""Audio and video for tests: made by ffmpeg, or by hand where a tool would make them too well."""

import struct
import subprocess
from functools import cache
from pathlib import Path

from slidewire.content.av.finding import find_ffmpeg

SOURCE = "testsrc2=size={size}:rate=25:duration={seconds}"
TONE = "sine=frequency=440:duration={seconds}"
#: Encoders that are quick, for sources.
QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "48k")


@cache
def ffmpeg() -> str:
    """The one of the extra: it has every encoder."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def ffmpegs() -> list[str]:
    """Every ffmpeg here: the extra's, and the machine's own where there is one."""
    return list(dict.fromkeys((ffmpeg(), find_ffmpeg())))


def make(path: Path, *arguments: str) -> Path:
    """Have ffmpeg make ``path``."""
    command = [ffmpeg(), "-v", "error", "-nostdin", "-y", *arguments, str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return path


def film(path: Path, seconds: float = 2, size: str = "320x240", *arguments: str) -> Path:
    """A moving picture with a tone; ``arguments`` come before the file's name."""
    picture = ("-f", "lavfi", "-i", SOURCE.format(size=size, seconds=seconds))
    sound = ("-f", "lavfi", "-i", TONE.format(seconds=seconds))
    return make(path, *picture, *sound, *QUICK, *arguments)


def silent(path: Path, seconds: float = 2, size: str = "320x240") -> Path:
    """A moving picture without sound."""
    return make(path, "-f", "lavfi", "-i", SOURCE.format(size=size, seconds=seconds), *QUICK[:6])


def tone(path: Path, seconds: float = 2, *arguments: str) -> Path:
    """A tone in the format that the ending of ``path`` names."""
    return make(path, "-f", "lavfi", "-i", TONE.format(seconds=seconds), *arguments)


def index_in_front(path: Path, source: Path) -> Path:
    """The same MP4 with its index before its media."""
    return make(path, "-i", str(source), "-c", "copy", "-movflags", "+faststart")


def cut(path: Path, source: Path, share: float) -> Path:
    """The beginning of a file."""
    body = source.read_bytes()
    path.write_bytes(body[: int(len(body) * share)])
    return path


def with_length(path: Path, source: Path, factor: int) -> Path:
    """An MP4 whose header promises ``factor`` times its length, in every place that tells it."""
    body = bytearray(source.read_bytes())
    places = {b"mvhd": 20, b"tkhd": 24, b"mdhd": 20} | ({b"elst": 12} if factor else {})  # an edit of 0 shows nothing
    for name, at in places.items():
        begins = body.find(name)
        while begins > 0:
            place = slice(begins + at, begins + at + 4)
            body[place] = struct.pack(">I", struct.unpack(">I", body[place])[0] * factor)
            begins = body.find(name, begins + 4)
    path.write_bytes(body)
    return path


def mp3_frames(count: int) -> bytes:
    """Frames of silence at 64 kbit/s, 44.1 kHz, mono, without the frame that counts them."""
    header = b"\xff\xfb\x50\xc0"
    return (header + bytes(208 - len(header))) * count


def flashes(path: Path, seconds: int = 2, size: str = "1280x720", *arguments: str) -> Path:
    """Every second a white picture and a click at once, for a tenth of a second; noise enough to cost bits."""
    beat = "lt(mod(t,1),0.1)"
    picture = (
        f"testsrc2=size={size}:rate=25:duration={seconds},format=yuv420p,"
        f"noise=alls=20:allf=t,eq=brightness=-0.35,drawbox=color=white:t=fill:enable='{beat}'"
    )
    sound = f"aevalsrc='0.8*sin(2*PI*1000*t)*{beat}':sample_rate=44100:duration={seconds}"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound)
    return make(path, *inputs, *QUICK, "-b:v", "4M", *arguments)
