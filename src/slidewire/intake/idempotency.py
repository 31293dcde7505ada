"""Holds the keys of a request while it is worked on; a second caller with the same request waits for its answer.

The holder renews its hold: one that died is known after a few seconds, and whoever waits goes on in its place. What
the dead one had still to write finds its hold gone and is not written (store/idempotency.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from slidewire.domain.idempotency import Answering, Hold, KeptAnswer, RequestKey
from slidewire.domain.request import OverloadedError
from slidewire.store.commits import Commits, WriteMany
from slidewire.store.database import Connection, Database, DatabaseAwayError
from slidewire.store.idempotency import (
    Answered,
    Claim,
    KeyClaim,
    Lost,
    claim_keys,
    release_holds,
    renew_hold,
    write_answered,
)

Written = TypeVar("Written")

#: Seconds that a hold lasts unless it is renewed, and between two renewals.
LEASE, RENEW = 5.0, 1.5
#: Seconds between two looks of a waiting caller, from the first on, and how long it looks at most.
_PAUSES = (0.02, 0.05, 0.1, 0.2)
_LONGEST_WAIT = 60.0
_AGAIN = 1.0  #: seconds after which a caller comes back that was overtaken


@dataclass(frozen=True, slots=True)
class KeyTools:
    """What keys are held with."""

    commits: Commits
    database: Database
    new_id: Callable[[], str]
    now: Callable[[], int]  #: Unix milliseconds
    keep_ms: int


class Keys:
    """The keys of this process's requests."""

    def __init__(self, tools: KeyTools) -> None:
        self._tools = tools

    async def claim(self, account_id: str, keys: Sequence[RequestKey], request: str) -> Hold | KeptAnswer:
        """Hold all ``keys`` for ``request``, or the answer that it was given before.

        Raises FaultError when another request came with one of them, OverloadedError when one is held too long.
        """
        holder = self._tools.new_id()
        held: list[str] = []
        for key in keys:  # always in the same order: nobody waits for a key while he holds a later one
            result = await self._until_decided(account_id, key, request, holder)
            if result is Claim.MINE:
                held.append(key.digest)
                continue
            await self.release(Hold(account_id, tuple(held), holder))
            if isinstance(result, KeptAnswer):
                return result
            raise key.conflict() if result is Claim.OTHER else OverloadedError(_AGAIN)
        return Hold(account_id, tuple(held), holder)

    async def _until_decided(self, account_id: str, key: RequestKey, request: str, holder: str) -> Claim | KeptAnswer:
        """One claim; again while somebody else works on the same request."""
        tools, waited, looks = self._tools, 0.0, 0
        while True:
            lease = round(LEASE * 1000)
            wanted = KeyClaim(account_id, key.digest, request, holder, tools.now(), lease, tools.keep_ms)
            result: Claim | KeptAnswer = await tools.commits.write(claim_keys, wanted)
            if result is not Claim.HELD or waited > _LONGEST_WAIT:
                return result
            pause = _PAUSES[min(looks, len(_PAUSES) - 1)]
            await asyncio.sleep(pause)
            waited, looks = waited + pause, looks + 1

    @asynccontextmanager
    async def holding(self, hold: Hold) -> AsyncIterator[None]:
        """The hold is renewed while the block runs; when it fails nothing was made, and the keys are free."""
        renewing = asyncio.create_task(self._renew(hold))
        try:
            yield
        except BaseException:
            await asyncio.shield(self.release(hold))
            raise
        finally:
            renewing.cancel()

    async def release(self, hold: Hold) -> None:
        """Nothing was made: the next request with these keys is the first."""
        if hold.digests:
            await self._tools.commits.write(release_holds, hold)

    async def _renew(self, hold: Hold) -> None:
        while True:
            await asyncio.sleep(RENEW)
            with suppress(DatabaseAwayError):
                await self._tools.database.write(lambda c: renew_hold(c, hold, self._tools.now(), round(LEASE * 1000)))


async def write_once(
    commits: Commits, write: WriteMany[Any, Written], item: object, answering: Answering[Any] | None
) -> Written:
    """Have ``item`` written, with its answer where its request holds a key.

    Raises OverloadedError when the key has gone to another.
    """
    if answering is None:
        return await commits.write(write, item)
    answered = Answered(answering.hold, write, item, answering.tell)
    result: Written | Lost = await commits.write(write_answered, answered)
    return _ours(result)


async def write_alone(
    database: Database, write: Callable[[Connection], Written], answering: Answering[Any] | None
) -> Written:
    """The same for a transaction of its own, which whatever ``write`` raises undoes."""
    if answering is None:
        return await database.write(write)
    item = Answered(answering.hold, lambda connection, _: [write(connection)], None, answering.tell)
    result: Written | Lost
    [result] = await database.write(lambda c: write_answered(c, [item]))
    return _ours(result)


def _ours(result: Written | Lost) -> Written:
    if isinstance(result, Lost):
        raise OverloadedError(_AGAIN)
    return result
