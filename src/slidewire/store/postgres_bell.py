"""The bell of PostgreSQL: LISTEN and NOTIFY on a connection of its own, made anew whenever it is lost."""

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from slidewire.store.bells import Gathered, Heard, pieces

log = structlog.get_logger(__name__)

_CHANNEL = "slidewire"
#: Seconds until the connection is tried again, the last again and again.
_BACKOFF = (0.1, 0.5, 1.0, 2.0)
#: Seconds after which a quiet connection is asked whether it still is one: a server that vanished says nothing.
_ASK = 10.0
#: Bytes of queue names in one notification; the server takes 8,000.
_PIECE = 7_000


class PostgresBell:
    """One connection, for hearing and for ringing."""

    def __init__(self, engine: AsyncEngine, node: str) -> None:
        """``engine`` keeps no pool: a bell holds one connection for as long as it lasts."""
        self._engine = engine
        self._node = node
        self._gathered = Gathered(self._tell)
        self._heard: Heard | None = None
        self._driver: Any = None  # asyncpg's connection, while there is one
        self._lost = asyncio.Event()
        self._turn = asyncio.Lock()  # the driver does one thing at a time
        self._keeper: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    async def open(self, heard: Heard | None) -> None:
        """Call ``heard`` with each queue that another process rings for; None: we only ring."""
        self._heard = heard
        self._keeper = asyncio.create_task(self._keep())

    def ring(self, queue: str) -> None:
        """Tell the workers of other processes; comes back at once."""
        self._gathered.add(queue)

    async def close(self) -> None:
        """Neither ring nor hear any more."""
        self._gathered.close()
        tasks = [task for task in (self._keeper, *self._telling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._engine.dispose()

    async def _keep(self) -> None:
        failures = 0
        while True:
            try:
                await self._live()
                failures = 0
            except Exception as error:  # noqa: BLE001  # driver, pool and system each have their own; it comes back
                log.warning("the bell is not connected", error=repr(error)[:300])
                await asyncio.sleep(_BACKOFF[min(failures, len(_BACKOFF) - 1)])
                failures += 1

    async def _live(self) -> None:
        """Connect, hear, and stay until the connection is lost."""
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            self._lost.clear()
            driver.add_termination_listener(lambda _driver: self._lost.set())
            if self._heard is not None:
                await driver.add_listener(_CHANNEL, self._notified)
            self._driver = driver
            try:
                while not self._lost.is_set():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._lost.wait(), _ASK)
                        break
                    async with self._turn:
                        await driver.execute("SELECT 1", timeout=_ASK)
            finally:
                self._driver = None

    def _notified(self, _driver: Any, _process: int, _channel: str, payload: str) -> None:
        node, *queues = payload.split("\n")
        if node != self._node and self._heard is not None:
            for queue in filter(None, queues):
                self._heard(queue)

    def _tell(self, queues: list[str]) -> None:
        task = asyncio.get_running_loop().create_task(self._notify(queues))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _notify(self, queues: list[str]) -> None:
        if self._driver is None:
            return  # workers look by themselves meanwhile
        try:
            async with self._turn:
                for piece in pieces(queues, _PIECE):
                    told = f"{self._node}\n{piece.decode()}"
                    await self._driver.execute("SELECT pg_notify($1, $2)", _CHANNEL, told, timeout=_ASK)
        except Exception as error:  # noqa: BLE001  # as above: the keeper connects anew
            log.warning("the bell was not rung", error=repr(error)[:300])
            self._lost.set()
