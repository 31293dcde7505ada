"""Whether checks end at the first fault or gather all of them: the same checks in the same order either way."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from slidewire.domain.faults import FaultError

P = ParamSpec("P")
T = TypeVar("T")


class Faults:
    """Ends at the first fault, as every call does that sends."""

    def of(self, stand_in: T, check: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:  # noqa: ARG002  # of AllFaults
        """What ``check`` gives. Raises FaultError."""
        return check(*given, **named)


class AllFaults(Faults):
    """Goes on behind each fault, with a value that stands in for the one at fault."""

    def __init__(self) -> None:
        self.found: list[FaultError] = []

    def of(self, stand_in: T, check: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """What ``check`` gives, or ``stand_in`` where it finds a fault."""
        try:
            return check(*given, **named)
        except FaultError as fault:
            self.found.append(fault)
            return stand_in


FIRST = Faults()
