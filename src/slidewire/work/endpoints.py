"""Which addresses of customers have not received anything for so long that nothing is posted there any more.

What is failing is few: all of it is kept in memory, seen anew every few seconds, and written when it changes and once
a minute for its latest error.
"""

from dataclasses import replace

import structlog

from slidewire.domain.account import Account
from slidewire.store.database import Connection
from slidewire.store.endpoints import Endpoint, failing_endpoints, forget_endpoint, keep_error, set_failing, turn_off
from slidewire.work.means import Means

log = structlog.get_logger(__name__)

#: Milliseconds for which the error that is kept is new enough, and characters of one.
_ERROR_KEPT, _LONGEST_ERROR = 60_000, 300


class Endpoints:
    """The worker's view of postback addresses."""

    def __init__(self, means: Means, off_after: float) -> None:
        """``off_after``: seconds without a single postback received; 0: none is ever turned off."""
        self._means = means
        self._off_after = off_after
        self._failing: dict[str, Endpoint] = {}

    async def look(self) -> None:
        """What all processes and the command line wrote."""
        self._failing = await self._means.database.read(failing_endpoints)

    async def is_off(self, account: Account) -> bool:
        """Whether nothing is to be posted to the account's present address.

        Looks again before it says so: what was turned on a moment ago has postbacks waiting that were given up before.
        """
        if not self._seems_off(account):
            return False
        await self.look()
        return self._seems_off(account)

    def _seems_off(self, account: Account) -> bool:
        known = self._known(account)
        return known is not None and known.off_at is not None

    async def received(self, account: Account) -> None:
        """The address is fine."""
        if self._failing.pop(account.id, None) is not None:
            await self._means.database.write(lambda c: forget_endpoint(c, account.id))

    async def failed(self, account: Account, words: str) -> bool:
        """One more attempt was not received, for ``words``; True when that turned the address off just now."""
        known, now, words = self._known(account), self._means.now(), words[:_LONGEST_ERROR]
        if known is None:
            endpoint = Endpoint(account.id, account.settings.postback_url, now, None, words, now)
            self._failing[account.id] = endpoint
            await self._means.database.write(lambda c: set_failing(c, endpoint))
            return False
        if known.off_at is not None:
            return False
        endpoint = replace(known, error=words, error_at=now)
        if not self._off_after or now - known.failing_since < self._off_after * 1000:
            if now - known.error_at >= _ERROR_KEPT:
                self._failing[account.id] = endpoint
                await self._means.database.write(lambda c: keep_error(c, endpoint))
            return False
        self._failing[account.id] = replace(endpoint, off_at=now)
        if not await self._means.database.write(lambda c: _turn_off(c, endpoint, now)):
            return False
        log.warning("postbacks turned off: nothing was received for too long", account=account.id)
        return True

    def _known(self, account: Account) -> Endpoint | None:
        known = self._failing.get(account.id)
        return known if known is not None and known.url == account.settings.postback_url else None


def _turn_off(connection: Connection, endpoint: Endpoint, now: int) -> bool:
    keep_error(connection, endpoint)
    return turn_off(connection, endpoint, now)
