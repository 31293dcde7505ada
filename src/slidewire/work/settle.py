"""Records what became of a submission: status, event, postback and the end of its task, in one transaction.

One table says what each verdict does. Nothing here speaks to a carrier or to a customer.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from slidewire.carriers.base import Outcome, Route, Verdict
from slidewire.carriers.choice import SMS
from slidewire.domain.campaigns import Clearance
from slidewire.domain.change import Change, Ending, Rerouted
from slidewire.domain.events import Event, Reason
from slidewire.domain.exchange import Exchange
from slidewire.domain.handset import Handset
from slidewire.domain.message import Kind, Message, Part
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.schedule import delay_before
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind, later
from slidewire.store import hot
from slidewire.store.database import DatabaseAwayError
from slidewire.work.blocking import block_of
from slidewire.work.counting import counted
from slidewire.work.doubt import Doubt, SecondLook
from slidewire.work.leaving import obstacle
from slidewire.work.means import Means, postback_task
from slidewire.work.remembered import after_probe, doubted_body, fallback_body, fallback_reason, resent_of, shrink_of

log = structlog.get_logger(__name__)

#: Attempts at a message whose refusals seldom pass (standards.md 1.5: "few tries").
FEW_TRIES = 5
#: How often a message that the carrier finds too big is made smaller before it fails.
SHRINKS = 2
#: How often the wait for a receipt doubles; ten times two minutes are about the usual validity.
_DOUBLINGS = 10
#: Tasks of a message that is to be an MMS.
_AS_MMS = frozenset({TaskKind.DELIVER, TaskKind.REFIT})
#: Seconds between two tries to record an outcome while the database is away.
_AWAY_PAUSE = 1.0
#: Seconds before a throttled submission is tried again, when the carrier names no time.
THROTTLE_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One submission as its step knows it."""

    task: Task
    message: Message
    route: Route
    clearance: Clearance = Clearance.CLEAR  #: of the receiver, at the claim
    handset: Handset | None = None  #: the receiver's phone, where it is known
    notes: tuple[str, ...] = ()  #: what was changed to make the message fit
    size: int = 0  #: bytes of what was posted


