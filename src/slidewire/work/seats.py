"""Places kept for tasks that are being written: the transaction that makes one due takes it, too (performance 5).

A claim of a few tasks costs as much as what they are claimed for. Should we fall before the task runs, its lease
ends as if it had been claimed.
"""

from asyncio import Future
from collections.abc import Callable
from typing import TypeAlias

from slidewire.domain.frozen import frozen
from slidewire.domain.message import Message
from slidewire.domain.task import Hold, Task
from slidewire.store.hot import Claimed

#: Set to a task that is ours already, it is run as if it had been claimed; to None, nothing is.
Coming: TypeAlias = Future[Claimed | None]


@frozen
class Seat:
    """One such place; ``settle`` it whatever becomes of the transaction."""

    hold: Hold
    coming: Coming

    def settle(self, task: Task | None, message: Message | None) -> None:
        """``task`` is ours, and ``message`` the one that it tells of; None: the place is free again."""
        if not self.coming.done():
            self.coming.set_result(None if task is None else Claimed(task, message, task.due_at))


#: Keeps a place for a task of this queue; None: there is none to spare, or others wait there already.
Seats: TypeAlias = Callable[[str], Seat | None]


def no_seat(_queue: str) -> Seat | None:
    """Every task is claimed."""
    return None
