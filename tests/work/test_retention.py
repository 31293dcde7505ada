"""Rounds of retention: each looks at what became old, meets again what was busy, begins anew for a new setting."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.builders import DAY, Clock, a_message, a_task, an_account
from tests.store.kit import an_ending, ended
from tests.work.kit import Kit, a_kit

from slidewire.domain.account import Account, read_settings
from slidewire.domain.ids import IdMaker
from slidewire.domain.inbound import Inbound, KeptInbound, Word
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import Task
from slidewire.store.database import Database
from slidewire.store.inbound import keep_inbound, list_inbound
from slidewire.store.links import LinkKey, add_link, new_link
from slidewire.store.messages import find_message
from slidewire.store.retention import marks
from slidewire.store.sqlite import SqliteDatabase
from slidewire.work.emptying import LogEmptying
from slidewire.work.retention import Retention
from slidewire.work.sweep import ClockWatch

VALIDITY, LONGEST = 3 * DAY, 30 * DAY


@dataclass
class Scene:
    """A chore, its clock, and the accounts that it finds."""

    kit: Kit
    clock: Clock = field(default_factory=Clock)
    accounts: list[Account] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)

    async def message(self, *, busy: bool = False, account: str = "acct-1", **changes: Any) -> Message:
        """A message that was accepted now, and is over unless it is busy."""
        new_id = IdMaker(self.clock)
        changes = {"expires_at": self.clock() + VALIDITY} | changes
        message = a_message(id=new_id(), account_id=account, receiver="12025550143", **changes)
        task = a_task(message)
        await self.kit.accepted(message, task)
        [claimed] = await self.kit.claim(f"deliver:{message.route}")
        self.tasks[message.id] = claimed.task
        if not busy:
            await self.end(message)
        return message

    async def end(self, message: Message) -> None:
        assert await ended(self.kit.means.database, an_ending(self.tasks[message.id])) == [True]

    async def look(self) -> None:
        means = replace(self.kit.means, now=self.clock)
        clock = ClockWatch(self.clock, lambda: 0.0)
        await Retention(means, clock, lambda: self.accounts, VALIDITY, LONGEST).look()

    async def receiver(self, message: Message) -> str:
        """Of a message; empty when it is gone."""
        found = await self.kit.means.database.read(lambda c: find_message(c, message.id))
        return found.receiver if found else ""


def a_scene(database: Database, **settings: str) -> Scene:
    account = an_account(settings=read_settings(settings))
    return Scene(a_kit(database), accounts=[account])


async def test_numbers_go_after_their_days_and_only_those_of_the_account(database: Database) -> None:
    scene = a_scene(database, retention_days="numbers=10")
    old, theirs = await scene.message(), await scene.message(account="acct-2")
    scene.clock.advance(5 * DAY)
    young = await scene.message()
    scene.clock.advance(5 * DAY)
    await scene.look()
    assert [await scene.receiver(each) for each in (old, young, theirs)] == ["12025550143"] * 3, "not yet ten days"
    scene.clock.advance(DAY)
    await scene.look()
    assert [await scene.receiver(each) for each in (old, young)] == ["*********43", "12025550143"]
    assert await scene.receiver(theirs) == "12025550143"


async def test_a_message_is_deleted_whole(database: Database) -> None:
    scene = a_scene(database, retention_days="10")
    message = await scene.message()
    scene.clock.advance(11 * DAY)
    await scene.look()
    assert await scene.receiver(message) == ""


async def test_what_is_busy_is_met_again(database: Database) -> None:
    scene = a_scene(database, retention_days="numbers=10")
    busy, done = await scene.message(busy=True), await scene.message()
    scene.clock.advance(11 * DAY)
    await scene.look()
    assert [await scene.receiver(each) for each in (busy, done)] == ["12025550143", "*********43"]
    await scene.end(busy)
    scene.clock.advance(DAY)
    await scene.look()
    assert await scene.receiver(busy) == "*********43"


async def test_a_changed_setting_begins_anew(database: Database) -> None:
    scene = a_scene(database, retention_days="numbers=10")
    message = await scene.message()
    scene.clock.advance(5 * DAY)
    await scene.look()
    scene.accounts = [an_account(settings=read_settings({"retention_days": "numbers=4"}))]
    await scene.look()
    assert await scene.receiver(message) == "*********43"
    done = await scene.kit.means.database.read(marks)
    assert done["acct-1", "numbers 10"] < done["acct-1", "numbers 4"]


async def test_redaction_spares_a_page_until_it_has_ended(database: Database) -> None:
    scene = a_scene(database, redact="numbers")
    plain, paged = await scene.message(), await scene.message(link_expires_at=scene.clock() + 30 * DAY)
    link = new_link(paged, "token", LinkKey("k", b"k"), scene.clock())
    await scene.kit.means.database.write(lambda c: add_link(c, link))
    scene.clock.advance(5 * DAY)
    await scene.look()
    assert [await scene.receiver(each) for each in (plain, paged)] == ["*********43", "12025550143"]
    scene.clock.advance(365 * DAY)
    await scene.look()
    assert await scene.receiver(paged) == "*********43"


@pytest.mark.parametrize("settings", [{"retention_days": "7"}, {"retention_days": "numbers=7"}])
async def test_what_was_scheduled_is_kept_from_when_it_leaves(database: Database, settings: dict[str, str]) -> None:
    scene = a_scene(database, **settings)
    scheduled = await scene.message(busy=True, send_at=scene.clock() + 10 * DAY)
    plain = await scene.message()
    scene.clock.advance(10 * DAY)
    await scene.end(scheduled)  # it has just left
    gone = await scene.receiver(plain)
    await scene.look()
    assert (gone, await scene.receiver(scheduled)) == ("12025550143", "12025550143")
    assert await scene.receiver(plain) != "12025550143"
    scene.clock.advance(6 * DAY)
    await scene.look()
    assert await scene.receiver(scheduled) == "12025550143"
    scene.clock.advance(DAY + DAY // 2)
    await scene.look()
    assert await scene.receiver(scheduled) != "12025550143"


async def test_what_was_cancelled_goes_by_its_acceptance(database: Database) -> None:
    scene = a_scene(database, retention_days="7")
    message = await scene.message(send_at=scene.clock() + 300 * DAY, status=Status.CANCELLED)
    scene.clock.advance(8 * DAY)
    await scene.look()
    assert await scene.receiver(message) == ""


async def test_redaction_waits_for_a_messages_own_validity(database: Database) -> None:
    """A receipt may come as long, and send it as an SMS to the number that it has."""
    scene = a_scene(database, redact="numbers")
    until = scene.clock() + 20 * DAY
    waits = await scene.message(expires_at=until, status=Status.SUBMITTED)
    arrived = await scene.message(expires_at=until, status=Status.DELIVERED)
    plain = await scene.message(expires_at=scene.clock() + VALIDITY, status=Status.SUBMITTED)
    scene.clock.advance(5 * DAY)
    await scene.look()
    found = [await scene.receiver(each) for each in (waits, arrived, plain)]
    assert found == ["12025550143", "*********43", "*********43"]
    scene.clock.advance(27 * DAY)
    await scene.look()
    assert await scene.receiver(waits) == "*********43"


async def test_many_messages_are_many_chunks(database: Database) -> None:
    scene = a_scene(database, retention_days="numbers=1")
    messages = [await scene.message() for _ in range(430)]
    scene.clock.advance(2 * DAY)
    await scene.look()
    assert {await scene.receiver(message) for message in messages} == {"*********43"}


async def test_what_phones_sent_goes_by_the_same_rules(database: Database) -> None:
    scene = a_scene(database, retention_days="content=1, text=2, numbers=3")
    message = Inbound("sms-a", "12025550143", "24680", "Hello", scene.clock())
    kept = [KeptInbound(IdMaker(scene.clock)(), account, Word.NONE, message) for account in ("acct-1", "acct-2")]
    await database.write(lambda c: keep_inbound(c, kept))
    seen = []
    for _day in range(4):
        scene.clock.advance(DAY + 700_000)
        await scene.look()
        found = await database.read(lambda c: list_inbound(c, account="acct-1"))
        seen.append([(each.message.phone, each.message.text) for each in found])
    assert seen == [[("12025550143", "Hello")], [("12025550143", "")], [], []]
    assert await database.read(lambda c: list_inbound(c, account="acct-2")) == kept[1:]


NAME = "a name that is not to be kept"


async def test_the_log_is_emptied_once_a_day_after_something_was_taken_away(database: Database) -> None:
    scene = a_scene(database, retention_days="10")
    means = replace(scene.kit.means, now=scene.clock)
    emptying = LogEmptying(means, ClockWatch(scene.clock, lambda: 0.0), DAY)

    def readable() -> bool:
        """Whether the files still say it; of a server's we cannot tell."""
        if not isinstance(database, SqliteDatabase):
            return False
        files = database.path.parent.glob(f"{database.path.name}*")
        return any(NAME.encode() in path.read_bytes() for path in files)

    def log_size() -> int:
        if not isinstance(database, SqliteDatabase):
            return 0
        return database.path.with_name(f"{database.path.name}-wal").stat().st_size

    async def round_() -> bool:
        """Retention, then the log; whether it was emptied."""
        await scene.look()
        before = log_size()
        await emptying.look()
        return log_size() < before

    first = await scene.message(name=NAME)
    scene.clock.advance(DAY // 2)
    second = await scene.message(name=NAME)
    scene.clock.advance(10 * DAY)
    is_ours = isinstance(database, SqliteDatabase)
    assert (await round_(), await scene.receiver(first)) == (is_ours, "")
    assert readable() is is_ours, "the second is still there"
    assert not await round_(), "there is nothing more to empty"
    scene.clock.advance(DAY // 2)
    assert (await round_(), await scene.receiver(second)) == (False, ""), "half a day later"
    assert readable() is is_ours, "it stands in the log"
    scene.clock.advance(DAY // 2)
    assert (await round_(), readable()) == (is_ours, False)
    scene.clock.advance(30 * DAY)
    assert not await round_(), "nothing was taken away since"


async def test_a_reader_in_the_way_is_waited_for_in_the_next_round(database: Database) -> None:
    if not isinstance(database, SqliteDatabase):
        assert await database.forget(), "its log is not ours"
        return
    scene = a_scene(database, retention_days="10")
    means = replace(scene.kit.means, now=scene.clock)
    emptying = LogEmptying(means, ClockWatch(scene.clock, lambda: 0.0), DAY)
    await scene.message(name=NAME)
    scene.clock.advance(11 * DAY)
    reader = dbapi2.connect(database.path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM messages").fetchone()
    await scene.look()
    await emptying.look()
    log = database.path.with_name(f"{database.path.name}-wal")
    assert NAME.encode() in log.read_bytes()
    reader.close()
    await emptying.look()
    assert NAME.encode() not in log.read_bytes()
