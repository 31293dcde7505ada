"""What phones send to our numbers, and the words by which they leave or come back (standards.md 6). Pure.

A word counts only when it is all that was said: in any case, with any punctuation around it, never inside a sentence.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum, unique

from slidewire.domain.characters import without_forbidden
from slidewire.domain.handset import Handset
from slidewire.domain.message import Content
from slidewire.domain.phone import NumberError, read_number
from slidewire.domain.usage import Channel


@unique
class Word(Enum):
    """What a whole message can mean."""

    NONE = ""
    STOP = "STOP"
    START = "START"
    HELP = "HELP"


#: As they are compared: in upper case, without accents and marks, single blanks between words. ARRET and AIDE: French.
_SPELLINGS = {
    Word.STOP: (
        *("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE"),
        *("OPTOUT", "OPT OUT", "REMOVE", "TD", "ARRET"),
    ),
    Word.START: ("START", "UNSTOP", "YES"),
    Word.HELP: ("HELP", "INFO", "AIDE"),
}
_MEANINGS = {spelling: word for word, spellings in _SPELLINGS.items() for spelling in spellings}
LONGEST_WORD = 40  #: characters; what is longer is no word of these
_NO_LETTERS = re.compile(r"[\W_]+")
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_ACCENT = re.compile("[\u0300-\u036f]")


def meaning_of(text: str) -> Word:
    """What ``text`` says as a whole."""
    return _MEANINGS.get(spoken(text), Word.NONE)


def spoken(text: str) -> str:
    """A whole message as words are compared; empty for one that is too long to be one."""
    if len(text) > LONGEST_WORD:
        return ""
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).upper()
    return _NO_LETTERS.sub(" ", plain).strip()


def first_word(text: str) -> str:
    """The first word of ``text`` without what is no letter or digit around it; empty when there is none so short."""
    word = next(iter(text.split(maxsplit=1)), "")
    return _AROUND.sub("", word) if len(word) <= LONGEST_WORD else ""


@dataclass(frozen=True, slots=True)
class InboundPart:
    """One file of an MMS that a phone sent, as it is kept."""

    name: str  #: in its address: ours
    content: Content
    given: str = ""  #: what its sender called it


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file that a phone sent."""

    inbound_id: str
    name: str
    key_id: str  #: of the server key under which its link was made


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment of a text that came in several."""

    reference: str  #: the same in all of them
    number: int  #: from 1
    total: int
    coding: int  #: data_coding
    octets: bytes


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a phone, as a carrier brought it."""

    route: str
    phone: str  #: who wrote: E.164 without plus; as the carrier named it where that is no number
    number: str  #: whom it was sent to: one of our senders
    text: str
    received_at: int  #: Unix milliseconds
    channel: Channel = Channel.SMS
    subject: str = ""
    copies: tuple[str, ...] = ()  #: whom else it went to: a group
    parts: tuple[InboundPart, ...] = ()
    network: str = ""  #: the phone's operator, where the carrier names it
    piece: Piece | None = None  #: it is a segment, and no message yet

    @property
    def keyword(self) -> str:
        """The first word of what was said, of the subject before the text (api.md 4.3)."""
        return first_word(self.subject) or first_word(self.text)


@dataclass(frozen=True, slots=True)
class KeptInbound:
    """The same as it is kept for one account that owns the number."""

    id: str
    account_id: str  #: empty: the number is nobody's
    word: Word
    message: Inbound


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """One file as it stood in an MMS: its bytes, and what it was said to be."""

    data: bytes
    type: str = ""  #: Content-Type with its parameters
    name: str = ""


@dataclass(frozen=True, slots=True)
class ArrivedMms:
    """An MMS of a phone that is not kept yet."""

    route: str
    phone: str
    received_at: int  #: Unix milliseconds
    to: tuple[str, ...]  #: whom it was sent to, at least one of them a number of ours as a rule
    shown: tuple[str, ...] = ()  #: who is only named beside them: the others of a group
    subject: str = ""
    files: tuple[ArrivedFile, ...] = ()
    ids: tuple[str, ...] = ()  #: what makes a repetition recognisable, each by itself
    network: str = ""
    handset: Handset = field(default_factory=Handset)


def phone_of(text: str) -> str:
    """A carrier's spelling of a phone as numbers are kept, so that an opt-out meets what is sent to it."""
    try:
        return read_number(text).digits
    except NumberError:
        return without_forbidden(text).strip()


def sender_of(text: str) -> str:
    """A carrier's spelling of our number as senders are kept: without plus."""
    return without_forbidden(text).strip().removeprefix("+")
