"""What an MM7 StatusCode, an HTTP status or broken network means for the message: one table each.

A code that is in no table takes the verdict of its group (settled 28); why each: docs/adr/0030.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from slidewire.carriers.base import ReceiptStatus, Verdict

#: Seconds: the longest pause that a peer may impose on a route.
MAX_RETRY_AFTER = 3600.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and what else it says about the route; the fields are those of Outcome."""

    verdict: Verdict
    alarm: bool = False
    route_down: bool = False
    few_tries: bool = False
    operator_doubt: bool = False
    fall_back: bool = False
    blocked: bool = False


_ACCEPTED = Judgement(Verdict.ACCEPTED)
_REFUSED = Judgement(Verdict.REFUSED)
_REFUSED_OUR_FAULT = Judgement(Verdict.REFUSED, alarm=True)  #: a setting or a bug of ours: nothing will pass
_RETRY = Judgement(Verdict.RETRY)
_RETRY_FEW = Judgement(Verdict.RETRY, few_tries=True)
_ROUTE_SHUT = Judgement(Verdict.RETRY, alarm=True, route_down=True)  #: the route waits, its messages are kept
_THROTTLED = Judgement(Verdict.THROTTLED)
_WRONG_NETWORK = Judgement(Verdict.REFUSED, operator_doubt=True, fall_back=True)
_NO_MMS = Judgement(Verdict.REFUSED, fall_back=True)  #: this phone or message takes no MMS: an SMS may reach it

#: What the codes mean that a route's blocked_codes name: the standard has none for it.
RECEIVER_BLOCKS = Judgement(Verdict.REFUSED, blocked=True)

#: StatusCode -> judgement (standards.md 1.5). 1100 is looked into: see judge_code.
CODES: Mapping[int, Judgement] = MappingProxyType(
    {
        1000: _ACCEPTED,
        1100: _REFUSED,  # partial success, for one receiver: none
        2000: _REFUSED,
        2001: _REFUSED,
        2002: _REFUSED,
        2003: _WRONG_NETWORK,
        2004: Judgement(Verdict.TOO_BIG),
        2005: _REFUSED,
        2006: _REFUSED,
        2007: _REFUSED_OUR_FAULT,
        2008: _REFUSED,
        2009: _REFUSED,
        3000: _RETRY,
        3001: _REFUSED,
        3002: _NO_MMS,
        3003: _REFUSED,
        3004: _REFUSED,
        4000: _RETRY_FEW,
        4001: _ROUTE_SHUT,
        4002: _REFUSED_OUR_FAULT,
        4003: _REFUSED_OUR_FAULT,
        4004: _REFUSED_OUR_FAULT,
        4005: _REFUSED,
        4006: _THROTTLED,
        4007: _WRONG_NETWORK,
        4008: _REFUSED,
    }
)
#: First digit -> judgement of codes that we do not know.
GROUPS: Mapping[int, Judgement] = MappingProxyType({1: _ACCEPTED, 2: _REFUSED, 3: _RETRY_FEW, 4: _RETRY_FEW})

_UNCERTAIN = Judgement(Verdict.UNCERTAIN)
_LOST_BEHIND = Judgement(Verdict.UNCERTAIN, route_down=True)  #: the peer, or a proxy before it, broke after reading

#: HTTP status of an answer without readable SOAP -> judgement.
HTTP: Mapping[int, Judgement] = MappingProxyType(
    {
        401: _ROUTE_SHUT,
        403: _ROUTE_SHUT,
        404: _ROUTE_SHUT,
        405: _ROUTE_SHUT,
        407: _ROUTE_SHUT,
        408: _RETRY,
        410: _ROUTE_SHUT,
        413: Judgement(Verdict.TOO_BIG),
        421: _ROUTE_SHUT,
        425: _RETRY,
        429: _THROTTLED,
        501: _ROUTE_SHUT,
        503: Judgement(Verdict.THROTTLED, route_down=True),
        505: _ROUTE_SHUT,
    }
)
#: First digit of an HTTP status -> judgement where HTTP has none.
HTTP_GROUPS: Mapping[int, Judgement] = MappingProxyType(
    {
        2: _UNCERTAIN,
        3: _ROUTE_SHUT,
        4: Judgement(Verdict.RETRY, alarm=True, few_tries=True),
        5: _LOST_BEHIND,
    }
)

#: MMStatus, in lower case -> what it means (settled 27).
RECEIPTS: Mapping[str, ReceiptStatus] = MappingProxyType(
    {
        "retrieved": ReceiptStatus.DELIVERED,
        "expired": ReceiptStatus.EXPIRED,
        "rejected": ReceiptStatus.REJECTED,
        "unrecognised": ReceiptStatus.NOT_SUPPORTED,
        "unrecognized": ReceiptStatus.NOT_SUPPORTED,
        "notsupported": ReceiptStatus.NOT_SUPPORTED,
        "unreachable": ReceiptStatus.FAILED,
        "deliveryconditionnotmet": ReceiptStatus.FAILED,
    }
)


def judge_code(code: int, inner: tuple[int, ...], own: Mapping[int, Verdict]) -> Judgement:
    """What ``code`` means; ``inner`` are the codes in its Details, ``own`` the peer's private codes."""
    if code in own:
        return Judgement(own[code])
    if code == 1100 and inner and all(each // 1000 == 1 and each != 1100 for each in inner):
        return _ACCEPTED
    return CODES.get(code) or GROUPS.get(code // 1000, _RETRY_FEW)


def judge_http(status: int) -> Judgement:
    """What an answer means of which only the HTTP status can be read."""
    return HTTP.get(status) or HTTP_GROUPS.get(status // 100, _UNCERTAIN)


def receipt_status(word: str) -> ReceiptStatus:
    """What ``word`` (MMStatus) means; a word that we do not know is not final."""
    return RECEIPTS.get(word.lower(), ReceiptStatus.PENDING)


def read_retry_after(value: str, now: int) -> float:
    """Seconds that Retry-After asks for, from 0 to MAX_RETRY_AFTER; 0 when it cannot be read. ``now``: milliseconds."""
    if not value:  # nearly always
        return 0.0
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", value):
        seconds = float(value)
    else:
        try:
            when = parsedate_to_datetime(value)
            seconds = when.replace(tzinfo=when.tzinfo or UTC).timestamp() - now / 1000
        except (ValueError, OverflowError, TypeError, IndexError):
            return 0.0
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
