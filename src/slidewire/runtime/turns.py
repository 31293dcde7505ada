"""What the messages of each route keep to besides the route's own pace, and how accounts share it."""

from collections.abc import Callable, Iterable

from slidewire.carriers.base import Route
from slidewire.domain.account import Account
from slidewire.domain.fairness import LIGHTEST, Sharing
from slidewire.domain.quiet import QuietRules
from slidewire.domain.task import door_of
from slidewire.domain.turns import Turns, TurnsOf
from slidewire.runtime.configure import span
from slidewire.settings import Settings
from slidewire.work.fairness import Fairness

#: By its id, as last seen.
AccountOf = Callable[[str], Account | None]


def turns_of(routes: Iterable[Route], account: AccountOf) -> TurnsOf:
    """The turns of the queue that it is called with."""

    def quiet(account_id: str) -> QuietRules | None:
        found = account(account_id)
        return found.settings.quiet if found else None

    kept = {route.name: Turns(route.name, route.sender_rate, route.campaign_rate, quiet) for route in routes}
    return lambda queue: kept.get(door_of(queue))


def fairness_of(settings: Settings, account: AccountOf) -> Fairness:
    """How the accounts share what is crowded. Raises SettingsError."""

    def weight(account_id: str) -> int:
        found = account(account_id)
        return found.settings.weight if found else LIGHTEST

    after_ms = round(span(settings.delivery.fair_after, "delivery.fair_after") * 1000)
    return Fairness(Sharing(settings.delivery.bulk_share, weight), max(after_ms, 1))
