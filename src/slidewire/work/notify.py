"""Posts events to customers, one message's in their order, each until it is received or given up (settled 29)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from slidewire.domain.account import Account
from slidewire.domain.change import Change, Ending
from slidewire.domain.events import Event
from slidewire.domain.exchange import BODY_CAP, Exchange
from slidewire.domain.figures import POSTBACK_SECONDS, POSTBACKS
from slidewire.domain.message import Message
from slidewire.domain.postback import OPENING
from slidewire.domain.schedule import delay_before
from slidewire.domain.task import Hold, Task, TaskKind, door_of
from slidewire.domain.telling import inbound_address
from slidewire.outbound.post import PostClient, PostFailed, PostRequest, Reply
from slidewire.store import ends
from slidewire.store.hot import Claimed
from slidewire.store.sealed import SealError
from slidewire.work.endpoints import Endpoints
from slidewire.work.letters import Letter, Letters
from slidewire.work.means import Means
from slidewire.work.places import InPlaces
from slidewire.work.seats import Coming, Seat
from slidewire.work.worker import Room


@dataclass(frozen=True, slots=True)
class Pace:
    """How postbacks are tried ([postbacks])."""

    timeout: float  #: seconds for one answer
    schedules: Mapping[str, Sequence[float]]  #: name -> seconds before each repetition
    per_account: int = 8  #: posts under way at once to one account's address
    keep_bodies: bool = False  #: of answers to posts that were received too (durability 17)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes postbacks, and who knows which addresses receive them."""

    letters: Letters
    endpoints: Endpoints


