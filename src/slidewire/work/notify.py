"""Posts events to customers, one message's in their order, each until it is received or given up (settled 29)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from slidewire.domain.account import Account
from slidewire.domain.change import Change, Ending
from slidewire.domain.events import Event
from slidewire.domain.exchange import BODY_CAP, Exchange
from slidewire.domain.schedule import delay_before
from slidewire.domain.task import Task, TaskKind
from slidewire.outbound.post import PostClient, PostFailed, PostRequest, Reply
from slidewire.store import hot
from slidewire.store.hot import Claimed
from slidewire.store.sealed import SealError
from slidewire.work.letters import Letter, Letters
from slidewire.work.means import Means
from slidewire.work.worker import Places, Room


@dataclass(frozen=True, slots=True)
class Pace:
    """How postbacks are tried ([postbacks])."""

    timeout: float  #: seconds for one answer
    schedules: Mapping[str, Sequence[float]]  #: name -> seconds before each repetition
    per_account: int = 8  #: posts under way at once to one account's address


class Notify:
    """The step of ``notify:<account>``."""

    kind = TaskKind.NOTIFY
    lease = 60.0

    def __init__(self, means: Means, post: PostClient, pace: Pace, letters: Letters) -> None:
        self._means = means
        self._letters = letters
        self._post = post
        self._pace = pace
        self._places = Places(lambda _door: pace.per_account)

    def room(self, door: str) -> Room:
        """Each account's address has its own cap: a slow one delays nobody else (durability 24)."""
        return Room(self._places.free(door))

    def uncertain_wait(self, door: str) -> float:  # noqa: ARG002  # the seam's shape
        """A postback that was cut off is posted again at once."""
        return 0.0

    def take(self, door: str, count: int) -> None:
        """Places only."""
        self._places.take(door, count)

    async def run(self, claimed: Claimed) -> None:
        """One post, from the claim to its end."""
        try:
            ending = await self._posted(claimed)
        finally:
            self._places.leave(claimed.task.account_id)
            self._means.wake(claimed.task.queue)
        await self._end(ending)

    async def _posted(self, claimed: Claimed) -> Ending:
        task = claimed.task
        account = self._means.account(task.account_id)
        now = self._means.now()
        if account is None or not account.settings.postback_url:
            return Ending(task, self._means.node, at=now)
        try:
            letter = self._letters.write(task, claimed.message, account)
        except SealError as error:
            exchange = Exchange(now, "postback", f"sign {task.body['code']}", str(error), 0.0, failed=True)
            return self._ending(task, account, exchange)
        if letter is None:
            return Ending(task, self._means.node, at=now)
        exchange = await self._try(task, letter, account)
        return self._ending(task, account, exchange)

    async def _try(self, task: Task, letter: Letter, account: Account) -> Exchange:
        url, body = account.settings.postback_url, letter.body
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
        return Exchange(at, "postback", request, words, reply.seconds, "" if received else _told(reply), not received)

    def _ending(self, task: Task, account: Account, exchange: Exchange) -> Ending:
        now = self._means.now()
        ending = Ending(task, self._means.node, exchange=exchange, exchange_id=self._means.new_id(), at=now)
        if not exchange.failed:
            return ending
        schedule = self._pace.schedules[account.settings.postback_schedule]
        if task.attempt <= len(schedule):
            delay = delay_before(task.attempt + 1, schedule, self._jitter(account))
            return replace(ending, again=replace(task, due_at=now + round(delay * 1000)))
        given_up = Change(
            id=self._means.new_id(),
            message_id=task.message_id,
            account_id=task.account_id,
            event=Event.POSTBACK_GIVEN_UP,
            at=now,
            detail=f"{task.body['code']} after {task.attempt} attempts: {exchange.response}",
            attempt=task.attempt,
        )
        return replace(ending, changes=(given_up,))

    def _jitter(self, account: Account) -> float:
        """The published schedule is exact: five minutes later (api.md 4.1)."""
        return self._means.jitter() if account.settings.postback_schedule == "long" else 0.0

    async def _end(self, ending: Ending) -> None:
        await self._means.commits.write(hot.end, ending, patient=True)
        if ending.again is None:
            self._means.wake(ending.task.queue)  # the next of the chain may be due


def _told(reply: Reply) -> str:
    return reply.body[:BODY_CAP].decode("utf-8", "replace")
