"""Partitions on PostgreSQL: what was there is the first; what is made ahead takes its rows, and goes with them."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import DAY, a_message, a_task, now_ms
from tests.store.kit import a_change, an_ending, claimed_task, ended, only_the_first_partition, scalar, stored

from slidewire.domain.exchange import Exchange
from slidewire.domain.ids import IdMaker
from slidewire.domain.message import Message
from slidewire.domain.partitions import Partition
from slidewire.domain.tracking import Listing
from slidewire.store import schema
from slidewire.store.database import Database, DatabaseBusyError, open_database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import find_message, list_messages, message_events, message_exchanges
from slidewire.store.migrate import bring, is_current, migrate
from slidewire.store.partitions import PARTITIONED, add_partition, drop_partition, newest_stray, read_partitions
from slidewire.store.rows import TASK_COLUMNS, task_row
from slidewire.store.sql import listed, run, wait
from slidewire.store.tracking import list_own

on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
from_nothing = pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
#: Bytes of all partitions of all tables.
SIZE = """SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
    WHERE inhparent IN ('messages'::regclass, 'events'::regclass, 'exchanges'::regclass)"""
#: Indexes of partitions that belong to no index of their table.
LOOSE = """SELECT count(*) FROM pg_index x
    JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class k ON k.oid = x.indexrelid
    WHERE c.relispartition AND NOT k.relispartition AND c.relname ~ '^(messages|events|exchanges)_'"""

NAME = "SELECT to_char(to_timestamp({}) AT TIME ZONE 'UTC', 'YYYYMMDD')"


@pytest.fixture
async def apart(database: Database) -> AsyncIterator[Database]:
    """A database without partitions but the first, before and after."""
    await only_the_first_partition(database)
    yield database
    await only_the_first_partition(database)


async def kept(database: Database, at: int, **changes: Any) -> Message:
    """A message that was accepted at a time and is over, with an event and an exchange."""
    message = a_message(id=IdMaker(lambda: at)(), **changes)
    task = a_task(message)
    await database.write(lambda c: insert_messages(c, [NewMessage(message, task, "node-1")]))
    exchange = Exchange(at, "mmsc", "POST /mm7", "500", 0.1, body="x", failed=True)
    assert await ended(database, an_ending(task, a_change(task, exchange=exchange))) == [True]
    return message


async def places(database: Database) -> dict[str, list[str]]:
    """Table -> the partitions that its rows lie in, in the order of their messages."""

    def look(connection: Connection, table: str) -> list[str]:
        query = f"SELECT tableoid::regclass::text FROM {table} ORDER BY {PARTITIONED[table]}"
        return [row[0] for row in connection.exec_driver_sql(query)]

    return {table: await database.read(lambda c, t=table: look(c, t)) for table in PARTITIONED}  # type: ignore[misc]


def everywhere(*names: str) -> dict[str, list[str]]:
    return {table: [f"{table}_{name}" for name in names] for table in PARTITIONED}


async def days(database: Database, count: int) -> list[Partition]:
    """So many days behind the first partition, each with a partition of its own."""
    [first] = await database.read(read_partitions) or ()
    made = [Partition(first.until + n * DAY, first.until + (n + 1) * DAY) for n in range(count)]
    for each in made:
        assert await database.write(lambda c, each=each: add_partition(c, each)) is True  # type: ignore[misc]
    return made


@asynccontextmanager
async def somebody_reading(url: str) -> AsyncIterator[threading.Event]:
    """A transaction that has read messages, and is open until the event is set."""
    database, let_go, reads = open_database(url), threading.Event(), asyncio.Event()

    def read(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT count(*) FROM messages")
        reads.set()
        wait(lambda: let_go.wait(60) and None)

    reading = asyncio.create_task(database.read(read))
    await reads.wait()
    try:
        yield let_go
    finally:
        let_go.set()
        await reading
        await database.close()


@on_postgres
async def test_a_new_database_has_one_partition_and_a_rest(apart: Database) -> None:
    [first] = await apart.read(read_partitions) or ()
    assert (first.since, first.until % DAY) == (0, 0)
    assert first.until > now_ms() + DAY, "clocks differ"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_has_none(database: Database) -> None:
    assert await database.read(read_partitions) is None


@on_postgres
async def test_rows_lie_where_the_time_in_their_ids_says(apart: Database) -> None:
    [day] = await days(apart, 1)
    assert await apart.write(lambda c: add_partition(c, day)) is False, "it is there"
    for at in (1, day.since - 1, day.since, day.until - 1, day.until):
        await kept(apart, at)
    name = await apart.read(lambda c: scalar(c, NAME.format(day.since // 1000)))
    assert await places(apart) == everywhere("first", "first", name, name, "rest")
    assert len(await apart.read(list_messages)) == 5


@from_nothing
async def test_an_old_database_is_migrated_with_its_rows_in_place(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await bring(database, "0033")
    before = [await kept(database, at) for at in (now_ms() - 400 * DAY, now_ms())]
    file = "SELECT pg_relation_filenode('{}')"
    files = [await database.read(lambda c, t=t: scalar(c, file.format(t))) for t in PARTITIONED]  # type: ignore[misc]
    await migrate(database)
    assert await is_current(database)
    assert await places(database) == everywhere("first", "first")
    first = [f"{table}_first" for table in PARTITIONED]
    assert [await database.read(lambda c, t=t: scalar(c, file.format(t))) for t in first] == files  # type: ignore[misc]
    assert await database.read(list_messages) == before[::-1]
    assert len(await database.read(lambda c: message_events(c, before[0].id))) == 1
    checks = "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND conrelid = 'messages_first'::regclass"
    assert await database.read(lambda c: (scalar(c, checks), scalar(c, LOOSE))) == (0, 0)
    await database.close()


@from_nothing
async def test_the_former_version_goes_on_through_every_step(empty_database_url: str) -> None:
    database, former = open_database(empty_database_url), open_database(empty_database_url)
    seen = []
    for revision in ("0033", "0034", "0035", "0036"):
        await bring(database, revision)
        await kept(former, now_ms())  # over one connection, whose prepared statements outlive the change
        seen.append(len(await former.read(list_messages)))
    assert seen == [1, 2, 3, 4]
    await former.close()
    await database.close()


@from_nothing
async def test_messages_have_room_on_their_pages_to_move(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await migrate(database)
    await days(database, 1)
    room = "SELECT DISTINCT reloptions[1] FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = "
    found = await database.read(lambda c: c.exec_driver_sql(room + "'messages'::regclass").fetchall())
    assert [row[0] for row in found] == ["fillfactor=70"]
    await database.close()


@from_nothing
async def test_a_row_from_a_clock_far_ahead_does_not_stop_the_migration(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await bring(database, "0033")
    await kept(database, now_ms() + 5_000 * DAY)
    await migrate(database)
    await kept(database, now_ms())
    assert await places(database) == everywhere("first", "first")
    await database.close()


@from_nothing
async def test_a_migration_waits_for_a_reader_and_keeps_nobody_out(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await bring(database, "0033")
    async with somebody_reading(empty_database_url) as let_go:
        migrating = asyncio.create_task(migrate(database))
        for _ in range(3):
            await kept(database, now_ms())
        assert not migrating.done()
        let_go.set()
        await migrating
    assert await is_current(database)
    await database.close()


@on_postgres
async def test_indexes_are_those_of_the_table_and_no_more(apart: Database) -> None:
    await days(apart, 2)
    children = "SELECT DISTINCT count(*) FROM pg_inherits GROUP BY inhparent"
    assert await apart.read(lambda c: [row[0] for row in c.exec_driver_sql(children)]) == [4], "of tables and indexes"
    assert await apart.read(lambda c: scalar(c, LOOSE)) == 0


@on_postgres
async def test_a_full_partition_goes_whole_and_leaves_no_bloat(apart: Database) -> None:
    old, young = await days(apart, 2)
    empty = await apart.read(lambda c: scalar(c, SIZE))
    for at in range(20):
        await kept(apart, old.since + at)
    late = await kept(apart, young.since)
    full = await apart.read(lambda c: scalar(c, SIZE))
    assert await apart.write(lambda c: drop_partition(c, old, full=False)) is False, "it is not empty"
    assert await apart.write(lambda c: drop_partition(c, old, full=True)) is True
    assert await apart.write(lambda c: drop_partition(c, old, full=True)) is False, "it is gone"
    assert await apart.read(lambda c: scalar(c, SIZE)) < full
    assert await apart.write(lambda c: drop_partition(c, young, full=True)) is True
    assert await apart.read(lambda c: scalar(c, SIZE)) < empty, "the rows' room is the file system's again"
    assert await apart.read(lambda c: message_exchanges(c, late.id)) == []
    await kept(apart, old.since)
    assert await places(apart) == everywhere("rest"), "what is older than every partition is taken"


@on_postgres
async def test_what_is_still_to_be_done_holds_its_partition(apart: Database) -> None:
    [day] = await days(apart, 1)
    message = a_message(id=IdMaker(lambda: day.since + 5)())
    await stored(apart, message)
    assert await apart.write(lambda c: drop_partition(c, day, full=True)) is False
    task = await claimed_task(apart)
    await ended(apart, an_ending(task, a_change(task)))
    assert await apart.write(lambda c: drop_partition(c, day, full=True)) is True
    assert await apart.read(lambda c: find_message(c, message.id)) is None


@on_postgres
async def test_a_partition_in_use_is_left_and_nobody_waits_for_long(apart: Database, database_url: str) -> None:
    [day] = await days(apart, 1)
    async with somebody_reading(database_url):
        with pytest.raises(DatabaseBusyError):
            await apart.write(lambda c: drop_partition(c, day, full=False))
        await kept(apart, now_ms())
    assert await apart.write(lambda c: drop_partition(c, day, full=False)) is True, "it was empty"


@on_postgres
async def test_strays_are_known_and_stay_where_they_are(apart: Database) -> None:
    [first] = await apart.read(read_partitions) or ()
    since = first.until
    await kept(apart, since + 7)
    assert await apart.read(lambda c: newest_stray(c, Partition(since, since + 28 * DAY))) == since + 7
    rest = Partition(since + DAY, since + 28 * DAY)
    assert await apart.read(lambda c: newest_stray(c, rest)) is None
    assert await apart.write(lambda c: add_partition(c, rest)) is True
    for at in (since + 8, rest.since):
        await kept(apart, at)
    assert [name.endswith("_rest") for name in (await places(apart))["events"]] == [True, True, False]


@on_postgres
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id, status FROM messages WHERE id {among} ORDER BY id {lock}",
        "SELECT detail FROM events WHERE message_id {among}",
        "UPDATE messages SET status = status WHERE id {among}",
        "DELETE FROM events WHERE message_id {among}",
        "SELECT t.id, m.status FROM tasks t JOIN messages m ON m.id = t.message_id WHERE t.message_id IN {list}",
    ],
)
async def test_only_the_partitions_of_the_keys_are_opened(apart: Database, statement: str) -> None:
    """For keys the planner prunes: it locks no other partition either. For joins the executor does."""
    made = await days(apart, 5)
    messages = [await kept(apart, day.since + 1) for day in made]
    for message in messages[1:3]:
        row = dict(zip(TASK_COLUMNS, task_row(a_task(message)), strict=True))
        await apart.write(lambda c, row=row: c.execute(schema.tasks.insert().values(row)))  # type: ignore[misc]

    def opened(connection: Connection) -> set[str]:
        for setting in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan"):
            connection.exec_driver_sql(f"SET LOCAL {setting} = off")  # tables of a few rows are read whole else
        asked = listed(connection, [message.id for message in messages[1:3]])
        plan = run(connection, f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}", asked).fetchall()
        lines = [row[0] for row in plan if "Scan" in row[0]]
        if "JOIN" in statement:
            lines = [line for line in lines if "never executed" not in line]
        return {name[-8:] for line in lines for name in line.split() if name[-8:].isdigit()}

    names = {await apart.read(lambda c, d=d: scalar(c, NAME.format(d.since // 1000))) for d in made[1:3]}  # type: ignore[misc]
    assert await apart.write(opened) == names


@on_postgres
async def test_lists_go_over_all_partitions(apart: Database) -> None:
    made = await days(apart, 3)
    messages = [await kept(apart, day.since - 1) for day in made] + [await kept(apart, made[-1].until)]
    page = await apart.read(lambda c: list_own(c, "acct-1", Listing(per_page=3)))
    assert list(page.messages) == messages[::-1][:3]
