"""Accepts messages: route, content, and one transaction that holds the message with its first task.

What is answered with Success is on disk before it is answered, or it is not answered with Success.
The checks that need no I/O are done before (domain/checks.py); the order of all of them is settled 1.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from slidewire.carriers.choice import Case, Way, choose_way
from slidewire.carriers.lookup import Found
from slidewire.carriers.operators import Operator
from slidewire.content.fetch import FetchPolicy
from slidewire.domain.account import Account
from slidewire.domain.campaigns import Clearance, Question
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.idempotency import Answering
from slidewire.domain.message import Message
from slidewire.domain.repeats import HOLD, held_first, sameness, warning_of
from slidewire.domain.request import Accepted, CheckedRequest, OverloadedError
from slidewire.domain.spending import may_text
from slidewire.domain.status import Status
from slidewire.domain.task import ORDINARY, SAVED, Task, TaskKind, later
from slidewire.intake.idempotency import write_once
from slidewire.intake.paying import payment_of, raise_unpaid
from slidewire.intake.pinning import Pinned
from slidewire.intake.probing import is_probed, probed_first
from slidewire.intake.tools import Leaving, Load, Made, Tools
from slidewire.store import hot
from slidewire.store.hot import NewMessage
from slidewire.store.pins import Insertion
from slidewire.store.repeats import Sighting, sight

_REFUSALS = {Clearance.BLOCKED: Fault.RECEIVER_BLOCKED, Clearance.NOT_SUBSCRIBED: Fault.NOT_SUBSCRIBED}
#: Milliseconds of a day: pins end on whole days, so that most messages find their content pinned, and at least one
#: day after it is last needed, so that nothing the fetch cache still knows is swept.
_DAY = 86_400_000
#: Ways that are remembered.
_WAYS = 4096


class Intake:
    """Takes checked requests and makes messages of them."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._are_drawn = any(route.weight for route in tools.routes)
        # most messages take one of a few ways: to remember them is a twentieth of what an acceptance costs
        self._ways: dict[tuple[Any, ...], Way] = {}  # all that a way depends on -> the way
        self._pinned = Pinned(tools.monotonic)

    async def accept(
        self,
        request: CheckedRequest,
        account: Account,
        hung_up: Callable[[], Awaitable[None]] | None = None,
        answering: Answering[Accepted] | None = None,
    ) -> Accepted:
        """Make a message of ``request``.

        ``hung_up`` returns when the caller has gone: then nothing is kept (settled 21). ``answering``: the answer that
        is kept in the message's own transaction (durability 15). Raises FaultError, and OverloadedError when there is
        no room for more.
        """
        leaving = await self.leave(request, account)
        probed = is_probed(request)
        if probed and (wait := self._tools.full(TaskKind.PROBE.queue(account.id))):
            raise OverloadedError(wait)
        policy = FetchPolicy(
            account_id=account.id,
            keep_queries=account.settings.keep_url_queries,
            use_cache=request.use_cache,
        )
        fetched = await self._tools.fetcher.fetch_slides(request.slides, policy, hung_up)

        async def bring_back() -> frozenset[str]:
            return await self._tools.fetcher.bring_back(request.slides, fetched.slides, policy)

        load = Load(fetched.slides, bring_back, fetched.warnings, fetched.written, probed=probed)
        made = await self.make(request, account, leaving, load)
        if answering is None:
            await self.insert(made)
        else:
            told = answering.of(lambda results: made.accepted if results[0] is Insertion.DONE else None)
            [result] = await self.insert_together((made,), told)
            raise_unpaid(result)
        return made.accepted

    async def leave(self, request: CheckedRequest, account: Account, priority: int = ORDINARY) -> Leaving:
        """The way of a message that may be accepted now (settled 1 j, k). Raises FaultError and OverloadedError."""
        if request.is_text:
            self._check_length(request, account)
        await self.check_clearance(request, account)
        way = await self.way_of(request, account)
        queue = (TaskKind.TEXT if way.is_sms else TaskKind.DELIVER).queue(way.route.name)
        # how long others wait now says nothing of a later time
        if wait := self._tools.full("") or (not request.send_at and self._tools.old(queue, account.id, priority)):
            raise OverloadedError(wait)
        self._tools.chosen(way.route.name)
        return Leaving(way, later(queue) if request.send_at else queue, priority)

    async def make(self, request: CheckedRequest, account: Account, leaving: Leaving, load: Load) -> Made:
        """A message that leaves by this way."""
        message = await self.message_of(request, account, leaving.way, load)
        past = await self._seen_before(message, account) if account.settings.repeat_window else None
        held = account.settings.repeat_hold if past is not None and account.settings.repeat_action == HOLD else 0
        message = self._warned(message, account, "" if past is None else warning_of(past, held))
        task = self._task(message, leaving)
        if task.kind is TaskKind.DELIVER and load.is_encoded:
            task = replace(task, body=task.body | {SAVED: True})
        if load.probed:
            message, task = probed_first(message, task)
        if held:
            task = held_first(task, min(message.accepted_at + held * 60_000, message.expires_at))
        reusable = account.settings.reuse_sent_mms and not load.mms_id and not message.is_text
        keep_until = (max(message.expires_at, message.link_expires_at) // _DAY + 2) * _DAY
        pins = self._pinned.lacking(message, keep_until)
        payment = payment_of(account)
        new = NewMessage(
            message, task, pins=pins, keep_until=keep_until, written=load.written, reusable=reusable, payment=payment
        )
        return Made(new, load.bring_back)

    async def prepare(self, request: CheckedRequest, account: Account, load: Load) -> Made:
        """A message whose load is here. Raises FaultError and OverloadedError."""
        return await self.make(request, account, await self.leave(request, account), load)

    async def insert(self, made: Made) -> None:
        """Keep a message. Raises FaultError E713, and what its ``bring_back`` raises."""
        new = made.new
        plainly = hot.insert_plainly if new.is_plain else None
        result = await self._tools.commits.write(hot.insert_messages, new, plainly=plainly)
        if result is Insertion.CONTENT_LEAVING:
            # a sweep was about to delete bytes that we counted on: bring them back, then insert (durability 19)
            written = await made.bring_back()
            result = await self._tools.commits.write(hot.insert_messages, replace(new, written=written, again=True))
        raise_unpaid(result)
        self.kept((new,))

    async def insert_together(
        self, made: Sequence[Made], answering: Answering[Sequence[Insertion]]
    ) -> Sequence[Insertion]:
        """Keep the messages of one request with its answer, in one transaction; which were kept, and which are unpaid.

        Raises what their ``bring_back`` raises.
        """
        news, commits = tuple(each.new for each in made), self._tools.commits
        results = await write_once(commits, hot.insert_together, news, answering)
        if Insertion.CONTENT_LEAVING in results:
            written = await made[0].bring_back()
            again = tuple(replace(new, written=written, again=True) for new in news)
            results = await write_once(commits, hot.insert_together, again, answering)
        self.kept([new for new, result in zip(news, results, strict=True) if result is Insertion.DONE])
        return results

    def kept(self, messages: Sequence[NewMessage]) -> None:
        """Remember what they pin, and wake whoever sends them."""
        for new in messages:
            self._tools.wake(new.task.queue)
            if new.pins:
                self._pinned.note(new.pins, new.keep_until)

    def _warned(self, message: Message, account: Account, repeated: str) -> Message:
        """With what its account wants to know: a long fallback SMS, the same sent a moment ago (settled 25)."""
        told = self._tools.foretell(message, account)
        if not told and not repeated:
            return message
        return replace(message, warnings=message.warnings + tuple(filter(None, (told, repeated))))

    async def _seen_before(self, message: Message, account: Account) -> int | None:
        """Milliseconds since the same went to the same receiver; None where it did not."""
        window = account.settings.repeat_window * 60_000
        return await self._tools.commits.write(
            sight, Sighting(account.id, sameness(message), message.accepted_at, window)
        )

    def _check_length(self, request: CheckedRequest, account: Account) -> None:
        """A text is not cut. Before its receiver is asked for, like every field (settled 1). Raises FaultError E228."""
        try:
            route = self._choose(request, account, Found(self._given(request))).route.name
        except FaultError:
            route = ""  # none takes it: told in its turn
        limit = self._tools.text_room(route, request.fallback_text, account)
        if limit is not None:
            raise Fault.SMS_TOO_LONG.error(f"at most {account.settings.sms_segments} segments", limit=limit)

    async def check_clearance(self, request: CheckedRequest, account: Account) -> None:
        """Settled 1 (j): before anything is looked up or fetched."""
        campaign = request.campaign if account.settings.enforce_campaign else ""
        question = Question(request.receiver, account.id, request.sender, campaign)
        clearance = await self._tools.clearance(question)
        if clearance is not Clearance.CLEAR:
            raise _REFUSALS[clearance].error()

    async def way_of(self, request: CheckedRequest, account: Account) -> Way:
        """The way of a message, its operator looked up where nobody named it. Raises FaultError (settled 1 k)."""
        return self._choose(request, account, await self._found(request, account.settings.test))

    def _choose(self, request: CheckedRequest, account: Account, found: Found) -> Way:
        settings = account.settings
        receiver, away = request.receiver if self._are_drawn else "", self._tools.avoided()
        asked = (request.sender, request.country, request.force_sms, request.fallback_allowed, receiver)
        about = (found.operator, found.landline, away, settings.test, settings.sms_countries, settings.sender_countries)
        way = self._ways.get((asked, about))
        if way is None:
            case = Case(
                sender=request.sender,
                operator=found.operator,
                forced=request.force_sms,
                fallback_allowed=request.fallback_allowed,
                landline=found.landline,
                test=settings.test,
                receiver=receiver,
                away=away,
                texts=may_text(settings, request.sender, request.country),
            )
            way = choose_way(self._tools.routes, case)
            if len(self._ways) >= _WAYS:
                self._ways.clear()
            self._ways[asked, about] = way
        return way

    async def _found(self, request: CheckedRequest, test: bool) -> Found:
        """The receiver's operator, given or looked up; an SMS that is asked for needs none (settled 12).

        Nor does a test, whose look-up somebody would pay for.
        """
        given = self._given(request)
        if given is not None or request.force_sms or test or self._tools.lookup is None:
            return Found(given)
        return await self._tools.lookup.find(request.receiver)

    def _given(self, request: CheckedRequest) -> Operator | None:
        return self._tools.operators.resolve(request.spid) if request.spid else None

    def _task(self, message: Message, leaving: Leaving) -> Task:
        way = leaving.way
        return Task(
            id=self._tools.new_id(),
            kind=TaskKind.TEXT if way.is_sms else TaskKind.DELIVER,
            queue=leaving.queue,
            account_id=message.account_id,
            message_id=message.id,
            due_at=message.begins_at,
            priority=leaving.priority,
            body={"reason": way.reason.name} if way.is_sms and not message.is_text else {},
        )

    async def message_of(self, request: CheckedRequest, account: Account, way: Way, load: Load) -> Message:
        """The message that ``request`` makes; nothing is kept of it."""
        now = self._tools.now()
        return Message(
            id=self._tools.new_id(),
            account_id=account.id,
            mms_id=0 if request.is_text else load.mms_id or await self._tools.next_mms_id(),
            dialect=request.dialect,
            sender=request.sender,
            receiver=request.receiver,
            country=request.country,
            accepted_at=now,
            expires_at=request.expires_at or max(now, request.send_at) + self._tools.validity_ms,
            link_expires_at=_link_end(request, account, now),
            name=request.name,
            slides=load.slides,
            subject=request.subject,
            fallback_text=request.fallback_text,
            fallback_allowed=request.fallback_allowed,
            link_wanted=request.link_wanted,
            force_sms=request.force_sms,
            mask=request.mask,
            operator=way.operator,
            spid=request.spid,
            campaign_ref=request.campaign,
            client_reference=request.client_reference,
            route=way.route.name,
            status=Status.SCHEDULED if request.send_at else Status.ACCEPTED,
            warnings=request.warnings + load.warnings,
            send_at=request.send_at,
            display_only=request.display_only,
        )


def _link_end(request: CheckedRequest, account: Account, now: int) -> int:
    """A page ends with its content (settled 11)."""
    days = account.settings.retention_days.content
    return min(request.link_expires_at, max(now, request.send_at) + days * _DAY) if days else request.link_expires_at
