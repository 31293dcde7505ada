"""Why a medium is refused, in the published words: one row for each kind (settled 17, 18, 24).

What is found out about bytes knows no slide, for many slides may share it; the slide is added here.
"""

from enum import Enum, unique
from typing import Final

from slidewire.content.shapes import spaced
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.frozen import frozen
from slidewire.domain.message import Kind


@unique
class Wrong(Enum):
    """What is wrong with a file (settled 18)."""

    NOT_FETCHED = "not fetched"  #: E351 to E358
    TOO_BIG = "too big"  #: E331 to E338
    CORRUPT = "corrupt"  #: E341
    UNKNOWN = "unknown"  #: E629: of no type that we know or the action takes, or damaged
    MISPLACED = "misplaced"  #: E229: of another kind than its element


class RefusedError(Exception):
    """A file that we do not take; ``detail`` may be shown to the customer."""

    def __init__(self, wrong: Wrong, detail: str) -> None:
        super().__init__(f"{wrong.value}: {detail}")
        self.wrong = wrong
        self.detail = detail


def too_many_bytes(size: int, limit: int) -> RefusedError:
    """Over the byte cap, with both figures (settled 24)."""
    return RefusedError(Wrong.TOO_BIG, f"{spaced(size)} bytes, at most {spaced(limit)}")


_NOT_FETCHED: Final = {
    Kind.IMAGE: Fault.IMAGE_NOT_FETCHED,
    Kind.AUDIO: Fault.AUDIO_NOT_FETCHED,
    Kind.VIDEO: Fault.VIDEO_NOT_FETCHED,
    Kind.VCARD: Fault.VCARD_NOT_FETCHED,
    Kind.ICAL: Fault.ICAL_NOT_FETCHED,
    Kind.PDF: Fault.PDF_NOT_FETCHED,
    Kind.PASSBOOK: Fault.PASSBOOK_NOT_FETCHED,
}
_TOO_BIG: Final = {
    Kind.IMAGE: Fault.IMAGE_TOO_BIG,
    Kind.AUDIO: Fault.AUDIO_TOO_BIG,
    Kind.VIDEO: Fault.VIDEO_TOO_BIG,
    Kind.VCARD: Fault.VCARD_TOO_BIG,
    Kind.ICAL: Fault.ICAL_TOO_BIG,
    Kind.PDF: Fault.PDF_TOO_BIG,
    Kind.PASSBOOK: Fault.PASSBOOK_TOO_BIG,
}


@frozen
class Place:
    """Which medium of which slide is spoken of."""

    slide: int  #: from 1
    kind: Kind

    def fault(self, refused: RefusedError) -> FaultError:
        """The refusal as the customer reads it."""
        match refused.wrong:
            case Wrong.NOT_FETCHED:
                return _NOT_FETCHED[self.kind].error(refused.detail, slide=self.slide)
            case Wrong.TOO_BIG:
                return _TOO_BIG[self.kind].error(refused.detail, slide=self.slide)
            case Wrong.CORRUPT:
                return Fault.IMAGE_CORRUPT.error(refused.detail, slide=self.slide)
            case Wrong.UNKNOWN:
                return Fault.TYPE_UNKNOWN.error(f"{self}: {refused.detail}")
            case Wrong.MISPLACED:
                return Fault.CONTENT_NOT_ALLOWED.error(f"{self}: {refused.detail}")

    def __str__(self) -> str:
        return f"{self.kind.value} in slide {self.slide}"
