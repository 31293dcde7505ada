"""SMS over SMPP: each segment one submit_sm, answered for by itself, so that only what failed is sent again.

Whatever the peer or the network does is an Outcome; only a bug of ours or a cancellation is an exception.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slidewire.carriers.base import Outcome, Route, SegmentOutcome, SmsSubmission, Takers, Verdict
from slidewire.carriers.smpp import status
from slidewire.carriers.smpp.desk import Desk
from slidewire.carriers.smpp.link import LinkBroken
from slidewire.carriers.smpp.options import BindKind, Options, bind_of, options_of
from slidewire.carriers.smpp.pace import Pace, Resting
from slidewire.carriers.smpp.pdu import Command, Pdu, PduError, read_message_id, write_message
from slidewire.carriers.smpp.session import BACKOFF, Means, NotBound, Peer, Session
from slidewire.carriers.smpp.status import Meaning
from slidewire.carriers.smpp.submit import message_of, without_text
from slidewire.domain.exchange import BODY_CAP, Exchange
from slidewire.domain.segment import Segment
from slidewire.outbound.dial import Dialer

#: The worst of several verdicts is the first of these that is among them.
WORST = (Verdict.REFUSED, Verdict.UNCERTAIN, Verdict.THROTTLED, Verdict.RETRY, Verdict.ACCEPTED)
#: Which command each kind of bind needs; over the first one texts are submitted.
_BINDS = {
    BindKind.TRANSCEIVER: (Command.BIND_TRANSCEIVER,),
    BindKind.PAIR: (Command.BIND_TRANSMITTER, Command.BIND_RECEIVER),
    BindKind.TRANSMITTER: (Command.BIND_TRANSMITTER,),
}
_MOST_WORDS = 500


@dataclass(frozen=True, slots=True)
class World:
    """What an SmppCarrier needs besides its route."""

    dialer: Dialer
    clock: Callable[[], int]  #: Unix milliseconds
    jitter: Callable[[], float]  #: from 0 to 1
    takers: Takers  #: return once what came is committed (durability 23)
    backoff: tuple[float, ...] = BACKOFF


@dataclass(frozen=True, slots=True)
class _Said:
    """What became of one segment, and what that says about the route."""

    outcome: SegmentOutcome
    meaning: Meaning
    retry_after: float = 0.0


class SmppCarrier:
    """The way out over one SMPP route. ``start`` it, so that receipts come before anything is submitted."""

    def __init__(self, route: Route, world: World) -> None:
        """Raises ValueError for an option or a credential that cannot be used."""
        self._route = route
        self._clock = world.clock
        self.options = options_of(route)  #: how its texts are written, among other things
        self._sessions = _sessions(route, self.options, world)
        self._pace = Pace(route)

    @property
    def bound(self) -> bool:
        """Whether every bind is up."""
        return all(session.bound for session in self._sessions)

    @property
    def pace(self) -> Pace:
        """How fast it sends."""
        return self._pace

    def start(self) -> None:
        """Begin to bind; comes back at once, and may be called again."""
        for session in self._sessions:
            session.start()

    async def submit(self, submission: SmsSubmission) -> Outcome:
        """Hand over the segments. Network trouble is an Outcome, never an exception."""
        self.start()
        loop = asyncio.get_running_loop()
        at, began = self._clock(), loop.time()
        said = await self._all(submission)
        return _outcome(said, self._exchange(submission, said, at, loop.time() - began))

    async def close(self) -> None:
        """Unbind and close the connections."""
        await asyncio.gather(*(session.close() for session in self._sessions))

    async def _all(self, submission: SmsSubmission) -> Sequence[_Said]:
        """All at once; a lone one needs no task of its own."""
        if len(submission.segments) == 1:
            return [await self._segment(submission, submission.segments[0])]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._segment(submission, each)) for each in submission.segments]
        return [task.result() for task in tasks]

    async def _segment(self, submission: SmsSubmission, segment: Segment) -> _Said:
        try:
            body = write_message(message_of(submission.message, segment, self.options, self._clock()))
            await self._pace.leave(self._route.timeout)
        except PduError as error:
            return _said(segment, Meaning("", Verdict.REFUSED), f"not sent: {error}")
        except Resting as resting:
            verdict = Verdict.THROTTLED if resting.throttled else Verdict.RETRY
            return _said(segment, Meaning("", verdict), f"not sent: {resting.words}", resting.throttled)
        try:
            answer = await self._sessions[0].ask(Command.SUBMIT_SM, body, self._route.timeout)
        except NotBound as down:
            meaning = Meaning("", Verdict.RETRY, alarm=down.refused, route_down=True)
            return _said(segment, meaning, f"not sent: {down.words}")
        except LinkBroken as broken:
            verdict = Verdict.UNCERTAIN if broken.sent else Verdict.RETRY  # durability 3
            return _said(segment, Meaning("", verdict, route_down=True), broken.words)
        finally:
            self._pace.release()
        return self._answered(submission, segment, answer)

    def _answered(self, submission: SmsSubmission, segment: Segment, answer: Pdu) -> _Said:
        meaning = status.judge(answer.status, self.options.codes)
        if answer.status in self.options.blocked_codes:
            meaning = Meaning(meaning.name, Verdict.REFUSED, blocked=True)
        words = status.describe(answer.status)
        if meaning.verdict is Verdict.THROTTLED:
            return _said(segment, meaning, words, self._pace.throttled())
        if meaning.verdict is not Verdict.ACCEPTED:
            return _said(segment, meaning, words)
        self._pace.taken()
        try:
            reference = read_message_id(answer.body)
        except PduError as error:
            return _said(segment, Meaning("", Verdict.UNCERTAIN), f"{words}, but {error}")
        submission.taken(reference)
        return _Said(SegmentOutcome(segment.number, Verdict.ACCEPTED, reference, words), meaning)

    def _exchange(self, submission: SmsSubmission, said: Sequence[_Said], at: int, seconds: float) -> Exchange:
        total = submission.segments[0].total
        numbers = ", ".join(str(each.number) for each in submission.segments)
        request = f"submit_sm of segment {numbers} of {total}"[:200] + f", TransactionID {submission.transaction_id}"
        failed = any(each.outcome.verdict is not Verdict.ACCEPTED for each in said)
        body = self._told(submission, said) if failed or self._route.keep_bodies else ""
        return Exchange(at, self._route.name, request, _words(said), round(seconds, 4), body, failed=failed)

    def _told(self, submission: SmsSubmission, said: Sequence[_Said]) -> str:
        """Each segment without its text, and what was said to it."""
        written = [message_of(submission.message, each, self.options, self._clock()) for each in submission.segments]
        lines = [
            f"segment {each.outcome.number}: {without_text(message)}: {each.outcome.detail}"
            for message, each in zip(written, said, strict=True)
        ]
        return "\n".join(lines).encode()[:BODY_CAP].decode("utf-8", "ignore")


def _said(segment: Segment, meaning: Meaning, detail: str, retry_after: float = 0.0) -> _Said:
    return _Said(SegmentOutcome(segment.number, meaning.verdict, detail=detail), meaning, retry_after)


def _outcome(said: Sequence[_Said], exchange: Exchange) -> Outcome:
    """All segments' answers as one: the worst rules; what each of them was, stands in ``segments``."""
    found = {each.outcome.verdict for each in said}
    verdict = next(each for each in WORST if each in found)
    deciding = [each for each in said if each.outcome.verdict is verdict]
    return Outcome(
        verdict,
        carrier_ref=said[0].outcome.carrier_ref if verdict is Verdict.ACCEPTED else "",
        detail=_words(said),
        exchange=exchange,
        retry_after=max(each.retry_after for each in said),
        alarm=any(each.meaning.alarm for each in said),
        route_down=any(each.meaning.route_down for each in said),
        few_tries=all(each.meaning.few_tries for each in deciding),
        blocked=any(each.meaning.blocked for each in said),
        segments=tuple(each.outcome for each in said),
    )


def _words(said: Sequence[_Said]) -> str:
    """What was said, once where it was said to all."""
    details = [each.outcome.detail for each in said]
    if len(set(details)) == 1:
        return details[0][:_MOST_WORDS]
    return "; ".join(f"segment {each.outcome.number}: {each.outcome.detail}" for each in said)[:_MOST_WORDS]


def _sessions(route: Route, options: Options, world: World) -> tuple[Session, ...]:
    means = Means(world.dialer, world.jitter, Desk(route, options, world.clock, world.takers), world.backoff)
    return tuple(
        Session(
            Peer(
                route=route.name,
                host=route.host,
                port=route.port,
                tls=options.tls,
                command=command,
                bind=bind_of(route, options),
                timeout=route.timeout,
                enquire_link=options.enquire_link,
            ),
            means,
        )
        for command in _BINDS[options.bind]
    )
