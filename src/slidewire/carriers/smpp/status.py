"""What a command_status means for a segment: one table. A code that is not in it is tried a few times (settled 28).

Why each: docs/adr/0050-smpp-codes.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from slidewire.carriers.base import Verdict

OK = 0x00
BAD_LENGTH = 0x02
BAD_COMMAND = 0x03
ALREADY_BOUND = 0x05
QUEUE_FULL = 0x14
THROTTLED = 0x58
#: What we answer to a deliver_sm: later, or never.
TEMPORARY = 0x64
PERMANENT = 0x65


@dataclass(frozen=True, slots=True)
class Meaning:
    """The verdict, and what else it says about the route; the fields are those of Outcome."""

    name: str  #: as the specification calls it, without ESME_R
    verdict: Verdict
    alarm: bool = False
    route_down: bool = False
    few_tries: bool = False
    blocked: bool = False


def _refused(name: str) -> Meaning:
    return Meaning(name, Verdict.REFUSED)


def _our_fault(name: str) -> Meaning:
    """A setting or a bug of ours: nothing will pass."""
    return Meaning(name, Verdict.REFUSED, alarm=True)


def _few(name: str) -> Meaning:
    return Meaning(name, Verdict.RETRY, few_tries=True)


def _route_shut(name: str) -> Meaning:
    """The route waits, its messages are kept."""
    return Meaning(name, Verdict.RETRY, alarm=True, route_down=True)


#: command_status -> what it means (standards.md 5.1).
CODES: Mapping[int, Meaning] = MappingProxyType(
    {
        OK: Meaning("OK", Verdict.ACCEPTED),
        0x01: _refused("INVMSGLEN"),
        BAD_LENGTH: _our_fault("INVCMDLEN"),
        BAD_COMMAND: _our_fault("INVCMDID"),
        0x04: Meaning("INVBNDSTS", Verdict.RETRY, route_down=True),
        ALREADY_BOUND: Meaning("ALYBND", Verdict.RETRY, route_down=True),
        0x06: _our_fault("INVPRTFLG"),
        0x07: _our_fault("INVREGDLVFLG"),
        0x08: _few("SYSERR"),
        0x0A: _refused("INVSRCADR"),
        0x0B: _refused("INVDSTADR"),
        0x0C: _refused("INVMSGID"),
        0x0D: _route_shut("BINDFAIL"),
        0x0E: _route_shut("INVPASWD"),
        0x0F: _route_shut("INVSYSID"),
        QUEUE_FULL: Meaning("MSGQFUL", Verdict.THROTTLED),
        0x15: _our_fault("INVSERTYP"),
        0x33: _refused("INVNUMDESTS"),
        0x34: _refused("INVDLNAME"),
        0x40: _our_fault("INVDESTFLAG"),
        0x42: _our_fault("INVSUBREP"),
        0x43: _our_fault("INVESMCLASS"),
        0x44: _refused("CNTSUBDL"),
        0x45: _few("SUBMITFAIL"),
        0x48: _our_fault("INVSRCTON"),
        0x49: _our_fault("INVSRCNPI"),
        0x50: _our_fault("INVDSTTON"),
        0x51: _our_fault("INVDSTNPI"),
        0x53: _route_shut("INVSYSTYP"),
        0x54: _our_fault("INVREPFLAG"),
        0x55: _refused("INVNUMMSGS"),
        THROTTLED: Meaning("THROTTLED", Verdict.THROTTLED),
        0x61: _our_fault("INVSCHED"),
        0x62: _our_fault("INVEXPIRY"),
        0x63: _our_fault("INVDFTMSGID"),
        TEMPORARY: _few("X_T_APPN"),
        PERMANENT: _refused("X_P_APPN"),
        0x66: _refused("X_R_APPN"),
        0xC0: _our_fault("INVOPTPARSTREAM"),
        0xC1: _our_fault("OPTPARNOTALLWD"),
        0xC2: _our_fault("INVPARLEN"),
        0xC3: _our_fault("MISSINGOPTPARAM"),
        0xC4: _our_fault("INVOPTPARAMVAL"),
        0xFE: _few("DELIVERYFAILURE"),
        0xFF: _few("UNKNOWNERR"),
    }
)
_UNKNOWN = _few("")


def judge(status: int, own: Mapping[int, Verdict]) -> Meaning:
    """What ``status`` means; ``own`` are the route's private codes, which come first."""
    known = CODES.get(status, _UNKNOWN)
    return Meaning(known.name, own[status]) if status in own else known


def describe(status: int) -> str:
    """``0x0000000B (ESME_RINVDSTADR)``, for the event and the console."""
    known = CODES.get(status)
    return f"command_status 0x{status:08X}" + (f" (ESME_R{known.name})" if known else "")
