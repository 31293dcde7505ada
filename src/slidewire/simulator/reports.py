"""Delivery reports to the VASP: when they go, how often they are tried, and what was answered.

A report counts as taken only when the answer is a DeliveryReportRsp that holds to the schema and says 1000.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from slidewire.simulator.answers import XML, Report
from slidewire.simulator.envelope import read_report_answer
from slidewire.simulator.inbox import Sent
from slidewire.simulator.status import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from structlog.typing import FilteringBoundLogger

    from slidewire.simulator.addresses import Address
    from slidewire.simulator.answers import Writer
    from slidewire.simulator.behaviours import Behaviour, Fate
    from slidewire.simulator.inbox import Inbox, Kept
    from slidewire.simulator.settings import SimulatorSettings

CONNECTIONS = 8
MAX_ANSWER = 65_536
#: The longest that a hasty report holds up the answer to its submission, in seconds.
EARLY_WAIT = 5.0


@dataclass(frozen=True, slots=True)
class Desk:
    """What a Reporter works with."""

    settings: SimulatorSettings
    inbox: Inbox
    writer: Writer
    clock: Callable[[], datetime]
    log: FilteringBoundLogger


class Reporter:
    """Follows every message until its last report is taken or given up."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._following: set[asyncio.Task[None]] = set()
        self._lines = asyncio.Semaphore(CONNECTIONS)
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client that reports go out with."""
        settings = self._desk.settings
        auth = None
        if settings.report_username:
            auth = aiohttp.encode_basic_auth(settings.report_username, settings.report_password)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=4),
            timeout=aiohttp.ClientTimeout(total=settings.report_timeout),
            headers={"Authorization": auth} if auth else None,
            trust_env=False,
        )

    async def stop(self) -> None:
        """Give up what is still due, and close the client."""
        following = list(self._following)
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
            self._http = None

    def plan(self, message: Kept, receiver: Address, behaviour: Behaviour, delay: float) -> asyncio.Task[None]:
        """Let the reports of one receiver follow, the first after ``delay`` seconds."""
        task = asyncio.create_task(self._follow(message, receiver, behaviour, delay))
        self._following.add(task)
        task.add_done_callback(self._following.discard)
        return task

    async def hurry(self, message: Kept, receiver: Address, behaviour: Behaviour) -> None:
        """Send the reports now, and come back when they are taken or when the wait gets too long."""
        await asyncio.wait({self.plan(message, receiver, behaviour, 0)}, timeout=EARLY_WAIT)

    async def _follow(self, message: Kept, receiver: Address, behaviour: Behaviour, delay: float) -> None:
        for count, fate in enumerate(behaviour.reports, start=1):
            await asyncio.sleep(delay)
            if message.cancelled:
                return
            self._desk.inbox.mark(message, receiver.number, fate.value)
            if message.request.wants_report and self._desk.settings.report_url:
                document = self._write(message, receiver, fate, (count, behaviour.swapped))
                for _ in range(behaviour.copies):
                    await self._deliver(message, receiver, fate, document)
            delay = self._desk.settings.report_after

    def _write(self, message: Kept, receiver: Address, fate: Fate, turn: tuple[int, bool]) -> tuple[str, bytes]:
        count, swapped = turn
        transaction_id = f"report-{count}-{message.message_id}-{receiver.number}"[:200]
        report = Report(
            transaction_id,
            message.request.namespace,
            message.message_id,
            receiver,
            message.request.sender,
            self._desk.clock(),
            fate,
        )
        return transaction_id, self._desk.writer.report(report, swapped=swapped)

    async def _deliver(self, message: Kept, receiver: Address, fate: Fate, document: tuple[str, bytes]) -> None:
        """One report, tried until it is taken: as many tries as there are pauses, and one."""
        transaction_id, body = document
        detail, tries = "", 0
        for pause in (*self._desk.settings.report_backoff, None):
            tries += 1
            async with self._lines:
                detail = await self._post(transaction_id, body)
            if not detail or pause is None:
                break
            await asyncio.sleep(pause)
        message.reports.append(Sent(receiver.number, fate.value, tries, detail))
        self._desk.inbox.mark(message, receiver.number, fate.value)
        if detail:
            self._desk.log.warning("report given up", message_id=message.message_id, tries=tries, detail=detail)

    async def _post(self, transaction_id: str, body: bytes) -> str:
        """Post once; empty when the report was taken, else why not."""
        if self._http is None:
            return "the simulator is stopping"
        headers = {"Content-Type": XML, "SOAPAction": '""'}
        url = self._desk.settings.report_url
        try:
            async with self._http.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                document = await _read_at_most(answer.content, MAX_ANSWER)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"no answer: {type(error).__name__}"
        if status != 200:
            return f"HTTP {status}"
        try:
            code = read_report_answer(document, transaction_id)
        except RefusedError as refused:
            return f"no DeliveryReportRsp: {refused.sentence}"[:300]
        return "" if code == "1000" else f"StatusCode {code}"


async def _read_at_most(stream: aiohttp.StreamReader, limit: int) -> bytes:
    found = bytearray()
    async for chunk in stream.iter_chunked(16_384):
        found += chunk
        if len(found) > limit:
            break
    return bytes(found[:limit])
