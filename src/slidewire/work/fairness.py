"""Which queues are crowded, and who left last of each of them.

A queue is shared out only while its oldest task has waited for a while; until then the first due is the first out, and
none of this costs anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from slidewire.domain.fairness import Fair, Sharing, Standing
from slidewire.store.hot import Ask, Claimed


class Fairness:
    """The sharing of all queues of this process."""

    def __init__(self, sharing: Sharing, after_ms: int) -> None:
        """``after_ms``: how long the oldest due task of a queue has waited where the queue is shared out."""
        self._sharing = sharing
        self._after_ms = after_ms
        self._standings: dict[str, Standing] = {}

    def of(self, ask: Ask, ages: Mapping[str, int]) -> Ask:
        """A claim, with what it keeps to where its queue is crowded, or that of what was scheduled.

        ``ages``: milliseconds that the oldest due task of each queue has waited.
        """
        fair, later_fair = self._of(ask.queue, ages), self._of(ask.later, ages)
        return ask if fair is None and later_fair is None else replace(ask, fair=fair, later_fair=later_fair)

    def left(self, ask: Ask, claimed: Sequence[Claimed]) -> None:
        """These left by a claim."""
        for queue, fair in ((ask.queue, ask.fair), (ask.later, ask.later_fair)):
            if fair is not None:
                tasks = [each.task for each in claimed if each.waited_in == queue]
                self._standings[queue] = fair.standing.after(tasks, fair.sharing)

    def _of(self, queue: str, ages: Mapping[str, int]) -> Fair | None:
        if ages.get(queue, 0) < self._after_ms:
            self._standings.pop(queue, None)
            return None
        return Fair(self._sharing, self._standings.get(queue, Standing()))
