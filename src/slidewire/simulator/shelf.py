"""Everything that arrived, MMS and SMS, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from slidewire.simulator.inbox import Inbox, Kept
from slidewire.simulator.texts import Text, Texts

if TYPE_CHECKING:
    from collections.abc import Sequence

Item: TypeAlias = Kept | Text


@dataclass(frozen=True, slots=True)
class Shelf:
    """Both inboxes."""

    inbox: Inbox
    texts: Texts

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self.inbox.version + self.texts.version

    def newest(self) -> list[Item]:
        """All messages, the newest first."""
        items: list[Item] = [*self.inbox, *self.texts]
        return sorted(items, key=lambda item: item.arrived_at, reverse=True)


def numbers_of(item: Item) -> Sequence[str]:
    """Whose phones show it."""
    if isinstance(item, Text):
        return (item.submit.receiver,)
    return [address.number for address in item.receivers]


def sender_of(item: Item) -> str:
    """Who sent it, as shown."""
    return item.submit.source if isinstance(item, Text) else item.sender
