"""What the simulated network does, chosen by the last two digits of the receiver's number.

One table: the code obeys it, ``--help`` prints it, and docs/how-to/simulator.md is tested against it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from enum import Enum

from slidewire.simulator.status import Code


class Answer(Enum):
    """How a SubmitReq is answered."""

    ACCEPT = "SubmitRsp 1000"
    SLOW = "SubmitRsp 1000, late"
    FAULT = "a SOAP Fault with the behaviour's code"
    THROTTLE = "HTTP 429 with Retry-After"
    BUSY = "HTTP 503 with Retry-After"
    GARBAGE = "HTTP 200 with a page that is no SOAP"
    CUT = "message taken, connection cut without an answer"


class Fate(Enum):
    """MMStatus of a DeliveryReportReq (standards.md 1.3)."""

    RETRIEVED = "Retrieved"
    EXPIRED = "Expired"
    REJECTED = "Rejected"
    INDETERMINATE = "Indeterminate"
    FORWARDED = "Forwarded"
    UNRECOGNISED = "Unrecognised"
    DEFERRED = "Deferred"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One row: the answer to the submission, and the reports after it."""

    says: str
    answer: Answer = Answer.ACCEPT
    code: Code = Code.SUCCESS  #: of a FAULT
    first_tries: bool = False  #: only the first tries are answered so, the next is accepted
    reports: tuple[Fate, ...] = (Fate.RETRIEVED,)
    copies: int = 1  #: how often each report is sent, word for word
    early: bool = False  #: the reports go out before the submission is answered
    swapped: bool = False  #: Recipient and Sender change places in the reports


DELIVERED = Behaviour("delivered: accepted, then reported Retrieved")

#: Last two digits of the receiver -> what happens. Any other number is DELIVERED.
BEHAVIOURS: dict[str, Behaviour] = {
    "01": Behaviour("expired: accepted, then reported Expired", reports=(Fate.EXPIRED,)),
    "02": Behaviour("rejected: accepted, then reported Rejected", reports=(Fate.REJECTED,)),
    "03": Behaviour(
        "throttled: HTTP 429 with Retry-After at the first tries, then delivered",
        Answer.THROTTLE,
        first_tries=True,
    ),
    "04": Behaviour("broken: HTTP 503 without SOAP at the first tries, then delivered", Answer.BUSY, first_tries=True),
    "05": Behaviour("silent: accepted, never reported", reports=()),
    "06": Behaviour("slow: answered late, then delivered", Answer.SLOW),
    "07": Behaviour("hasty: the report comes before the submission is answered", early=True),
    "08": Behaviour("content refused: SOAP Fault 2004, always", Answer.FAULT, Code.CONTENT_REFUSED),
    "09": Behaviour("service denied: SOAP Fault 4007, always", Answer.FAULT, Code.SERVICE_DENIED),
    "10": Behaviour(
        "cut: at the first try taken and delivered, but the connection ends without an answer",
        Answer.CUT,
        first_tries=True,
    ),
    "11": Behaviour("deferred: reported Deferred, then Retrieved", reports=(Fate.DEFERRED, Fate.RETRIEVED)),
    "12": Behaviour("swapped: Recipient and Sender change places in the report", swapped=True),
    "13": Behaviour("doubled: the same report comes twice", copies=2),
    "14": Behaviour("unrecognised: accepted, then reported Unrecognised", reports=(Fate.UNRECOGNISED,)),
    "15": Behaviour("indeterminate: reported Indeterminate and nothing after it", reports=(Fate.INDETERMINATE,)),
    "16": Behaviour(
        "unavailable: SOAP Fault 4006 at the first tries, then delivered",
        Answer.FAULT,
        Code.UNAVAILABLE,
        first_tries=True,
    ),
    "17": Behaviour("forwarded: accepted, then reported Forwarded", reports=(Fate.FORWARDED,)),
    "18": Behaviour(
        "garbled: at the first tries HTTP 200 with a page that is no SOAP, then delivered",
        Answer.GARBAGE,
        first_tries=True,
    ),
    "19": Behaviour("unknown: SOAP Fault 2003, always", Answer.FAULT, Code.ADDRESS_NOT_FOUND),
}


def behaviour_of(receiver: str) -> Behaviour:
    """The row for a receiver's number."""
    return BEHAVIOURS.get(receiver[-2:], DELIVERED)


def as_accepted(behaviour: Behaviour) -> Behaviour:
    """The same row once its first tries are over."""
    return replace(behaviour, answer=Answer.ACCEPT)


class Tries:
    """Counts the tries of a receiver with a first-tries row; a taken message starts the count anew."""

    def __init__(self, first: int, remembered: int = 10_000) -> None:
        self._first = first
        self._remembered = remembered
        self._counts: OrderedDict[str, int] = OrderedDict()

    def settle(self, receiver: str, behaviour: Behaviour) -> Behaviour:
        """The behaviour for this very try. A CUT spares the second try: the first was taken already."""
        if not behaviour.first_tries:
            return behaviour
        count = self._counts.pop(receiver, 0) + 1
        if count > (1 if behaviour.answer is Answer.CUT else self._first):
            return as_accepted(behaviour)
        self._counts[receiver] = count
        if len(self._counts) > self._remembered:
            self._counts.popitem(last=False)
        return behaviour


def behaviour_table() -> str:
    """The table as text, one row a line, for --help and the docs."""
    rows = [f"  ..{digits}  {behaviour.says}" for digits, behaviour in BEHAVIOURS.items()]
    return "\n".join([*rows, f"  other {DELIVERED.says}"])
