"""What the guard knows of callers in this process; calls that it leased are given back at the end."""

import time
from types import TracebackType
from typing import Self

from slidewire.api.entry import Entry
from slidewire.api.lockout import Lockout
from slidewire.api.passwords import PasswordCheck
from slidewire.runtime.clock import now
from slidewire.runtime.configure import lockout_terms
from slidewire.settings import Settings
from slidewire.store.directory import Directory
from slidewire.store.ledgers import drop_ended
from slidewire.store.meter import MeterTools
from slidewire.store.meters import Meters
from slidewire.store.refusals import Refusals
from slidewire.work.means import Means
from slidewire.work.sweep import Chore, Sweeper

#: Seconds between two rounds of each chore.
_EVERY = {"meters": 0.5, "keys": 60.0, "refusals": 10.0, "ledgers": 3600.0}
#: Milliseconds for which the ledger of an ended day or month is kept: a node's clock may be late.
_ENDED_KEPT = 86_400_000


class Callers:
    """The entry of the API, with what must be looked after."""

    def __init__(self, settings: Settings, means: Means, directory: Directory) -> None:
        self._means = means
        self._directory = directory
        self._meters = Meters(MeterTools(means.commits, means.node, now, time.monotonic))
        self._refusals = Refusals(means.database, now, means.node)
        self._passwords = PasswordCheck(directory.find_login, time.monotonic)
        self.entry = Entry(
            find_account=directory.find,
            lockout=Lockout(lockout_terms(settings), time.monotonic),
            take_calls=self._meters.take,
            find_user=self._passwords.find,
            count_refusal=self._refusals.count,
        )
        self._sweeper = Sweeper(
            (
                Chore("meters", _EVERY["meters"], self._meters.look),
                Chore("keys", _EVERY["keys"], directory.note_uses),
                Chore("refusals", _EVERY["refusals"], self._refusals.write),
                Chore("ledgers", _EVERY["ledgers"], self._drop_ended),
            )
        )

    async def __aenter__(self) -> Self:
        self._sweeper.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sweeper.stop()
        self._passwords.close()
        await self._meters.close()
        await self._directory.note_uses()
        await self._refusals.write()

    async def _drop_ended(self) -> None:
        await self._means.database.write(lambda connection: drop_ended(connection, now() - _ENDED_KEPT))
