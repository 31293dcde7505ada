"""One sendMMS call as it was read from the wire, in the customer's own words, before anything is checked."""

from dataclasses import dataclass

from slidewire.domain.message import Dialect, Kind


@dataclass(frozen=True, slots=True)
class Medium:
    """One medium element of a slide, its address exactly as given; blank addresses are not kept (settled 9)."""

    kind: Kind
    url: str


@dataclass(frozen=True, slots=True)
class SlideRequest:
    """One slide as it was given, in document order."""

    media: tuple[Medium, ...] = ()  #: repeats too: which of them count is for the rules to say
    text: str | None = None  #: None: absent or white space only
    duration: str | None = None
    nested: tuple[str, ...] = ()  #: fields that hold something else than text (settled 3)
    repeated: tuple[str, ...] = ()  #: text or duration, where given more than once (settled 9)


@dataclass(frozen=True, slots=True)
class SendRequest:
    """The fields of sendMMS; None where the request has none or a blank one (settled 2)."""

    dialect: Dialect
    receiver: str | None = None
    sender: str | None = None
    mask: str | None = None
    name: str | None = None
    subject: str | None = None
    fallback_text: str | None = None
    operator: str | None = None  #: OPERATORID, else SPID
    service: str | None = None
    campaign: str | None = None
    link_expiration: str | None = None
    force_sms: str | None = None
    disable_fallback: str | None = None
    disable_link: str | None = None
    client_reference: str | None = None
    cache_content: str | None = None
    slides: tuple[SlideRequest, ...] = ()
    nested: frozenset[str] = frozenset()  #: fields that hold something else than text (settled 3)
    repeated: tuple[str, ...] = ()  #: fields given more than once: the first counts (settled 2)
    unknown: tuple[str, ...] = ()  #: names of fields that we do not know: ignored, and told
    notes: tuple[str, ...] = ()  #: what else reading has to tell (settled 25)


@dataclass(frozen=True, slots=True)
class CheckedSlide:
    """A slide whose rules hold: at most one medium of a kind, those that count only."""

    media: tuple[Medium, ...]
    text: str
    duration: int


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A sendMMS call that passed every check that needs no I/O (settled 1, steps h and i)."""

    dialect: Dialect
    receiver: str  #: E.164 without plus
    country: str  #: the receiver's region
    sender: str
    mask: str
    name: str
    subject: str
    fallback_text: str
    spid: str  #: the operator id as given; empty: none
    campaign: str
    link_expires_at: int  #: Unix milliseconds
    force_sms: bool
    fallback_allowed: bool  #: by this request and the account (FORCE_SEND_AS_SMS overrides: api.md 2.1)
    link_wanted: bool
    client_reference: str
    use_cache: bool
    slides: tuple[CheckedSlide, ...]
    operator: str = ""  #: our id for the spid; empty: not known to us
    warnings: tuple[str, ...] = ()  #: silent cuts, told (settled 25)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a customer is told of an accepted message."""

    tracking_id: str
    mms_id: int
    receiver: str
    warnings: tuple[str, ...] = ()


class OverloadedError(Exception):
    """Nothing was accepted: sending would starve, or room is short. The caller may come back (durability 27)."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"overloaded; again in {retry_after:g} s")
        self.retry_after = retry_after  #: seconds


class CallerGoneError(Exception):
    """The caller hung up before its request was kept: nobody is left to answer (settled 21)."""
