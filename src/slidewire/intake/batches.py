"""Takes batches, and makes the messages to their receivers: each takes its way and its checks from accept.py."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from slidewire.content.fetch import FetchPolicy
from slidewire.domain.account import Account, as_test
from slidewire.domain.batches import (
    Batch,
    BatchProgress,
    BatchTaken,
    CheckedBatch,
    Draft,
    RefusedReceiver,
    Source,
    request_to,
)
from slidewire.domain.campaigns import Campaign
from slidewire.domain.checks import Rules
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.idempotency import Answering
from slidewire.domain.request import CheckedRequest, OverloadedError, TemplateQuery
from slidewire.domain.task import BULK, Task, TaskKind
from slidewire.intake.accept import Intake
from slidewire.intake.idempotency import write_once
from slidewire.intake.pinning import insert_pinned
from slidewire.intake.probing import is_probed
from slidewire.intake.tools import Leaving, Load, Tools
from slidewire.store import batches
from slidewire.store.batches import NewBatch
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage
from slidewire.store.pins import Insertion

Done = TypeVar("Done")

_DAY = 86_400_000
#: Messages that are made before others get their turn on the event loop.
_FEW = 20


@dataclass(frozen=True, slots=True)
class BatchTools:
    """What this works with, besides what every intake does."""

    tools: Tools
    intake: Intake
    database: Database
    rules: Rules


class Batches:
    """The batches of all accounts."""

    def __init__(self, tools: BatchTools) -> None:
        self._batch = tools
        self._tools = tools.tools

    async def accept(
        self,
        checked: CheckedBatch,
        account: Account,
        hung_up: Callable[[], Awaitable[None]] | None = None,
        answering: Answering[BatchTaken] | None = None,
    ) -> BatchTaken:
        """Keep a batch of ``checked``; its content is fetched once, here. Raises as ``Intake.accept`` does."""
        request = checked.request
        if wait := self._tools.full(TaskKind.EXPAND.queue(account.id)):
            raise OverloadedError(wait)
        policy = FetchPolicy(account.id, account.settings.keep_url_queries, request.use_cache)
        fetched = await self._tools.fetcher.fetch_slides(request.slides, policy, hung_up)
        draft = Draft(
            replace(request, slides=()),
            checked.sender,
            checked.mask,
            slides=fetched.slides,
            warnings=fetched.warnings,
            probed=is_probed(request),
            test=account.settings.test,
        )
        batch = Batch(self._tools.new_id(), account.id, self._tools.now(), len(checked.receivers), draft)
        batch = replace(batch, receivers=batches.write_receivers(checked.receivers))
        new = replace(self.new(batch), written=fetched.written)
        taken = BatchTaken(batch.id, batch.total, request.warnings + fetched.warnings)
        await self.insert(
            new, lambda: self._tools.fetcher.bring_back(request.slides, fetched.slides, policy), answering, taken
        )
        return taken

    def of_campaign(self, account: Account, campaign: Campaign, draft: Draft, total: int) -> Batch:
        """A batch to everybody in ``campaign``. Raises OverloadedError."""
        if wait := self._tools.full(TaskKind.EXPAND.queue(account.id)):
            raise OverloadedError(wait)
        batch = Batch(self._tools.new_id(), account.id, self._tools.now(), total, draft, Source.CAMPAIGN)
        return replace(batch, receivers=campaign.ref)

    async def keep(self, batch: Batch, answering: Answering[BatchTaken] | None, taken: BatchTaken) -> None:
        """Keep a batch whose content is here. Raises FaultError E241 when that has gone meanwhile."""
        await self.insert(self.new(batch), lambda: self.bring_back(batch), answering, taken)

    def new(self, batch: Batch) -> NewBatch:
        """``batch`` with the task that expands it and the content that it needs until then."""
        task = Task(
            id=self._tools.new_id(),
            kind=TaskKind.EXPAND,
            queue=TaskKind.EXPAND.queue(batch.account_id),
            account_id=batch.account_id,
            message_id=batch.id,
            due_at=batch.created_at,
        )
        slides = batch.draft.slides if batch.draft else ()
        contents = {part.content.digest: part.content for slide in slides for part in slide.parts}
        keep_until = (batch.created_at // _DAY + 2) * _DAY  # the sweep lengthens it as long as the batch waits
        return NewBatch(batch, task, pins=tuple(contents.values()), keep_until=keep_until)

    async def insert(
        self,
        new: NewBatch,
        bring_back: Callable[[], Awaitable[frozenset[str]]],
        answering: Answering[BatchTaken] | None,
        taken: BatchTaken,
    ) -> None:
        """Keep a batch, with its answer where its request holds a key. Raises what ``bring_back`` raises."""
        told = answering and answering.of(lambda result: taken if result is Insertion.DONE else None)

        async def write(new: NewBatch) -> Insertion:
            return await write_once(self._tools.commits, batches.insert_batches, new, told)

        await insert_pinned(write, new, bring_back)
        self._tools.wake(new.task.queue)

    async def progress(self, account: Account, batch_id: str, query: TemplateQuery) -> BatchProgress:
        """How far a batch is. Raises FaultError E100 when the account has none with this id."""
        skip = (query.page - 1) * query.per_page
        found = await self._batch.database.read(
            lambda connection: batches.read_progress(connection, batch_id, account.id, skip, query.per_page)
        )
        if found is None:
            raise Fault.INVALID_REQUEST.about("batch_id", "names no batch of this account")
        return found

    async def make(
        self, batch: Batch, receivers: Sequence[str], account: Account
    ) -> tuple[list[tuple[str, NewMessage]], list[RefusedReceiver]]:
        """The messages to some receivers of a batch, each as given, and those that get none. Raises OverloadedError."""
        account = as_test(account) if batch.draft and batch.draft.test else account
        requests, refused = await self._requests(batch, receivers, account)
        ways = await _few_by_few([(given, self._leave(request, account)) for given, request in requests], refused)
        # only once there is room for all of them: one that is made is known, and the same again a repetition
        return await _few_by_few([(given, self._make(batch, way, account)) for given, way in ways], refused), refused

    async def bring_back(self, batch: Batch) -> frozenset[str]:
        """Write the bytes of a batch again. Raises FaultError E241 when they are gone."""
        slides = batch.draft.slides if batch.draft else ()
        digests = frozenset(part.content.digest for slide in slides for part in slide.parts)
        if await self._tools.fetcher.write_again(digests):
            raise Fault.CONTENT_UNKNOWN.error("its files are no longer kept")
        return digests

    async def _requests(
        self, batch: Batch, receivers: Sequence[str], account: Account
    ) -> tuple[list[tuple[str, CheckedRequest]], list[RefusedReceiver]]:
        """What is asked for each receiver, each number once."""
        requests: dict[str, tuple[str, CheckedRequest]] = {}
        refused: list[RefusedReceiver] = []
        for number, given in enumerate(receivers):
            if number % _FEW == 0:
                await asyncio.sleep(0)  # numbers are read by a slow library
            try:
                request = self._request(batch, given, account)
            except FaultError as error:
                refused.append(_refused(given, error))
                continue
            if requests.setdefault(request.receiver, (given, request))[0] != given:
                refused.append(_twice(given, request.receiver))
        known = await self._batch.database.read(lambda c: batches.known_receivers(c, batch, list(requests)))
        refused += (_twice(requests.pop(receiver)[0], receiver) for receiver in known)
        return list(requests.values()), refused

    def _request(self, batch: Batch, given: str, account: Account) -> CheckedRequest:
        if batch.draft is None or account.disabled:
            raise Fault.API_BLOCKED.error("the account was disabled before it could be sent")
        return request_to(batch.draft, given, account, self._batch.rules)

    async def _leave(self, request: CheckedRequest, account: Account) -> tuple[CheckedRequest, Leaving]:
        return request, await self._batch.intake.leave(request, account, BULK)

    async def _make(self, batch: Batch, way: tuple[CheckedRequest, Leaving], account: Account) -> NewMessage:
        draft = batch.draft
        assert draft is not None  # noqa: S101  # _request would have refused
        request, leaving = way
        load = Load(
            draft.slides,
            lambda: self.bring_back(batch),
            draft.warnings,
            mms_id=draft.mms_id,
            probed=draft.probed,
        )
        return (await self._batch.intake.make(request, account, leaving, load)).new


async def _few_by_few(
    work: Sequence[tuple[str, Coroutine[None, None, Done]]], refused: list[RefusedReceiver]
) -> list[tuple[str, Done]]:
    """What came of the work for each receiver; whom a fault refuses joins the others. Raises what else goes wrong."""
    done: list[tuple[str, Done]] = []
    for start in range(0, len(work), _FEW):
        some = work[start : start + _FEW]
        results = await asyncio.gather(*(each for _, each in some), return_exceptions=True)
        for (given, _), result in zip(some, results, strict=True):
            if isinstance(result, FaultError):
                refused.append(_refused(given, result))
            elif isinstance(result, BaseException):
                for _, rest in work[start + _FEW :]:
                    rest.close()
                raise result
            else:
                done.append((given, result))
        await asyncio.sleep(0)
    return done


def _refused(given: str, error: FaultError) -> RefusedReceiver:
    return RefusedReceiver(given, error.fault.code, error.words)


def _twice(given: str, receiver: str) -> RefusedReceiver:
    return _refused(given, Fault.BAD_RECEIVER.error(f"{receiver} was given more than once"))
