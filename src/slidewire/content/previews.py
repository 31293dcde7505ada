"""Images as browsers are shown them: our own renditions in a few widths, never the file that a customer gave.

Made when first asked for and kept in a cache. Only so many are made or waited for at once: the pool's first duty
is sending.
"""

import asyncio
from typing import Final

from slidewire.content.fitted import FittedImages, Wanted
from slidewire.content.fitting import inside
from slidewire.content.flights import Flights
from slidewire.content.jobs import NO_FIT, FitJob, Fitted, Source
from slidewire.content.pool import MediaBusyError, MediaFailedError, MediaPool, MediaRefusedError
from slidewire.content.store import ContentStore
from slidewire.domain.message import Content

#: Width in pixels -> bytes that a still picture of it may have.
_BUDGETS: Final = {320: 60_000, 640: 160_000, 1280: 400_000}
_WIDEST: Final = max(_BUDGETS)
#: An animation is made in one size: bytes at first, and at most.
_ANIMATION: Final = (1_100_000, 4_000_000)
#: A picture may be so many times as high as it is wide, and still as wide as was asked for.
_HEIGHT: Final = 4
#: Made at once, and waiting besides.
_AT_ONCE: Final = 2
_WAITING: Final = 64


class NoPreviewError(Exception):
    """No rendition of this image can be made."""


class PreviewBusyError(Exception):
    """Too many wait already; it may be asked for again."""


class Previews:
    """Makes previews. ``pixels``: the most that a source may have."""

    def __init__(self, store: ContentStore, pool: MediaPool, cache: FittedImages, pixels: int = 50_000_000) -> None:
        self._store = store
        self._pool = pool
        self._cache = cache
        self._pixels = pixels
        self._flights: Flights[Fitted] = Flights()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    def forget(self, digest: str) -> None:
        """Drop what was made of bytes that are deleted. Blocks."""
        self._cache.forget(digest)

    def close(self) -> None:
        """End the threads."""
        self._cache.close()

    async def make(self, content: Content, width: int) -> Fitted:
        """The image for one of ``widths_of(content)``, without metadata.

        Raises FileNotFoundError for content that is gone, NoPreviewError and PreviewBusyError.
        """
        box = (width, width * _HEIGHT)
        fitted, _ = await self._flights.join((content.digest, width), lambda: self._made(content, box))
        return fitted

    async def _made(self, content: Content, box: tuple[int, int]) -> Fitted:
        for budget in _budgets(content, box[0]):
            wanted = Wanted(content.digest, budget, box)
            found = await self._cache.find(wanted)
            if found is not None:
                return found
            try:
                fitted = await self._fit(content, budget, box)
            except MediaRefusedError as refused:
                if refused.why == NO_FIT:
                    continue
                raise NoPreviewError(refused.detail) from refused
            except MediaFailedError as error:
                raise NoPreviewError(str(error)) from error
            await self._cache.keep(wanted, fitted)
            return fitted
        raise NoPreviewError("it fits no budget")

    async def _fit(self, content: Content, budget: int, box: tuple[int, int]) -> Fitted:
        if self._waiting >= _WAITING:
            raise PreviewBusyError
        self._waiting += 1
        try:
            async with self._turns:
                source = Source(path=str(await self._store.path(content.digest)))
                return await self._pool.fit(FitJob(source, content.type, self._pixels, budget, *box))
        except MediaBusyError as error:
            raise PreviewBusyError from error
        finally:
            self._waiting -= 1


def widths_of(content: Content) -> tuple[int, ...]:
    """The widths in which an image is made, smallest first; never more than it has."""
    widest = min(content.width, _WIDEST)
    if content.frames > 1:
        return (widest,)
    return (*(width for width in _BUDGETS if width < widest), widest)


def size_of(content: Content, width: int) -> tuple[int, int]:
    """Width and height in pixels of an image made for ``width``."""
    return inside((content.width, content.height), (width, width * _HEIGHT))


def _budgets(content: Content, width: int) -> tuple[int, ...]:
    if content.frames > 1:
        return _ANIMATION
    return (next(budget for least, budget in _BUDGETS.items() if width <= least),)
