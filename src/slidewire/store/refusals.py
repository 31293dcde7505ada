"""Refused requests, counted in memory and written now and then: a refusal costs no transaction.

What was counted since is lost with a process that is killed; nobody is billed by it.
"""

from collections.abc import Callable

from slidewire.domain.usage import Channel, Usage, month_of, shard_of
from slidewire.store.database import Database
from slidewire.store.usage import add_usage


class Refusals:
    """Counts refusals by account."""

    def __init__(self, database: Database, now: Callable[[], int], node: str) -> None:
        self._database = database
        self._now = now
        self._shard = shard_of(node)
        self._counts: dict[str, int] = {}

    def count(self, account_id: str) -> None:
        """One request of this account was refused."""
        self._counts[account_id] = self._counts.get(account_id, 0) + 1

    async def write(self) -> None:
        """Add what was counted to the ledger."""
        counts, self._counts = self._counts, {}
        if counts:
            month = month_of(self._now())
            used = [
                (account, Usage(month, Channel.API, refused=count, shard=self._shard))
                for account, count in counts.items()
            ]
            await self._database.write(lambda connection: add_usage(connection, used))
