"""A message and what it is made of, as they are kept.

Every ``..._at`` is Unix time in milliseconds, UTC. Nothing here changes once made.
"""

from enum import Enum, unique

from slidewire.domain.frozen import frozen
from slidewire.domain.status import Status


@unique
class Dialect(Enum):
    """How a customer speaks to us, and is answered (api.md 0)."""

    W13 = "w13"  #: upper-case XML
    M1 = "m1"  #: lower-case XML
    J2 = "j2"  #: JSON


@unique
class Kind(Enum):
    """What one file of a slide is meant to be; the value is its element's name in lower case."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    VCARD = "vcard"
    ICAL = "ical"
    PDF = "pdf"
    PASSBOOK = "passbook"

    @property
    def is_object(self) -> bool:
        """Objects (vCard, calendar, PDF, pass) share a slide with text only."""
        return self not in (Kind.IMAGE, Kind.AUDIO, Kind.VIDEO)


@frozen
class Content:
    """Bytes that we hold: their SHA-256 in hex, and what they are by themselves, not by their header."""

    digest: str
    size: int  #: bytes
    type: str  #: the MIME type that the bytes have
    width: int = 0  #: pixels, images only
    height: int = 0
    frames: int = 1  #: more than one: animated


@frozen
class Part:
    """One file of a slide and the content that was fetched for it."""

    kind: Kind
    url: str  #: as it was fetched, query dropped (settled 17)
    content: Content


@frozen
class Slide:
    """One screen of a message."""

    text: str = ""  #: kept exactly, line breaks too (settled 6)
    duration: int = 10  #: seconds
    parts: tuple[Part, ...] = ()


#: The name of a text that answers what a phone said.
ANSWER = "answer to a phone"
#: The name of a text by which a call tells or asks a phone about its subscription.
SUBSCRIPTION = "about a subscription"


@frozen
class Message:
    """What a customer asked for, checked and resolved, with where it stands."""

    id: str  #: the tracking id: uuid7 in 32 hex digits
    account_id: str
    mms_id: int  #: 0: it is a text of sendSMS, and never was an MMS
    dialect: Dialect
    sender: str
    receiver: str  #: E.164 without plus
    country: str  #: region of the receiver, ISO 3166 alpha-2
    accepted_at: int
    expires_at: int  #: sent to the MMSC as ExpiryDate; not tried after it
    link_expires_at: int
    name: str
    slides: tuple[Slide, ...]
    subject: str = ""
    fallback_text: str = ""  #: of a text: all that it says
    fallback_allowed: bool = True
    link_wanted: bool = True
    force_sms: bool = False
    mask: str = ""
    operator: str = ""  #: our id of the receiver's network; empty: not known
    spid: str = ""  #: the operator id as the caller gave it (settled 29)
    campaign_ref: str = ""
    client_reference: str = ""
    route: str = ""
    status: Status = Status.ACCEPTED
    warnings: tuple[str, ...] = ()
    send_at: int = 0  #: when it was asked to leave; 0: at once
    display_only: tuple[str, ...] = ()  #: phones that its MMS shows as the others of a group, and never goes to

    @property
    def begins_at(self) -> int:
        """When it may leave for the first time: at its acceptance, or at the time that was asked for."""
        return max(self.accepted_at, self.send_at)

    @property
    def is_text(self) -> bool:
        """Whether it was sent with sendSMS: postbacks about it are N2xx of SMS_MT (api.md 4.2)."""
        return not self.mms_id

    @property
    def is_answer(self) -> bool:
        """Whether it answers what a phone said: nobody asked for it, and no block keeps it back (docs/adr/0141)."""
        return self.is_text and self.name == ANSWER
