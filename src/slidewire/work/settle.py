"""Records what became of a submission: status, event, postback and the end of its task, in one transaction.

What each verdict does is told by endings.py. Nothing here speaks to a carrier or to a customer.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from slidewire.carriers.base import Outcome, Route
from slidewire.domain.change import Ending
from slidewire.domain.events import Reason
from slidewire.domain.message import Message, Part
from slidewire.domain.status import Status
from slidewire.domain.task import Task
from slidewire.store import ends
from slidewire.store.database import DatabaseAwayError
from slidewire.store.ends import Ended
from slidewire.work.counting import counted
from slidewire.work.doubt import Doubt, SecondLook
from slidewire.work.endings import Attempt, Endings
from slidewire.work.leaving import obstacle
from slidewire.work.means import Means
from slidewire.work.seats import Seat, Seats, no_seat

log = structlog.get_logger(__name__)

#: Seconds between two tries to record an outcome while the database is away.
_AWAY_PAUSE = 1.0


class Settler:
    """Turns outcomes into endings and has them written."""

    def __init__(
        self,
        means: Means,
        retry: Sequence[float],
        fallback: Callable[[Message], Route | None],
        doubt: Doubt | None = None,
        seats: Seats = no_seat,
    ) -> None:
        """``retry``: seconds before each repetition ([delivery] retry).

        ``fallback``: the SMS route of a message whose MMS failed; None when it may not or cannot go as SMS.
        ``doubt``: looks up an operator once more; None: operators are not looked up. ``seats``: of those who tell.
        """
        self._means = means
        self._endings = Endings(means, retry, fallback)
        self._doubt = doubt
        self._seats = seats

    async def outcome(self, attempt: Attempt, outcome: Outcome) -> None:
        """Record a carrier's answer."""
        look = await self._second_look(attempt) if outcome.operator_doubt else None
        if look is None:
            ending = self._endings.of_mms(attempt, outcome)
        elif look.route is not None:
            ending = self._endings.rerouted(attempt, outcome, look.operator, look.route)
        else:
            ending = self._endings.at_other_operator(attempt, outcome, look.operator)
        await self._end(attempt, ending)

    async def sms_outcome(self, attempt: Attempt, outcome: Outcome) -> None:
        """Record what became of an SMS's segments."""
        await self._end(attempt, self._endings.of_sms(attempt, outcome))

    async def too_big(self, attempt: Attempt, detail: str) -> None:
        """No rendition fits: the SMS, or the end (settled 20)."""
        await self._end(attempt, self._endings.fallen_back(attempt, Reason.TOO_BIG, detail))

    async def expired(self, attempt: Attempt) -> None:
        """The validity ended before the message was handed over (settled 27)."""
        await self._end(attempt, self._endings.failed(attempt, Reason.EXPIRED, status=Status.EXPIRED))

    async def failed(self, attempt: Attempt, reason: Reason, detail: str = "") -> None:
        """The message cannot be sent at all."""
        await self._end(attempt, self._endings.failed(attempt, reason, detail))

    async def probed(self, attempt: Attempt, lengths: Mapping[int, int]) -> None:
        """All audio and video can be played; ``lengths``: slide, from 0 -> seconds (settled 19)."""
        await self._end(attempt, self._endings.probed(attempt, lengths))

    async def unsound(self, attempt: Attempt, part: Part, detail: str) -> None:
        """A file cannot be played (settled 19)."""
        await self._end(attempt, self._endings.unsound(attempt, part, detail))

    async def probe_again(self, attempt: Attempt, detail: str) -> None:
        """Looking at a file failed, perhaps for a reason of the machine's."""
        await self._end(attempt, self._endings.probe_again(attempt, detail))

    async def uncertain_over(self, attempt: Attempt) -> None:
        """No receipt told what became of a cut-off submission (durability 4)."""
        await self._end(attempt, self._endings.uncertain_over(attempt))

    async def may_go(self, attempt: Attempt) -> bool:
        """What may have changed since the message was accepted (durability 25); where it may not, it has ended."""
        if self._means.now() >= attempt.message.expires_at:
            await self.expired(attempt)
            return False
        account = self._means.account(attempt.message.account_id)
        reason = obstacle(attempt.message, attempt.route, attempt.clearance, account)
        if reason is not Reason.NONE:
            await self.failed(attempt, reason)
            return False
        return True

    def may_turn(self, attempt: Attempt) -> bool:
        """Whether an MMS whose attempts have run out, or that its route's outage keeps waiting, becomes an SMS."""
        return self._endings.may_turn(attempt)

    async def turn(self, attempt: Attempt) -> None:
        """On as an SMS: the route has been away for too long."""
        await self._end(attempt, self._endings.fallen_back(attempt, Reason.CONNECTION, attempt.route.name))

    async def moved(self, attempt: Attempt, route: Route) -> None:
        """On by another MMS route: its own cannot be reached."""
        await self._end(attempt, self._endings.moved(attempt, route))

    async def give_back(self, attempt: Attempt) -> None:
        """Nothing left us: the task waits again as if it had not been claimed."""
        await self.goes_on(attempt, replace(attempt.task, attempt=attempt.task.attempt - 1, due_at=self._means.now()))

    async def goes_on(self, attempt: Attempt, task: Task, why: tuple[Reason, str] | None = None) -> None:
        """Nothing left us: the task goes on as ``task``; ``why``: what its events are told."""
        await self._end(attempt, self._endings.going_on(attempt, task, why))

    async def _end(self, attempt: Attempt, ending: Ending) -> None:
        ending = counted(ending, attempt.message, test=attempt.route.test)
        seat = self._seat_for(ending)
        if seat is not None:
            ending = replace(ending, hold=seat.hold)
        taken = None
        try:
            taken = (await self._written(ending)).taken
        finally:
            if seat is not None:
                seat.settle(taken, attempt.message)
        for change in ending.changes:
            if change.postback is not None and taken is None:
                self._means.wake(change.postback.queue)
        if ending.again is not None and ending.again.due_at <= self._means.now():
            self._means.wake(ending.again.queue)

    def _seat_for(self, ending: Ending) -> Seat | None:
        """A place for its postback, when that tells of the message as it was when it was claimed."""
        if len(ending.changes) != 1:
            return None
        [change] = ending.changes
        if change.postback is None or change.rerouted is not None:
            return None
        return self._seats(change.postback.queue)

    async def _written(self, ending: Ending) -> Ended:
        """Written however long the database is away: what a carrier has said is known to nobody else."""
        while True:
            try:
                return await self._means.commits.write(ends.end, ending, patient=True)
            except DatabaseAwayError as error:
                log.error("an outcome waits for the database", message=ending.task.message_id, error=str(error)[:300])
                await asyncio.sleep(_AWAY_PAUSE)

    async def _second_look(self, attempt: Attempt) -> SecondLook | None:
        if self._doubt is None or attempt.route.test:
            return None
        return await self._doubt.look(attempt.message, attempt.task, attempt.route.name)
