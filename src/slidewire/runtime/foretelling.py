"""How long an SMS would be, known when its message is accepted: a fallback is told, a text refused (settled 25, 30)."""

from collections.abc import Callable, Sequence

from slidewire.carriers.base import Route
from slidewire.carriers.choice import SMS
from slidewire.carriers.smpp.options import options_of
from slidewire.carriers.smpp.text import Writing, count, fallback_text, foretold, room
from slidewire.domain.account import Account
from slidewire.domain.ids import new_token
from slidewire.domain.message import Message
from slidewire.store.links import link_address

#: Characters that are one segment in every alphabet: no more is asked about such a text.
_SURE = 70


class Foretelling:
    """Knows the SMS routes and how long a link is."""

    def __init__(
        self, routes: Sequence[Route], fallback: Callable[[Message], Route | None], base: Callable[[], str]
    ) -> None:
        """``fallback``: the SMS route of a message. ``base``: what stands before /m/ in a link."""
        self._writings = {route.name: options_of(route).writing for route in routes if route.kind == SMS}
        self._fallback = fallback
        self._link = link_address(base(), new_token())  # as long as every other

    def tell(self, message: Message, account: Account) -> str:
        """What is told; empty when it is one segment, or no SMS can come of the message."""
        text, link = self._said(message)
        if len(text) + len(link) < _SURE or not (message.fallback_allowed and self._writings):
            return ""
        writing = self._writing(message)
        return "" if writing is None else foretold(text, link, account.settings.sms_segments, writing)

    def count(self, message: Message, account: Account) -> int:
        """How many segments the SMS of a message has; 0: none can come of it."""
        writing = self._writing(message) if message.fallback_allowed else None
        if writing is None:
            return 0
        text, link = self._said(message)
        return count(fallback_text(text, link, account.settings.sms_segments, writing), writing)

    def _said(self, message: Message) -> tuple[str, str]:
        return message.fallback_text or message.subject, self._link if message.link_wanted else ""

    def _writing(self, message: Message) -> Writing | None:
        """How its SMS is written; None: there is no route for it."""
        if message.route in self._writings:
            return self._writings[message.route]
        route = self._fallback(message) if self._writings else None
        return None if route is None else self._writings[route.name]

    def room(self, route: str, text: str, account: Account) -> int | None:
        """How many characters of ``text`` the account may send by ``route``; None: all of them."""
        return room(text, account.settings.sms_segments, self._writings.get(route, Writing()))
