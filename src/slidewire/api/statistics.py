"""getSendingStatistics: a link to a report of everything that was sent in a time, and the report behind it.

The link holds account and time, sealed: nothing is stored for it, and it ends by itself (docs/adr/0162).
"""

import base64
import binascii
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from xml.sax.saxutils import quoteattr

from slidewire.api.answer import HEADERS
from slidewire.api.doors import Reply, Visit
from slidewire.api.sending import read_request
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.characters import without_forbidden
from slidewire.domain.events import Event, Reason
from slidewire.domain.request import StatisticsRequest
from slidewire.domain.statistics import Period, check_statistics
from slidewire.store.sealed import Sealer, SealError
from slidewire.store.statistics import Sending

_PLACE = "a report of sendings"
_LONGEST_TOKEN = 400
_PAGE = 500
_XML = [*HEADERS, (b"content-type", b"application/xml; charset=utf-8"), (b"content-disposition", b"attachment")]
_NOTHING = [*HEADERS, (b"content-type", b"text/plain; charset=utf-8")]
#: What an event is called in a report, and its number; that of "left our server" depends on how it was sent.
_MARKS = {
    Event.DELIVERED.value: ("DLR", "20"),
    Event.EXPIRED.value: ("EXPIRED", "30"),
    Event.REJECTED.value: ("REJECTED", "35"),
    Event.OPENED.value: ("OPENED", "11"),
}
#: An account, a time, behind which tracking id, how many at most.
ReadSendings = Callable[[str, Period, str, int], Awaitable[Sequence[Sending]]]


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
    read: ReadSendings

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
            async for part in self._report(*asked):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _report(self, account_id: str, period: Period) -> AsyncIterator[bytes]:
        yield b"<?xml version='1.0' encoding='UTF-8'?>\n<RESPONSE><SENDING_LIST>"
        after = ""
        while page := await self.read(account_id, period, after, _PAGE):
            yield "".join(map(_element, page)).encode()
            after = page[-1].message.id
        yield b"</SENDING_LIST></RESPONSE>\n"

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


def _element(sending: Sending) -> str:
    message = sending.message
    common = {"id": message.id, "to": message.receiver, "carrier": message.operator, "from": message.sender}
    marks = _mark("INQUE", {"time": _time(message.accepted_at)}) + _history(sending)
    if message.is_text:
        return f"<TEXT{_attributes(common | {'body': message.fallback_text})}>{marks}</TEXT>"
    content = {"contentid": str(message.mms_id), "contentname": message.name}
    content["delivery"] = "xhtml" if sending.is_sms else "binary"
    return f"<CONTENT{_attributes(common | content)}><MSG_STATUS>{marks}</MSG_STATUS></CONTENT>"


def _history(sending: Sending) -> str:
    marks = []
    for event in sending.events:
        when = {"time": _time(event["at"])}
        if event["event"] in {Event.SUBMITTED.value, Event.ADOPTED.value}:
            marks.append(_mark("ACK", {"gw": "10" if sending.is_sms else "9"} | when))
        elif event["event"] in _MARKS:
            name, number = _MARKS[event["event"]]
            marks.append(_mark(name, {"gw": number} | when))
        elif event["event"] == Event.FAILED.value:
            words = Reason[event["reason"]].value if event["reason"] in Reason.__members__ else "failed"
            marks.append(_mark("ERROR", {"info": words} | when))
    return "".join(marks)


def _mark(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{_attributes(attributes)}/>"


def _attributes(named: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(without_forbidden(text))}" for name, text in named.items())


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
