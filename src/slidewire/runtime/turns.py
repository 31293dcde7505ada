"""What the messages of each route keep to besides the route's own pace."""

from collections.abc import Callable, Iterable

from slidewire.carriers.base import Route
from slidewire.domain.account import Account
from slidewire.domain.quiet import QuietRules
from slidewire.domain.task import door_of
from slidewire.domain.turns import Turns, TurnsOf


def turns_of(routes: Iterable[Route], account: Callable[[str], Account | None]) -> TurnsOf:
    """The turns of the queue that it is called with. ``account``: by its id, as last seen."""

    def quiet(account_id: str) -> QuietRules | None:
        found = account(account_id)
        return found.settings.quiet if found else None

    kept = {route.name: Turns(route.name, route.sender_rate, route.campaign_rate, quiet) for route in routes}
    return lambda queue: kept.get(door_of(queue))
