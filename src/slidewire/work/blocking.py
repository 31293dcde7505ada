"""The block list is filled by carriers that say that a receiver wants nothing from a sender. Pure."""

from slidewire.carriers.base import Outcome, Route
from slidewire.domain.campaigns import Block, Source
from slidewire.domain.message import Message

_LONGEST_NOTE = 200


def block_of(message: Message, route: Route, outcome: Outcome, now: int) -> Block | None:
    """Who is not sent to again after ``outcome``; None: nobody. What the simulator says is about nobody's phone."""
    if not outcome.blocked or route.test:
        return None
    note = f"{route.name}: {outcome.detail}"[:_LONGEST_NOTE]
    return Block(message.receiver, message.account_id, message.sender, Source.CARRIER, note, now)
