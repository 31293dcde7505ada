"""What phones send to our numbers, and the words by which they leave or come back (standards.md 6). Pure.

A word counts only when it is all that was said: in any case, with any punctuation around it, never inside a sentence.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, unique

from slidewire.domain.characters import without_forbidden
from slidewire.domain.phone import NumberError, read_number


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
_LONGEST = 40  #: characters; what is longer is no word of these
_NO_LETTERS = re.compile(r"[\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")


def meaning_of(text: str) -> Word:
    """What ``text`` says as a whole."""
    if len(text) > _LONGEST:
        return Word.NONE
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text)).upper()
    bare = _NO_LETTERS.sub(" ", plain).strip()
    return _MEANINGS.get(bare, Word.NONE)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a phone, as a carrier brought it."""

    route: str
    phone: str  #: who wrote: E.164 without plus; as the carrier named it where that is no number
    number: str  #: whom it was sent to: one of our senders
    text: str
    received_at: int  #: Unix milliseconds


@dataclass(frozen=True, slots=True)
class KeptInbound:
    """The same as it is kept for one account that owns the number."""

    id: str
    account_id: str  #: empty: the number is nobody's
    word: Word
    message: Inbound


def phone_of(text: str) -> str:
    """A carrier's spelling of a phone as numbers are kept, so that an opt-out meets what is sent to it."""
    try:
        return read_number(text).digits
    except NumberError:
        return without_forbidden(text).strip()


def sender_of(text: str) -> str:
    """A carrier's spelling of our number as senders are kept: without plus."""
    return without_forbidden(text).strip().removeprefix("+")
