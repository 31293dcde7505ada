"""A message's content adapted to one route's limits: what is asked for, and what comes out."""

from dataclasses import dataclass
from typing import Final

#: The images that may leave at all, by the words of settings and tables: what an MMS phone may be expected to show.
IMAGE_FORMATS: Final = {"jpeg": "image/jpeg", "gif": "image/gif", "png": "image/png"}
IMAGE_TYPES: Final = tuple(IMAGE_FORMATS.values())


@dataclass(frozen=True, slots=True)
class Target:
    """What a rendition must fit."""

    max_bytes: int  #: of the MMS body as it is posted, MIME headers and transfer encoding included
    encoding: str = "binary"  #: or base64, in lines of 76 characters
    max_width: int = 2592  #: pixels; images are made smaller, never larger
    max_height: int = 1944
    max_plain: int = 0  #: bytes of the MMS body before transfer encoding (settled 20); 0: no limit of its own
    vcard_type: str = "text/vcard"  #: what vCards are called
    image_types: tuple[str, ...] = IMAGE_TYPES  #: what its images may be; image/jpeg always among them
    refits: bool = False  #: its audio and video may be encoded once more to fit (docs/adr/0132)


@dataclass(frozen=True, slots=True)
class Rendition:
    """An MMS body ready to go into a submission."""

    content_type: str  #: multipart/related with its parameters
    chunks: tuple[bytes, ...]  #: the body's bytes in order; never joined before they are written
    size: int  #: bytes of all chunks
    notes: tuple[str, ...] = ()  #: what was changed to make it fit, for `message show`


class TooBigError(Exception):
    """No rendition of the message fits the target (settled 20)."""

    def __init__(self, size: int, limit: int, *, plain: bool = False) -> None:
        super().__init__(f"{size} bytes at best, at most {limit}")
        self.size = size  #: bytes of the smallest body that could be made
        self.limit = limit
        self.plain = plain  #: both are before transfer encoding: the limit is Target.max_plain
