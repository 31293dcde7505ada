"""When a carrier knows nobody at a number, the operator may have been wrong: looked up once more, then another route.

Only for an operator that we found ourselves; one that the caller named is the caller's word (settled 28).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from slidewire.carriers.base import Route
from slidewire.carriers.choice import Case, other_route
from slidewire.carriers.lookup import Lookup
from slidewire.carriers.operators import Catalogue
from slidewire.domain.message import Message
from slidewire.domain.task import Task
from slidewire.work.remembered import was_doubted


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What came of looking once more."""

    operator: str  #: our id; empty: not known
    route: Route | None  #: another one for MMS; None: there is none


class Doubt:
    """Looks once more, once a message."""

    def __init__(self, routes: Sequence[Route], operators: Catalogue, lookup: Lookup) -> None:
        self._routes = tuple(routes)
        self._operators = operators
        self._lookup = lookup

    async def look(self, message: Message, task: Task, tried: str) -> SecondLook | None:
        """The operator and another route than ``tried``; None where the operator is not to be doubted."""
        if was_doubted(task) or (message.spid and self._operators.resolve(message.spid)):
            return None
        found = await self._lookup.again(message.receiver, message.operator)
        case = Case(message.sender, found.operator, False, message.fallback_allowed, found.landline)
        return SecondLook(found.operator.id if found.operator else "", other_route(self._routes, case, tried))
