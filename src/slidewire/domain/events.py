"""Everything that can happen to a message after it was accepted, and why.

Logs, metrics, postbacks and tests share these words. "Accepted" is no event: it is in the message itself.
"""

from enum import Enum, unique


@unique
class Event(Enum):
    """What moved a message, or tried to."""

    DUE = "due"  #: its time has come: it leaves now
    PROBED = "probed"  #: its audio and video were looked at and can be played
    SUBMITTED = "submitted"  #: the carrier has taken it
    RELEASED = "released"  #: it was held, and an admin let it go
    RETRY = "retry"  #: nothing was taken; it will be tried again
    UNCERTAIN = "uncertain"  #: the submission was cut off: the carrier may have taken it
    FALLBACK = "fallback"  #: MMS cannot reach the phone: it goes on as an SMS
    REROUTED = "rerouted"  #: another route is tried: the receiver seems to be with another operator (settled 28)
    RESENT = "resent"  #: sent again after an uncertain submission: it may arrive twice
    ADOPTED = "adopted"  #: a receipt told that an uncertain submission had arrived
    RECEIPT = "receipt"  #: the carrier told something that is not final
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"  #: its sender took it back before it had left
    LATE_RECEIPT = "late receipt"  #: a final receipt after the first final one
    LATE_RESULT = "late result"  #: a worker came back after its lease had gone to another
    NO_RECEIPT = "no receipt"  #: the validity ended without a final receipt (settled 27)
    POSTBACK_GIVEN_UP = "postback given up"
    POSTBACK_AGAIN = "postback again"  #: an admin has it posted once more
    POSTBACKS_OFF = "postbacks off"  #: nothing is posted to the account's address any more
    OPENED = "opened"  #: the fallback page was shown for the first time, to a person as far as can be told


@unique
class Reason(Enum):
    """Why a message did not arrive, or not at once; its words go into STATUSDETAILS."""

    NONE = ""
    FORCED = "sent as SMS by request"
    NOT_CAPABLE = "the operator takes no MMS"
    LANDLINE = "a landline takes no MMS"
    NO_MMS_ROUTE = "no MMS route serves this sender and operator"
    REFUSED = "refused by the carrier"
    TOO_BIG = "too big for the operator"
    CONTENT_REFUSED = "the content cannot be adapted"
    NO_ROUTE = "no route serves this operator any more"
    UNSOUND = "the audio or video cannot be played"
    NOT_PROBED = "the audio or video could not be looked at"
    CONTENT_LOST = "the content is no longer available"
    EXPIRED = "expired before it could be sent"
    CANCELLED = "cancelled before it could be sent"
    ACCOUNT_OFF = "the account was disabled before it could be sent"
    TEST_ACCOUNT = "the account was made a test account before it could be sent"
    SMS_COUNTRY = "the account may send no SMS to this country"
    SMS_CAP = "the account has sent its SMS segments of the day"
    BLOCKED = "the receiver was blocked before it could be sent"
    NOT_SUBSCRIBED = "the receiver left the campaign before it could be sent"
    DROPPED = "held as a repetition and dropped by the admin"
    RETRIES = "not taken by the carrier"
    CONNECTION = "the carrier could not be reached"
    THROTTLED = "the carrier asked to slow down"
    UNCERTAIN = "the carrier's answer was lost"
    RECEIPT = "reported by the carrier"
