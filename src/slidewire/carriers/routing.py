"""Which route takes a message: pure, over the routes in the order of the settings (settled 12).

A route that names the operator comes before one that takes any; among equals the first in the settings.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from slidewire.carriers.base import Route

#: Stands for any operator or any sender.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a message asks of a route."""

    sender: str
    operator: str = ""  #: our id of the receiver's network; empty: not known
    aliases: tuple[str, ...] = ()  #: other words for the operator that a route may name
    kind: str = "mm7"
    test: bool = False  #: only a route to the simulator will do; else only another
    without: frozenset[str] = frozenset()  #: names of routes that were tried and are ruled out (settled 28)


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Nothing can take the message (E619)."""

    reason: str  #: for the console and the log


def choose_route(routes: Iterable[Route], wanted: Wanted) -> Route | NoRoute:
    """The route for ``wanted``, or why there is none."""
    of_kind = [route for route in routes if _is_of(wanted, route)]
    if not of_kind:
        which = f"{wanted.kind} route{' to the simulator' if wanted.test else ''}"
        return NoRoute(f"there is no {which}{' besides those already tried' if wanted.without else ''}")
    serving = _serving(of_kind, wanted)
    if not serving:
        operator = f"operator {wanted.operator}" if wanted.operator else "an unknown operator"
        return NoRoute(f"no {wanted.kind} route serves {operator}")
    for route in serving:
        if any(matches_sender(pattern, wanted.sender) for pattern in route.senders):
            return route
    return NoRoute(f"no {wanted.kind} route for this operator takes the sender {wanted.sender}")


def _is_of(wanted: Wanted, route: Route) -> bool:
    return route.kind == wanted.kind and route.test is wanted.test and route.name not in wanted.without


def _serving(routes: list[Route], wanted: Wanted) -> list[Route]:
    words = {wanted.operator, *wanted.aliases} - {"", ANY}
    exact = [route for route in routes if words.intersection(route.operators)]
    return exact + [route for route in routes if ANY in route.operators]


def matches_sender(pattern: str, sender: str) -> bool:
    """Whether ``pattern`` takes ``sender``: the sender itself, its beginning and `*`, or `*` for any."""
    if pattern.endswith(ANY):
        return sender.startswith(pattern.removesuffix(ANY))
    return pattern == sender


def check_sender_pattern(pattern: str) -> None:
    """Raise ValueError when ``pattern`` is none, in words for whoever wrote the settings."""
    digits = pattern.removesuffix(ANY)
    if not pattern or (digits and not (digits.isascii() and digits.isdigit())):
        raise ValueError(f"{pattern!r} is no sender pattern: a number without +, its first digits and *, or * alone")
