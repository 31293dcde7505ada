"""What a message would be on each network of its receiver's country, made as it would be made for sending."""

from collections.abc import Sequence
from dataclasses import replace

from slidewire.api.doors import ValidationDoor
from slidewire.carriers.base import Route
from slidewire.carriers.choice import Case, choose_way
from slidewire.carriers.handsets import HandsetTable
from slidewire.carriers.mm7.client import Mm7Carrier
from slidewire.carriers.operators import Catalogue, Operator
from slidewire.content.pool import MediaBusyError, MediaFailedError, MediaRefusedError
from slidewire.content.rendition import RenditionMaker
from slidewire.domain.faults import FaultError
from slidewire.domain.ids import new_token
from slidewire.domain.message import Message
from slidewire.domain.task import Task, TaskKind
from slidewire.domain.validation import Measured
from slidewire.intake.accept import Intake
from slidewire.intake.validating import Validation, ValidationTools
from slidewire.outbound.dial import Dialer
from slidewire.outbound.post import PostClient
from slidewire.outbound.resolve import Resolver
from slidewire.runtime.budgets import Budgets
from slidewire.runtime.clock import now
from slidewire.runtime.foretelling import Foretelling
from slidewire.runtime.media import Media
from slidewire.store.database import Database
from slidewire.store.links import link_address
from slidewire.work.endings import Attempt
from slidewire.work.renditions import Advice, Renditions, SmallerFirstError, UnfitError

#: Networks that are measured for one message.
_MOST = 20


def unsent_renditions(maker: RenditionMaker, budgets: Budgets, handsets: HandsetTable, base: str) -> Renditions:
    """Made as for sending, but no page is linked: an address of the same length stands for its own."""
    link = link_address(base, new_token())

    async def no_page(_message: Message) -> str:
        return link

    return Renditions(maker, Advice(budgets.find, handsets.find, no_page))


class Measuring:
    """Makes renditions that are sent nowhere."""

    def __init__(self, routes: Sequence[Route], operators: Catalogue, renditions: Renditions) -> None:
        self._routes = tuple(routes)
        self._operators = operators
        self._renditions = renditions
        self._carriers: dict[str, Mm7Carrier] = {}  # by their routes: each reads the system's certificates once

    async def measure(self, message: Message) -> tuple[Measured, ...]:
        """Each network of the country; where none is known, one without a name."""
        here = [operator for operator in self._operators if operator.country == message.country]
        own = self._operators.resolve(message.operator) if message.operator else None
        asked: list[Operator | None] = list(dict.fromkeys([own, *here] if own else here))
        return tuple([await self._measured(message, operator) for operator in (asked or [None])[:_MOST]])

    async def _measured(self, message: Message, operator: Operator | None) -> Measured:
        named = (operator.id, operator.name) if operator else ("", "")
        test = any(route.test for route in self._routes if route.name == message.route)
        case = Case(message.sender, operator, forced=False, fallback_allowed=message.fallback_allowed, test=test)
        try:
            way = choose_way(self._routes, case)
        except FaultError as fault:
            return Measured(*named, problem=fault.words)
        if way.is_sms:
            return Measured(*named, problem=way.reason.value)
        there = replace(message, operator=way.operator, spid="", route=way.route.name)
        try:
            ready = await self._renditions.make(_attempt(there, way.route), self._carrier(way.route))
        except (UnfitError, SmallerFirstError) as error:
            return Measured(*named, problem=str(error))
        except MediaRefusedError as error:
            return Measured(*named, problem=f"the content cannot be adapted: {error.detail}")
        except (MediaBusyError, MediaFailedError) as error:
            return Measured(*named, problem=f"not measured: {error}")
        return Measured(*named, size=ready.rendition.size)

    def _carrier(self, route: Route) -> Mm7Carrier:
        """Asked how much it posts around a message; it never connects."""
        if route.name not in self._carriers:
            self._carriers[route.name] = Mm7Carrier(route, PostClient(Dialer(Resolver(_nobody))), now)
        return self._carriers[route.name]


def _attempt(message: Message, route: Route) -> Attempt:
    task = Task("", TaskKind.DELIVER, TaskKind.DELIVER.queue(route.name), message.account_id, message.id, 0)
    return Attempt(task, message, route)


async def _nobody(host: str) -> list[str]:
    raise LookupError(f"nothing is sent to {host}")


def validation_door(
    intake: Intake, database: Database, media: Media, foretelling: Foretelling, measuring: Measuring
) -> ValidationDoor:
    """What the API has requests looked at by."""
    tools = ValidationTools(
        intake, media.fetcher, database, media.store, media.av, measuring.measure, foretelling.count
    )
    return Validation(tools).validate
