"""Which SMS route takes over a message whose MMS failed, and whether its account may still have one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slidewire.carriers.base import Route
from slidewire.carriers.choice import fallback_route
from slidewire.carriers.operators import Catalogue
from slidewire.domain.account import Account
from slidewire.domain.message import Message
from slidewire.domain.spending import may_text


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """Asked by every step that turns an MMS into an SMS."""

    routes: Sequence[Route]
    operators: Catalogue
    account: Callable[[str], Account | None]  #: by id, as last seen

    def find(self, message: Message) -> Route | None:
        """The route; None when the message may not or cannot go as SMS."""
        account = self.account(message.account_id)
        if account is None or not may_text(account.settings, message.sender, message.country):
            return None
        # accepted as a test, or of an account that is one now: neither ever meets a real carrier (docs/adr/0123)
        test = account.settings.test or any(route.test for route in self.routes if route.name == message.route)
        return fallback_route(self.routes, message, self.operators.resolve(message.operator), test=test)
