"""Which addresses of customers have not received anything for so long that nothing is posted there any more.

What is failing is few: all of it is kept in memory, seen anew every few seconds, and written only when it changes.
"""

from dataclasses import replace

import structlog

from slidewire.domain.account import Account
from slidewire.store.endpoints import Endpoint, failing_endpoints, forget_endpoint, set_failing, turn_off
from slidewire.work.means import Means

log = structlog.get_logger(__name__)


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

    def is_off(self, account: Account) -> bool:
        """Whether nothing is to be posted to the account's present address."""
        known = self._known(account)
        return known is not None and known.off_at is not None

    async def received(self, account: Account) -> None:
        """The address is fine."""
        if self._failing.pop(account.id, None) is not None:
            await self._means.database.write(lambda c: forget_endpoint(c, account.id))

    async def failed(self, account: Account) -> bool:
        """One more attempt was not received; True when that turned the address off just now."""
        known, now = self._known(account), self._means.now()
        if known is None:
            endpoint = Endpoint(account.id, account.settings.postback_url, now)
            self._failing[account.id] = endpoint
            await self._means.database.write(lambda c: set_failing(c, endpoint))
            return False
        if known.off_at is not None or not self._off_after or now - known.failing_since < self._off_after * 1000:
            return False
        self._failing[account.id] = replace(known, off_at=now)
        if not await self._means.database.write(lambda c: turn_off(c, known, now)):
            return False
        log.warning("postbacks turned off: nothing was received for too long", account=account.id)
        return True

    def _known(self, account: Account) -> Endpoint | None:
        known = self._failing.get(account.id)
        return known if known is not None and known.url == account.settings.postback_url else None
