"""A VASP's door for delivery reports: a real server that remembers, and answers as it is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from tests.simulator.builder import envelope, message

if TYPE_CHECKING:
    from types import TracebackType

Answering = Callable[["Caught"], web.Response]


@dataclass(frozen=True)
class Caught:
    """One report that came in."""

    body: str
    headers: dict[str, str]

    def __getitem__(self, name: str) -> str:
        found = re.search(rf"<(?:\w+:)?{name}[^>]*>(.*?)</(?:\w+:)?{name}>", self.body)
        assert found, f"no {name} in {self.body}"
        return found[1]


def taken(report: Caught, code: str = "1000", transaction_id: str = "") -> web.Response:
    """The answer that a report wants."""
    status = f"<m:Status><m:StatusCode>{code}</m:StatusCode><m:StatusText>ok</m:StatusText></m:Status>"
    answer = message("DeliveryReportRsp", [f"<m:MM7Version>6.8.0</m:MM7Version>{status}"])
    found = transaction_id or report["TransactionID"]
    return web.Response(body=envelope(answer, transaction_id=found), content_type="text/xml")


@dataclass
class Catcher:
    """``async with`` it; ``reports`` fills as they come. ``answers`` are used up first, then all are taken."""

    answers: Iterator[Answering] = field(default_factory=lambda: iter(()))
    reports: list[Caught] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Catcher:
        app = web.Application()
        app.router.add_post("/mm7/reports", self._catch)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/mm7/reports"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _catch(self, request: web.Request) -> web.Response:
        report = Caught((await request.read()).decode(), {k.lower(): v for k, v in request.headers.items()})
        async with self.news:
            self.reports.append(report)
            self.news.notify_all()
        return next(self.answers, taken)(report)

    async def wait_for(self, count: int) -> list[Caught]:
        async with asyncio.timeout(5):
            async with self.news:
                await self.news.wait_for(lambda: len(self.reports) >= count)
        return self.reports
