"""getSendingStatistics: a link to a report of everything that was sent in a time, and the report behind it.

The link holds account and time, sealed: nothing is stored for it, and it ends by itself (docs/adr/0162).
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from slidewire.api.answer import HEADERS
from slidewire.api.doors import Reply, Visit
from slidewire.api.report import OpenReport, write_report
from slidewire.api.sending import read_request
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.request import StatisticsRequest
from slidewire.domain.statistics import Period, check_statistics
from slidewire.store.sealed import Sealer, SealError

_PLACE = "a report of sendings"
_LONGEST_TOKEN = 400
_XML = [*HEADERS, (b"content-type", b"application/xml; charset=utf-8"), (b"content-disposition", b"attachment")]
_NOTHING = [*HEADERS, (b"content-type", b"text/plain; charset=utf-8")]


async def get_sending_statistics(call: Call, account: Account, visit: Visit) -> Reply:
    """Where the report is. Raises FaultError E506 to E509."""
    period = check_statistics(read_request(call, StatisticsRequest), visit.rules)
    return Reply((("report_url", visit.doors.report_link(account.id, period)),), period.warnings)


@dataclass(frozen=True, slots=True)
class Reports:
    """Makes links to reports, and answers them."""

    path: ClassVar[str] = "/reports/"  #: below which they are
    sealer: Sealer
    base: Callable[[], str]  #: what stands before /reports/
    now: Callable[[], int]  #: Unix milliseconds
    lasts_ms: int  #: how long a link lives
    read: OpenReport

    def link(self, account_id: str, period: Period) -> str:
        """The address of a report."""
        said = f"{account_id} {period.since} {period.until} {self.now() + self.lasts_ms}"
        token = base64.urlsafe_b64encode(self.sealer.seal(said.encode(), _PLACE).encode()).decode().rstrip("=")
        return f"{self.base()}{self.path}{token}.xml"

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],  # noqa: ARG002  # the shape of ASGI
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        """One request: the report as it stands now, written while it is read."""
        asked = self._opened(scope["path"]) if scope["method"] in {"GET", "HEAD"} else None
        if asked is None:
            await send({"type": "http.response.start", "status": 404, "headers": _NOTHING})
            await send({"type": "http.response.body", "body": b"There is no such report, or not any more.\n"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": _XML})
        if scope["method"] == "GET":
            account_id, period = asked
            # what comes while it is read is in the next one
            read = self.read(account_id, replace(period, until=min(period.until, self.now())))
            async for part in write_report(read):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _opened(self, path: str) -> tuple[str, Period] | None:
        """Whose report, and of what time; None for what is no link of ours, or none any more."""
        token = path.removeprefix(self.path).removesuffix(".xml")
        if len(token) > _LONGEST_TOKEN:
            return None
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
            account_id, since, until, ends = self.sealer.open(sealed, _PLACE).decode().rsplit(" ", 3)
        except (SealError, binascii.Error, ValueError):
            return None
        return (account_id, Period(int(since), int(until))) if int(ends) > self.now() else None
