"""MMS or SMS: the way that a message takes when it is accepted. Pure; the faults are those of settled 12."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, unique

from slidewire.carriers.base import Route
from slidewire.carriers.operators import Operator
from slidewire.carriers.routing import NoRoute, Wanted, choose_route
from slidewire.domain.events import Reason
from slidewire.domain.faults import Fault
from slidewire.domain.message import Message

SMS = "smpp"
MMS = "mm7"
_NO_TEXTS = "this account may send no SMS to the receiver's country"


@unique
class Landline(Enum):
    """What becomes of a message to a landline ([lookup] landline)."""

    SMS = "sms"  #: as if its operator took no MMS
    REFUSE = "refuse"  #: E628
    SEND = "send"  #: as to any other number


@dataclass(frozen=True, slots=True)
class Case:
    """What the choice depends on."""

    sender: str
    operator: Operator | None  #: None: not known
    forced: bool  #: FORCE_SEND_AS_SMS
    fallback_allowed: bool
    landline: Landline = Landline.SEND  #: SEND too where the number is none
    test: bool = False  #: it goes to the simulator, whatever else there is (docs/adr/0123)
    receiver: str = ""  #: whom the weights of routes are drawn by
    away: frozenset[str] = frozenset()  #: names of routes that cannot be reached now
    texts: bool = True  #: the account may send SMS to the receiver's country (security 16)

    @property
    def obstacle(self) -> Reason:
        """Why no MMS reaches the phone, whatever routes there are; NONE: one may."""
        if self.landline is not Landline.SEND:
            return Reason.LANDLINE
        return Reason.NOT_CAPABLE if self.operator is not None and not self.operator.mms else Reason.NONE


@dataclass(frozen=True, slots=True)
class Way:
    """The route, and why it is one for SMS; NONE: it is one for MMS."""

    route: Route
    reason: Reason = Reason.NONE
    operator: str = ""  #: our id of the receiver's network; empty: not known

    @property
    def is_sms(self) -> bool:
        """Whether the message leaves as an SMS with a link."""
        return self.route.kind == SMS


def choose_way(routes: Iterable[Route], case: Case) -> Way:
    """The way for ``case``. Raises FaultError: E619, E628."""
    routes = tuple(routes)
    operator = case.operator.id if case.operator else ""
    if case.forced:
        sms = _sms_route(routes, case)
        if isinstance(sms, NoRoute):
            raise Fault.NOT_PROVISIONED.error(sms.reason)
        return Way(sms, Reason.FORCED, operator)
    obstacle = case.obstacle
    if obstacle is not Reason.NONE and (not case.fallback_allowed or case.landline is Landline.REFUSE):
        raise Fault.OPERATOR_NOT_SUPPORTED.error(obstacle.value)
    mms = choose_route(routes, _wanted(case, MMS)) if obstacle is Reason.NONE else NoRoute(obstacle.value)
    if isinstance(mms, Route):
        return Way(mms, operator=operator)
    sms = _sms_route(routes, case)
    if isinstance(sms, Route) and case.fallback_allowed:
        return Way(sms, Reason.NO_MMS_ROUTE if obstacle is Reason.NONE else obstacle, operator)
    raise Fault.NOT_PROVISIONED.error(_why_none(case))


def _sms_route(routes: tuple[Route, ...], case: Case) -> Route | NoRoute:
    if not case.texts:
        return NoRoute(_NO_TEXTS)
    found = choose_route(routes, _wanted(case, SMS))
    which = "SMS route to the simulator" if case.test else "SMS route"
    return found if isinstance(found, Route) else NoRoute(f"there is no {which} for this sender and receiver")


def _why_none(case: Case) -> str:
    if case.test:
        return "no route to the simulator takes what a test account sends"
    return _NO_TEXTS if case.fallback_allowed and not case.texts else ""


def other_route(routes: Iterable[Route], case: Case, tried: str) -> Route | None:
    """Another MMS route than the one that was ``tried``; None when there is none, or no MMS reaches the phone.

    One that cannot be reached now is given where there is no better.
    """
    if case.obstacle is not Reason.NONE:
        return None
    found = choose_route(routes, replace(_wanted(case, MMS), without=frozenset({tried})))
    return found if isinstance(found, Route) else None


def fallback_route(
    routes: Iterable[Route],
    message: Message,
    operator: Operator | None,
    *,
    test: bool = False,
    away: frozenset[str] = frozenset(),
) -> Route | None:
    """The SMS route for a message whose MMS failed; None when it may not, or nothing can take it.

    ``test``: it goes to the simulator. ``away``: routes that cannot be reached now.
    """
    if not message.fallback_allowed:
        return None
    case = Case(
        message.sender, operator, forced=False, fallback_allowed=True, test=test, receiver=message.receiver, away=away
    )
    found = choose_route(routes, _wanted(case, SMS))
    return found if isinstance(found, Route) else None


def _wanted(case: Case, kind: str) -> Wanted:
    operator = case.operator
    return Wanted(
        sender=case.sender,
        operator=operator.id if operator else "",
        aliases=operator.aliases if operator else (),
        kind=kind,
        test=case.test,
        receiver=case.receiver,
        away=case.away,
    )
