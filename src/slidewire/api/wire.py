"""The names of the wire: every field of a call in every dialect, and what a call is once it was read.

The only home of TO, to, FROM_MASK and their like: a new field is one line in FIELDS.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, unique

from slidewire.domain.characters import without_forbidden
from slidewire.domain.merging import tag_name
from slidewire.domain.message import Dialect, Kind
from slidewire.domain.request import CustomText, SlideRequest
from slidewire.domain.status import Status

#: The most slides that are read: more than any account may send, so the rest makes no difference (E225).
MOST_SLIDES = 101
#: The kinds of a slide's media by our name for their element.
KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind}
#: How many fields that we do not know are remembered, and how much of each name.
MOST_UNKNOWN = 20
LONGEST_UNKNOWN = 40


@unique
class Place(Enum):
    """Where a field stands."""

    CALL = "call"  #: directly in the request
    SLIDE = "slide"
    MEDIUM = "medium"  #: in an image, audio, ... of a slide
    CUSTOM_TEXT = "custom text"  #: in another text for a slide of a template
    ANSWER = "answer"  #: only in answers


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the wire. The first spelling of a dialect is its own, the others are read too (api.md 2.6)."""

    name: str  #: ours: that of SendRequest and SlideRequest, or the value of a medium's Kind
    w13: tuple[str, ...]
    m1: tuple[str, ...]
    j2: tuple[str, ...]
    place: Place = Place.CALL
    is_flag: bool = False  #: JSON's true and false are words for it (settled 15)
    is_list: bool = False  #: in answers: an array in JSON, however many there are
    takes_list: bool = False  #: JSON may give an array, read as what is parted by commas

    def spellings(self, dialect: Dialect) -> tuple[str, ...]:
        """Its names in ``dialect``; empty where the dialect does not have it."""
        if dialect is Dialect.W13:
            return self.w13
        return self.m1 if dialect is Dialect.M1 else self.j2


def _medium(kind: Kind, w13: tuple[str, ...], m1: tuple[str, ...], j2: tuple[str, ...]) -> Field:
    return Field(kind.value, w13, m1, j2, Place.SLIDE)


def _told(name: str, w13: str, lower: str = "") -> Field:
    """A field of answers alone; ``lower``: as M1 and J2 write it, where it is more than small letters."""
    lower = lower or w13.lower()
    return Field(name, (w13,), (lower,), (lower,), Place.ANSWER)


