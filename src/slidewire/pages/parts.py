"""The files of a page by name: which there are, under what type they leave, and which leave as attachments only.

A file that is not in this table is not served (security 9); images are in it as our own renditions, by width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from slidewire.content.previews import widths_of
from slidewire.domain.inbound import InboundPart
from slidewire.domain.message import Content, Kind, Message, Part

#: type of a stored file -> (its kind, the ending of its name). Nothing else leaves as it is stored.
_FILES: Final = {
    "audio/mpeg": (Kind.AUDIO, ".mp3"),
    "audio/mp4": (Kind.AUDIO, ".m4a"),
    "audio/aac": (Kind.AUDIO, ".aac"),
    "audio/amr": (Kind.AUDIO, ".amr"),
    "video/mp4": (Kind.VIDEO, ".mp4"),
    "video/3gpp": (Kind.VIDEO, ".3gp"),
    "video/mpeg": (Kind.VIDEO, ".mpg"),
    "text/vcard": (Kind.VCARD, ".vcf"),
    "text/calendar": (Kind.ICAL, ".ics"),
    "application/pdf": (Kind.PDF, ".pdf"),
    "application/vnd.apple.pkpass": (Kind.PASSBOOK, ".pkpass"),
}
#: type of a file that a phone sent -> what it is said to be.
_AS_SENT: Final = {
    each: each
    for each in (
        *("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/heic", "image/avif", "image/tiff"),
        *("audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/3gpp", "audio/wav", "audio/ogg"),
        *("video/mp4", "video/3gpp", "video/3gpp2", "video/mpeg", "video/quicktime", "video/webm", "video/x-msvideo"),
        *("text/vcard", "text/calendar", "application/pdf", "application/vnd.apple.pkpass"),
    )
} | {"text/plain": "text/plain; charset=utf-8"}
#: What a rendition may be.
RENDITION_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif"})


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of a page."""

    name: str  #: in its address, unique in its page
    slide: int  #: from 1
    kind: Kind | None  #: None: what a phone sent, whatever it is
    content: Content
    width: int = 0  #: of a rendition; 0: the stored bytes

    @property
    def is_attachment(self) -> bool:
        """Objects are saved, never shown in the browser; nor is anything that came from strangers."""
        return self.kind is None or self.kind.is_object

    @property
    def may_leave(self) -> bool:
        """Whether it may come from elsewhere, without our headers: sound and film, which no browser runs."""
        return self.kind in {Kind.AUDIO, Kind.VIDEO}

    @property
    def type(self) -> str:
        """The Content-Type under which it leaves: what a browser could run leaves as bytes."""
        if self.kind is not None:
            return self.content.type
        return _AS_SENT.get(self.content.type, "application/octet-stream")


def files_of(message: Message) -> dict[str, PageFile]:
    """Every file that the page of ``message`` may serve, by name, in the order of the slides."""
    found = (
        file for number, slide in enumerate(message.slides, 1) for part in slide.parts for file in _files(number, part)
    )
    return {file.name: file for file in found}


def files_of_inbound(parts: Sequence[InboundPart]) -> dict[str, PageFile]:
    """Every file of what a phone sent, by name, as it was sent."""
    return {part.name: PageFile(part.name, number, None, part.content) for number, part in enumerate(parts, 1)}


def _files(slide: int, part: Part) -> Iterator[PageFile]:
    content = part.content
    if part.kind is Kind.IMAGE:
        if content.width > 0 and content.height > 0:
            for width in widths_of(content):
                yield PageFile(f"{slide}-image-{width}", slide, Kind.IMAGE, content, width)
        return
    kind, ending = _FILES.get(content.type, (None, ""))
    if kind is part.kind:
        yield PageFile(f"{slide}-{kind.value}{ending}", slide, kind, content)
