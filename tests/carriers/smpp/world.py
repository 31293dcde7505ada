"""A carrier with the world around it, for tests: what it took is a list, and waiting is for conditions."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.carriers.build import NOW
from tests.carriers.smpp.build import an_sms_route

from slidewire.carriers.base import Receipt, Takers
from slidewire.carriers.smpp.client import SmppCarrier, World
from slidewire.domain.inbound import Inbound
from slidewire.outbound.dial import Dialer
from slidewire.outbound.resolve import DnsLookup, Resolver


@dataclass
class Taker:
    """Takes receipts; ``before`` runs first and may wait or raise."""

    receipts: list[Receipt] = field(default_factory=list)
    inbound: list[Inbound] = field(default_factory=list)
    before: Callable[[Receipt | Inbound], Awaitable[None]] | None = None
    under_way: int = 0
    most_under_way: int = 0

    async def __call__(self, came: Receipt | Inbound) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.before is not None:
                await self.before(came)
            if isinstance(came, Receipt):
                self.receipts.append(came)
            else:
                self.inbound.append(came)
        finally:
            self.under_way -= 1


def a_dialer(**changes: Any) -> Dialer:
    return Dialer(Resolver(DnsLookup()), **changes)


def make(
    port: int,
    taker: Taker | None = None,
    options: dict[str, str] | None = None,
    dialer: Dialer | None = None,
    **route: Any,
) -> SmppCarrier:
    taker = taker or Taker()
    world = World(dialer or a_dialer(), lambda: NOW, lambda: 0.0, Takers(taker, taker), backoff=(0.02,))
    return SmppCarrier(an_sms_route(port, options, **route), world)


@asynccontextmanager
async def carrying(port: int, taker: Taker | None = None, **how: Any) -> AsyncIterator[SmppCarrier]:
    """A carrier that is bound."""
    carrier = make(port, taker, **how)
    try:
        carrier.start()
        await until(lambda: carrier.bound)
        yield carrier
    finally:
        await carrier.close()


async def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
