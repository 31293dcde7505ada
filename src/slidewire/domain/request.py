"""A call as it was read from the wire, in the customer's own words, and what it is once it was checked."""

from collections.abc import Mapping
from dataclasses import field, fields

from slidewire.domain.faults import FaultError
from slidewire.domain.frozen import frozen
from slidewire.domain.message import Dialect, Kind


@frozen
class Medium:
    """One medium element of a slide, its address exactly as given; blank addresses are not kept (settled 9)."""

    kind: Kind
    url: str


@frozen
class SlideRequest:
    """One slide as it was given, in document order."""

    media: tuple[Medium, ...] = ()  #: repeats too: which of them count is for the rules to say
    text: str | None = None  #: None: absent or white space only
    duration: str | None = None
    nested: tuple[str, ...] = ()  #: fields that hold something else than text (settled 3)
    repeated: tuple[str, ...] = ()  #: text or duration, where given more than once (settled 9)


@frozen
class Given:
    """What is known of every call that was read. None where it has no such field or a blank one (settled 2)."""

    dialect: Dialect
    nested: frozenset[str] = frozenset()  #: fields that hold something else than text (settled 3)
    repeated: tuple[str, ...] = ()  #: fields given more than once: the first counts (settled 2)
    unknown: tuple[str, ...] = ()  #: names of fields that we do not know: ignored, and told
    notes: tuple[str, ...] = ()  #: what else reading has to tell (settled 25)


@frozen
class SendsGiven(Given):
    """The fields of every call that sends something to somebody."""

    receiver: str | None = None  #: one number; in sendSavedMMS also several behind commas
    sender: str | None = None
    mask: str | None = None
    operator: str | None = None  #: OPERATORID, else SPID
    service: str | None = None
    campaign: str | None = None
    client_reference: str | None = None
    send_at: str | None = None
    expires: str | None = None


@frozen
class TextRequest(SendsGiven):
    """The fields of sendSMS."""

    text: str | None = None


@frozen
class CampaignRequest(Given):
    """The fields of createMMSCampaign."""

    campaign_name: str | None = None
    brand: str | None = None
    campaign: str | None = None  #: CAMPAIGNREF: how messages are to name it


@frozen
class ConsentRequest(Given):
    """The fields of subscribe and unsubscribe."""

    mobile: str | None = None
    campaign_id: str | None = None
    campaign: str | None = None  #: CAMPAIGNREF, where it is named so
    subscriber_ref: str | None = None
    notify: str | None = None
    cta: str | None = None
    operator: str | None = None


@frozen
class SubscriberRequest(Given):
    """The fields of sendMessageBySubscriberRef."""

    subscriber_ref: str | None = None
    campaign: str | None = None
    mms_id: str | None = None
    text: str | None = None
    client_reference: str | None = None


@frozen
class CampaignSendRequest(Given):
    """The fields of sendSavedMMSCampaign."""

    mms_id: str | None = None
    to_campaign: str | None = None
    campaign_id: str | None = None  #: what a GET calls it
    client_reference: str | None = None


@frozen
class StatisticsRequest(Given):
    """The fields of getSendingStatistics."""

    start_date: str | None = None
    end_date: str | None = None


@frozen
class MmsGiven(SendsGiven):
    """The fields of every call that sends an MMS."""

    fallback_text: str | None = None
    link_expiration: str | None = None
    force_sms: str | None = None
    disable_fallback: str | None = None
    disable_link: str | None = None


@frozen
class SendRequest(MmsGiven):
    """The fields of sendMMS and saveMMS."""

    display_only: str | None = None  #: the others of a group, behind commas (api.md 7)
    name: str | None = None
    subject: str | None = None
    cache_content: str | None = None
    slides: tuple[SlideRequest, ...] = ()


@frozen
class NamedRequest(Given):
    """The fields of getMessage and cancelMessage."""

    tracking_id: str | None = None
    client_reference: str | None = None


@frozen
class ListingRequest(Given):
    """The fields of listMessages."""

    start_date: str | None = None
    end_date: str | None = None
    message_status: str | None = None
    receiver: str | None = None
    client_reference: str | None = None
    cursor: str | None = None
    items_per_page: str | None = None


@frozen
class CustomText:
    """Another text for one slide of a template, as it was given."""

    slide: str | None  #: its number from 1
    value: str | None
    nested: bool = False  #: something else is where only text may be


