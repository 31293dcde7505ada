"""What is asked of audio and video, what is found out about them, and the ways in which it fails.

Lengths are milliseconds, rates are bits a second, sizes are bytes.
"""

from dataclasses import dataclass

from slidewire.content.formats import Format


@dataclass(frozen=True, slots=True)
class AvFacts:
    """What a sound file is, as far as it was looked at."""

    format: Format  #: the container, as its bytes said
    length_ms: int  #: of what can be played, not what a header promises
    video: str = ""  #: name of the picture's codec, such as ``h264``; empty: no picture
    audio: str = ""  #: name of the sound's codec; empty: no sound
    width: int = 0  #: pixels as shown, rotation applied
    height: int = 0
    rotation: int = 0  #: degrees by which a player turns the picture: 0, 90, 180 or 270
    frame_rate: float = 0.0  #: pictures a second; 0: not told
    channels: int = 0  #: of the sound
    decoded: bool = True  #: False: only its container was read, for there is no ffmpeg

    @property
    def has_sound(self) -> bool:
        """Whether there is anything to hear."""
        return bool(self.audio)


@dataclass(frozen=True, slots=True)
class AvTarget:
    """What a file is to become."""

    format: Format  #: MP4 or THREEGP for video; MP3, M4A, AAC or AMR for sound
    max_bytes: int  #: of the whole file
    max_seconds: float = 0.0  #: what is longer is cut; 0: as [media] max_length says
    max_width: int = 1280  #: pixels; never enlarged
    max_height: int = 1280


@dataclass(frozen=True, slots=True)
class TranscodedFile:
    """A file that may leave."""

    data: bytes
    format: Format
    length_ms: int
    width: int = 0
    height: int = 0
    encodes: int = 1  #: how often it was encoded until it fitted


class AvError(Exception):
    """Everything that goes wrong here; the words may be shown to the customer."""


class AvRefusedError(AvError):
    """The file's own fault: damaged, cut off, without what it should hold."""


class AvNoFitError(AvRefusedError):
    """Nothing of useful quality fits the budget."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"{size} bytes at best, at most {limit}")
        self.size = size  #: bytes of the smallest that was or could be made
        self.limit = limit


class AvFailedError(AvError):
    """The process died or took too long: the file's fault or the machine's, so try again a few times."""


class AvBusyError(AvError):
    """More work waits than will be done in useful time, or the pool is closing: come back later."""


class AvMissingError(AvError):
    """There is no ffmpeg that we may use, or it cannot make this format."""