FIELDS: tuple[Field, ...] = (
    Field("action", ("ACTION",), ("action",), ("action",)),
    Field("key", ("API_KEY",), ("api-key",), ()),
    Field("user", ("USER",), ("user",), ()),
    Field("password", ("PASS",), ("pass",), ()),
    Field("receiver", ("TO",), ("to",), ("to",), takes_list=True),
    Field("display_only", ("TO_DISPLAYONLY",), ("to-displayonly",), ("to-displayonly",), takes_list=True),
    Field("sender", ("FROM",), ("from",), ("from",)),
    Field("mask", ("FROM_MASK",), ("from-mask",), ("from-mask",)),
    Field("name", ("NAME",), ("name",), ("name",)),
    Field("subject", ("SUBJECT",), ("message-subject",), ("message-subject",)),
    Field("fallback_text", ("FALLBACKSMSTEXT",), ("fallback-sms-text",), ("fallback-sms-text",)),
    Field("operator", ("OPERATORID",), ("operator-id",), ("operator-id",)),
    Field("operator_alias", ("SPID",), ("spid",), ("spid",)),  # OPERATORID wins (settled 12)
    Field("service", ("SERVICEID",), ("service-id",), ("service-id",)),
    Field("campaign", ("CAMPAIGNREF",), ("campaign-ref",), ("campaign-ref",)),
    Field(
        "link_expiration",
        ("MMSLINK_EXPIRATION_DATE",),
        ("fallback-sms-link-expiration",),
        ("fallback-sms-link-expiration",),
    ),
    Field("force_sms", ("FORCE_SEND_AS_SMS",), ("force-send-as-sms",), ("force-send-as-sms",), is_flag=True),
    Field(
        "disable_fallback", ("DISABLEFALLBACKSMS",), ("disable-fallback-sms",), ("disable-fallback-sms",), is_flag=True
    ),
    Field(
        "disable_link",
        ("DISABLEFALLBACKSMSLINK",),
        ("disable-fallback-sms-link",),
        ("disable-fallback-sms-link",),
        is_flag=True,
    ),
    Field("text", ("TEXT",), ("message-text", "text"), ("message-text", "text")),
    Field("client_reference", ("CLIENT_REFERENCE",), ("client-reference",), ("client-reference",)),
    Field("cache_content", ("CACHE_CONTENT",), ("cache-content",), ("cache-content",), is_flag=True),
    Field(
        "send_at", ("SENDAT", "SEND_AT", "SEND-AT"), ("send-at", "send_at", "sendat"), ("send-at", "send_at", "sendat")
    ),
    Field(
        "expires",
        ("EXPIRES", "MMS_EXPIRY_TIMESTAMP", "MMS-EXPIRY-TIMESTAMP"),
        ("mms-expiry-timestamp", "expires"),
        ("mms-expiry-timestamp", "expires"),
    ),
    Field("mms_id", ("MMSID",), ("mms-id",), ("mms-id",)),
    Field("batch_id", ("BATCHID",), ("batch-id",), ("batch-id",)),
    Field("custom_subject", ("CUSTOMSUBJECT",), ("custom-subject",), ("custom-subject",)),
    Field("custom_text", ("CUSTOMTEXT",), ("custom-text",), ("custom-text",)),
    Field("merge_values", ("DATA",), ("data",), ("data",)),
    Field("ddm_title", ("DDMTITLE",), ("ddm-message-subject",), ("ddm-message-subject",)),
    Field("ddm_text", ("DDMTEXT",), ("ddm-message-text",), ("ddm-message-text",)),
    Field(
        "ddm_timeout", ("DDMTIMEOUT",), ("ddm-timeout", "ddm-message-timeout"), ("ddm-timeout", "ddm-message-timeout")
    ),
    Field("ddm_force", ("DDMFORCE",), ("ddm-force",), ("ddm-force",), is_flag=True),
    Field("start_date", ("STARTDATE", "START_DATE"), ("start-date",), ("start-date",)),
    Field("page_number", ("PAGENUMBER", "PAGE_NUMBER"), ("page-number",), ("page-number",)),
    Field("items_per_page", ("ITEMSPERPAGE", "ITEMS_PER_PAGE"), ("items-per-page",), ("items-per-page",)),
    Field("mobile", ("MOBILE",), ("mobile",), ("mobile",)),
    Field("campaign_id", ("CAMPAIGNID", "CAMPAIGN_ID"), ("campaign-id", "campaignid"), ("campaign-id", "campaignid")),
    Field("to_campaign", ("TOCAMPAIGN", "TO_CAMPAIGN"), ("to-campaign", "tocampaign"), ("to-campaign", "tocampaign")),
    Field("campaign_name", ("CAMPAIGNNAME",), ("campaign-name", "campaignname"), ("campaign-name", "campaignname")),
    Field("brand", ("BRANDNAME",), ("brand-name", "brandname"), ("brand-name", "brandname")),
    Field(
        "subscriber_ref", ("SUBSCRIBERREF",), ("subscriber-ref", "subscriberref"), ("subscriber-ref", "subscriberref")
    ),
    Field("notify", ("NOTIFY",), ("notify",), ("notify",), is_flag=True),
    Field("cta", ("CTA",), ("cta",), ("cta",), is_flag=True),
    Field("inbox_id", ("MMSINBOXID", "MMS_INBOX_ID"), ("mms-inbox-id", "mmsinboxid"), ("mms-inbox-id", "mmsinboxid")),
    Field("end_date", ("ENDDATE", "END_DATE"), ("end-date",), ("end-date",)),
    Field("tracking_id", ("TRACKINGID", "TRACKING_ID"), ("tracking-id",), ("tracking-id",)),
    Field(
        "message_status",
        ("MESSAGESTATUS", "MESSAGE_STATUS", "STATUS"),
        ("message-status", "status"),
        ("message-status", "status"),
    ),
    Field("cursor", ("CURSOR",), ("cursor",), ("cursor",)),
    Field("slides", ("SLIDE",), ("slide",), ("slide",)),
    Field("wrapper", ("CONTENT", "SEQUENCE"), (), ()),  # until 2013: CONTENT/NAME, CONTENT/SEQUENCE/SLIDE (api.md 2.1)
    Field("text", ("TEXT",), ("message-text",), ("message-text",), Place.SLIDE),
    Field("duration", ("DURATION",), ("duration",), ("duration",), Place.SLIDE),
    _medium(Kind.IMAGE, ("IMAGE", "PIC"), ("image",), ("image",)),
    _medium(Kind.AUDIO, ("AUDIO",), ("audio",), ("audio",)),
    _medium(Kind.VIDEO, ("VIDEO",), ("video",), ("video",)),
    _medium(Kind.VCARD, ("VCARD",), ("vcard", "contact"), ("contact", "vcard")),
    _medium(Kind.ICAL, ("ICAL",), ("ical", "calendar"), ("calendar", "ical")),
    _medium(Kind.PDF, ("PDF",), ("pdf",), ("pdf",)),
    _medium(Kind.PASSBOOK, ("PASSBOOK",), ("passbook",), ("passbook",)),
    Field("url", ("URL",), ("url",), ("url",), Place.MEDIUM),
    Field("value", ("VALUE",), ("value",), ("value",), Place.CUSTOM_TEXT),
    Field("slide_number", ("SLIDE",), ("slide",), ("slide",), Place.CUSTOM_TEXT),
    _told("response", "RESPONSE"),
    _told("status", "STATUS"),
    _told("status_details", "STATUSDETAILS", "status-details"),
    _told("error_code", "ERRORCODE", "error-code"),
    _told("error_words", "ERRORINFO", "error-info"),
    replace(_told("sending", "SENDING"), is_list=True),
    _told("mms_ids", "MMSIDS", "mms-ids"),
    replace(_told("message", "MESSAGE"), is_list=True),
    _told("sent_as", "SENTAS", "sent-as"),
    _told("segments", "SEGMENTS"),
    _told("fallback", "FALLBACK"),
    replace(_told("fault", "FAULT"), is_list=True),
    replace(_told("network", "NETWORK"), is_list=True),
    _told("network_name", "NAME"),
    _told("network_size", "SIZE"),
    _told("network_problem", "PROBLEM"),
    _told("date_sent", "DATESENT", "date-sent"),
    _told("date_ended", "DATEENDED", "date-ended"),
    _told("next_try", "NEXTTRY", "next-try"),
    _told("batch_status", "BATCHSTATUS", "batch-status"),
    _told("total", "TOTAL"),
    _told("waiting", "WAITING"),
    _told("refused", "REFUSED"),
    *(_told(f"count_{status.value}", status.value.upper()) for status in Status),
    _told("session_id", "SESSIONID", "session-id"),
    _told("total_results", "TOTALRESULTS", "total-results"),
    replace(_told("template", "MMSTEMPLATE", "mms-template"), is_list=True),
    _told("template_name", "MMSNAME", "mms-name"),
    _told("template_subject", "MMSSUBJECT", "mms-subject"),
    _told("date_created", "DATECREATED", "date-created"),
    _told("total_slides", "TOTALSLIDES", "total-slides"),
    _told("template_size", "MMSSIZE", "mms-size"),
    _told("template_status", "MMSSTATUS", "mms-status"),
    _told("campaigns", "MMSCAMPAIGNS", "mms-campaigns"),
    replace(_told("campaign_entry", "CAMPAIGN"), is_list=True),
    _told("id", "ID"),
    _told("report_url", "URL"),
    _told("scheduled_id", "SCHEDULEDID", "scheduled-id"),
    replace(_told("subscriber", "SUBSCRIBER"), is_list=True),
    replace(_told("warnings", "WARNINGS"), is_list=True),
)