@frozen
class SendSavedRequest(MmsGiven):
    """The fields of sendSavedMMS."""

    mms_id: str | None = None
    custom_subject: str | None = None
    custom_texts: tuple[CustomText, ...] = ()
    merge_values: Mapping[str, str | None] = field(default_factory=dict)  #: name (domain/merging) -> value


#: The fields of each request that hold one text.
TEXTS: dict[type[Given], frozenset[str]] = {
    kind: frozenset(each.name for each in fields(kind) if each.type == (str | None))
    for kind in (
        CampaignRequest,
        CampaignSendRequest,
        ConsentRequest,
        ListingRequest,
        NamedRequest,
        SendRequest,
        SendSavedRequest,
        StatisticsRequest,
        SubscriberRequest,
        TextRequest,
    )
}


@frozen
class CheckedSlide:
    """A slide whose rules hold: at most one medium of a kind, those that count only."""

    media: tuple[Medium, ...]
    text: str
    duration: int


@frozen
class CheckedRequest:
    """A call for one message that passed every check that needs no I/O (settled 1, steps h and i)."""

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
    is_text: bool = False  #: of sendSMS: its fallback text is all that it says
    warnings: tuple[str, ...] = ()  #: silent cuts, told (settled 25)
    send_at: int = 0  #: Unix milliseconds; 0: at once
    expires_at: int = 0  #: Unix milliseconds; 0: as the gateway's validity says
    display_only: tuple[str, ...] = ()  #: E.164 without plus: shown to the receiver, never sent to


@frozen
class CheckedTemplate:
    """A saveMMS call that passed every check that needs no I/O."""

    dialect: Dialect
    name: str
    subject: str
    fallback_text: str
    fallback_allowed: bool
    link_wanted: bool
    use_cache: bool
    slides: tuple[CheckedSlide, ...]
    warnings: tuple[str, ...] = ()


@frozen
class Addressee:
    """One receiver of a template, with what depends on the receiver's country."""

    given: str  #: as it was asked for
    receiver: str  #: E.164 without plus
    country: str
    sender: str  #: the account's sender for that country (settled 13)
    mask: str


@frozen
class Refused:
    """One receiver of several that nothing is sent to, and why."""

    given: str
    fault: FaultError


@frozen
class CheckedSavedSend:
    """A sendSavedMMS call that passed every check that needs no I/O."""

    dialect: Dialect
    mms_id: int  #: 0: no id that we ever gave
    to: tuple[Addressee | Refused, ...]  #: one that was asked for alone was not refused
    is_list: bool  #: several were asked for: each is answered for by itself
    spid: str
    operator: str  #: our id for the spid; empty: not known to us
    campaign: str
    link_expires_at: int
    force_sms: bool
    client_reference: str
    fallback_off: bool | None = None  #: None: as the template says
    link_off: bool | None = None
    fallback_text: str = ""  #: these three: empty or absent where the template's stays
    subject: str = ""
    texts: Mapping[int, str] = field(default_factory=dict)  #: slide (from 1) -> text
    values: Mapping[str, str] = field(default_factory=dict)  #: for merge tags
    warnings: tuple[str, ...] = ()
    send_at: int = 0  #: as in CheckedRequest, these two
    expires_at: int = 0


@frozen
class TemplateQuery:
    """Which templates are asked for."""

    since: int  #: Unix milliseconds: made then or later
    page: int  #: from 1
    per_page: int
    start_date: str = ""  #: as it was given


@frozen
class Accepted:
    """What a customer is told of an accepted message."""

    tracking_id: str
    mms_id: int
    receiver: str
    warnings: tuple[str, ...] = ()
    send_at: int = 0  #: when it will leave, Unix milliseconds; 0: at once


@frozen
class SavedSent:
    """What a customer is told of a template that was sent to one receiver."""

    accepted: Accepted
    sender: str


@frozen
class Saved:
    """What a customer is told of a message that was saved."""

    mms_id: int
    warnings: tuple[str, ...] = ()


class OverloadedError(Exception):
    """Nothing was accepted: sending would starve, or room is short. The caller may come back (durability 27)."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"overloaded; again in {retry_after:g} s")
        self.retry_after = retry_after  #: seconds


class CallerGoneError(Exception):
    """The caller hung up before its request was kept: nobody is left to answer (settled 21)."""
