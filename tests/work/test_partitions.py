"""The chore of partitions: made ahead, left alone while anybody wants them, dropped when nobody does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from tests.builders import DAY, Clock, a_message, a_task, an_account, now_ms
from tests.store.kit import only_the_first_partition, scalar
from tests.work.kit import Kit, a_kit

from slidewire.domain.account import Account, read_settings
from slidewire.domain.ids import IdMaker
from slidewire.domain.message import Message
from slidewire.domain.partitions import AHEAD, Partition
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.links import LinkKey, add_link, new_link
from slidewire.store.messages import find_message, insert_task
from slidewire.store.partitions import read_partitions
from slidewire.work.partitions import Partitions, longest
from slidewire.work.retention import Retention
from slidewire.work.sweep import ClockWatch, in_turn

VALIDITY = 3 * DAY
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Scene:
    """Both chores, as a worker runs them, and the accounts that they find."""

    def __init__(self, database: Database, *accounts: Account) -> None:
        self.kit: Kit = a_kit(database)
        self.clock = Clock(now_ms() // DAY * DAY + 1)
        self.accounts = list(accounts)
        self.database = database

    async def look(self) -> None:
        means = replace(self.kit.means, now=self.clock)
        clock = ClockWatch(self.clock, lambda: 0.0)
        await Partitions(means, clock, lambda: self.accounts, VALIDITY).look()
        await Retention(means, clock, lambda: self.accounts, VALIDITY).look()

    async def known(self) -> list[Partition]:
        return await self.database.read(read_partitions) or []

    async def message(self, at: int, **changes: Any) -> Message:
        """One that was accepted at a time, and is over, with a page."""
        message = a_message(id=IdMaker(lambda: at)(), **changes)
        new = NewMessage(message, a_task(message))
        await self.database.write(lambda c: insert_messages(c, [new]))
        await self.database.write(lambda c: c.exec_driver_sql("DELETE FROM tasks") and None)
        link = new_link(message, message.id, LinkKey("k", b"k"), at)
        await self.database.write(lambda c: add_link(c, link))
        return message

    async def is_there(self, message: Message) -> bool:
        return await self.database.read(lambda c: find_message(c, message.id)) is not None


@pytest.fixture
async def apart(database: Database) -> AsyncIterator[Database]:
    await only_the_first_partition(database)
    yield database
    await only_the_first_partition(database)


def keeping(days: int, account: str = "acct-1") -> Account:
    return replace(an_account(settings=read_settings({"retention_days": str(days)} if days else {})), id=account)


def test_the_longest_counts_and_who_keeps_for_ever_longer_than_all() -> None:
    accounts = [keeping(30), keeping(300, "acct-2")]
    assert longest(accounts, VALIDITY) == 300 * DAY
    assert longest([*accounts, keeping(0, "acct-3")], VALIDITY) is None
    assert longest([], VALIDITY) is None
    assert longest([keeping(4)], VALIDITY) is None, "receipts may still come"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_has_nothing_to_do(database: Database) -> None:
    scene = Scene(database, keeping(10))
    await scene.look()
    assert await scene.known() == []


@on_postgres
async def test_partitions_are_made_a_month_ahead(apart: Database) -> None:
    scene = Scene(apart, keeping(300))
    await scene.look()
    first, *made = await scene.known()
    assert {each.length for each in made} == {10 * DAY}
    assert [each.since for each in made] == [first.until + n * 10 * DAY for n in range(len(made))]
    assert made[-2].until < scene.clock() + AHEAD <= made[-1].until
    await scene.look()
    assert await scene.known() == [first, *made]
    scene.clock.advance(10 * DAY)
    await scene.look()
    assert await scene.known() == [*made, Partition(made[-1].until, made[-1].until + 10 * DAY)], "the first was empty"


@on_postgres
async def test_a_partition_goes_whole_and_its_messages_wait_for_it(apart: Database) -> None:
    scene = Scene(apart, keeping(300))
    await scene.look()
    day = (await scene.known())[1]
    early, late = await scene.message(day.since), await scene.message(day.until - 1)
    scene.clock.now = day.until + 300 * DAY - 1
    await scene.look()
    assert [await scene.is_there(each) for each in (early, late)] == [True, True]
    scene.clock.advance(1)
    await scene.look()
    assert [await scene.is_there(each) for each in (early, late)] == [False, False]
    assert day not in await scene.known()
    assert await apart.read(lambda c: scalar(c, "SELECT count(*) FROM page_links")) == 0


@on_postgres
async def test_what_was_scheduled_holds_its_partition_for_its_own_days(apart: Database) -> None:
    scene = Scene(apart, keeping(300))
    await scene.look()
    day = (await scene.known())[1]
    plain = await scene.message(day.since)
    scheduled = await scene.message(day.since + 1, send_at=day.until + 100 * DAY)
    scene.clock.now = day.until + 300 * DAY + DAY
    await scene.look()
    assert [await scene.is_there(each) for each in (plain, scheduled)] == [False, True]
    scene.clock.advance(101 * DAY)
    await scene.look()
    assert not await scene.is_there(scheduled)
    assert day not in await scene.known()


@on_postgres
async def test_what_is_still_to_be_done_stays_and_the_others_go_one_by_one(apart: Database) -> None:
    scene = Scene(apart, keeping(300))
    await scene.look()
    day = (await scene.known())[1]
    busy, done = await scene.message(day.since), await scene.message(day.since + 1)
    await apart.write(lambda c: insert_task(c, a_task(busy)))
    scene.clock.now = day.until + 300 * DAY
    await scene.look()
    assert [await scene.is_there(each) for each in (busy, done)] == [True, False]
    assert day in await scene.known()
    await apart.write(lambda c: c.exec_driver_sql("DELETE FROM tasks") and None)
    await scene.look()
    assert not await scene.is_there(busy)
    assert day not in await scene.known()


@on_postgres
async def test_who_keeps_for_less_has_it_deleted_before_and_who_keeps_for_ever_keeps_all(apart: Database) -> None:
    scene = Scene(apart, keeping(30), keeping(0, "acct-2"))
    await scene.look()
    day = (await scene.known())[1]
    short, kept = await scene.message(day.since), await scene.message(day.since + 1, account_id="acct-2")
    scene.clock.now = day.since + 31 * DAY
    await scene.look()
    assert [await scene.is_there(each) for each in (short, kept)] == [False, True]
    scene.clock.now = day.until + 10_000 * DAY
    await scene.look()
    assert await scene.is_there(kept)
    assert day in await scene.known()


@on_postgres
async def test_one_that_deletions_have_emptied_goes(apart: Database) -> None:
    scene = Scene(apart, keeping(30), keeping(0, "acct-2"))
    await scene.look()
    day = (await scene.known())[1]
    await scene.message(day.since)
    scene.clock.now = day.until + 31 * DAY
    await scene.look()
    assert day in await scene.known(), "it was emptied just now"
    await scene.look()
    assert day not in await scene.known()


@on_postgres
async def test_a_gateway_that_was_stopped_for_long_takes_messages_at_once(apart: Database) -> None:
    scene = Scene(apart, keeping(300))
    await scene.look()
    scene.clock.now = (await scene.known())[-1].until + 100 * DAY + DAY // 2
    today = scene.clock() // DAY * DAY
    stray = await scene.message(scene.clock())
    await scene.look()
    made = [each for each in await scene.known() if each.since >= today]
    assert made[0] == Partition(today + DAY, today + 10 * DAY), "from the day after the stray on"
    assert made[-1].until >= scene.clock() + AHEAD
    assert await scene.is_there(stray)
    scene.clock.advance(301 * DAY)
    await scene.look()
    assert not await scene.is_there(stray), "what lies in the rest is deleted one by one"


async def test_what_must_not_be_kept_goes_though_partitions_cannot_be_changed() -> None:
    done = []

    async def partitions() -> None:
        done.append("partitions")
        raise PermissionError

    async def retention() -> None:
        done.append("retention")

    with pytest.raises(PermissionError):
        await in_turn(partitions, retention)
    assert done == ["partitions", "retention"]


@on_postgres
async def test_a_clock_that_jumped_changes_nothing(apart: Database) -> None:
    scene = Scene(apart, keeping(300))
    clock = ClockWatch(scene.clock, lambda: 0.0)
    scene.clock.advance(DAY)
    await clock.look()
    await Partitions(scene.kit.means, clock, lambda: scene.accounts, VALIDITY).look()
    assert len(await scene.known()) == 1