#: The fields of a call that hold more than a text: no flat request has them so.
STRUCTURES = frozenset({"slides", "wrapper", "custom_text", "merge_values"})
#: The fields of a device discovery message: ignored, and told together (api.md 3.2).
DISCOVERY = frozenset({"ddm_title", "ddm_text", "ddm_timeout", "ddm_force"})
#: The fields for which JSON's true and false are words (settled 15).
FLAGS = frozenset(each.name for each in FIELDS if each.is_flag)
#: The fields for which a JSON array of texts is the texts parted by commas (api.md 2.5).
MANY = frozenset(each.name for each in FIELDS if each.takes_list)
#: The fields of answers that are arrays in JSON; in XML they repeat.
LISTS = frozenset(each.name for each in FIELDS if each.is_list)


class Names:
    """What the spellings of one dialect mean, in upper case; see find_name."""

    def __init__(self, dialect: Dialect) -> None:
        self.call = _meanings(dialect, Place.CALL)
        self.slide = _meanings(dialect, Place.SLIDE)
        self.medium = _meanings(dialect, Place.MEDIUM)
        self.custom_text = _meanings(dialect, Place.CUSTOM_TEXT)
        self._own = {each.name: each.spellings(dialect)[0] for each in FIELDS if each.spellings(dialect)}

    def spelling(self, name: str) -> str:
        """How the dialect itself writes the field ``name``."""
        return self._own.get(name, name)


