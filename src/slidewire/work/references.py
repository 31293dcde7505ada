"""Forgets what carriers call our submissions, once no receipt can name them any more.

No index tells which references are old: it would cost every message something. They are gone through in their own
order instead, some in each round, and after the last comes the first again.
"""

from slidewire.store.receipts import FIRST_REF, forget_refs, old_refs
from slidewire.work.means import Means
from slidewire.work.sweep import ClockWatch

#: References of one look, and looks of one round.
_PORTION, _LOOKS = 2_000, 10


class OldReferences:
    """The chore of ``[retention] references``."""

    def __init__(self, means: Means, clock: ClockWatch, keep_ms: int) -> None:
        self._means = means
        self._clock = clock
        self._keep_ms = keep_ms
        self._after = FIRST_REF

    async def look(self) -> None:
        """One round."""
        if not self._clock.is_sound:
            return
        before, database = self._means.now() - self._keep_ms, self._means.database
        for _ in range(_LOOKS):
            after = self._after
            old, self._after = await database.read(lambda c, after=after: old_refs(c, after, before, _PORTION))  # type: ignore[misc]
            if old:
                await database.write(lambda c, old=old: forget_refs(c, old, before))  # type: ignore[misc]
            if self._after == FIRST_REF:
                return
