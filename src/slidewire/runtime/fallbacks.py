"""Which SMS route takes over a message whose MMS failed, and whether its account may still have one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slidewire.carriers.base import Route
from slidewire.carriers.choice import Case, fallback_route, other_route
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
    away: Callable[[], frozenset[str]] = frozenset  #: names of routes that cannot be reached now
    avoided: Callable[[], frozenset[str]] = frozenset  #: the same, without who is to be probed with a message

    def find(self, message: Message) -> Route | None:
        """The route; None when the message may not or cannot go as SMS."""
        account = self.account(message.account_id)
        if account is None or not may_text(account.settings, message.sender, message.country):
            return None
        operator = self.operators.resolve(message.operator)
        return fallback_route(self.routes, message, operator, test=self._is_test(message, account), away=self.avoided())

    def other(self, message: Message) -> Route | None:
        """Another route for an MMS whose own cannot be reached; None when there is none that can."""
        account, away = self.account(message.account_id), self.away()
        if account is None:
            return None
        case = Case(
            sender=message.sender,
            operator=self.operators.resolve(message.operator),
            forced=False,
            fallback_allowed=False,
            test=self._is_test(message, account),
            receiver=message.receiver,
            away=away,
        )
        found = other_route(self.routes, case, message.route)
        return found if found is not None and found.name not in away else None

    def _is_test(self, message: Message, account: Account) -> bool:
        """Accepted as a test, or of an account that is one now: neither ever meets a real carrier (docs/adr/0123)."""
        return account.settings.test or any(route.test for route in self.routes if route.name == message.route)
