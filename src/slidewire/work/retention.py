"""Ends what accounts do not want kept: in rounds, each of which looks at what became old since the last one.

Rounds go by acceptance. A message that was scheduled is as old as the time it was scheduled for: it is waited for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from slidewire.domain.account import Account
from slidewire.domain.ids import id_time
from slidewire.domain.message import Message
from slidewire.domain.partitions import until_whole
from slidewire.domain.retention import DAY, Rule, rules_of
from slidewire.domain.status import Status
from slidewire.store import retention
from slidewire.store.database import Connection
from slidewire.store.inbound import redact_inbound
from slidewire.store.partitions import read_partitions
from slidewire.store.retention import Slice
from slidewire.work.means import Means
from slidewire.work.partitions import longest
from slidewire.work.sweep import ClockWatch

#: Messages of one transaction.
_CHUNK = 200
#: Milliseconds to whose whole number a round's end is cut: accounts of one setting share their looks.
_STEP = 600_000
#: Milliseconds that lie between the time in a message's id and that of its acceptance, and more.
_APART = 60_000


@dataclass(frozen=True, slots=True)
class _Round:
    """One rule for accounts that have got as far with it."""

    rule: Rule
    since: int
    until: int


class Retention:
    """The chore of ``retention_days`` and ``redact``."""

    def __init__(
        self,
        means: Means,
        clock: ClockWatch,
        accounts: Callable[[], Iterable[Account]],
        validity_ms: int,
        longest_ms: int = 0,
    ) -> None:
        """``validity_ms``: of a message that asks for none; ``longest_ms``: the most that one may ask for."""
        self._means = means
        self._clock = clock
        self._accounts = accounts
        self._validity_ms = validity_ms
        self._longest_ms = longest_ms

    async def look(self) -> None:
        """One round of every rule."""
        if not self._clock.is_sound:
            return
        known = await self._means.database.read(retention.marks)
        partitions = await self._means.database.read(read_partitions) or ()
        keep = longest(self._accounts(), self._validity_ms)
        rounds: dict[_Round, list[str]] = defaultdict(list)
        for account in self._accounts():
            settings = account.settings
            for rule in rules_of(settings.retention_days, settings.redact, self._validity_ms, self._longest_ms):
                until = (self._means.now() - rule.after) // _STEP * _STEP
                if keep is not None and rule.after >= keep:
                    until = until_whole(partitions, until, keep)
                since = known.get((account.id, rule.name), 0)
                if since < until:
                    rounds[_Round(rule, since, until)].append(account.id)
        for each, accounts in rounds.items():
            await self._carry_out(each, tuple(accounts))

    async def _carry_out(self, this: _Round, accounts: tuple[str, ...]) -> None:
        """All chunks of a round; what is still busy is met again in the next."""
        cursor = f"{this.since:012x}"
        held = this.until
        while True:
            part = Slice(accounts, cursor, this.until, _CHUNK)
            last, oldest = await self._means.database.write(lambda c, part=part: self._chunk(c, this.rule, part))  # type: ignore[misc]
            held = min(held, oldest)
            if not last:
                break
            cursor = last
        await self._carry_out_inbound(this, accounts)
        await self._means.database.write(lambda c: retention.set_marks(c, accounts, this.rule.name, held))

    async def _carry_out_inbound(self, this: _Round, accounts: tuple[str, ...]) -> None:
        """The same for what phones sent."""
        cursor = f"{this.since:012x}"
        while cursor:
            part = Slice(accounts, cursor, this.until, _CHUNK)
            redact = partial(redact_inbound, part=part, rule=this.rule, now=self._means.now())
            cursor = await self._means.database.write(redact)

    def _chunk(self, connection: Connection, rule: Rule, part: Slice) -> tuple[str, int]:
        """The last id of a full chunk, else empty; and when the oldest message was accepted that must wait."""
        found = retention.read_slice(connection, part)
        ids = [message.id for message in found]
        now = self._means.now()
        waiting = retention.busy(connection, ids) | {each.id for each in found if _begins(each) + rule.after > now}
        spared: set[str] = set()
        if rule.spares_open:
            spared = {each.id for each in found if _may_change(each, now)}
            spared |= retention.with_open_page(connection, ids, now)
        ready = [message for message in found if message.id not in waiting | spared]
        if ready:
            retention.note_removal(connection, now)
        if rule.deletes:
            retention.delete_messages(connection, [message.id for message in ready])
        else:
            retention.redact_messages(connection, ready, rule.traces, now)
        oldest = min((_accepted(message) for message in found if message.id in waiting), default=part.until)
        return (ids[-1] if len(ids) == part.limit else ""), oldest


def _accepted(message: Message) -> int:
    return id_time(message.id)


def _begins(message: Message) -> int:
    scheduled = 0 if message.status is Status.CANCELLED else message.send_at
    return max(_accepted(message), scheduled)


def _may_change(message: Message, now: int) -> bool:
    """Whether a receipt may still come, and a fallback go: its own validity counts, and a day for receipts."""
    return not message.status.is_final and message.expires_at + DAY > now + _APART
