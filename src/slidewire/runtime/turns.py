"""What the messages of each route keep to besides the route's own pace."""

from collections.abc import Iterable

from slidewire.carriers.base import Route
from slidewire.domain.task import door_of
from slidewire.domain.turns import Turns, TurnsOf


def turns_of(routes: Iterable[Route]) -> TurnsOf:
    """The turns of the queue that it is called with."""
    known = {route.name: Turns(route.name, route.sender_rate, route.campaign_rate) for route in routes}
    kept = {name: turns for name, turns in known.items() if not turns.are_free}
    return lambda queue: kept.get(door_of(queue))
