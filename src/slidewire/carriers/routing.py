"""Which route takes a message: pure, over the routes in the order of the settings (settled 12).

A route that can be reached comes before one that cannot, one that names the operator before one that takes any; among
equals the weights decide, and without any the first in the settings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

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
    receiver: str = ""  #: whom the weights are drawn by: what goes to one phone goes by one route
    away: frozenset[str] = frozenset()  #: names of routes that cannot be reached now: another goes before them
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
    fitting = [route for route in serving if any(matches_sender(each, wanted.sender) for each in route.senders)]
    if not fitting:
        return NoRoute(f"no {wanted.kind} route for this operator takes the sender {wanted.sender}")
    there = [route for route in fitting if route.name not in wanted.away] or fitting
    return _drawn(
        [route for route in there if _is_named(wanted, route) is _is_named(wanted, there[0])], wanted.receiver
    )


def _drawn(equals: Sequence[Route], receiver: str) -> Route:
    """The first, or where it has a weight one of those that have, by their weights."""
    if not equals[0].weight:
        return equals[0]
    weighted = [route for route in equals if route.weight]
    place = crc32(receiver.encode()) % sum(route.weight for route in weighted)
    for route in weighted:
        place -= route.weight
        if place < 0:
            return route
    raise AssertionError("unreachable: the place is below the sum")


def _is_of(wanted: Wanted, route: Route) -> bool:
    return route.kind == wanted.kind and route.test is wanted.test and route.name not in wanted.without


def _serving(routes: list[Route], wanted: Wanted) -> list[Route]:
    exact = [route for route in routes if _is_named(wanted, route)]
    return exact + [route for route in routes if ANY in route.operators and route not in exact]


def _is_named(wanted: Wanted, route: Route) -> bool:
    """Whether the route names the operator, rather than taking any."""
    return bool(({wanted.operator, *wanted.aliases} - {"", ANY}).intersection(route.operators))


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