def _meanings(dialect: Dialect, place: Place) -> dict[str, str]:
    here = (each for each in FIELDS if each.place is place)
    return {spelling.upper(): each.name for each in here for spelling in each.spellings(dialect)}


def find_name(meanings: Mapping[str, str], given: str) -> str:
    """Our name for an element or parameter called ``given``; empty when we do not know it.

    Prefixes and case do not matter (settled 3).
    """
    found = meanings.get(given, "")
    if not found and given.isascii():
        found = meanings.get(given.rpartition(":")[2].upper(), "")
    return found


@dataclass(slots=True)
class Call:
    """What was read from the wire, under our own names; filled by a reader, then left alone."""

    dialect: Dialect
    #: field -> text as given, the first that was (settled 2); None where that is blank
    values: dict[str, str | None] = field(default_factory=dict)
    slides: list[SlideRequest] = field(default_factory=list)
    custom_texts: list[CustomText] = field(default_factory=list)
    merge_values: dict[str, str | None] = field(default_factory=dict)  #: name as names are compared -> text
    nested: set[str] = field(default_factory=set)  #: fields that hold something else than text (settled 3)
    repeated: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  #: what else reading has to tell (settled 25)

    def put(self, name: str, text: str | None) -> None:
        """Keep the first of a field."""
        if name not in self.values:
            self.values[name] = None if not text or text.isspace() else text
        elif len(self.repeated) < MOST_UNKNOWN and name not in self.repeated:
            self.repeated.append(name)

    def put_custom_text(self, custom: CustomText) -> None:
        """Another text for a slide; more than there can be slides are not kept."""
        if len(self.custom_texts) < MOST_SLIDES:
            self.custom_texts.append(custom)

    def put_merge_value(self, name: str, text: str | None) -> None:
        """Keep the first value of a name; None is no text."""
        if text is None:
            self.nested.add("merge_values")
        self.merge_values.setdefault(tag_name(name), text)

    def note_unknown(self, name: str) -> None:
        """Remember a field that is ignored. A JSON name may hold what no text may: it comes back in warnings."""
        short = without_forbidden(name[:LONGEST_UNKNOWN])
        if len(self.unknown) < MOST_UNKNOWN and short not in self.unknown:
            self.unknown.append(short)
