"""What each verdict, and whatever else may happen to a submission, does to its message and its task.

One table says what each verdict does. Nothing here writes, or speaks to a carrier or to a customer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from slidewire.carriers.base import Outcome, Route, Verdict
from slidewire.carriers.choice import SMS
from slidewire.domain.campaigns import Clearance
from slidewire.domain.change import Change, Ending, Rerouted
from slidewire.domain.events import Event, Reason
from slidewire.domain.exchange import Exchange
from slidewire.domain.frozen import frozen
from slidewire.domain.handset import Handset
from slidewire.domain.message import Kind, Message, Part
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.schedule import delay_before
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind, later
from slidewire.work.blocking import block_of
from slidewire.work.counting import taken
from slidewire.work.means import Means, postback_task
from slidewire.work.remembered import after_probe, doubted_body, fallback_body, fallback_reason, resent_of, shrink_of

#: Attempts at a message whose refusals seldom pass (standards.md 1.5: "few tries").
FEW_TRIES = 5
#: How often a message that the carrier finds too big is made smaller before it fails.
SHRINKS = 2
#: How often the wait for a receipt doubles; ten times two minutes are about the usual validity.
_DOUBLINGS = 10
#: Tasks of a message that is to be an MMS.
_AS_MMS = frozenset({TaskKind.DELIVER, TaskKind.REFIT})
#: Seconds before a throttled submission is tried again, when the carrier names no time.
THROTTLE_PAUSE = 1.0


@frozen
class Attempt:
    """One submission as its step knows it."""

    task: Task
    message: Message
    route: Route
    clearance: Clearance = Clearance.CLEAR  #: of the receiver, at the claim
    handset: Handset | None = None  #: the receiver's phone, where it is known
    notes: tuple[str, ...] = ()  #: what was changed to make the message fit
    size: int = 0  #: bytes of what was posted


class Endings:
    """Makes endings; whoever has them written is the settler."""

    def __init__(self, means: Means, retry: Sequence[float], fallback: Callable[[Message], Route | None]) -> None:
        """See ``Settler``."""
        self._means = means
        self._retry = tuple(retry)
        self._fallback = fallback

    def of_mms(self, attempt: Attempt, outcome: Outcome) -> Ending:
        """What a carrier's answer does."""
        return _VERDICTS[outcome.verdict](self, attempt, outcome)

    def of_sms(self, attempt: Attempt, outcome: Outcome) -> Ending:
        """What became of an SMS's segments: those taken are not sent again (durability 9)."""
        ending = _SMS_VERDICTS[outcome.verdict](self, attempt, outcome)
        taken = tuple((s.number, s.carrier_ref) for s in outcome.segments if s.verdict is Verdict.ACCEPTED)
        return replace(ending, taken=taken, route=attempt.route.name)

    def at_other_operator(self, attempt: Attempt, outcome: Outcome, operator: str) -> Ending:
        """What a carrier's answer does where the receiver turned out to be ``operator``'s."""
        found = replace(attempt, message=replace(attempt.message, operator=operator))
        ending = self.of_mms(found, outcome)
        known = Rerouted(attempt.message.route, operator)
        return replace(ending, changes=tuple(replace(each, rerouted=known) for each in ending.changes))

    def probed(self, attempt: Attempt, lengths: Mapping[int, int]) -> Ending:
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
        return Ending(attempt.task, self._means.node, (change,), again, at=change.at)

    def probe_again(self, attempt: Attempt, detail: str) -> Ending:
        """Looking at a file failed, perhaps for a reason of the machine's: later again."""
        change = self._change(attempt, Event.RETRY, Reason.NOT_PROBED, detail)
        delay = delay_before(attempt.task.attempt + 1, self._retry, self._means.jitter())
        return self._again(attempt, change, delay)

    def unsound(self, attempt: Attempt, part: Part, detail: str) -> Ending:
        """A file cannot be played: the message ends, told with the code of its kind and nothing else (settled 19)."""
        change = self._change(attempt, Event.FAILED, Reason.UNSOUND, detail)
        told = Postback(
            PostbackCode.AUDIO_UNSOUND if part.kind is Kind.AUDIO else PostbackCode.VIDEO_UNSOUND,
            change.at,
            details=f"{Reason.UNSOUND.value}: {detail}",
            file=part.url,
        )
        change = replace(change, status=Status.FAILED, postback=postback_task(self._means, attempt.message, told))
        return Ending(attempt.task, self._means.node, (change,), at=change.at)

    def uncertain_over(self, attempt: Attempt) -> Ending:
        """No receipt told what became of a cut-off submission: send it again, marked, or give up (durability 4)."""
        if attempt.route.on_uncertain == "hold":
            return self.failed(attempt, Reason.UNCERTAIN, "held: it may have arrived")
        change = self._change(attempt, Event.RESENT, Reason.UNCERTAIN, "no receipt came; it may arrive twice")
        kind = TaskKind.TEXT if attempt.route.kind == SMS else TaskKind.DELIVER
        queue = kind.queue(attempt.route.name)
        body = attempt.task.body | {"resent": resent_of(attempt.task) + 1}
        again = replace(attempt.task, kind=kind, queue=queue, due_at=change.at, body=body)
        return Ending(attempt.task, self._means.node, (change,), again, at=change.at)

    def moved(self, attempt: Attempt, route: Route) -> Ending:
        """On by another MMS route: its own cannot be reached. Nothing of it is on the wire, nor may have arrived."""
        detail = f"{attempt.route.name} is away; now route {route.name}"
        change = self._change(attempt, Event.REROUTED, Reason.CONNECTION, detail)
        change = replace(change, rerouted=Rerouted(route.name, attempt.message.operator))
        return self._on_by(attempt, change, route, attempt.task.body)

    def going_on(self, attempt: Attempt, task: Task, why: tuple[Reason, str] | None) -> Ending:
        """Nothing left us: the task goes on as ``task``; ``why``: what its events are told."""
        changes = (self._change(attempt, Event.RETRY, *why),) if why else ()
        return Ending(attempt.task, self._means.node, changes, task, at=self._means.now())

    def may_turn(self, attempt: Attempt) -> bool:
        """Whether an MMS whose attempts have run out, or that its route's outage keeps waiting, becomes an SMS."""
        waits_for_mms = attempt.task.kind is TaskKind.DELIVER and attempt.route.fallback_on_outage
        return waits_for_mms and self._fallback(attempt.message) is not None

    def rerouted(self, attempt: Attempt, outcome: Outcome, operator: str, route: Route) -> Ending:
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
        at, node = self._means.now(), self._means.node
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
            usage=None if is_sms else taken(attempt.message, attempt.size, at, node, test=attempt.route.test),
        )
        return Ending(
            attempt.task,
            node,
            (change,),
            route=attempt.route.name,
            carrier_ref=outcome.carrier_ref,
            at=at,
        )

    def _retry_later(self, attempt: Attempt, outcome: Outcome) -> Ending:
        few_are_over = outcome.few_tries and attempt.task.attempt >= FEW_TRIES
        reason = Reason.CONNECTION if outcome.route_down else Reason.RETRIES
        if (few_are_over or attempt.task.attempt > len(self._retry)) and self.may_turn(attempt):
            return self.fallen_back(attempt, reason, outcome.detail, outcome.exchange)
        if few_are_over:
            return self.failed(attempt, Reason.RETRIES, outcome.detail, exchange=outcome.exchange)
        delay = delay_before(attempt.task.attempt + 1, self._retry, self._means.jitter())
        change = self._change(attempt, Event.RETRY, reason, outcome.detail, outcome.exchange)
        return self._again(attempt, change, max(delay, outcome.retry_after))

    def _throttled(self, attempt: Attempt, outcome: Outcome) -> Ending:
        delay = max(outcome.retry_after, THROTTLE_PAUSE) * (1 + self._means.jitter())
        change = self._change(attempt, Event.RETRY, Reason.THROTTLED, outcome.detail, outcome.exchange)
        return self._again(attempt, change, delay)

    def _refused(self, attempt: Attempt, outcome: Outcome) -> Ending:
        if outcome.fall_back:
            return self.fallen_back(attempt, Reason.REFUSED, outcome.detail, outcome.exchange)
        ending = self.failed(attempt, Reason.REFUSED, outcome.detail, exchange=outcome.exchange)
        return replace(ending, block=block_of(attempt.message, attempt.route, outcome, ending.at))

    def _too_big(self, attempt: Attempt, outcome: Outcome) -> Ending:
        shrunk = shrink_of(attempt.task)
        if shrunk >= SHRINKS:
            return self.fallen_back(attempt, Reason.TOO_BIG, outcome.detail, outcome.exchange)
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

    def fallen_back(self, attempt: Attempt, reason: Reason, detail: str, exchange: Exchange | None = None) -> Ending:
        """MMS cannot reach the phone: on as an SMS where that is allowed, else failed; nothing is posted yet."""
        route = self._fallback(attempt.message) if attempt.task.kind in _AS_MMS else None
        if route is None:
            return self.failed(attempt, reason, detail, exchange=exchange)
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

    def failed(
        self,
        attempt: Attempt,
        reason: Reason,
        detail: str = "",
        *,
        status: Status = Status.FAILED,
        exchange: Exchange | None = None,
    ) -> Ending:
        """The message cannot be sent at all, or not within its validity."""
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
    Verdict.ACCEPTED: Endings._accepted,  # noqa: SLF001  # the class's own table
    Verdict.RETRY: Endings._retry_later,  # noqa: SLF001
    Verdict.THROTTLED: Endings._throttled,  # noqa: SLF001
    Verdict.REFUSED: Endings._refused,  # noqa: SLF001
    Verdict.TOO_BIG: Endings._too_big,  # noqa: SLF001
    Verdict.UNCERTAIN: Endings._uncertain,  # noqa: SLF001
}
#: For an SMS "too big" is no verdict that a carrier gives; should one, it is a refusal.
_SMS_VERDICTS = _VERDICTS | {Verdict.TOO_BIG: Endings._refused, Verdict.REFUSED: Endings._refused}  # noqa: SLF001