class Notify(InPlaces):
    """The step of ``notify:<account>``."""

    kind = TaskKind.NOTIFY
    lease = 60.0

    def __init__(self, means: Means, post: PostClient, pace: Pace, desk: Desk) -> None:
        super().__init__(lambda _door: pace.per_account)
        self._means = means
        self._letters, self._endpoints = desk.letters, desk.endpoints
        self._post = post
        self._pace = pace
        self._asked: dict[str, int] = {}  # account -> places that a claim under way may need

    def room(self, door: str) -> Room:
        """What is free, half of all at most: the rest is for postbacks that nobody claims (``seat``)."""
        most = max(1, self._pace.per_account // 2)
        self._asked[door] = max(0, min(most, self._places.free(door)))
        return Room(self._asked[door])

    def take(self, door: str, count: int) -> None:
        """Places; what the claim did not need is free again."""
        del self._asked[door]
        super().take(door, count)

    async def run(self, claimed: Claimed) -> None:
        """One post, from the claim to its end."""
        try:
            ending = await self._posted(claimed)
        finally:
            self._places.leave(claimed.task.account_id)
            self._means.freed(claimed.task.queue)
        self._count(ending)
        await self._end(ending, claimed.message)

    def _count(self, ending: Ending) -> None:
        figures, exchange = self._means.figures, ending.exchange
        if exchange is not None and exchange.seconds > 0:
            figures.time(POSTBACK_SECONDS, exchange.seconds)
        if exchange is not None and not exchange.failed:
            figures.add(POSTBACKS, "received")
        elif ending.again is not None:
            figures.add(POSTBACKS, "failed")
        elif ending.changes:
            figures.add(POSTBACKS, "given up")

    def seat(self, queue: str) -> Seat | None:
        """A place for a postback that is being written."""
        return self._seat(queue, follows=False)

    def _seat(self, queue: str, *, follows: bool) -> Seat | None:
        door = door_of(queue)
        if self._places.free(door) <= self._asked.get(door, 0):
            return None
        coming = self._means.expect(queue, follows)
        if coming is None:
            return None
        self._places.take(door, 1)
        coming.add_done_callback(lambda _: self._unless_filled(coming, queue))
        return Seat(Hold(self._means.node, round(self.lease * 1000)), coming)

    def _unless_filled(self, coming: Coming, queue: str) -> None:
        if coming.cancelled() or coming.result() is None:
            self._places.leave(door_of(queue))
            self._means.freed(queue)

    async def _posted(self, claimed: Claimed) -> Ending:
        task = claimed.task
        account = self._means.account(task.account_id)
        now = self._means.now()
        address = "" if account is None else _address(task, account)
        if account is None or not address:
            return self._given_up(Ending(task, self._means.node, at=now), "the account has no address for postbacks")
        if address == account.settings.postback_url and await self._endpoints.is_off(account):
            return self._given_up(Ending(task, self._means.node, at=now), "postbacks to this address are turned off")
        try:
            letter = self._letters.write(task, claimed.message, account)
        except SealError as error:
            exchange = Exchange(now, "postback", f"sign {task.body['code']}", str(error), 0.0, failed=True)
            return self._ending(task, account, exchange)
        if letter is None:
            return Ending(task, self._means.node, at=now)
        return await self._judged(task, account, await self._try_both(task, letter, account))

    async def _try_both(self, task: Task, letter: Letter, account: Account) -> Exchange:
        """The account's address, and where that did not receive it at once the failover."""
        settings = account.settings
        address = _address(task, account)
        first = await self._try(task, letter, account, address)
        if not first.failed or not settings.postback_failover_url or address != settings.postback_url:
            return first
        second = await self._try(task, letter, account, settings.postback_failover_url)
        return replace(
            second,
            at=first.at,
            response=f"{first.response}; failover: {second.response}",
            seconds=first.seconds + second.seconds,
        )

    async def _judged(self, task: Task, account: Account, exchange: Exchange) -> Ending:
        """The task's end, and what it tells of the address."""
        ending = self._ending(task, account, exchange)
        if _address(task, account) != account.settings.postback_url:
            return ending  # which address receives is known of the other one only
        if not exchange.failed:
            await self._endpoints.received(account)
        elif await self._endpoints.failed(account, exchange.response):
            detail = "nothing was received for too long; the console or slidewire postback resume turns them on again"
            off = self._change(task, Event.POSTBACKS_OFF, ending.at, detail)
            return replace(ending, changes=(*ending.changes, off))
        return ending

    async def _try(self, task: Task, letter: Letter, account: Account, url: str) -> Exchange:
        body = letter.body
        at = self._means.now()
        request = f"POST {urlsplit(url).path or '/'} {task.body['code']} {len(body)} bytes, attempt {task.attempt}"
        try:
            reply = await self._post.post(
                PostRequest(url, body, letter.headers, account=account.id, total=self._pace.timeout)
            )
        except PostFailed as error:
            return Exchange(at, "postback", request, str(error), (self._means.now() - at) / 1000, failed=True)
        except ValueError as error:
            return Exchange(at, "postback", request, f"bad address: {error}", 0.0, failed=True)
        received = 200 <= reply.status < 300
        words = f"HTTP {reply.status} {reply.reason}".rstrip()
        kept = _told(reply) if not received or self._pace.keep_bodies else ""
        return Exchange(at, "postback", request, words, reply.seconds, kept, not received)

    def _ending(self, task: Task, account: Account, exchange: Exchange) -> Ending:
        now = self._means.now()
        ending = Ending(task, self._means.node, exchange=exchange, exchange_id=self._means.new_id(), at=now)
        if not exchange.failed:
            return ending
        schedule = self._pace.schedules[account.settings.postback_schedule]
        if task.attempt <= len(schedule):
            delay = delay_before(task.attempt + 1, schedule, self._jitter(account))
            return replace(ending, again=replace(task, due_at=now + round(delay * 1000)))
        return self._given_up(ending, f"after {task.attempt} attempts: {exchange.response}")

    def _given_up(self, ending: Ending, why: str) -> Ending:
        task = ending.task
        change = self._change(task, Event.POSTBACK_GIVEN_UP, ending.at, f"{task.body['code']} {why}")
        return replace(ending, changes=(replace(change, given_up=task.id),))

    def _change(self, task: Task, event: Event, at: int, detail: str) -> Change:
        return Change(
            id=self._means.new_id(),
            message_id=task.message_id,
            account_id=task.account_id,
            event=event,
            at=at,
            detail=detail,
            attempt=task.attempt,
        )

    def _jitter(self, account: Account) -> float:
        """The published schedule is exact: five minutes later (api.md 4.1)."""
        return self._means.jitter() if account.settings.postback_schedule == "long" else 0.0

    async def _end(self, ending: Ending, message: Message | None) -> None:
        """The end of its task, and the beginning of the next one of its message, over the same place."""
        goes_on = ending.again is None and ending.task.body["code"] in OPENING
        seat = self._seat(ending.task.queue, follows=True) if goes_on else None
        ended = None
        try:
            held = ending if seat is None else replace(ending, hold=seat.hold)
            ended = await self._means.commits.write(ends.end, held, patient=True)
        finally:
            if seat is not None:
                seat.settle(ended.taken if ended else None, message)
        if ended.followed and ended.taken is None:
            self._means.wake(ending.task.queue)


def _address(task: Task, account: Account) -> str:
    return inbound_address(account) if "news" in task.body else account.settings.postback_url


def _told(reply: Reply) -> str:
    return reply.body[:BODY_CAP].decode("utf-8", "replace")
