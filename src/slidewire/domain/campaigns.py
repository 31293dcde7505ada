"""Campaigns, who has joined them, and who must not be written to at all: pure rules, no I/O.

Whoever opted out himself comes back by himself only (api.md 3.5).
"""

from dataclasses import dataclass
from enum import Enum, unique

from slidewire.domain.frozen import frozen


@unique
class Consent(Enum):
    """How a receiver stands to a campaign."""

    SUBSCRIBED = "subscribed"
    PENDING = "pending"  #: asked to confirm, and has not yet (double opt-in)
    REMOVED = "removed"  #: taken out by the account, which may put it back
    OPTED_OUT = "opted out"  #: left by himself


@unique
class Source(Enum):
    """Who changed a subscription or a block; the value is the SOURCE of N301 and N302 (api.md 4.3)."""

    MANAGER = "MANAGER"  #: the command line or the console
    API = "API"
    IMPORT = "IMPORT"
    MO = "MO"  #: a message of the phone itself
    WEB = "WEB"  #: the person himself, on a page
    CARRIER = "CARRIER"  #: an answer that the receiver blocks us; blocks only

    @property
    def is_receiver(self) -> bool:
        """Whether the receiver himself spoke."""
        return self in {Source.MO, Source.WEB}


@unique
class Clearance(Enum):
    """Whether a receiver may be sent to, as the store knows it now."""

    CLEAR = "clear"
    BLOCKED = "blocked"  #: E114
    NOT_SUBSCRIBED = "not subscribed"  #: E715, where the account enforces campaigns


@unique
class OptIn(Enum):
    """What it takes to join a campaign by its keyword."""

    DOUBLE = "double"  #: the keyword, then YES
    SINGLE = "single"  #: the keyword


@dataclass(frozen=True, slots=True)
class Joining:
    """How phones join a campaign by themselves, and what they are told. Empty texts: the usual ones."""

    keywords: tuple[str, ...] = ()  #: as words are compared
    opt_in: OptIn = OptIn.DOUBLE
    ask_text: str = ""  #: asks whoever sent a keyword
    welcome_text: str = ""  #: says that he has joined
    help_text: str = ""  #: answers HELP, before the account's


@dataclass(frozen=True, slots=True)
class Campaign:
    """What receivers join; messages name it by its ref."""

    id: int  #: CAMPAIGNID of the API
    account_id: str
    ref: str  #: compared exactly (settled 14)
    name: str
    brand: str = ""
    senders: tuple[str, ...] = ()  #: its numbers; empty: all of the account's
    created_at: int = 0  #: Unix milliseconds
    closed_at: int | None = None
    joining: Joining = Joining()  # frozen

    def has_sender(self, number: str) -> bool:
        """Whether it is open and goes out from this number of its account."""
        return self.closed_at is None and (not self.senders or number in self.senders)


@frozen
class Question:
    """A receiver about to be sent to."""

    receiver: str  #: E.164 without plus
    account_id: str
    sender: str
    campaign: str = ""  #: its ref; empty: none needs to have been joined


@dataclass(frozen=True, slots=True)
class Block:
    """A receiver who is not sent to."""

    receiver: str
    account_id: str  #: empty: whatever account sends
    sender: str  #: empty: from whatever number
    source: Source
    note: str
    created_at: int


def may_become(here: Consent | None, there: Consent, source: Source, *, asked_himself: bool = False) -> bool:
    """Whether ``source`` may change a subscription so; None: there has been none (api.md 3.5).

    ``asked_himself``: it is pending by the receiver's own keyword, who may have opted out before that.
    """
    if (here is Consent.OPTED_OUT or asked_himself) and there in {Consent.SUBSCRIBED, Consent.PENDING, Consent.REMOVED}:
        return source.is_receiver
    return there is not Consent.OPTED_OUT or source.is_receiver or source is Source.IMPORT
