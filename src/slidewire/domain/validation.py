"""What a request is told that is only looked at: every fault, and what would be sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Message


@dataclass(frozen=True, slots=True)
class Measured:
    """What a message would be on one operator's network."""

    operator: str  #: our id; empty: one that is not known
    name: str
    size: int = 0  #: bytes of the MMS that would be posted; 0: it goes as an SMS
    problem: str = ""  #: why it goes as an SMS, or not at all


@dataclass(frozen=True, slots=True)
class Validated:
    """Everything that was found."""

    receiver: str  #: E.164 without plus; empty: it is at fault
    faults: tuple[FaultError, ...]  #: in the order of settled 1
    warnings: tuple[str, ...] = ()
    networks: tuple[Measured, ...] = ()
    segments: int = 0  #: of its SMS; 0: it can have none


#: What a message would be on each network of its receiver's country.
Measure = Callable[[Message], Awaitable[tuple[Measured, ...]]]
#: How many segments its SMS would have; 0: it can have none.
Count = Callable[[Message, Account], int]
