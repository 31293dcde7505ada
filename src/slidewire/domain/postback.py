"""What a customer is told about a message: code, status and why (api.md 4.2, settled 27).

Postback codes are a catalogue of their own: E101 here is not the E101 of a refused request (settled 26).
"""

from dataclasses import replace
from enum import Enum, unique

from slidewire.domain.frozen import frozen
from slidewire.domain.message import Dialect


@unique
class PostbackFormat(Enum):
    """How an account's postbacks are written; the value is its setting's word."""

    XML = "xml"  #: upper case
    XML_LOWER = "xml-lower"
    JSON = "json"

    __hash__ = object.__hash__  # Enum's own is a call for each look into a table


#: The setting's word for the format of the request that the postback is about (settled 29).
OF_DIALECT = "dialect"
_FORMATS = {
    Dialect.W13: PostbackFormat.XML,
    Dialect.M1: PostbackFormat.XML_LOWER,
    Dialect.J2: PostbackFormat.JSON,
}


def format_for(setting: str, dialect: Dialect) -> PostbackFormat:
    """The format of a postback about a request in ``dialect``, for an account with this ``postback_format``."""
    return _FORMATS[dialect] if setting == OF_DIALECT else PostbackFormat(setting)


@unique
class PostbackCode(Enum):
    """Published code, the STATUS text beside it, that of JSON, and JSON's code where it is another (api.md 4.2)."""

    PROBED = "N013", "", ""  # of audio and video in sendMMS: no words are published
    AUDIO_UNSOUND = "E012", "", ""
    VIDEO_UNSOUND = "E013", "", ""
    SENT = "N101", "Message Sent", "Sent"
    DELIVERED = "N102", "Message Sent/Delivered", "Delivered"
    NOT_SENT = "E101", "Message Failed", "Failed"
    EXPIRED = "E102", "Message Sent/Expired", "Expired", "N103"  # settled 27
    REJECTED = "E102", "Message Sent/Rejected", "Rejected"
    NOT_SUPPORTED = "E102", "Message Sent/NotSupported", "Unrecognised"
    FAILED = "E102", "Message Sent/Failed", "Failed"
    SMS_DELIVERED = "N202", "Message Sent/Delivered", "delivered as SMS"
    SMS_EXPIRED = "E202", "Message Sent/Expired", "Expired"
    SMS_NOT_SUPPORTED = "E202", "Message Sent/NotSupported", "Unrecognised"
    SMS_FAILED = "E202", "Message Sent/Failed", "Failed"
    TEXT_SENT = "N201", "Message Sent", "Sent"
    TEXT_NOT_SENT = "E201", "Message Failed", "Failed"
    TEXT_DELIVERED = "N202", "Message Sent/Delivered", "Delivered"
    OPENED = "N203", "Message Opened", "Opened"  # ours: docs/adr/0074
    INBOUND_SMS = "N211", "", ""
    INBOUND_MMS = "N401", "", ""
    SUBSCRIBED = "N301", "", ""
    UNSUBSCRIBED = "N302", "", ""
    STORED = "N003", "", "Transcoding successful"
    AUDIO_NOT_ENCODED = "E002", "", "Transcoding failed"
    VIDEO_NOT_ENCODED = "E003", "", "Transcoding failed"
    IMAGE_NOT_ENCODED = "E004", "", "Transcoding failed"

    __hash__ = object.__hash__  # as above

    @property
    def code(self) -> str:
        """The published code, such as ``N101``."""
        return str(self.value[0])

    @property
    def status(self) -> str:
        """The published STATUS text; empty where there is none."""
        return str(self.value[1])

    def code_in(self, form: PostbackFormat) -> str:
        """The code as it is written in ``form``."""
        return str(self.value[3]) if form is PostbackFormat.JSON and len(self.value) > 3 else self.code

    def status_in(self, form: PostbackFormat) -> str:
        """The STATUS text as it is written in ``form``; empty where there is none."""
        return str(self.value[2]) if form is PostbackFormat.JSON else self.status


@frozen
class Postback:
    """One event to be told, with what the message itself does not hold."""

    code: PostbackCode
    at: int  #: time of the event, Unix milliseconds
    sent_as: str = ""  #: MMS or SMS; left out when empty
    details: str = ""  #: STATUSDETAILS
    handset: str = ""  #: profile of the phone, where a receipt told it
    file: str = ""  #: address of the file that is at fault


#: Where a text of sendSMS has a code of its own; E202 it shares with fallback SMS (api.md 4.2).
_OF_TEXT = {
    PostbackCode.SENT: PostbackCode.TEXT_SENT,
    PostbackCode.NOT_SENT: PostbackCode.TEXT_NOT_SENT,
    PostbackCode.SMS_DELIVERED: PostbackCode.TEXT_DELIVERED,
}


#: Names of those behind which another of the same message is to be expected.
OPENING = frozenset({PostbackCode.PROBED.name, PostbackCode.SENT.name, PostbackCode.TEXT_SENT.name})


def about_text(postback: Postback) -> Postback:
    """The postback of an SMS as it is told of a text: an SMS is all that it can be, so SENTAS is left out."""
    return replace(postback, code=_OF_TEXT.get(postback.code, postback.code), sent_as="")
