"""The files of a page by name: which there are, under what type they leave, and which leave as attachments only.

A file that is not in this table is not served (security 9); images are in it as our own renditions, by width.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from slidewire.content.previews import widths_of
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
#: What a rendition may be.
RENDITION_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/gif"})


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of a page."""

    name: str  #: in its address, unique in its page
    slide: int  #: from 1
    kind: Kind
    content: Content
    width: int = 0  #: of a rendition; 0: the stored bytes

    @property
    def is_attachment(self) -> bool:
        """Objects are saved, never shown in the browser."""
        return self.kind.is_object


def files_of(message: Message) -> dict[str, PageFile]:
    """Every file that the page of ``message`` may serve, by name, in the order of the slides."""
    found = (
        file for number, slide in enumerate(message.slides, 1) for part in slide.parts for file in _files(number, part)
    )
    return {file.name: file for file in found}


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
