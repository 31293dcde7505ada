"""What may have changed since a message was accepted, so that it may not leave any more (durability 25). Pure."""

from slidewire.carriers.base import Route
from slidewire.carriers.choice import SMS
from slidewire.domain.account import Account
from slidewire.domain.campaigns import Clearance
from slidewire.domain.events import Reason
from slidewire.domain.message import Message
from slidewire.domain.spending import may_text


def obstacle(message: Message, route: Route, clearance: Clearance, account: Account | None) -> Reason:
    """Why ``message`` may not leave by ``route``; NONE: it may. ``clearance``: of the receiver, now."""
    if account is None or account.disabled or account.settings.blocked:
        return Reason.ACCOUNT_OFF
    if account.settings.test and not route.test:
        return Reason.TEST_ACCOUNT
    if route.kind == SMS and not may_text(account.settings, message.sender, message.country):
        return Reason.SMS_COUNTRY
    if message.is_answer:
        return Reason.NONE  # a STOP is confirmed past the very block that it made
    if clearance is Clearance.BLOCKED:
        return Reason.BLOCKED
    if clearance is Clearance.NOT_SUBSCRIBED and account.settings.enforce_campaign:
        return Reason.NOT_SUBSCRIBED
    return Reason.NONE
