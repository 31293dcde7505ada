"""What steps work with, over a real database; the world outside of it stands still or does as it is told."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection
from tests.builders import an_id, now_ms

from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.message import Message
from slidewire.domain.task import Task
from slidewire.store import hot
from slidewire.store.commits import Commits, Item, Result, WriteMany
from slidewire.store.database import Database
from slidewire.store.hot import Ask, Claimed, NewMessage
from slidewire.store.messages import find_message, message_events
from slidewire.work.manners import Crowd
from slidewire.work.means import Means

POSTBACK_URL = "http://127.0.0.1:9/postback"
#: Who holds lanes is never in anybody's way.
NO_CROWD = Crowd(lambda: True, time.monotonic)


@dataclass
class Kit:
    """Means, and looks into what was stored."""

    means: Means
    woken: list[str] = field(default_factory=list)

    async def accepted(self, message: Message, task: Task) -> None:
        await self.means.commits.write(hot.insert_messages, NewMessage(message, task))

    async def claim(self, queue: str, limit: int = 10) -> list[Claimed]:
        ask = Ask(queue, limit, self.means.node, self.means.now(), 60_000, new_id=an_id)
        return await self.means.commits.write(hot.claim, ask)

    async def status(self, message: Message) -> str:
        found = await self.means.database.read(lambda c: find_message(c, message.id))
        assert found is not None
        return found.status.value

    async def events(self, message: Message) -> list[str]:
        rows = await self.means.database.read(lambda c: message_events(c, message.id))
        return [row["event"] for row in rows]

    async def task_rows(self, message: Message) -> list[dict[str, object]]:
        from slidewire.store.messages import message_tasks

        return await self.means.database.read(lambda c: message_tasks(c, message.id))


class Counted(Commits):
    """Commits that count the claims, and do something while one is under way."""

    claims = 0
    claimed = 0  #: claims that have ended
    meanwhile: Callable[[], None] | None = None

    async def write(self, write: WriteMany[Item, Result], item: Item, *, patient: bool = False) -> Result:
        with self._counted(is_claim=write is hot.claim):
            return await super().write(write, item, patient=patient)

    async def write_alone(
        self, write: WriteMany[Item, Result], alone: Callable[[Connection, Item], Result], item: Item
    ) -> Result:
        # what is not done alone comes by ``write``, and is counted there
        with self._counted(is_claim=self._database.writers > 1):
            return await super().write_alone(write, alone, item)

    @contextmanager
    def _counted(self, *, is_claim: bool) -> Iterator[None]:
        self.claims += is_claim
        if is_claim and self.meanwhile is not None:
            self.meanwhile()
        yield
        self.claimed += is_claim


async def _nobody_new(_account_id: str) -> None:
    """All accounts are known."""


def a_kit(database: Database, *, postbacks: bool = True) -> Kit:
    """A node called ``node-1`` whose accounts all want postbacks, or none do."""
    settings = AccountSettings(postback_url=POSTBACK_URL if postbacks else "")
    account = Account("acct-1", "An account", settings, frozenset())
    woken: list[str] = []

    def broken(error: BaseException) -> None:
        raise AssertionError(error)

    means = Means(
        database=database,
        commits=Commits(database, broken),
        node="node-1",
        new_id=an_id,
        now=now_ms,
        monotonic=time.monotonic,
        jitter=lambda: 0.0,
        account=lambda account_id: account if account_id == account.id else None,
        meet=_nobody_new,
        wake=woken.append,
        freed=woken.append,
        expect=lambda _queue, _follows: None,
    )
    return Kit(means, woken)
