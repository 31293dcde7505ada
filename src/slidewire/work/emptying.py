"""Empties the database's own log after retention has taken something away: what was overwritten still stands in it.

Rarely: a log that has been emptied grows anew, and commits cost twice as much until it has (performance 10).
"""

import structlog

from slidewire.store.retention import log_is_due, note_emptied
from slidewire.work.means import Means
from slidewire.work.sweep import ClockWatch

log = structlog.get_logger(__name__)


class LogEmptying:
    """The chore of ``[retention] empty_log``; what it did is known to all processes of the database."""

    def __init__(self, means: Means, clock: ClockWatch, every_ms: int) -> None:
        self._means = means
        self._clock = clock
        self._every_ms = every_ms

    async def look(self) -> None:
        """Empty the log when something was removed since it was emptied last, and that was long enough ago."""
        if not self._clock.is_sound:
            return
        now = self._means.now()
        if not await self._means.database.read(lambda connection: log_is_due(connection, now, self._every_ms)):
            return
        if not await self._means.database.forget():
            log.info("the database's log could not be emptied, for somebody reads; tried again in the next round")
            return
        await self._means.database.write(lambda connection: note_emptied(connection, now))
