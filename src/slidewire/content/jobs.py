"""What the pool and its child processes say to each other: length-prefixed msgpack, one job, one answer.

Light to import: a child starts with this module, and loads the library of its first job.
"""

from typing import Final

import msgspec

from slidewire.domain.rendition import IMAGE_TYPES

#: Bytes of the length before each message, big-endian.
PREFIX: Final = 4
#: Bytes of one message: more is a child gone wrong.
MAX_MESSAGE: Final = 128_000_000


class ChildLimits(msgspec.Struct, frozen=True):
    """What a child may take, set by itself before its first job."""

    address_space: int  #: bytes
    cpu_seconds: int  #: for one job
    nice: int
    parent: int  #: process id; a child that has another parent ends


class Source(msgspec.Struct, frozen=True):
    """Where a job's bytes are: in the message, or in a file that the child reads."""

    data: bytes = b""
    path: str = ""


class InspectJob(msgspec.Struct, frozen=True, tag="inspect"):
    """Decode the whole image and say what it is."""

    source: Source
    mime: str  #: the type that its bytes have
    max_pixels: int


class PdfJob(msgspec.Struct, frozen=True, tag="pdf"):
    """Find the pages of a PDF."""

    source: Source


class FitJob(msgspec.Struct, frozen=True, tag="fit"):
    """Make the best image of at most ``budget`` bytes."""

    source: Source
    mime: str
    max_pixels: int
    budget: int  #: bytes
    max_width: int  #: pixels
    max_height: int
    types: tuple[str, ...] = IMAGE_TYPES  #: what it may be; image/jpeg always among them


class Inspected(msgspec.Struct, frozen=True, tag="inspected"):
    """What a whole image is."""

    width: int  #: pixels, upright
    height: int
    frames: int
    orientation: int = 1  #: as EXIF counts, 1 to 8


class PdfSeen(msgspec.Struct, frozen=True, tag="pdf seen"):
    """A PDF that a reader can open."""

    pages: int  #: 0: it asks for a password


class Fitted(msgspec.Struct, frozen=True, tag="fitted"):
    """An image that may leave."""

    data: bytes
    mime: str
    width: int
    height: int
    quality: int  #: of a JPEG that was encoded; 0: not encoded anew
    encodes: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The file's own fault."""

    why: str  #: corrupt, oversize, or no fit
    detail: str = ""
    size: int = 0  #: bytes of the smallest that was made, for no fit


CORRUPT, OVERSIZE, NO_FIT = "corrupt", "oversize", "no fit"

Job = InspectJob | PdfJob | FitJob
Answer = Inspected | PdfSeen | Fitted | Refused
