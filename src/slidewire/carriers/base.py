"""The one contract between the gateway and whoever carries a message onward.

A carrier's trouble is an Outcome, never an exception; each carrier maps its own answers in one table.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Protocol, TypeAlias, TypeVar

from slidewire.domain.exchange import Exchange
from slidewire.domain.frozen import frozen
from slidewire.domain.inbound import ArrivedMms, Inbound
from slidewire.domain.message import Message
from slidewire.domain.rendition import Rendition
from slidewire.domain.segment import Segment
from slidewire.domain.senders import SenderKind, classify
from slidewire.domain.turns import Pace


@unique
class Verdict(Enum):
    """The one thing to do next."""

    ACCEPTED = "accepted"  #: wait for the receipt
    RETRY = "retry"  #: nothing was taken; try again on the schedule
    THROTTLED = "throttled"  #: as RETRY, and slow this route down
    REFUSED = "refused"  #: this message will never pass here
    TOO_BIG = "too big"  #: shrink it or fall back
    UNCERTAIN = "uncertain"  #: cut off after the request left us: it may have been taken


@frozen
class Submission:
    """One rendition handed to one route once."""

    message: Message
    transaction_id: str  #: the same again when an uncertain submission is repeated (durability 4)
    rendition: Rendition


def _nobody_asks(_carrier_ref: str) -> None:
    """Whoever handed the SMS over waits for the outcome."""


@dataclass(frozen=True, slots=True)
class SmsSubmission:
    """The segments of one SMS that are still to be taken, handed to one route once."""

    message: Message
    transaction_id: str
    segments: tuple[Segment, ...]  #: at least one; after a failure only those that were not taken (durability 9)
    #: told the carrier's id of each segment the moment it is known: its receipt may be the next thing that comes
    taken: Callable[[str], None] = _nobody_asks


@dataclass(frozen=True, slots=True)
class SegmentOutcome:
    """What became of one segment of an SMS."""

    number: int  #: Segment.number
    verdict: Verdict
    carrier_ref: str = ""  #: the carrier's id for this segment; its receipt names it
    detail: str = ""


@frozen
class Outcome:
    """A carrier's answer in our words."""

    verdict: Verdict
    carrier_ref: str = ""  #: the carrier's id for the message, to match its receipt
    detail: str = ""  #: code and text of the carrier, for the event and the console
    exchange: Exchange | None = None
    retry_after: float = 0.0  #: seconds the carrier asked us to wait; 0: it did not say
    alarm: bool = False  #: the route itself is at fault (credentials, version): tell the admin
    route_down: bool = False  #: no connection, no answer or 5xx: counts toward opening its breaker (durability 6)
    few_tries: bool = False  #: a RETRY that seldom helps: try a few times, not until the validity (standards.md 1.5)
    operator_doubt: bool = False  #: the receiver seems to be on another network: look it up once more (settled 28)
    blocked: bool = False  #: a REFUSED that says that the receiver wants nothing from this sender
    fall_back: bool = False  #: a REFUSED that an SMS may get around (2003, 3002, 4007)
    segments: tuple[SegmentOutcome, ...] = ()  #: of an SMS, in the order of its submission; ``verdict`` is the worst


Handed_contra = TypeVar("Handed_contra", contravariant=True)


class WayOut(Protocol[Handed_contra]):
    """What every carrier does, whatever it is handed."""

    async def submit(self, submission: Handed_contra, /) -> Outcome:
        """Hand over one submission. Network trouble is an Outcome, never an exception."""

    async def close(self) -> None:
        """Close what it holds open."""


class Carrier(WayOut[Submission], Protocol):
    """A way out for MMS: MM7."""

    def overhead(self, message: Message) -> int:
        """Bytes, at most, that are posted around ``message``'s rendition: what its budget loses (settled 20)."""


#: A way out for SMS: SMPP.
SmsCarrier: TypeAlias = WayOut[SmsSubmission]


@unique
class ReceiptStatus(Enum):
    """What a receipt says, in the words of settled 27."""

    DELIVERED = "delivered"
    EXPIRED = "expired"
    REJECTED = "rejected"
    NOT_SUPPORTED = "not supported"
    FAILED = "failed"
    PENDING = "pending"  #: Deferred, Forwarded, Indeterminate and words we do not know


