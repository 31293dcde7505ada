"""Makes the messages of batches, some hundreds in a transaction that also says how far the batch is (durability 16).

Killed in the middle, what was not written is made again; what was written is not. Whoever makes the messages is handed
over by the composition root: this step knows where receivers come from and when they are done, not what they get.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from slidewire.domain.account import Account
from slidewire.domain.batches import Batch, RefusedReceiver
from slidewire.domain.change import Ending
from slidewire.domain.faults import FaultError
from slidewire.domain.request import OverloadedError
from slidewire.domain.task import Task, TaskKind
from slidewire.store import batches, ends
from slidewire.store.batches import Expanded, ExpansionEnd, Portion
from slidewire.store.database import Connection
from slidewire.store.hot import Claimed, NewMessage
from slidewire.work.line import InLine
from slidewire.work.means import Means

log = structlog.get_logger(__name__)

#: Seconds that one part of a batch may take.
LEASE: Final = 60.0
#: Receivers of one part (durability 16).
PORTION: Final = 500
#: Batches that are expanded at once, each account in its turn: one that is large never keeps the others waiting.
AT_ONCE: Final = 2


#: What is made for some receivers: messages, each with its receiver as given, and those that get none.
Made = tuple[list[tuple[str, NewMessage]], list[RefusedReceiver]]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes messages, as intake does."""

    #: Raises OverloadedError.
    make: Callable[[Batch, Sequence[str], Account], Awaitable[Made]]
    #: Writes a batch's bytes again that a sweep was about to delete. Raises FaultError when they are
    #: gone, and OverloadedError.
    bring_back: Callable[[Batch], Awaitable[frozenset[str]]]
    #: Told of messages that were written.
    kept: Callable[[Sequence[NewMessage]], None]


class Expand(InLine):
    """The step of ``expand:<account>``."""

    kind = TaskKind.EXPAND
    lease = LEASE
    pause = 0.05

    def __init__(self, means: Means, maker: Maker) -> None:
        super().__init__(AT_ONCE)
        self._means = means
        self._maker = maker

    async def run(self, claimed: Claimed) -> None:
        """Make the next messages of a batch."""
        try:
            await self._expand(claimed.task)
        finally:
            self._line.leave()
        self._means.wake(claimed.task.queue)

    async def _expand(self, task: Task) -> None:
        portion = await self._means.database.read(lambda c: _next(c, task))
        account = self._means.account(task.account_id)
        if portion is None or account is None:
            await self._means.commits.write(ends.end, Ending(task, self._means.node, at=self._means.now()))
            return
        batch, rest = portion
        try:
            messages, refused = await self._maker.make(batch, rest.receivers, account)
            at = self._means.now()
            ending = Ending(task, self._means.node, at=at) if rest.after.draft is None else self._again(task, at)
            await self._end(batch, Expanded(ending, rest.after, tuple(messages), tuple(refused)))
        except OverloadedError as error:
            due_at = self._means.now() + round(error.retry_after * 1000)
            await self._means.commits.write(ends.end, self._again(task, due_at))

    def _again(self, task: Task, due_at: int) -> Ending:
        return Ending(task, self._means.node, again=replace(task, due_at=due_at, attempt=0), at=self._means.now())

    async def _end(self, batch: Batch, part: Expanded) -> None:
        """Have it written; bytes that a sweep was about to delete are written again first (durability 19)."""
        result = await self._means.commits.write(batches.end_expansions, part, bulk=True)
        if result is ExpansionEnd.CONTENT_LEAVING:
            part = await self._brought_back(batch, part)
            result = await self._means.commits.write(batches.end_expansions, part, bulk=True)
        if result is ExpansionEnd.DONE:
            self._maker.kept([new for _, new in part.messages])
        else:
            log.info("a part of a batch came too late", batch=batch.id)

    async def _brought_back(self, batch: Batch, part: Expanded) -> Expanded:
        """``part`` with the bytes that it needs; where they are gone its receivers are refused, and told so."""
        try:
            written = await self._maker.bring_back(batch)
        except FaultError as error:
            log.error("the files of a batch are gone", batch=batch.id)
            lost = tuple(RefusedReceiver(given, error.fault.code, error.words) for given, _ in part.messages)
            return replace(part, messages=(), refused=part.refused + lost)
        again = tuple((given, replace(new, written=written, again=True)) for given, new in part.messages)
        return replace(part, messages=again)


def _next(connection: Connection, task: Task) -> tuple[Batch, Portion] | None:
    """The batch and the receivers that are next; None when it is expanded, or gone."""
    batch = batches.find_batch(connection, task.message_id, task.account_id)
    if batch is None or batch.draft is None:
        return None
    return batch, batches.next_portion(connection, batch, PORTION)
