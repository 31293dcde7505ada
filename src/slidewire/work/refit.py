"""Makes audio and video of a saved message smaller for one network, before its message is handed over (docs/adr/0132).

The deliver step found that nothing fits, and left a ``refit`` task in its place; what is made here lies in the cache
of fitted files, where the next look of the deliver step finds it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from slidewire.carriers.base import Route
from slidewire.content.av.facts import AvBusyError, AvError, AvFailedError, AvMissingError
from slidewire.content.av.pool import AvPool
from slidewire.content.fitted import Wanted
from slidewire.content.flights import Flights
from slidewire.content.formats import BY_TYPE
from slidewire.content.rendition import RenditionMaker
from slidewire.content.store import ContentStore
from slidewire.domain.events import Reason
from slidewire.domain.message import Kind
from slidewire.domain.task import Task, TaskKind
from slidewire.store.hot import Claimed
from slidewire.work.encode import BUSY_PAUSE, FAILED_PAUSE, TRIES, Wish, phone_file
from slidewire.work.endings import Attempt
from slidewire.work.holding import LEASE, holding
from slidewire.work.line import InLine
from slidewire.work.means import Means
from slidewire.work.remembered import refits_of
from slidewire.work.settle import Settler

#: Files of which it is remembered that they cannot be made small enough.
_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class RefitTools:
    """What this works with."""

    store: ContentStore
    av: AvPool
    maker: RenditionMaker
    at_once: int  #: files
    route: Callable[[str], Route]  #: by name


def smaller_first(task: Task, wanted: tuple[Wanted, ...], words: str, now: int) -> Task:
    """The task that stands in for a deliver task until its files are smaller.

    ``words``: what is told should they not become so.
    """
    asked = [msgspec.to_builtins(each) for each in wanted]
    return replace(
        task,
        kind=TaskKind.REFIT,
        queue=TaskKind.REFIT.queue(task.account_id),
        due_at=now,
        attempt=0,
        transaction_id="",
        body=task.body | {"wanted": asked, "unfit": words, "refits": refits_of(task) + 1},
    )


class Refit(InLine):
    """The step of ``refit:<account>``."""

    kind = TaskKind.REFIT
    lease = LEASE

    def __init__(self, means: Means, tools: RefitTools, settler: Settler) -> None:
        super().__init__(tools.at_once)
        self._means = means
        self._tools = tools
        self._settler = settler
        self._making: Flights[None] = Flights()
        self._unfit: OrderedDict[Wanted, None] = OrderedDict()

    async def run(self, claimed: Claimed) -> None:
        """Make all files of a message as they are wanted."""
        try:
            if claimed.message is None:
                raise LookupError("files to be made smaller of a message that is gone")
            attempt = Attempt(claimed.task, claimed.message, self._tools.route(claimed.message.route))
            async with holding(self._means, claimed.task):
                await self._refitted(attempt)
        finally:
            self._line.leave()
            self._means.wake(claimed.task.queue)

    async def _refitted(self, attempt: Attempt) -> None:
        if not await self._settler.may_go(attempt):
            return
        task, wanted = attempt.task, msgspec.convert(attempt.task.body["wanted"], tuple[Wanted, ...])
        try:
            for each in wanted:
                await self._making.join(each, lambda each=each: self._make(each))  # type: ignore[misc]  # its own each
        except AvBusyError:
            await self._later(attempt, BUSY_PAUSE, task.attempt - 1)
        except AvFailedError as error:
            if task.attempt < TRIES:
                await self._later(attempt, FAILED_PAUSE, task.attempt)
            else:
                await self._settler.too_big(attempt, f"{task.body['unfit']}: {error}")
        except AvError:
            await self._settler.too_big(attempt, str(task.body["unfit"]))
        except FileNotFoundError:
            await self._settler.failed(attempt, Reason.CONTENT_LOST)
        else:
            await self._settler.goes_on(attempt, self._delivering(task, attempt.route.name))

    async def _make(self, wanted: Wanted) -> None:
        """One file, unless it is there. Raises AvError, FileNotFoundError."""
        if await self._tools.maker.is_refitted(wanted):
            return
        if wanted in self._unfit:
            raise AvError("it was tried before")
        path = await self._tools.store.path(wanted.digest)
        found = BY_TYPE[wanted.types[0]]
        try:
            facts = await self._tools.av.probe(path, found)
            kind = Kind.VIDEO if found.kind is Kind.VIDEO else Kind.AUDIO
            file = await phone_file(self._tools.av, path, Wish(kind, facts, wanted.budget), _untold)
        except (AvBusyError, AvFailedError, AvMissingError):
            raise
        except AvError:
            self._unfit[wanted] = None
            if len(self._unfit) > _REMEMBERED:
                self._unfit.popitem(last=False)
            raise
        await self._tools.maker.keep_refitted(wanted, file)

    async def _later(self, attempt: Attempt, pause: int, tries: int) -> None:
        await self._settler.goes_on(
            attempt, replace(attempt.task, due_at=self._means.now() + pause, attempt=tries, transaction_id="")
        )

    def _delivering(self, task: Task, route: str) -> Task:
        body = {name: value for name, value in task.body.items() if name not in {"wanted", "unfit"}}
        queue = TaskKind.DELIVER.queue(route)
        return replace(
            task, kind=TaskKind.DELIVER, queue=queue, due_at=self._means.now(), attempt=0, transaction_id="", body=body
        )


def _untold(_share: float) -> None:
    """Nobody asks how far it is."""
