"""The messages that arrived, in memory: bounded in number and in bytes, the oldest dropped first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from slidewire.simulator.addresses import Address
    from slidewire.simulator.contents import Content
    from slidewire.simulator.envelope import Request


@dataclass(frozen=True, slots=True)
class Sent:
    """One report that went out: ``detail`` is empty when it was taken, else says why the last try failed."""

    receiver: str
    fate: str
    tries: int
    detail: str = ""


@dataclass(slots=True)
class Kept:
    """One message as it arrived, and what became of it at each receiver (by number)."""

    number: int  #: counts from 1 in this run
    message_id: str
    request: Request
    content: Content
    arrived_at: datetime
    size: int  #: bytes of the HTTP body
    fates: dict[str, str] = field(default_factory=dict)
    reports: list[Sent] = field(default_factory=list)
    cancelled: bool = False

    @property
    def sender(self) -> str:
        """The sender as shown, empty where the request named none."""
        return self.request.sender.number if self.request.sender else ""

    @property
    def receivers(self) -> tuple[Address, ...]:
        """Who gets it: addresses that are only for display do not."""
        return tuple(address for address in self.request.receivers if not address.display_only)

    @property
    def others(self) -> tuple[str, ...]:
        """The numbers that it shows as the others of a group; nothing arrives there."""
        return tuple(address.number for address in self.request.receivers if address.display_only)


class Inbox:
    """Keeps messages by number, the newest last. ``version`` grows with every change, for pages that wait."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._counted = 0
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._numbers: dict[str, int] = {}
        self.version = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Kept]:
        return iter(list(self._kept.values()))

    def next_number(self) -> int:
        """A number that no message of this run has had."""
        self._counted += 1
        return self._counted

    def keep(self, message: Kept) -> None:
        """Add a message and drop the oldest ones while there are too many. The newest always stays."""
        self._kept[message.number] = message
        self._numbers[message.message_id] = message.number
        self._bytes += message.size
        while len(self._kept) > 1 and (len(self._kept) > self._most or self._bytes > self._most_bytes):
            _, oldest = self._kept.popitem(last=False)
            self._numbers.pop(oldest.message_id, None)
            self._bytes -= oldest.size
        self.version += 1

    def get(self, number: int) -> Kept | None:
        """The message with this number, as long as it is kept."""
        return self._kept.get(number)

    def find(self, message_id: str) -> Kept | None:
        """The message with this MessageID, as long as it is kept."""
        return self._kept.get(self._numbers.get(message_id, 0))

    def mark(self, message: Kept, receiver: str, fate: str) -> None:
        """Note what became of the message at one receiver."""
        message.fates[receiver] = fate
        self.version += 1

    def replace(self, message: Kept, content: Content, size: int) -> None:
        """Put another content in the place of the message's own."""
        if message.number in self._kept:
            self._bytes += size - message.size
        message.content, message.size = content, size
        self.version += 1

    def clear(self) -> None:
        """Forget everything but the numbers already given."""
        self._kept.clear()
        self._numbers.clear()
        self._bytes = 0
        self.version += 1
