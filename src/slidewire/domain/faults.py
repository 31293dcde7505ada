"""Everything a customer can be told about a request we refuse.

One line per published code. Whoever finds a fault raises it,
``raise Fault.SLIDE_EMPTY.error(slide=2)``; only the API turns it into an answer.
"""

from enum import Enum, unique


@unique
class Fault(Enum):
    """Our name = the published code, its words with their blanks, and why no request provokes it (if none does)."""

    # every call (api.md 5)
    INVALID_REQUEST = (
        "E100",
        "Invalid request. Make a valid request via GET/POST/XML with all the required variables.",
    )
    NO_ACTION = "E101", " 'action' required"  # its blank as printed (api.md 1.1)
    UNNAMED_AUTHENTICATION = (
        "E102",
        "User Authentication Failed.",
        "the sources list the code without a meaning",
    )
    API_BLOCKED = "E103", "API access is blocked for this account."
    NOT_AUTHENTICATED = "E104", "User Authentication Failed."
    NO_API_RIGHTS = "E105", "This account has no API rights."
    TOO_SOON = "E106", "You can call API every {seconds} seconds."
    ACTION_NOT_ALLOWED = "E107", "This account has no rights to use this action."
    UNREADABLE = "E108", "XML Parse error: {error}."
    API_NOT_ACTIVATED = "E109", "API not activated."
    ADDRESS_NOT_ALLOWED = "E112", "IP was not whitelisted. API call rejected."
    THROUGHPUT_EXCEEDED = "E113", "Set throughput exceeded for this API action. API call rejected."
    QUOTA_REACHED = "E120", "Account has reached the API request limit."
    INTERNAL = "E503", "Internal error."

    # the fields of a message
    BAD_RECEIVER = "E110", "Invalid receiver number."
    BAD_SENDER = "E111", "Invalid Sender."
    BAD_SENDER_FOR_COUNTRY = "E111", "Invalid Sender to {country}."
    RECEIVER_BLOCKED = "E114", "Phone number is blacklisted. API call rejected."
    MASK_TOO_LONG = "E115", "The sender mask is longer than 50 characters."
    LISTED_WITHOUT_MEANING = (
        "E201",
        "Internal error.",
        "the sources list the code without a meaning (settled 26)",
    )
    NAME_REQUIRED = "E311", "The 'name' is required."
    SUBJECT_REQUIRED = (
        "E314",
        "The 'subject' is required.",
        "the subject is optional beside a fallback text (settled 26)",
    )
    BAD_LINK_EXPIRATION = "E617", "mmslink_expiration_date is invalid."
    LOOKUP_FAILED = "E618", "Carrier lookup failed. Please retry."
    NOT_PROVISIONED = "E619", "Carrier not provisioned."
    FALLBACK_TEXT_REQUIRED = "E622", "The 'fallbacksmstext' is required."
    BAD_SERVICE = "E627", "Invalid serviceid / serviceid is required"
    OPERATOR_NOT_SUPPORTED = "E628", "Operator Not supported."
    OPERATOR_REQUIRED = "E650", "The 'operator id' is required."
    OPERATOR_UNKNOWN = "E651", "The 'operator id' is unknown."
    BAD_FORCE_SMS = "E655", "FORCE_SEND_AS_SMS node accepts only true/false values."
    BILLING = "E713", "There is billing problem on your account."
    NOT_SUBSCRIBED = "E715", "Number is not subscribed in this campaign"
    CAMPAIGN_REQUIRED = "E718", "The 'campaignref' is required"
    BAD_CAMPAIGN = "E721", "Invalid campaignref"

    # sendSMS (api.md 3.4)
    SMS_TOO_LONG = "E228", "Text more than {limit} characters."
    TEXT_REQUIRED = "E712", "The 'text' is required."

    # campaigns and who joins them (api.md 3.5)
    CAMPAIGN_NAME_REQUIRED = "E170", "campaignname is required"
    BRAND_REQUIRED = "E171", "brandname is required"
    CAMPAIGN_NOT_MADE = "E172", "Campaign was not created."
    NO_CAMPAIGNS = "E405", "No MMS Campaigns were created in this account"
    MOBILE_REQUIRED = "E901", "The 'mobile' is required."
    CAMPAIGN_ID_REQUIRED = "E902", "The 'campaignid' is required."
    BAD_CAMPAIGN_ID = "E903", "Invalid CAMPAIGNID"
    NOT_JOINED = "E904", "Could not subscribe this number."
    NOT_LEFT = "E905", "Could not unsubscribe this number."

    # getSendingStatistics (api.md 3.7)
    DATES_REQUIRED = "E506", "'start_date'/'end_date' is required."
    BAD_FIRST_DATE = "E507", "Invalid 'start_date' format."
    BAD_LAST_DATE = "E508", "Invalid 'end_date' format."
    PERIOD_TOO_LONG = "E509", "Lookup period is too long."
    TOO_FREQUENT = "E510", "Lookup too frequent.", "how often an action may be called is E113's matter"

    # saved messages (api.md 3.1 to 3.3)
    NO_TEMPLATES = "E200", "No MMS Templates were created in this account."
    BAD_PAGE_NUMBER = "E212", "page-number is invalid"
    BAD_ITEMS_PER_PAGE = "E213", "items-per-page is invalid"
    BAD_START_DATE = "E214", "start-date is invalid"
    TO_CAMPAIGN_REQUIRED = "E624", "The 'tocampaign' is required."
    BAD_TO_CAMPAIGN = "E714", "Missing/Invalid CampaignID"
    MMS_ID_REQUIRED = "E620", "The 'mmsid' is required."
    RECEIVER_REQUIRED = "E621", "The 'to' is required."
    TOO_MANY_RECEIVERS = "E623", "More than {limit} numbers in 'to'."
    STILL_ENCODING = "E626", "Encoding in progress."

    # what phones sent (api.md 3.7)
    INBOX_ID_REQUIRED = "E640", "The 'mmsinboxid' is required."
    INBOX_ID_UNKNOWN = "E641", "Invalid MMS Inbox Message ID."
    INBOX_EMPTY = "E642", "MMS Inbox message has no content."
    INBOX_NOT_CLEANED = (
        "E643",
        "Could not clean up MMS Inbox message content.",
        "what cannot be removed is our fault, and E503",
    )

    # messages that were sent; codes of ours (docs/adr/0171)
    MESSAGE_UNKNOWN = "E660", "There is no such message."
    TOO_LATE = "E661", "The message cannot be cancelled any more."

    # the slides
    MANY_OBJECTS = "E223", "More than one object is not allowed in the same slide."
    OBJECT_WITH_MEDIA = "E224", "MMS audio/video/image are not allowed with object in the same slide."
    TOO_MANY_SLIDES = "E225", "Too many Slides."
    AUDIO_WITH_VIDEO = "E226", "Audio and Video not allowed in same slide."
    VIDEO_WITH_IMAGE = "E227", "Video and Image not allowed in same slide."
    BAD_DURATION = "E230", "Bad {slide} slide duration."
    NO_SLIDES = "E312", "No slides."
    SLIDE_EMPTY = "E313", "Slide {slide} is empty."
    TEXT_TOO_LONG = "E334", "Text in slide {slide} is too long."

    # the content behind their addresses
    CONTENT_NOT_ALLOWED = "E229", "Content not allowed."
    CONTENT_UNKNOWN = "E241", "This content does not exist."
    IMAGE_TOO_BIG = "E331", "Image in slide {slide} is too big."
    AUDIO_TOO_BIG = "E332", "Audio in slide {slide} is too big."
    VIDEO_TOO_BIG = "E333", "Video in slide {slide} is too big."
    VCARD_TOO_BIG = "E335", "vCard in slide {slide} is too big."
    ICAL_TOO_BIG = "E336", "iCal in slide {slide} is too big."
    PDF_TOO_BIG = "E337", "PDF in slide {slide} is too big."
    PASSBOOK_TOO_BIG = "E338", "Passbook in slide {slide} is too big."
    IMAGE_CORRUPT = "E341", "Image file in slide {slide} is corrupted."
    VIDEO_CODECS = "E343", "Video in slide {slide}: missing codecs."
    IMAGE_NOT_FETCHED = "E351", "Could not copy Image in slide {slide}."
    AUDIO_NOT_FETCHED = "E352", "Could not copy Audio in slide {slide}."
    VIDEO_NOT_FETCHED = "E353", "Could not copy Video in slide {slide}."
    VCARD_NOT_FETCHED = "E355", "Could not copy vCard in slide {slide}."
    ICAL_NOT_FETCHED = "E356", "Could not copy iCal in slide {slide}."
    PDF_NOT_FETCHED = "E357", "Could not copy PDF in slide {slide}."
    PASSBOOK_NOT_FETCHED = "E358", "Could not copy Passbook in slide {slide}."
    TYPE_UNKNOWN = "E629", "Unrecognized content type."

    @property
    def code(self) -> str:
        """The published code, such as ``E313``."""
        return str(self.value[0])

    @property
    def words(self) -> str:
        """The published words, their blanks in braces."""
        return str(self.value[1])

    @property
    def unreachable(self) -> str:
        """Why no request is answered with this fault; empty when one is."""
        return str(self.value[2]) if len(self.value) > 2 else ""

    def error(self, detail: str = "", **blanks: object) -> "FaultError":
        """The fault as an exception, its blanks filled and ``detail`` in brackets behind (settled 24)."""
        words = self.words.format(**blanks) if blanks else self.words
        return FaultError(self, f"{words} ({detail})" if detail else words)

    def about(self, field: str, problem: str) -> "FaultError":
        """The fault with a detail that names ``field``, one of SendRequest's or SlideRequest's (settled 2).

        Only the API knows how the caller spells it.
        """
        return FaultError(self, self.words, field, problem)


class FaultError(Exception):
    """A refused request, carrying the words that its sender will read."""

    def __init__(self, fault: Fault, words: str, field: str = "", problem: str = "") -> None:
        super().__init__(f"{words} ({field} {problem})" if field else words)
        self.fault = fault
        self.words = words
        self.field = field  #: the field at fault where the words alone do not say it; empty: they do
        self.problem = problem  #: what is wrong with the field, to follow its name
        self.retry_after = 0.0  #: seconds after which the same call may pass; 0: nobody can say

    def after(self, seconds: float) -> "FaultError":
        """The same, with the seconds after which the call may be made again (settled 23)."""
        self.retry_after = seconds
        return self
