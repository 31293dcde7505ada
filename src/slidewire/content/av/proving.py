"""Proof, before the first file, that this ffmpeg keeps the fence: a playlist that names a file does not open it, and a
decoder that the list does not name decodes nothing.

Security 7: a protocol list alone lets a playlist called .mp4 read any local file. What cannot be proved is not used.
"""

import asyncio
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from slidewire.content.av.asking import opening
from slidewire.content.av.facts import AvFailedError, AvMissingError
from slidewire.content.av.running import Run, Runner
from slidewire.content.formats import Format

#: Seconds for each of the runs.
_PATIENCE: Final = 20.0
#: The file that playlists name.
_SOUND: Final = "sound.mp3"
#: A second of silence: MPEG layer III frames of 64 kbit/s at 44.1 kHz, mono.
_SILENCE: Final = (b"\xff\xfb\x50\xc0" + bytes(204)) * 40
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
            await _decode_none(runner, Path(place) / _SOUND)
            return await _abilities(runner)
        except (AvFailedError, OSError) as error:
            raise AvMissingError(f"ffmpeg cannot be used: {error}") from error


async def _read_one(runner: Runner, place: Path) -> None:
    """It works at all: else every refusal would be proof of nothing."""
    sound = place / _SOUND
    sound.write_bytes(_SILENCE)
    ran = await runner.run(Run((*opening("mp3"), *_ENDING), sound, _PATIENCE))
    if ran.code:
        last = (ran.said.strip().split("\n") or [""])[-1][:200]
        raise AvMissingError(f"ffmpeg cannot read a plain sound file: {last}")


async def _refuse_all(runner: Runner, place: Path) -> None:
    """Playlists that name the file beside them: as an MP4, and left to ffmpeg's own guess."""
    lures = {}
    for kind, words in _PLAYLISTS.items():
        for name in (".mp4", kind):
            lure = place / f"{kind.removeprefix('.')}{name}"
            lure.write_text(words)
            lures[lure] = kind
    await asyncio.gather(*(_refuse(runner, lure, kind) for lure, kind in lures.items()))


async def _decode_none(runner: Runner, sound: Path) -> None:
    """The same sound is not decoded where the list has no decoder for it."""
    fence = opening("mp3", "-codec_whitelist", "none")  # the later word counts
    ran = await runner.run(Run((*fence, "-map", "0", "-f", "null", "-"), sound, _PATIENCE))
    if not ran.code:
        raise AvMissingError("ffmpeg decoded what its list of decoders does not name: it is not used")


async def _refuse(runner: Runner, lure: Path, kind: str) -> None:
    (*fence, _) = opening("mov")
    demuxer = fence.index("-f")  # without it ffmpeg guesses a playlist: then the list of formats alone must stop it
    for arguments in (fence, fence[:demuxer] + fence[demuxer + 2 :]):
        ran = await runner.run(Run((*arguments, f"file:{lure}", *_ENDING), None, _PATIENCE))
        if not ran.code:
            raise AvMissingError(f"ffmpeg opened a file that a playlist (*{kind}) named: it is not used")


async def _abilities(runner: Runner) -> Proved:
    ran = await runner.run(Run(("-encoders",), None, _PATIENCE))
    version = _VERSION.search(ran.said)
    names = set(re.findall(r"^ [VA][.A-Z]{5} (\S+)", ran.printed, re.MULTILINE))
    made = (makes for encoder, makes in _ENCODERS.items() if encoder in names)
    return Proved(version[1] if version else "unknown", frozenset().union(*made))


#: Ending of the name by which ffmpeg may guess it -> a playlist of the sound beside it.
_PLAYLISTS: Final = {
    ".m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{_SOUND}\n#EXT-X-ENDLIST\n",
    ".ffconcat": f"ffconcat version 1.0\nfile {_SOUND}\n",
}
