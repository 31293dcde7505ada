"""What peers want differently, as data: one row per profile, no row claims that a vendor supports us.

`generic` sends as few optional elements as possible. A route may change single options of its profile (options.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from types import MappingProxyType

from slidewire.carriers.base import Verdict


@unique
class SoapAction(Enum):
    """What the SOAPAction header says (standards.md 1.4)."""

    EMPTY = "empty"  #: two quotes
    NAMESPACE = "namespace"  #: the MM7 namespace, quoted
    OMIT = "omit"  #: no such header


@unique
class NumberForm(Enum):
    """How a phone number is written (standards.md 1.6)."""

    BARE = "bare"  #: <Number>447700900123
    PLUS = "plus"  #: <Number>+447700900123
    PLMN = "plmn"  #: <Number>+447700900123/TYPE=PLMN
    RFC2822 = "rfc2822"  #: <RFC2822Address>+447700900123/TYPE=PLMN


@unique
class SenderForm(Enum):
    """Which element names our sender (standards.md 1.6)."""

    AUTO = "auto"  #: up to 8 digits: ShortCode; more: the form of numbers
    NUMBER = "number"  #: <Number>, digits only
    SHORT_CODE = "short-code"
    RFC2822 = "rfc2822"
    NONE = "none"  #: no SenderAddress: the MMSC knows us by our credentials


@unique
class Authentication(Enum):
    """How we prove who we are (standards.md 1.4, 8)."""

    BASIC = "basic"
    BEARER = "bearer"  #: the route's password is the token


_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of peer wants to be spoken to."""

    soap_action: SoapAction = SoapAction.EMPTY
    prefix: str = "mm7"  #: of MM7 elements; empty: they are in the default namespace
    cid: bool = True  #: Content's href starts with `cid:`
    numbers: NumberForm = NumberForm.BARE
    sender: SenderForm = SenderForm.AUTO
    authentication: Authentication = Authentication.BASIC
    version: str = ""  #: MM7Version; empty: the one that goes with the namespace
    omit: frozenset[str] = frozenset()
    add: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    headers: tuple[tuple[str, str], ...] = ()  #: extra HTTP headers, `{operator}` and its like filled in
    operator_ids: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  #: our operator id -> the peer's own
    operator_header: str = ""  #: in which the peer's requests name the phone's operator, as in operator_ids
    codes: Mapping[int, Verdict] = field(default_factory=lambda: MappingProxyType({}))  #: StatusCodes of its own
    blocked_codes: frozenset[int] = frozenset()  #: StatusCodes that say that the receiver blocks the sender


#: Name of a profile -> how it speaks. The sources of each row are in standards.md 1.4 to 1.6 and 8.
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "generic": Profile(),
        "default-namespace": Profile(prefix=""),
        "no-sender": Profile(sender=SenderForm.NONE),
        "plmn": Profile(numbers=NumberForm.RFC2822, sender=SenderForm.RFC2822, cid=False),
        "aggregator": Profile(
            soap_action=SoapAction.NAMESPACE,
            sender=SenderForm.AUTO,
            headers=(("X-Mblox-Carrier-Id", "{operator}"),),
            codes=MappingProxyType({2569: Verdict.RETRY, 3500: Verdict.RETRY, 3510: Verdict.THROTTLED}),
        ),
        "aggregator-key": Profile(
            headers=(("X-Skycore-Carrier-Id", "{operator}"),),
            codes=MappingProxyType({2569: Verdict.RETRY}),
        ),
    }
)
