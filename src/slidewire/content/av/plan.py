"""How a budget of bytes becomes rates and a size: arithmetic only.

The first encode aims a little below the budget; what it really took corrects the second.
"""

from dataclasses import dataclass
from typing import Final

from slidewire.content.av.facts import AvFacts, AvNoFitError, AvTarget
from slidewire.content.formats import Format

#: The share of the budget that an encode aims at: rates are kept only so well.
AIM: Final = 0.92
#: Bits for one pixel of one picture below which H.264 baseline shows blocks: then the picture is made smaller.
_BITS_A_PIXEL: Final = 0.07
#: Bits a second for pictures, below which there is nothing to see, and above which phones stumble.
_LEAST_VIDEO, _MOST_VIDEO = 16_000, 4_000_000
#: Shortest side of a picture that is made smaller, pixels.
_LEAST_SIDE: Final = 96
_MOST_RATE, _SLOW_RATE, _SLOW_BELOW = 30.0, 15.0, 120_000
#: Bytes of an MP4 for each picture, each packet of sound, and besides.
_A_PICTURE, _A_PACKET, _BESIDES = 16, 10, 2_500
_PACKET_SAMPLES: Final = 1024


@dataclass(frozen=True, slots=True)
class Sound:
    """How sound is encoded."""

    bits: int  #: a second
    rate: int  #: samples a second
    channels: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is encoded."""

    seconds: float  #: then it is cut
    sound: Sound | None
    bits: int = 0  #: of the picture, a second; 0: no picture
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0


#: With film: from so many bits a second of both, the sound gets so much.
_WITH_FILM: Final = (
    (700_000, Sound(96_000, 44_100, 2)),
    (350_000, Sound(64_000, 44_100, 1)),
    (200_000, Sound(48_000, 44_100, 1)),
    (100_000, Sound(32_000, 22_050, 1)),
    (0, Sound(16_000, 16_000, 1)),
)
#: Sound alone, best first; the rates of MPEG layer III, which AAC takes as well.
_ALONE: Final = (
    *(Sound(bits * 1000, 44_100, 2) for bits in (192, 160, 128, 112, 96)),
    *(Sound(bits * 1000, 44_100, 1) for bits in (80, 64, 56, 48, 40)),
    *(Sound(bits * 1000, 22_050, 1) for bits in (32, 24)),
    *(Sound(bits * 1000, 16_000, 1) for bits in (16, 8)),
)
#: AMR-NB has these rates and no others.
_AMR: Final = tuple(Sound(bits, 8_000, 1) for bits in (12_200, 10_200, 7_950, 7_400, 6_700, 5_900, 5_150, 4_750))


def plan_film(facts: AvFacts, target: AvTarget, factor: float = 1.0) -> Plan:
    """Rates and size for a video; ``factor`` corrects what its picture gets. Raises AvNoFitError."""
    seconds = _seconds(facts, target)
    rate = min(facts.frame_rate or _MOST_RATE, _MOST_RATE)
    total = _room(target, seconds, rate) * 8 * AIM / seconds
    sound = next(sound for least, sound in _WITH_FILM if total >= least) if facts.has_sound else None
    if sound is not None and facts.channels == 1:
        sound = Sound(sound.bits, sound.rate, 1)
    left = total - (sound.bits if sound else 0)
    if left < _LEAST_VIDEO:
        least = (_LEAST_VIDEO + (sound.bits if sound else 0)) * seconds / 8 / AIM
        raise AvNoFitError(round(least), target.max_bytes)
    bits = min(left * factor, _MOST_VIDEO)
    if bits < _SLOW_BELOW:
        rate = min(rate, _SLOW_RATE)
    width, height = _size(facts, target, bits / (rate * _BITS_A_PIXEL))
    return Plan(seconds, sound, round(bits), width, height, rate)


def plan_sound(facts: AvFacts, target: AvTarget) -> Plan:
    """The best sound that fits. Raises AvNoFitError."""
    seconds = _seconds(facts, target)
    room = (target.max_bytes - _BESIDES) * 8 * AIM / seconds
    known = _AMR if target.format is Format.AMR else _ALONE
    sound = next((sound for sound in known if sound.bits <= room), None)
    if sound is None:
        raise AvNoFitError(round(known[-1].bits * seconds / 8 / AIM) + _BESIDES, target.max_bytes)
    return Plan(seconds, Sound(sound.bits, sound.rate, min(sound.channels, facts.channels or 1)))


def _seconds(facts: AvFacts, target: AvTarget) -> float:
    seconds = facts.length_ms / 1000
    return min(seconds, target.max_seconds) if target.max_seconds else seconds


def _room(target: AvTarget, seconds: float, rate: float) -> float:
    """Bytes for pictures and sound, without what the container takes."""
    packets = seconds * 44_100 / _PACKET_SAMPLES
    return max(target.max_bytes - _BESIDES - seconds * rate * _A_PICTURE - packets * _A_PACKET, 1.0)


def _size(facts: AvFacts, target: AvTarget, pixels: float) -> tuple[int, int]:
    """The largest size of at most ``pixels`` that is no larger than the source and its box; even sides."""
    scale = min(1.0, target.max_width / facts.width, target.max_height / facts.height)
    wanted = (pixels / (facts.width * facts.height)) ** 0.5
    least = min(_LEAST_SIDE / min(facts.width, facts.height), scale)
    scale = max(min(scale, wanted), least)
    return _even(facts.width * scale), _even(facts.height * scale)


def _even(side: float) -> int:
    return max(int(side) // 2 * 2, 2)