class Settler:
    """Turns outcomes into endings and has them written."""

    def __init__(
        self,
        means: Means,
        retry: Sequence[float],
        fallback: Callable[[Message], Route | None],
        doubt: Doubt | None = None,
    ) -> None:
        """``retry``: seconds before each repetition ([delivery] retry).

        ``fallback``: the SMS route of a message whose MMS failed; None when it may not or cannot go as SMS.
        ``doubt``: looks up an operator once more; None: operators are not looked up.
        """
        self._means = means
        self._retry = tuple(retry)
        self._fallback = fallback
        self._doubt = doubt

    async def outcome(self, attempt: Attempt, outcome: Outcome) -> None:
        """Record a carrier's answer."""
        look = await self._second_look(attempt) if outcome.operator_doubt else None
        if look is None:
            await self._end(attempt, _VERDICTS[outcome.verdict](self, attempt, outcome))
        elif look.route is not None:
            await self._end(attempt, self._rerouted(attempt, outcome, look.operator, look.route))
        else:
            found = replace(attempt, message=replace(attempt.message, operator=look.operator))
            ending = _VERDICTS[outcome.verdict](self, found, outcome)
            known = Rerouted(attempt.message.route, look.operator)
            await self._end(
                attempt, replace(ending, changes=tuple(replace(each, rerouted=known) for each in ending.changes))
            )

    async def sms_outcome(self, attempt: Attempt, outcome: Outcome) -> None:
        """Record what became of an SMS's segments: those taken are not sent again (durability 9)."""
        ending = _SMS_VERDICTS[outcome.verdict](self, attempt, outcome)
        taken = tuple((s.number, s.carrier_ref) for s in outcome.segments if s.verdict is Verdict.ACCEPTED)
        await self._end(attempt, replace(ending, taken=taken, route=attempt.route.name))

    async def too_big(self, attempt: Attempt, detail: str) -> None:
        """No rendition fits: the SMS, or the end (settled 20)."""
        await self._end(attempt, self._fallen_back(attempt, Reason.TOO_BIG, detail))

    async def expired(self, attempt: Attempt) -> None:
        """The validity ended before the message was handed over (settled 27)."""
        await self._end(attempt, self._failed(attempt, Reason.EXPIRED, status=Status.EXPIRED))

    async def failed(self, attempt: Attempt, reason: Reason, detail: str = "") -> None:
        """The message cannot be sent at all."""
        await self._end(attempt, self._failed(attempt, reason, detail))

    async def probed(self, attempt: Attempt, lengths: Mapping[int, int]) -> None:
        """All audio and video can be played: on to where it was bound for, and its sender is told (settled 19).

        ``lengths``: slide, from 0 -> seconds that its audio or video lasts.
        """
        kind = TaskKind(str(attempt.task.body["then"]))
        change = self._change(attempt, Event.PROBED, Reason.NONE)
        told = postback_task(self._means, attempt.message, Postback(PostbackCode.PROBED, change.at))
        waits = attempt.message.send_at > change.at
        change = replace(change, status=Status.SCHEDULED if waits else Status.ACCEPTED, postback=told)
        queue = kind.queue(attempt.route.name)
        again = replace(
            attempt.task,
            kind=kind,
            queue=later(queue) if waits else queue,
            due_at=max(change.at, attempt.message.send_at),
            attempt=0,
            transaction_id="",
            body=after_probe(attempt.task.body, lengths if kind is TaskKind.DELIVER else {}),
        )
        await self._end(attempt, Ending(attempt.task, self._means.node, (change,), again, at=change.at))

    async def unsound(self, attempt: Attempt, part: Part, detail: str) -> None:
        """A file cannot be played: the message ends, told with the code of its kind and nothing else (settled 19)."""
        change = self._change(attempt, Event.FAILED, Reason.UNSOUND, detail)
        told = Postback(
            PostbackCode.AUDIO_UNSOUND if part.kind is Kind.AUDIO else PostbackCode.VIDEO_UNSOUND,
            change.at,
            details=f"{Reason.UNSOUND.value}: {detail}",
            file=part.url,
        )
        change = replace(change, status=Status.FAILED, postback=postback_task(self._means, attempt.message, told))
        await self._end(attempt, Ending(attempt.task, self._means.node, (change,), at=change.at))

    async def probe_again(self, attempt: Attempt, detail: str) -> None:
        """Looking at a file failed, perhaps for a reason of the machine's: later again."""
        change = self._change(attempt, Event.RETRY, Reason.NOT_PROBED, detail)
        delay = delay_before(attempt.task.attempt + 1, self._retry, self._means.jitter())
        await self._end(attempt, self._again(attempt, change, delay))

    async def uncertain_over(self, attempt: Attempt) -> None:
        """No receipt told what became of a cut-off submission: send it again, marked, or give up (durability 4)."""
        if attempt.route.on_uncertain == "hold":
            await self._end(attempt, self._failed(attempt, Reason.UNCERTAIN, "held: it may have arrived"))
            return
        change = self._change(attempt, Event.RESENT, Reason.UNCERTAIN, "no receipt came; it may arrive twice")
        kind = TaskKind.TEXT if attempt.route.kind == SMS else TaskKind.DELIVER
        queue = kind.queue(attempt.route.name)
        body = attempt.task.body | {"resent": resent_of(attempt.task) + 1}
        again = replace(attempt.task, kind=kind, queue=queue, due_at=change.at, body=body)
        await self._end(attempt, Ending(attempt.task, self._means.node, (change,), again, at=change.at))
        self._means.wake(queue)

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
        waits_for_mms = attempt.task.kind is TaskKind.DELIVER and attempt.route.fallback_on_outage
        return waits_for_mms and self._fallback(attempt.message) is not None

    async def turn(self, attempt: Attempt) -> None:
        """On as an SMS: the route has been away for too long."""
        await self._end(attempt, self._fallen_back(attempt, Reason.CONNECTION, attempt.route.name))

    async def moved(self, attempt: Attempt, route: Route) -> None:
        """On by another MMS route: its own cannot be reached. Nothing of it is on the wire, nor may have arrived."""
        detail = f"{attempt.route.name} is away; now route {route.name}"
        change = self._change(attempt, Event.REROUTED, Reason.CONNECTION, detail)
        change = replace(change, rerouted=Rerouted(route.name, attempt.message.operator))
        await self._end(attempt, self._on_by(attempt, change, route, attempt.task.body))

    async def give_back(self, attempt: Attempt) -> None:
        """Nothing left us: the task waits again as if it had not been claimed."""
        await self.goes_on(attempt, replace(attempt.task, attempt=attempt.task.attempt - 1, due_at=self._means.now()))

    async def goes_on(self, attempt: Attempt, task: Task, why: tuple[Reason, str] | None = None) -> None:
        """Nothing left us: the task goes on as ``task``; ``why``: what its events are told."""
        changes = (self._change(attempt, Event.RETRY, *why),) if why else ()
        await self._end(attempt, Ending(attempt.task, self._means.node, changes, task, at=self._means.now()))

    async def _end(self, attempt: Attempt, ending: Ending) -> None:
        ending = counted(ending, attempt.message, attempt.size, test=attempt.route.test)
        await self._written(ending)
        for change in ending.changes:
            if change.postback is not None:
                self._means.wake(change.postback.queue)
        if ending.again is not None and ending.again.due_at <= self._means.now():
            self._means.wake(ending.again.queue)

    async def _written(self, ending: Ending) -> None:
        """Written however long the database is away: what a carrier has said is known to nobody else."""
        while True:
            try:
                await self._means.commits.write(hot.end, ending, patient=True)
            except DatabaseAwayError as error:
                log.error("an outcome waits for the database", message=ending.task.message_id, error=str(error)[:300])
                await asyncio.sleep(_AWAY_PAUSE)
            else:
                return

    async def _second_look(self, attempt: Attempt) -> SecondLook | None:
        if self._doubt is None or attempt.route.test:
            return None
        return await self._doubt.look(attempt.message, attempt.task, attempt.route.name)

    def _rerouted(self, attempt: Attempt, outcome: Outcome, operator: str, route: Route) -> Ending:
        """On by another MMS route (settled 28); nothing is posted yet."""
        detail = f"{outcome.detail}; now operator {operator or 'unknown'}, route {route.name}"
        change = self._change(attempt, Event.REROUTED, Reason.REFUSED, detail, outcome.exchange)
        change = replace(change, rerouted=Rerouted(route.name, operator))
        return self._on_by(attempt, change, route, doubted_body(attempt.task))

    def _on_by(self, attempt: Attempt, change: Change, route: Route, body: dict[str, object]) -> Ending:
        queue = TaskKind.DELIVER.queue(route.name)
        again = replace(attempt.task, queue=queue, due_at=change.at, transaction_id="", body=body)
        return Ending(attempt.task, self._means.node, (change,), again, at=change.at)

    def _accepted(self, attempt: Attempt, outcome: Outcome) -> Ending:
        at = self._means.now()
        is_sms = attempt.task.kind is TaskKind.TEXT
        details = fallback_reason(attempt.task) if is_sms else ""
        postback = Postback(PostbackCode.SENT, at, sent_as="SMS" if is_sms else "MMS", details=details)
        change = Change(
            id=self._means.new_id(),
            message_id=attempt.message.id,
            account_id=attempt.message.account_id,
            event=Event.SUBMITTED,
            at=at,
            status=Status.SUBMITTED,
            detail="; ".join((f"{attempt.route.name} {outcome.carrier_ref}".rstrip(), *attempt.notes)),
            attempt=attempt.task.attempt,
            postback=postback_task(self._means, attempt.message, postback),
            exchange=outcome.exchange,
        )
        return Ending(
            attempt.task,
            self._means.node,
            (change,),
            route=attempt.route.name,
            carrier_ref=outcome.carrier_ref,
            at=at,
        )

    def _retry_later(self, attempt: Attempt, outcome: Outcome) -> Ending:
        few_are_over = outcome.few_tries and attempt.task.attempt >= FEW_TRIES
        reason = Reason.CONNECTION if outcome.route_down else Reason.RETRIES
        if (few_are_over or attempt.task.attempt > len(self._retry)) and self.may_turn(attempt):
            return self._fallen_back(attempt, reason, outcome.detail, outcome.exchange)
        if few_are_over:
            return self._failed(attempt, Reason.RETRIES, outcome.detail, exchange=outcome.exchange)
        delay = delay_before(attempt.task.attempt + 1, self._retry, self._means.jitter())
        change = self._change(attempt, Event.RETRY, reason, outcome.detail, outcome.exchange)
        return self._again(attempt, change, max(delay, outcome.retry_after))

    def _throttled(self, attempt: Attempt, outcome: Outcome) -> Ending:
        delay = max(outcome.retry_after, THROTTLE_PAUSE) * (1 + self._means.jitter())
        change = self._change(attempt, Event.RETRY, Reason.THROTTLED, outcome.detail, outcome.exchange)
        return self._again(attempt, change, delay)

    def _refused(self, attempt: Attempt, outcome: Outcome) -> Ending:
        if outcome.fall_back:
            return self._fallen_back(attempt, Reason.REFUSED, outcome.detail, outcome.exchange)
        ending = self._failed(attempt, Reason.REFUSED, outcome.detail, exchange=outcome.exchange)
        return replace(ending, block=block_of(attempt.message, attempt.route, outcome, ending.at))

    def _too_big(self, attempt: Attempt, outcome: Outcome) -> Ending:
        shrunk = shrink_of(attempt.task)
        if shrunk >= SHRINKS:
            return self._fallen_back(attempt, Reason.TOO_BIG, outcome.detail, outcome.exchange)
        change = self._change(attempt, Event.RETRY, Reason.TOO_BIG, outcome.detail, outcome.exchange)
        ending = self._again(attempt, change, 0.0)
        assert ending.again is not None  # noqa: S101  # _again always leaves one
        body = ending.again.body | {"shrink": shrunk + 1}
        return replace(ending, again=replace(ending.again, body=body))

    def _uncertain(self, attempt: Attempt, outcome: Outcome) -> Ending:
        change = self._change(attempt, Event.UNCERTAIN, Reason.UNCERTAIN, outcome.detail, outcome.exchange)
        # each wait is twice the one before: a carrier whose answers we can never read must not flood the phone
        wait = attempt.route.uncertain_wait * 2 ** min(resent_of(attempt.task), _DOUBLINGS)
        again = replace(
            attempt.task,
            kind=TaskKind.UNCERTAIN,
            queue=TaskKind.UNCERTAIN.queue(attempt.route.name),
            due_at=change.at + round(wait * 1000),
        )
        return Ending(attempt.task, self._means.node, (change,), again, at=change.at)

    def _fallen_back(self, attempt: Attempt, reason: Reason, detail: str, exchange: Exchange | None = None) -> Ending:
        """MMS cannot reach the phone: on as an SMS where that is allowed, else failed; nothing is posted yet."""
        route = self._fallback(attempt.message) if attempt.task.kind in _AS_MMS else None
        if route is None:
            return self._failed(attempt, reason, detail, exchange=exchange)
        change = self._change(attempt, Event.FALLBACK, reason, detail, exchange)
        again = replace(
            attempt.task,
            kind=TaskKind.TEXT,
            queue=TaskKind.TEXT.queue(route.name),
            due_at=change.at,
            attempt=0,
            transaction_id="",
            body=fallback_body(reason, detail),
        )
        return Ending(attempt.task, self._means.node, (change,), again, at=change.at)

    def _again(self, attempt: Attempt, change: Change, delay: float) -> Ending:
        """The task waits for another try, as a new submission; never past the message's validity."""
        due_at = min(change.at + round(delay * 1000), max(attempt.message.expires_at, change.at))
        again = replace(attempt.task, due_at=due_at, transaction_id="")
        return Ending(attempt.task, self._means.node, (change,), again, at=change.at)

    def _failed(
        self,
        attempt: Attempt,
        reason: Reason,
        detail: str = "",
        *,
        status: Status = Status.FAILED,
        exchange: Exchange | None = None,
    ) -> Ending:
        event = Event.EXPIRED if status is Status.EXPIRED else Event.FAILED
        change = self._change(attempt, event, reason, detail, exchange)
        words = f"{reason.value}: {detail}" if detail else reason.value
        sent_as = "SMS" if attempt.task.kind is TaskKind.TEXT else ""
        told = Postback(PostbackCode.NOT_SENT, change.at, sent_as=sent_as, details=words)
        postback = postback_task(self._means, attempt.message, told)
        change = replace(change, status=status, postback=postback)
        return Ending(attempt.task, self._means.node, (change,), at=change.at)

    def _change(
        self, attempt: Attempt, event: Event, reason: Reason, detail: str = "", exchange: Exchange | None = None
    ) -> Change:
        return Change(
            id=self._means.new_id(),
            message_id=attempt.message.id,
            account_id=attempt.message.account_id,
            event=event,
            at=self._means.now(),
            reason=reason,
            detail=detail,
            attempt=attempt.task.attempt,
            exchange=exchange,
        )


_VERDICTS = {
    Verdict.ACCEPTED: Settler._accepted,  # noqa: SLF001  # the class's own table
    Verdict.RETRY: Settler._retry_later,  # noqa: SLF001
    Verdict.THROTTLED: Settler._throttled,  # noqa: SLF001
    Verdict.REFUSED: Settler._refused,  # noqa: SLF001
    Verdict.TOO_BIG: Settler._too_big,  # noqa: SLF001
    Verdict.UNCERTAIN: Settler._uncertain,  # noqa: SLF001
}
#: For an SMS "too big" is no verdict that a carrier gives; should one, it is a refusal.
_SMS_VERDICTS = _VERDICTS | {Verdict.TOO_BIG: Settler._refused, Verdict.REFUSED: Settler._refused}  # noqa: SLF001
