"""What a customer is told about a message: code, status and why (api.md 4.2, settled 27).

Postback codes are a catalogue of their own: E101 here is not the E101 of a refused request (settled 26).
"""

from dataclasses import dataclass
from enum import Enum, unique


@unique
class PostbackCode(Enum):
    """Published code and the STATUS text beside it (api.md 4.2)."""

    PROBED = "N013", ""  # of audio and video in sendMMS: no words are published
    AUDIO_UNSOUND = "E012", ""
    VIDEO_UNSOUND = "E013", ""
    SENT = "N101", "Message Sent"
    DELIVERED = "N102", "Message Sent/Delivered"
    NOT_SENT = "E101", "Message Failed"
    EXPIRED = "E102", "Message Sent/Expired"
    REJECTED = "E102", "Message Sent/Rejected"
    NOT_SUPPORTED = "E102", "Message Sent/NotSupported"
    FAILED = "E102", "Message Sent/Failed"
    SMS_DELIVERED = "N202", "Message Sent/Delivered"
    SMS_EXPIRED = "E202", "Message Sent/Expired"
    SMS_NOT_SUPPORTED = "E202", "Message Sent/NotSupported"
    SMS_FAILED = "E202", "Message Sent/Failed"
    # of saved messages; their words are for JSON only
    STORED = "N003", "Transcoding successful"
    AUDIO_NOT_ENCODED = "E002", "Transcoding failed"
    VIDEO_NOT_ENCODED = "E003", "Transcoding failed"
    IMAGE_NOT_ENCODED = "E004", "Transcoding failed"

    @property
    def code(self) -> str:
        """The published code, such as ``N101``."""
        return str(self.value[0])

    @property
    def status(self) -> str:
        """The published STATUS text; empty where there is none."""
        return str(self.value[1])


@dataclass(frozen=True, slots=True)
class Postback:
    """One event to be told, with what the message itself does not hold."""

    code: PostbackCode
    at: int  #: time of the event, Unix milliseconds
    sent_as: str = ""  #: MMS or SMS; left out when empty
    details: str = ""  #: STATUSDETAILS
    handset: str = ""  #: profile of the phone, where a receipt told it
    file: str = ""  #: address of the file that is at fault
