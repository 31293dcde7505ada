"""Looks that every request takes, shared by those who ask in the same turn of the loop, or while one is under way.

On SQLite too, where it is one look of some microseconds: each would give the interpreter away five times.

A read function takes a Place and a list of items and returns one result per item, as in a group commit.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from slidewire.store.database import Database
from slidewire.store.sql import Place

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items of one look.
_MOST = 500


class Questions(Generic[Item, Result]):
    """Asks one read function; what comes while it is asked goes together into the next look."""

    def __init__(self, database: Database, read: Callable[[Place, Sequence[Item]], Sequence[Result]]) -> None:
        self._database = database
        self._read = read
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, item: Item) -> Result:
        """The answer for ``item``, as the database stood after this call began. Raises what the read raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, answer))
        if self._running is None:
            self._running = loop.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._look(batch)
        finally:
            self._running = None

    async def _look(self, batch: list[tuple[Item, asyncio.Future[Any]]]) -> None:
        items = [item for item, _answer in batch]
        try:
            results = await self._database.look(lambda place: self._read(place, items))
        except Exception as error:  # noqa: BLE001  # whatever went wrong belongs to whoever asked
            for _item, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_item, answer), result in zip(batch, results, strict=True):
            if not answer.done():
                answer.set_result(result)
