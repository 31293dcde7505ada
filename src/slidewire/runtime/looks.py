"""A look at the database that all who ask meanwhile share, and that is good for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)

#: Seconds for which whoever asks waits.
PATIENCE = 2.0


class Look(Generic[T]):
    """Looks at most once in some seconds, however many ask."""

    def __init__(
        self,
        look: Callable[[], Awaitable[T]],
        good_for: float,
        monotonic: Callable[[], float],
        patience: float = PATIENCE,
    ) -> None:
        """``good_for``: seconds from its beginning on."""
        self._look = look
        self._good_for = good_for
        self._monotonic = monotonic
        self._patience = patience
        self._looking: asyncio.Task[T | None] | None = None
        self._good_until = 0.0
        self.last: T | None = None  #: what the last look that has ended found; None: it failed, or there was none

    async def found(self) -> T | None:
        """What the last look found, where it is still good; else one more. None: it failed, or takes too long."""
        now = self._monotonic()
        looking = self._looking
        if looking is None or (looking.done() and now >= self._good_until):
            looking = self._looking = asyncio.create_task(self._looked())
            self._good_until = now + self._good_for
        done, _ = await asyncio.wait((looking,), timeout=self._patience)
        return looking.result() if done else None

    async def close(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _looked(self) -> T | None:
        found = None
        try:
            found = await self._look()
        except Exception as error:  # noqa: BLE001  # whatever is wrong with the database is told by a figure
            log.warning("the figures of the database cannot be read", error=repr(error)[:300])
        self.last = found
        return found
