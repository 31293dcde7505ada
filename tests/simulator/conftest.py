"""A running simulator on free ports, and what talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tests.simulator.catcher import Catcher

from slidewire.simulator.app import Simulator, SimulatorSettings
from slidewire.simulator.envelope import Envelope, read_envelope
from slidewire.simulator.xmlread import inner_text, local

if TYPE_CHECKING:
    from tests.simulator.builder import Submit

#: Fast enough for tests; everything else as shipped.
QUICK: dict[str, Any] = {
    "mm7_port": 0,
    "http_port": 0,
    "smpp_port": 0,
    "report_after": 0.01,
    "report_backoff": (0.01,) * 4,
    "slow_answer": 0.3,
}


@dataclass
class Bench:
    """A simulator, a catcher of its reports and a client."""

    simulator: Simulator
    catcher: Catcher
    http: aiohttp.ClientSession

    async def submit(self, submit: Submit, **headers: str) -> Answered:
        return await self.post(submit.body(), {**submit.headers(), **headers})

    async def post(self, body: Any, headers: dict[str, str]) -> Answered:
        async with self.http.post(self.simulator.mm7_url, data=body, headers=headers) as answer:
            return Answered(answer.status, await answer.read(), dict(answer.headers))

    async def get(self, path: str) -> Any:
        async with self.http.get(self.simulator.http_url + path) as answer:
            assert answer.status == 200, path
            return await answer.json()

    async def fates(self, number: int, receiver: str, fate: str) -> None:
        async with asyncio.timeout(5):
            while True:
                if (await self.get(f"/api/messages/{number}"))["fates"].get(receiver) == fate:
                    return
                await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Answered:
    """What the MMSC answered."""

    http: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def envelope(self) -> Envelope:
        return read_envelope(self.body)

    def __getitem__(self, name: str) -> str:
        for found in self.envelope().message.getroottree().getroot().iter():
            if local(found) == name:
                return inner_text(found)
        raise AssertionError(f"no {name} in {self.body!r}")

    @property
    def code(self) -> int:
        found = self.body.partition(b"StatusCode>")[2].partition(b"<")[0]
        return int(found) if found else 0


MakeBench = Callable[..., Awaitable[Bench]]


@pytest.fixture
async def make_bench() -> AsyncIterator[MakeBench]:
    async with AsyncExitStack() as stack:

        async def make(**settings: Any) -> Bench:
            catcher = await stack.enter_async_context(Catcher())
            wanted = {**QUICK, "report_url": catcher.url, **settings}
            simulator = await stack.enter_async_context(Simulator(SimulatorSettings(**wanted)))
            http = await stack.enter_async_context(aiohttp.ClientSession())
            return Bench(simulator, catcher, http)

        yield make


@pytest.fixture
async def bench(make_bench: MakeBench) -> Bench:
    return await make_bench()
