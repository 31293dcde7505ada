"""What the simulated SMSC does, chosen by the last two digits of the receiver's number.

The rows are others than those of MMS, so that an MMS which is refused can be delivered as SMS.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum


class Reply(Enum):
    """How a submit_sm is answered."""

    TAKE = "submit_sm_resp with the id"
    SLOW = "the same, late"
    STATUS = "submit_sm_resp with the row's command_status"
    NACK = "generic_nack with the row's command_status"
    LOST = "taken, but never answered"
    CUT = "taken, connection cut without an answer"
    GARBAGE = "octets that are no PDU, then the connection ends"


class Stat(Enum):
    """``stat`` of a receipt; the number is its message_state."""

    ENROUTE = 1
    DELIVRD = 2
    EXPIRED = 3
    UNDELIV = 5
    UNKNOWN = 7
    REJECTD = 8


class Form(Enum):
    """What of a receipt is there."""

    BOTH = "text and optional parameters"
    TAGS = "optional parameters alone"
    TEXT = "text alone, its fields in capitals"


@dataclass(frozen=True, slots=True)
class SmsBehaviour:
    """One row: the answer to each segment, and the receipts after it."""

    says: str
    reply: Reply = Reply.TAKE
    status: int = 0
    first_tries: bool = False  #: only the first tries are answered so, the next is taken
    receipts: tuple[Stat, ...] = (Stat.DELIVRD,)
    copies: int = 1
    early: bool = False  #: the receipt goes out before the answer
    form: Form = Form.BOTH
    hex_ids: bool = False  #: the id is hexadecimal in the answer and decimal in the receipt


SMS_DELIVERED = SmsBehaviour("delivered: taken, then receipt DELIVRD")

#: Last two digits of the receiver -> what happens to each segment. Any other number is SMS_DELIVERED.
SMS_BEHAVIOURS: dict[str, SmsBehaviour] = {
    "51": SmsBehaviour("expired: taken, then receipt EXPIRED", receipts=(Stat.EXPIRED,)),
    "52": SmsBehaviour("undeliverable: taken, then receipt UNDELIV", receipts=(Stat.UNDELIV,)),
    "53": SmsBehaviour("rejected: taken, then receipt REJECTD", receipts=(Stat.REJECTD,)),
    "54": SmsBehaviour("throttled: 0x58 at the first tries, then delivered", Reply.STATUS, 0x58, first_tries=True),
    "55": SmsBehaviour("queue full: 0x14 at the first tries, then delivered", Reply.STATUS, 0x14, first_tries=True),
    "56": SmsBehaviour("silent: taken, no receipt", receipts=()),
    "57": SmsBehaviour("slow: answered late, then delivered", Reply.SLOW),
    "58": SmsBehaviour("hasty: the receipt comes before the answer", early=True),
    "59": SmsBehaviour("lost: at the first try taken and delivered, but never answered", Reply.LOST, first_tries=True),
    "60": SmsBehaviour(
        "cut: at the first try taken and delivered, but the connection ends without an answer",
        Reply.CUT,
        first_tries=True,
    ),
    "61": SmsBehaviour("no such number: 0x0B, always", Reply.STATUS, 0x0B),
    "62": SmsBehaviour("system error: 0x08 at the first tries, then delivered", Reply.STATUS, 0x08, first_tries=True),
    "63": SmsBehaviour("bare: the receipt has optional parameters and no text", form=Form.TAGS),
    "64": SmsBehaviour("wordy: the receipt is text in capitals, without optional parameters", form=Form.TEXT),
    "65": SmsBehaviour("hex: the id is hexadecimal in the answer, decimal in the receipt", hex_ids=True),
    "66": SmsBehaviour("doubled: the same receipt comes twice", copies=2),
    "67": SmsBehaviour("on its way: receipt ENROUTE, then DELIVRD", receipts=(Stat.ENROUTE, Stat.DELIVRD)),
    "68": SmsBehaviour(
        "not understood: generic_nack at the first tries, then delivered", Reply.NACK, 0x08, first_tries=True
    ),
    "69": SmsBehaviour(
        "garbled: at the first tries octets that are no SMPP, then delivered", Reply.GARBAGE, first_tries=True
    ),
}
#: Replies after which the segment was taken all the same: one such try is enough.
TAKEN = frozenset({Reply.LOST, Reply.CUT})


def sms_behaviour_of(receiver: str) -> SmsBehaviour:
    """The row for a receiver's number."""
    return SMS_BEHAVIOURS.get(receiver[-2:], SMS_DELIVERED)


class SmsTries:
    """Counts the tries of each receiver; once its first tries are over, segments are taken."""

    def __init__(self, first: int, remembered: int = 10_000) -> None:
        self._first = first
        self._remembered = remembered
        self._counts: OrderedDict[str, int] = OrderedDict()

    def is_over(self, receiver: str, behaviour: SmsBehaviour) -> bool:
        """Whether this try is past the first ones: it is taken, and counting starts anew."""
        count = self._counts.pop(receiver, 0) + 1
        if count > (1 if behaviour.reply in TAKEN else self._first):
            return True
        self._counts[receiver] = count
        if len(self._counts) > self._remembered:
            self._counts.popitem(last=False)
        return False


def sms_behaviour_table() -> str:
    """The table as text, one row a line, for --help and the docs."""
    rows = [f"  ..{digits}  {behaviour.says}" for digits, behaviour in SMS_BEHAVIOURS.items()]
    return "\n".join([*rows, f"  other {SMS_DELIVERED.says}"])
