"""PostgreSQL only: who waits for whom, what is run again, what a reader sees (durability 8, 11, 12)."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial

import asyncpg
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from tests.builders import a_content, a_message, a_task
from tests.store.kit import (
    a_change,
    a_postback,
    an_ending,
    claimed_task,
    ended,
    scalar,
    status_of,
    stored,
    tasks_of,
)

from slidewire.domain.events import Event
from slidewire.domain.status import Status
from slidewire.store.accounts import reserve_mms_ids
from slidewire.store.contents import delete_doomed, doom
from slidewire.store.database import Database, open_database
from slidewire.store.facts import add_to_fact, read_fact
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import find_message, insert_task, record
from slidewire.store.postgres import PostgresDatabase
from slidewire.store.schema import metadata
from slidewire.store.sql import run

LOCK_MESSAGE = "SELECT id FROM messages WHERE id = $1 FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
CUT = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = 'slidewire' AND datname = current_database()"""


pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture
async def referee(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the test's own, to hold others up and to look at who waits."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def waits(referee: asyncpg.Connection, count: int, *others: asyncio.Task[object]) -> None:
    """Until ``count`` transactions wait for a lock, or one of ``others`` did not have to."""
    async with asyncio.timeout(60):
        while await referee.fetchval(WAITING) < count and not any(task.done() for task in others):
            await asyncio.sleep(0.005)


def held_up(fn: Callable[[Connection], object]) -> Callable[[Connection], object]:
    """``fn``, its commit held up until the referee lets go of lock 1."""

    def slowly(connection: Connection) -> object:
        result = fn(connection)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
        return result

    return slowly


async def test_a_link_added_while_the_chain_ends_is_woken(database: Database, referee: asyncpg.Connection) -> None:
    task = await stored(database)
    first, second = a_postback(task.message_id), a_postback(task.message_id)
    await database.write(lambda c: insert_task(c, first))
    posted = await claimed_task(database, queue=first.queue)
    await referee.execute("SELECT pg_advisory_lock(1)")
    change = a_change(task, Event.DELIVERED, postback=second)
    adding = asyncio.create_task(database.write(held_up(lambda c: record(c, [change]))))
    await waits(referee, 1)
    ending = asyncio.create_task(ended(database, an_ending(posted, at=1_000)))
    await waits(referee, 2, ending)
    await referee.execute("SELECT pg_advisory_unlock(1)")
    await asyncio.gather(adding, ending)
    [left] = [row for row in await tasks_of(database, task.message_id) if row["kind"] == "notify"]
    assert (left["id"], left["due_at"]) == (second.id, 1_000)


async def test_a_batch_of_endings_locks_messages_in_order(database: Database, referee: asyncpg.Connection) -> None:
    """Otherwise it and a batch of receipts wait for each other until the deadlock is found."""
    early, late = await stored(database), await stored(database)
    submission = await claimed_task(database, limit=1)
    assert submission.message_id == early.message_id
    postback = a_postback(late.message_id)
    await database.write(lambda c: insert_task(c, postback))
    posted = await claimed_task(database, queue=postback.queue)

    receipts = referee.transaction()
    await receipts.start()
    await referee.execute(LOCK_MESSAGE, early.message_id)
    endings = [an_ending(submission, a_change(submission, status=Status.SUBMITTED)), an_ending(posted)]
    ending = asyncio.create_task(ended(database, *endings))
    await waits(referee, 1, ending)
    await referee.execute(LOCK_MESSAGE + " NOWAIT", late.message_id)
    await receipts.commit()
    assert await ending == [True, True]


async def test_a_claim_passes_over_what_another_is_taking(database: Database, referee: asyncpg.Connection) -> None:
    taken, free = await stored(database), await stored(database)
    other = referee.transaction()
    await other.start()
    await referee.execute("SELECT id FROM tasks WHERE id = $1 FOR UPDATE", taken.id)
    async with asyncio.timeout(20):
        assert (await claimed_task(database)).id == free.id
    await other.rollback()


async def test_a_sweep_passes_over_what_a_message_is_pinning(database: Database, referee: asyncpg.Connection) -> None:
    first, message = a_message(), a_message()
    pins, written = (a_content(digest="aa"),), frozenset({"aa"})
    known = NewMessage(first, a_task(first), pins=pins, keep_until=1_000, written=written)
    await database.write(lambda c: insert_messages(c, [known]))
    assert await database.write(lambda c: doom(c, 1_000, 9)) == 1
    await referee.execute("SELECT pg_advisory_lock(1)")
    new = NewMessage(message, a_task(message), pins=pins, keep_until=9_000, written=written, again=True)
    pinning = asyncio.create_task(database.write(held_up(lambda c: insert_messages(c, [new]))))
    await waits(referee, 1)
    unlinked: list[str] = []
    sweep = partial(delete_doomed, unlink=unlinked.extend, now=5_000, grace_ms=1_000, limit=9)
    assert await database.write(sweep) == 0
    await referee.execute("SELECT pg_advisory_unlock(1)")
    await pinning
    assert (await database.write(sweep), unlinked) == (0, [])


async def test_a_deadlock_is_tried_again(database: Database, referee: asyncpg.Connection) -> None:
    here, there = await stored(database), await stored(database)
    lock = "SELECT id FROM messages WHERE id = ? {lock}"
    runs = []

    def crossing(first: str, second: str) -> Callable[[Connection], None]:
        def cross(connection: Connection) -> None:
            runs.append(first)
            run(connection, lock, first)
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock_shared(1)")
            run(connection, lock, second)

        return cross

    await referee.execute("SELECT pg_advisory_lock(1)")
    ids = [here.message_id, there.message_id]
    both = [asyncio.create_task(database.write(crossing(*pair))) for pair in (ids, ids[::-1])]
    await waits(referee, 2)
    await referee.execute("SELECT pg_advisory_unlock(1)")
    await asyncio.gather(*both)
    assert len(runs) > 2


async def test_a_cut_connection_is_replaced_and_the_write_made(database: Database, database_url: str) -> None:
    await stored(database)
    referee = await asyncpg.connect(database_url)
    assert await referee.fetchval(CUT) >= 1
    await referee.close()
    message = a_message()
    await stored(database, message)
    assert await database.read(lambda c: find_message(c, message.id)) == message


async def test_a_read_after_a_cut_connection_is_answered(database: Database, database_url: str) -> None:
    message = a_message()
    await stored(database, message)
    await status_of(database, message.id)
    referee = await asyncpg.connect(database_url)
    await referee.fetchval(CUT)
    await referee.close()
    assert await status_of(database, message.id) is Status.ACCEPTED


def look_twice(connection: Connection) -> tuple[int, int]:
    """What is there before and after the referee lets go."""
    before = read_fact(connection, "n")
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
    return before, read_fact(connection, "n")


async def test_a_reader_sees_one_moment(database: Database, referee: asyncpg.Connection) -> None:
    """Two statements of one read fit together, whatever was committed between them."""
    await referee.execute("SELECT pg_advisory_lock(1)")

    reading = asyncio.create_task(database.read(look_twice))
    await waits(referee, 1)
    await database.write(lambda c: add_to_fact(c, "n", 1))
    await referee.execute("SELECT pg_advisory_unlock(1)")
    assert await reading == (0, 0)
    assert await database.read(lambda c: read_fact(c, "n")) == 1


async def test_each_statement_of_a_look_sees_its_own_moment(
    database: PostgresDatabase, referee: asyncpg.Connection
) -> None:
    await referee.execute("SELECT pg_advisory_lock(1)")

    looking = asyncio.create_task(database.look(look_twice))
    await waits(referee, 1)
    await database.write(lambda c: add_to_fact(c, "n", 1))
    await referee.execute("SELECT pg_advisory_unlock(1)")
    assert await looking == (0, 1)


async def test_what_was_cancelled_gives_its_connection_back(database: Database, referee: asyncpg.Connection) -> None:
    await referee.execute("SELECT pg_advisory_lock(1)")
    held = [asyncio.create_task(database.write(held_up(lambda c: add_to_fact(c, "n", 1)))) for _ in range(20)]
    await waits(referee, 1)
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
    await referee.execute("SELECT pg_advisory_unlock(1)")
    async with asyncio.timeout(60):
        await asyncio.gather(*(database.write(lambda c: add_to_fact(c, "n", 1)) for _ in range(20)))
    assert await database.read(lambda c: read_fact(c, "n")) == 20


async def test_a_failure_that_was_swallowed_is_not_taken_for_a_commit(database: Database) -> None:
    def careless(connection: Connection) -> None:
        add_to_fact(connection, "n", 1)
        with suppress(DBAPIError):
            run(connection, "SELECT nothing")

    with pytest.raises(RuntimeError, match="nothing of it was committed"):
        await database.write(careless)
    assert await database.read(lambda c: read_fact(c, "n")) == 0


@pytest.mark.parametrize(
    ("statement", "rows", "count"),
    [
        pytest.param("SELECT 1 FOR UPDATE", [(1,)], 1, id="a lock changes nothing"),
        pytest.param("INSERT INTO meta (name, value) VALUES ('n', 1)", [], 1, id="an insert"),
        pytest.param("INSERT INTO meta (name, value) VALUES ('n', 1) RETURNING value", [(1,)], 1, id="with its row"),
        pytest.param("UPDATE meta SET value = 2 WHERE name = 'nobody'", [], 0, id="an update of nothing"),
        pytest.param(
            "WITH old AS (SELECT 'nobody' AS name) DELETE FROM meta WHERE name IN (SELECT name FROM old)",
            [],
            0,
            id="a delete behind a look",
        ),
    ],
)
async def test_a_statement_gives_its_rows_or_how_many_it_changed(
    database: Database, statement: str, rows: list[tuple[int]], count: int
) -> None:
    def told(connection: Connection) -> tuple[list[tuple[int]], int]:
        result = run(connection, statement)
        return [tuple(row) for row in result.fetchall()], result.rowcount

    assert await database.write(told) == (rows, count)


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only transaction"):
        await database.read(lambda c: add_to_fact(c, "n", 1))


async def test_a_statement_that_is_wrong_is_not_tried_again(database: Database) -> None:
    runs = []

    def wrong(connection: Connection) -> None:
        runs.append(1)
        connection.exec_driver_sql("SELECT nothing")

    with pytest.raises(DBAPIError, match="nothing"):
        await database.write(wrong)
    assert runs == [1]


async def test_an_error_does_not_carry_what_was_written(database: Database) -> None:
    message = a_message(subject="a secret\x00")
    with pytest.raises(DBAPIError) as failed:
        await stored(database, message)
    assert "a secret" not in str(failed.value)


async def test_due_tasks_are_found_by_the_index_alone(database: Database) -> None:
    """A long queue of tasks that wait for later costs a claim nothing."""
    message = a_message()
    await database.write(lambda c: insert_messages(c, [NewMessage(message, a_task(message))]))

    def plan(connection: Connection) -> str:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        statement = "EXPLAIN SELECT id FROM tasks WHERE queue = ? AND due_at <= {now} ORDER BY due_at LIMIT ? {skip}"
        return "\n".join(row[0] for row in run(connection, statement, "deliver:mmsc-a", 0, 10))

    [condition] = [line for line in (await database.write(plan)).splitlines() if "Index Cond" in line]
    assert "due_at <=" in condition


async def test_ids_sort_by_bytes_whatever_the_servers_language(database: Database) -> None:
    columns = "select count(*) from information_schema.columns where table_schema = 'public' and collation_name = 'C'"
    ids = [c for t in metadata.sorted_tables for c in t.columns if c.name in {"id", "message_id", "queue", "digest"}]
    assert await database.read(lambda c: scalar(c, columns)) >= len(ids)


async def test_ids_that_are_reserved_at_once_for_the_first_time_differ(database: Database) -> None:
    firsts = await asyncio.gather(*(database.write(lambda c: reserve_mms_ids(c, 10)) for _ in range(8)))
    assert sorted(firsts) == list(range(1_000_001, 1_000_081, 10))


@pytest.mark.parametrize(("wait", "wanted"), [(10.0, [1, 5, 2, 3, 10_000]), (0.0, [1, 2, 1, 3, 5_000])])
async def test_every_connection_notices_when_the_servers_machine_is_gone(
    database_url: str, wait: float, wanted: list[int]
) -> None:
    """Its system probes it: a machine that lost its power closes nothing, and a statement would wait for ever."""

    def options(connection: Connection) -> list[int]:
        transport = connection.connection.driver_connection._transport  # type: ignore[union-attr]
        sock = transport.get_extra_info("socket")
        tcp = [socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT]
        return [sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)] + [
            sock.getsockopt(socket.IPPROTO_TCP, each) for each in tcp
        ]

    database = open_database(database_url, wait)
    assert await database.read(options) == wanted
    await database.close()
