"""MMS or SMS: every combination of what the choice depends on, and what settled 12, 27 and 28 say of each.

The rules here are written from those sentences, not from the code. docs/explanation/mms-or-sms.md is held against them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product


class Obstacle(Enum):
    """What stands between the message and an MMS on the phone; the words are those of the docs."""

    NONE = "nothing"
    NOT_CAPABLE = "the operator takes no MMS"
    LANDLINE = "the lookup says: a landline"
    NO_MMS_ROUTE = "no MMS route serves the sender and operator"
    LOOKUP_FAILED = "the operator cannot be looked up"
    TOO_BIG = "too big after fitting"
    STILL_TOO_BIG = "the MMSC finds it too big (2004), made smaller twice"
    ADDRESS_NOT_FOUND = "the MMSC answers 2003"
    REJECTED = "the MMSC answers 3002"
    DENIED = "the MMSC answers 4007"
    RESTRICTED = "the MMSC refuses otherwise (2001)"
    RAN_OUT = "MMS attempts ran out"
    RAN_OUT_ON_A_ROUTE_THAT_LETS = "MMS attempts ran out, with `fallback_on_outage`"


#: Only a lookup tells these: with OPERATORID nothing stands in the way.
LOOKED_UP = frozenset({Obstacle.LANDLINE, Obstacle.LOOKUP_FAILED})
#: Obstacles that an SMS may get around after MMS was tried -> what STATUSDETAILS says.
_TURNED = {
    Obstacle.TOO_BIG: "too big for the operator",
    Obstacle.STILL_TOO_BIG: "too big for the operator",
    Obstacle.ADDRESS_NOT_FOUND: "refused by the carrier: 2003",
    Obstacle.REJECTED: "refused by the carrier: 3002",
    Obstacle.DENIED: "refused by the carrier: 4007",
    Obstacle.RAN_OUT_ON_A_ROUTE_THAT_LETS: "not taken by the carrier: 4000",
}
#: Obstacles that end the message.
_ENDED = {
    Obstacle.RESTRICTED: "refused by the carrier: 2001",
    Obstacle.RAN_OUT: "not taken by the carrier: 4000",
}


@dataclass(frozen=True)
class Combination:
    obstacle: Obstacle
    account_allows: bool = True  #: account setting `fallback`
    forced: bool = False  #: FORCE_SEND_AS_SMS
    disabled: bool = False  #: DISABLEFALLBACKSMS
    operator_given: bool = True  #: OPERATORID
    sms_route: bool = True

    @property
    def met(self) -> Obstacle:
        """The obstacle that the message meets."""
        return Obstacle.NONE if self.operator_given and self.obstacle in LOOKED_UP else self.obstacle


@dataclass(frozen=True)
class Told:
    """What the customer hears: the answer's code, and the postbacks as (CODE, SENTAS, STATUS, STATUSDETAILS begins)."""

    answer: str
    postbacks: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def words(self) -> str:
        """As the docs write it."""
        if self.answer != "Success":
            return self.answer
        codes = " ".join(code for code, *_ in self.postbacks)
        sent_as = {sent_as for _, sent_as, *_ in self.postbacks} - {""}
        return f"{codes} {sent_as.pop()}" if sent_as else codes


def _as_sms(details: str) -> Told:
    sent = ("N101", "SMS", "Message Sent", details)
    return Told("Success", (sent, ("N202", "SMS", "Message Sent/Delivered", "")))


def rule(case: Combination) -> Told:
    """What settled 12, 27 and 28 and issue 4.2 say."""
    if case.forced:  # overrides DISABLEFALLBACKSMS and the account (issue 4.2)
        return _as_sms("sent as SMS by request") if case.sms_route else Told("E619")
    allowed = case.account_allows and not case.disabled
    met = case.met
    if met is Obstacle.LOOKUP_FAILED:
        return Told("E618")
    if met in (Obstacle.NOT_CAPABLE, Obstacle.LANDLINE):
        words = "the operator takes no MMS" if met is Obstacle.NOT_CAPABLE else "a landline takes no MMS"
        return (_as_sms(words) if case.sms_route else Told("E619")) if allowed else Told("E628")
    if met is Obstacle.NO_MMS_ROUTE:
        can = allowed and case.sms_route
        return _as_sms("no MMS route serves this sender and operator") if can else Told("E619")
    if met is Obstacle.NONE:
        return Told("Success", (("N101", "MMS", "Message Sent", ""),))
    if met in _TURNED and allowed and case.sms_route:
        return _as_sms(_TURNED[met])
    return Told("Success", (("E101", "", "Message Failed", (_TURNED | _ENDED)[met]),))


#: What happens before the message goes on as an SMS, or ends, where MMS is tried.
_TRIED = {
    Obstacle.STILL_TOO_BIG: ("retry", "retry"),
    Obstacle.RAN_OUT: ("retry",) * 4,  # five tries
    Obstacle.RAN_OUT_ON_A_ROUTE_THAT_LETS: ("retry",),  # once through a schedule of one
}


def events(case: Combination) -> tuple[str, ...]:
    """What happens to an accepted message, receipts that are not final left out."""
    told = rule(case)
    codes = [code for code, *_ in told.postbacks]
    if case.forced or case.met is Obstacle.NONE:
        return ("submitted", "delivered") if case.forced else ("submitted",)
    if case.met in (Obstacle.NOT_CAPABLE, Obstacle.LANDLINE, Obstacle.NO_MMS_ROUTE):
        return ("submitted", "delivered")
    tried = _TRIED.get(case.met, ())
    if codes == ["E101"]:
        may_not_turn = case.met is Obstacle.RAN_OUT_ON_A_ROUTE_THAT_LETS
        return (*(_TRIED[Obstacle.RAN_OUT] if may_not_turn else tried), "failed")
    return (*tried, "fallback", "submitted", "delivered")


def combinations(sms_route: bool) -> Iterator[Combination]:
    """All of them, for a gateway that has an SMS route or none."""
    switches = (False, True)
    for obstacle, account, forced, disabled, given in product(Obstacle, *[switches] * 4):
        yield Combination(obstacle, account, forced, disabled, given, sms_route)


#: Columns of the table in the docs -> what is special about them.
COLUMNS = {
    "SMS may go": Combination(Obstacle.NONE),
    "SMS may not go": Combination(Obstacle.NONE, account_allows=False),
    "SMS may go, no SMS route": Combination(Obstacle.NONE, sms_route=False),
    "SMS may not go, no SMS route": Combination(Obstacle.NONE, disabled=True, sms_route=False),
    "FORCE_SEND_AS_SMS": Combination(Obstacle.NONE, forced=True, disabled=True, account_allows=False),
    "FORCE_SEND_AS_SMS, no SMS route": Combination(Obstacle.NONE, forced=True, sms_route=False),
}
