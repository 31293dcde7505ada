"""One limit of one account in this process: what it holds of the shared ledger, and who waits for more.

Held calls pass without a word to the database; a call that was refused is refused again without one until the ledger
may have something. Times are seconds of one monotonic clock.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from slidewire.domain.ledger import Ask, Grant
from slidewire.domain.limits import Limit, Standing, standing
from slidewire.store.commits import Commits
from slidewire.store.ledgers import LEASE_MS, CallsAsked, settle_calls

#: What is held may be used so long: two thirds of the lease (durability 5).
_USABLE = LEASE_MS / 1000 * 2 / 3
#: Asks that follow one another sooner want twice as much ahead, those later than the second half as much.
_SOON, _LATE = 0.25, 1.0
_MOST_AHEAD = 512
#: An empty ledger is not asked again before: a rate earns something meanwhile, a quota was perhaps raised.
_PAUSE, _QUOTA_PAUSE = 0.05, 1.0
#: What nobody has used for so long goes back to the ledger; a meter that holds nothing is forgotten later.
_IDLE, _FORGOTTEN = 1.0, 120.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MeterTools:
    """What meters work with."""

    commits: Commits
    node: str
    now: Callable[[], int]  #: Unix milliseconds
    monotonic: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Pass:
    """A call that a limit let through."""

    calls: int
    was_held: bool  #: out of what this process held; else the ledger has it as spent


@dataclass(slots=True)
class _Waiting:
    calls: int
    answer: asyncio.Future[Pass | None]

    def tell(self, answer: Pass | None) -> bool:
        """False when whoever waited has gone."""
        if self.answer.done():
            return False
        self.answer.set_result(answer)
        return True


class Meter:
    """``take`` before a call, ``give_back`` when another limit refuses it."""

    def __init__(self, tools: MeterTools, account_id: str, limit: Limit) -> None:
        self.limit = limit
        self._tools = tools
        self._account_id = account_id
        self._held = self._owed = self._ahead = self._left = self._turn = 0
        self._waiting: list[_Waiting] = []
        self._asking: asyncio.Task[None] | None = None
        now = tools.monotonic()
        self._usable_until = self._shut_until = self._asked_at = now
        self._used_at = now
        self._wait = 0.0

    def shut_for(self, calls: int, now: float) -> bool:
        """Whether the ledger was empty a moment ago, and nothing is held here."""
        return now < self._shut_until and not self._has(calls, now)

    async def take(self, calls: int) -> Pass | None:
        """Let ``calls`` through; None when the limit refuses them."""
        now = self._used_at = self._tools.monotonic()
        if self._has(calls, now):
            self._held -= calls
            if self._held < self._ahead // 4 and now >= self._shut_until:
                self._ask()  # before somebody has to wait for it
            return Pass(calls, was_held=True)
        if now < self._shut_until:
            return None
        waiting = _Waiting(calls, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._ask()
        return await waiting.answer

    def give_back(self, given: Pass) -> None:
        """The call was refused elsewhere: it does not count (settled 16)."""
        if given.was_held:
            self._held += given.calls
        else:
            self._owed += given.calls

    def change(self, limit: Limit) -> None:
        """The setting was changed."""
        self.limit = limit
        self._shut_until = self._tools.monotonic()

    def standing(self) -> Standing:
        """What is published of it (settled 23)."""
        earned = (self._tools.monotonic() - self._asked_at) * self.limit.rate
        left = int(min(self._left + earned, self.limit.most)) + self._held
        return standing(self.limit, left, self._tools.now())

    def wait(self) -> float:
        """Seconds until a refused call may pass."""
        if self.limit.ends_at:
            return max((self.limit.ends_at - self._tools.now()) / 1000, 1.0)
        return max(self._wait - (self._tools.monotonic() - self._asked_at), 0.001)

    def idle(self, now: float) -> bool:
        """Whether it may be forgotten; gives back what nobody uses."""
        resting = now - self._used_at
        if resting > _IDLE and (self._held or self._owed) and self._asking is None:
            self._ask(returning=True)
        return resting > _FORGOTTEN and not (self._held or self._owed or self._asking)

    async def close(self) -> None:
        """Give back everything."""
        await self._asked()
        if self._held or self._owed:
            self._ask(returning=True)
            await self._asked()

    async def _asked(self) -> None:
        if (asking := self._asking) is not None:
            await asyncio.wait([asking])

    def _has(self, calls: int, now: float) -> bool:
        return self._held >= calls and now < self._usable_until

    def _ask(self, *, returning: bool = False) -> None:
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._keep_asking(returning))

    async def _keep_asking(self, returning: bool) -> None:
        try:
            await self._ask_once(returning=returning)
            while self._waiting:
                await self._ask_once()
        finally:
            self._asking = None

    async def _ask_once(self, *, returning: bool = False) -> None:
        now = self._tools.monotonic()
        waiting, self._waiting = self._waiting, []
        unused, owed = self._held, self._owed
        returned = unused if returning or now >= self._usable_until else 0
        self._held -= returned
        self._owed = 0
        self._want(now, returning)
        wanted = tuple(each.calls for each in waiting)
        ask = Ask(self._tools.node, self._turn + 1, unused, returned, owed, wanted, self._ahead)
        asked = CallsAsked(self._account_id, self.limit, ask, self._tools.now())
        try:
            grant = await self._tools.commits.write(settle_calls, asked)
        except Exception as error:  # noqa: BLE001  # it belongs to whoever waits
            # whether it was written nobody knows: the next ask has the same turn, and what was given back is lost
            log.warning("a limit could not be counted", error=repr(error)[:300])
            for each in waiting:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        self._turn += 1
        self._usable_until = now + _USABLE
        self._book(grant, unused - returned)
        self._answer(waiting, grant)

    def _want(self, now: float, returning: bool) -> None:
        since = now - self._asked_at
        if returning or since > _LATE:
            self._ahead = 0 if returning else self._ahead // 2
        elif since < _SOON:
            self._ahead = min(max(2 * self._ahead, 1), _MOST_AHEAD)
        self._asked_at = now

    def _book(self, grant: Grant, kept: int) -> None:
        if grant.void:
            self._held = max(self._held - kept, 0)
        self._held += grant.ahead
        self._left = grant.left

    def _answer(self, waiting: list[_Waiting], grant: Grant) -> None:
        for each in waiting[: grant.passed]:
            if not each.tell(Pass(each.calls, was_held=False)):
                self._owed += each.calls
        refused = waiting[grant.passed :]
        late, self._waiting = self._waiting, []
        if refused:
            self._wait = grant.wait
            pause = max(grant.wait, _PAUSE) if self.limit.rate else _QUOTA_PAUSE
            self._shut_until = self._tools.monotonic() + min(pause, _QUOTA_PAUSE)
        for each in late:
            if self._held >= each.calls:
                self._held -= each.calls if each.tell(Pass(each.calls, was_held=True)) else 0
            else:
                (refused or self._waiting).append(each)
        for each in refused:
            each.tell(None)
