"""What ffmpeg says about a file, read with patience: an unknown line is no error, an unknown word no fact.

Only the block of the input counts, and in it only lines at the depth where ffmpeg itself writes: a title that
spells ``Stream #0:0: Video`` stands deeper.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from slidewire.content.av.facts import AvFacts, AvRefusedError
from slidewire.content.av.running import Ran
from slidewire.content.formats import Format
from slidewire.domain.message import Kind

#: Containers that say once, in front, how long they are: one that ends much earlier was cut off. In the MP4 family
#: each picture has its own time and place, so that a cut is seen there, and a wrong sum in the header harms nobody.
_TOLD_ONCE: Final = frozenset({Format.MP3, Format.WAV, Format.AVI, Format.WMV, Format.WEBM})
#: Containers whose length is reckoned from what lies in them: it may be far off without any damage.
_RECKONED: Final = frozenset({Format.AAC, Format.AMR, Format.OGG, Format.MPEG, Format.MPEG_TS})
#: How much earlier than promised a sound file may end: milliseconds, and the share of its length.
_SLACK_MS: Final = 500
_ROUNDING_MS: Final = 100
_SLACK: Final = 0.05

_DURATION: Final = re.compile(r"  Duration: (\d+):(\d\d):(\d\d)\.(\d\d)")
_ESTIMATED: Final = re.compile(r"^\[.*Estimating duration", re.MULTILINE)
_STREAM: Final = re.compile(r"  Stream #0:\d+[^ ]*: (Video|Audio): ([a-z0-9_]+)(.*)", re.IGNORECASE)
_SIZE: Final = re.compile(r"[ ,](\d{1,5})x(\d{1,5})[ ,\[]")
_RATE: Final = re.compile(r"[ ,](\d+(?:\.\d+)?)(k?) fps")
_TURN: Final = re.compile(r" +display ?matrix: rotation of (-?\d+(?:\.\d+)?) degrees", re.IGNORECASE)
_CHANNELS: Final = {"mono": 1, "1 channels": 1}
_UNLISTED: Final = re.compile(r"Codec \(\w+\) not on whitelist")
#: What ffmpeg says, in words for the customer.
_WHY: Final = (
    ("partial file", "it is cut off"),
    ("moov atom not found", "its index (moov) is missing"),
    ("Format not on whitelist", "it is another format inside"),
    ("Unknown decoder", "its codec is not known"),
    ("codec not currently supported", "its codec is not known"),
    ("Decoder (codec", "its codec is not known"),
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The input's block."""

    facts: AvFacts
    promised_ms: int  #: by the header; 0: nothing


def facts_of(ran: Ran, found: Format) -> AvFacts:
    """The facts of a file that was probed; raises AvRefusedError in words for the customer."""
    seen = _read(ran.said, found)
    # what is indented may be a title
    complaints = [line for line in ran.said.split("\n") if not line.startswith(" ")]
    for mark, words in _WHY:
        if any(mark in line for line in complaints):
            raise AvRefusedError(words)
    if found.kind is Kind.VIDEO and not seen.facts.video:
        raise AvRefusedError("it has no picture")
    if found.kind is Kind.AUDIO and not seen.facts.audio:
        raise AvRefusedError("it has no sound")
    if ran.code:
        # a cover in a format of its own is told of as well, and harms nothing
        unlisted = any(_UNLISTED.search(line) for line in complaints)
        raise AvRefusedError("its codec is not taken" if unlisted else "it cannot be decoded")
    return replace(seen.facts, length_ms=_length(found, seen.promised_ms, ran.reached_ms))


def _length(found: Format, promised_ms: int, reached_ms: int) -> int:
    """What can be played, when the header promises one length and the file holds another. Raises AvRefusedError."""
    if reached_ms <= 0:
        raise AvRefusedError("it has no length")
    if not promised_ms:
        return reached_ms
    slack = max(_SLACK_MS, promised_ms * _SLACK)
    if promised_ms - reached_ms > slack and found in _TOLD_ONCE:
        raise AvRefusedError(
            f"it is cut off: its header promises {promised_ms / 1000:.1f} seconds, there are {reached_ms / 1000:.1f}"
        )
    # what was reached is rounded to a packet
    return promised_ms if abs(promised_ms - reached_ms) <= _ROUNDING_MS else reached_ms


def _read(said: str, found: Format) -> _Seen:
    facts, promised = AvFacts(found, 0), 0
    for line in _block(said):
        if (matched := _DURATION.match(line)) and found not in _RECKONED and not _ESTIMATED.search(said):
            hours, minutes, seconds, hundredths = map(int, matched.groups())
            promised = ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10
        elif matched := _STREAM.match(line):
            facts = _with_stream(facts, *matched.groups())
        elif (matched := _TURN.match(line)) and facts.video and not facts.rotation:
            facts = _turned(facts, round(-float(matched[1])) % 360)
    return _Seen(facts, promised)


def _block(said: str) -> list[str]:
    """The lines about the input."""
    lines = said.split("\n")
    begins = next((at for at, line in enumerate(lines) if line.startswith("Input #0,")), len(lines))
    ends = next((at for at in range(begins, len(lines)) if lines[at].startswith(("Stream mapping", "Output #"))), None)
    return lines[begins:ends]


def _with_stream(facts: AvFacts, kind: str, codec: str, rest: str) -> AvFacts:
    """The first picture that is no cover, and the first sound."""
    if kind == "Audio" and not facts.audio:
        channels = next((number for word, number in _CHANNELS.items() if f", {word}," in rest), 2)
        return replace(facts, audio=codec, channels=channels)
    if kind == "Video" and not facts.video and "(attached pic)" not in rest and facts.format.kind is Kind.VIDEO:
        size, rate = _SIZE.search(rest), _RATE.search(rest)
        width, height = (int(size[1]), int(size[2])) if size else (0, 0)
        pictures = float(rate[1]) * (1000 if rate[2] else 1) if rate else 0.0
        return replace(facts, video=codec, width=width, height=height, frame_rate=pictures)
    return facts


def _turned(facts: AvFacts, degrees: int) -> AvFacts:
    quarter = round(degrees / 90) * 90 % 360
    if quarter in {90, 270}:
        return replace(facts, rotation=quarter, width=facts.height, height=facts.width)
    return replace(facts, rotation=quarter)
