"""Proof, before the first file, that this ffmpeg keeps the fence: a playlist that names a file does not open it.

Security 7: a protocol list alone lets a playlist called .mp4 read any local file. What cannot be proved is not used.
"""

import re
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slidewire.content.av.asking import opening
from slidewire.content.av.facts import AvFailedError, AvMissingError
from slidewire.content.av.running import Run, Runner
from slidewire.content.formats import Format

#: Seconds for each of the runs.
_PATIENCE: Final = 20.0
_ENDING: Final = ("-map", "0", "-c", "copy", "-f", "null", "-")
#: encoder -> what it makes; the muxers are in every build.
_ENCODERS: Final = {
    "libx264": frozenset({Format.MP4, Format.THREEGP}),
    "libmp3lame": frozenset({Format.MP3}),
    "aac": frozenset({Format.M4A, Format.AAC}),
    "libopencore_amrnb": frozenset({Format.AMR}),
}
_VERSION: Final = re.compile(r"ffmpeg version (\S{1,80})")


@dataclass(frozen=True, slots=True)
class Proved:
    """An ffmpeg that may be used."""

    version: str
    makes: frozenset[Format]


async def prove(runner: Runner, folder: Path) -> Proved:
    """Try the fence; raises AvMissingError with the reason when this ffmpeg must not be used."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        try:
            await _read_one(runner, Path(place))
            await _refuse_all(runner, Path(place))
            return await _abilities(runner)
        except (AvFailedError, OSError) as error:
            raise AvMissingError(f"ffmpeg cannot be used: {error}") from error


async def _read_one(runner: Runner, place: Path) -> None:
    """It works at all: else every refusal would be proof of nothing."""
    sound = place / "sound"
    sound.write_bytes(_wav())
    ran = await runner.run(Run((*opening("wav"), *_ENDING), sound, _PATIENCE))
    if ran.code:
        last = (ran.said.strip().split("\n") or [""])[-1][:200]
        raise AvMissingError(f"ffmpeg cannot read a plain sound file: {last}")


async def _refuse_all(runner: Runner, place: Path) -> None:
    """Playlists that name a file which is there, opened as an MP4 and left to ffmpeg's own guess."""
    sound = place / "sound"
    for name, playlist in _PLAYLISTS.items():
        lure = place / f"{name}.mp4"
        lure.write_text(playlist(str(sound)))
        # without -f ffmpeg guesses a playlist: then the list of formats alone must stop it
        guessed = ("-hide_banner", "-nostdin", "-protocol_whitelist", "file", "-format_whitelist", "mov")
        for arguments in (opening("mov"), (*guessed, "-i", f"file:{lure}")):
            ran = await runner.run(Run((*arguments, *_ENDING), lure, _PATIENCE))
            if not ran.code:
                raise AvMissingError(f"ffmpeg opened a file that a playlist ({name}) named: it is not used")


async def _abilities(runner: Runner) -> Proved:
    ran = await runner.run(Run(("-encoders",), None, _PATIENCE))
    version = _VERSION.search(ran.said)
    names = set(re.findall(r"^ [VA][.A-Z]{5} (\S+)", ran.printed, re.MULTILINE))
    made = (makes for encoder, makes in _ENCODERS.items() if encoder in names)
    return Proved(version[1] if version else "unknown", frozenset().union(*made))


def _wav() -> bytes:
    """A hundredth of a second of silence."""
    samples = bytes(160)
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


_PLAYLISTS: Final[dict[str, Callable[[str], str]]] = {
    "hls": lambda path: f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:{path}\n#EXT-X-ENDLIST\n",
    "concat": lambda path: f"ffconcat version 1.0\nfile '{path}'\n",
}
