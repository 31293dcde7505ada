"""MMS ids from blocks that this process reserves, so that no two processes ever give the same (durability 14)."""

import asyncio

from sqlalchemy import Connection

from slidewire.store.accounts import reserve_mms_ids
from slidewire.store.database import Database

#: Ids in one block; a restart wastes at most so many.
BLOCK = 1_000


class MmsIds:
    """Gives one id after the other."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next = 0
        self._end = 0
        self._lock = asyncio.Lock()

    async def take(self) -> int:
        """The next id; waits for the database once in a block."""
        while self._next >= self._end:
            async with self._lock:
                if self._next >= self._end:
                    self._next = await self._database.write(_block)
                    self._end = self._next + BLOCK
        number = self._next
        self._next += 1
        return number


def _block(connection: Connection) -> int:
    return reserve_mms_ids(connection, BLOCK)