@frozen
class Receipt:
    """The carrier's later word on a submission."""

    route: str
    carrier_ref: str  #: matched on this alone, exact after trimming (standards.md 8)
    status: ReceiptStatus
    word: str  #: the carrier's own word, such as Retrieved
    received_at: int
    numbers: tuple[str, ...] = ()  #: digits of both sides, in no order: some swap them (durability 4)
    date: str = ""  #: as the carrier wrote it; part of what makes a repetition recognisable
    detail: str = ""
    handset: str = ""  #: UAProf of the phone, where the receipt tells it
    agent: str = ""  #: its user agent, likewise
    network: str = ""  #: the receiver's operator or network, where the receipt names it: an id, an alias, MCC and MNC
    other_refs: tuple[str, ...] = ()  #: other spellings of carrier_ref, to be tried in order when it matches nothing

    @property
    def key(self) -> str:
        """The same for a repetition of the same receipt (standards.md 1.4)."""
        return "|".join((self.carrier_ref, *sorted(self.numbers), self.word, self.date))


#: Stores receipts and returns once they are committed; the carrier answers its peer only then (durability 23).
TakeReceipt = Callable[[Receipt], Awaitable[None]]
#: The same for messages of phones.
TakeInbound = Callable[[Inbound], Awaitable[None]]
TakeMms = Callable[[ArrivedMms], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Takers:
    """Who takes what a carrier brings back."""

    receipt: TakeReceipt
    inbound: TakeInbound


@dataclass(frozen=True, slots=True)
class Route:
    """One way out as it is set: carrier, credentials and limits (interfaces.md, [[routes]])."""

    name: str
    kind: str
    url: str
    operators: tuple[str, ...] = ("*",)
    senders: tuple[str, ...] = ("*",)
    profile: str = "generic"
    username: str = ""
    password: str = field(default="", repr=False)
    vasp_id: str = ""
    vas_id: str = ""
    max_bytes: int = 600_000  #: of the whole HTTP body that we post (settled 20)
    mms_bytes: tuple[tuple[SenderKind | None, int], ...] = ()  #: of the MMS body, by sender kind; None: any
    image_formats: tuple[str, ...] = ()  #: words of IMAGE_FORMATS; empty: as the budgets say
    namespace: str = "REL-5-MM7-1-2"
    subject: str = "utf-8"
    fold_subject: tuple[SenderKind, ...] = ()  #: senders whose networks drop it: it goes into the first text
    objects: str = "attach"  #: link, both (interfaces.md)
    mask: bool = False
    encoding: str = "binary"
    rate: float = 50.0  #: submissions a second; of SMS: segments
    weight: int = 0  #: share among the routes that would do as well; 0: the first in the settings has all
    slow_start: float = 1.0  #: share of its rate at which it begins (carriers/shaping.py)
    rise: float = 0.0625  #: share by which it rises again, each time
    rise_every: float = 1.0  #: seconds without throttling between two rises
    least: float = 0.015625  #: share that throttling leaves at least
    lanes: int = 1  #: nodes that share the rate (domain/lanes.py)
    sender_rate: tuple[Pace, ...] = ()  #: what the messages of one sender keep to besides
    campaign_rate: tuple[Pace, ...] = ()  #: the same of one campaign
    connections: int = 8
    idle: float = 4.0  #: seconds a kept-alive connection may rest; below the peer's (durability 3)
    timeout: float = 30.0  #: seconds for one submission
    on_uncertain: str = "resend"
    uncertain_wait: float = 120.0  #: seconds a cut-off submission waits for a receipt
    report_username: str = ""
    report_password: str = field(default="", repr=False)
    report_addresses: tuple[str, ...] = ()  #: networks that may post to /mm7/<name>; credentials, if set, must hold too
    options: tuple[tuple[str, str], ...] = ()  #: single options (docs/reference/mm7.md, docs/reference/smpp.md)
    host: str = ""  #: of an SMSC
    port: int = 2775
    system_id: str = ""
    window: int = 10  #: segments under way on one bind
    fallback_on_outage: bool = False  #: MMS attempts that ran out become an SMS
    test: bool = False  #: leads to the simulator: for messages of test accounts, and for no others (docs/adr/0123)
    keep_bodies: bool = False  #: of exchanges that went well too (durability 17)
    fallback_on_report: bool = False  #: so does an MMS whose receipt says that it did not arrive (settled 27)

    def sender_kind(self, message: Message) -> SenderKind:
        """What kind of sender networks see: a mask counts only where it is shown (settled 13)."""
        return SenderKind.ALPHANUMERIC if message.mask and self.mask else classify(message.sender)
