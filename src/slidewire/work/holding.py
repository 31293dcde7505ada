"""A task that takes longer than a lease should: held for as long as it is worked on."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial

from slidewire.domain.task import Task
from slidewire.store.database import DatabaseAwayError
from slidewire.store.tasks import renew_lease
from slidewire.work.means import Means

#: Seconds of a lease, renewed while a file is worked on: a dead process is known long before a film is done.
LEASE = 60.0
_LEASE_MS = round(LEASE * 1000)


@asynccontextmanager
async def holding(means: Means, task: Task) -> AsyncIterator[None]:
    """The task stays ours for as long as the block takes."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE / 4)
            held = partial(renew_lease, task=task, node=means.node, now=means.now(), lease_ms=_LEASE_MS)
            with suppress(DatabaseAwayError):
                await means.database.write(held)

    async with beside(renew()):
        yield


@asynccontextmanager
async def beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """``work`` goes on while the block runs, and ends with it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
