"""Changes that go together: few round trips on PostgreSQL, the same rows on both databases."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import a_message, an_id, now_ms
from tests.store.kit import a_change, a_postback, an_ending, claimed, claimed_task, stored

from slidewire.domain.events import Event
from slidewire.domain.exchange import Exchange
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.domain.usage import Channel, Usage
from slidewire.store import schema
from slidewire.store.database import Database
from slidewire.store.ends import end
from slidewire.store.messages import record
from slidewire.store.receipts import find_owners
from slidewire.store.sql import insert_into, listed, run
from slidewire.store.together import Together

_REFS = insert_into("carrier_refs", tuple(column.name for column in schema.carrier_refs.columns))
_TURNS = insert_into("turns", ("route", "name", "at", "used", "line"), at="{now} + ?")
_AGAIN = "UPDATE carrier_refs SET at = ? WHERE ref IN {list}"
#: What begins and ends a transaction, and what the driver asks once about a type that it meets.
_NOT_OURS = re.compile(r"^(BEGIN|COMMIT)|typeinfo_tree|'jit'")
_COUNT = "SELECT count(*) FROM carrier_refs"


def a_ref(ref: str, at: int = 1) -> tuple[Any, ...]:
    """A row of carrier_refs."""
    return ("mmsc-a", ref, f"of {ref}", "acct-1", at)


async def test_everything_that_was_told_is_written_by_the_end(database: Database) -> None:
    def written(connection: Connection) -> None:
        together = Together(connection)
        together.write(_REFS, [a_ref("1"), a_ref("2")])
        together.done()
        together.write(_REFS, [a_ref("3"), a_ref("2", at=9)])  # the second is left alone
        together.write(_TURNS, [])
        together.change(_AGAIN, 5, listed(connection, ["1"]))
        together.ask(_COUNT)
        together.done()

    await database.write(written)
    rows = await database.read(lambda c: run(c, "SELECT ref, message_id, at FROM carrier_refs ORDER BY ref").fetchall())
    assert [tuple(row) for row in rows] == [("1", "of 1", 5), ("2", "of 2", 1), ("3", "of 3", 1)]


async def test_nothing_told_is_nothing_written(database: Database) -> None:
    def written(connection: Connection) -> Any:
        together = Together(connection)
        together.write(_REFS, [])
        together.done()
        return together.ask(_COUNT).fetchone()[0]

    assert await database.write(written) == 0


async def test_who_asks_hears_what_was_there(database: Database) -> None:
    def asked(connection: Connection) -> tuple[list[Any], Any]:
        together = Together(connection)
        together.write(_REFS, [a_ref("1")])
        first = together.ask("SELECT route FROM turns WHERE name = ?", "nobody").fetchall()
        return first, together.ask(_COUNT).fetchone()[0]

    assert await database.write(asked) == ([], 1)


@pytest.mark.parametrize("count", [1, 3])
async def test_a_column_may_be_told_more_than_one_value(database: Database, count: int) -> None:
    now = now_ms()
    rows = [("mmsc-a", f"sender {n}", now, 60_000, n, 2.5) for n in range(count)]

    def written(connection: Connection) -> None:
        together = Together(connection)
        together.write(_TURNS, rows)
        together.done()

    await database.write(written)
    found = await database.read(lambda c: run(c, "SELECT name, at, used, line FROM turns ORDER BY name").fetchall())
    assert [(name, used, line) for name, _, used, line in found] == [(row[1], row[4], row[5]) for row in rows]
    assert all(abs(at - now - 60_000) < 30_000 for _, at, _, _ in found)


async def trips(database: Database, fn: Callable[[Connection], Any]) -> list[str]:
    """What ``fn`` sends to the server between the words that begin and end its transaction: each is a round trip."""
    sent: list[str] = []

    def told(query: Any) -> None:
        sent.append(query.query)

    def watched(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.add_query_logger(told)
        fn(connection)

    def unwatched(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.remove_query_logger(told)

    await database.write(watched)
    await asyncio.sleep(0)  # the driver tells of a statement one step later
    await database.write(unwatched)
    return [each for each in sent if not _NOT_OURS.search(each)]


def an_exchange() -> Exchange:
    """One that went well."""
    return Exchange(1, "mmsc", "POST", "200", 0.1, "", failed=False)


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestOnPostgresql:
    """Round trips between BEGIN and COMMIT: our CPU pays for each, most of all where few messages share one."""

    async def test_a_submission_that_is_taken_takes_four(self, database: Database) -> None:
        task = await stored(database)
        taken = await claimed_task(database)
        used = Usage("2026-11", Channel.MMS, messages=1)
        told = a_change(taken, status=Status.SUBMITTED, postback=a_postback(task.message_id), usage=used)
        ending = an_ending(taken, told, route="mmsc-a", carrier_ref="ref", exchange=an_exchange(), exchange_id=an_id())
        held, dropped, moved, told_of = await trips(database, lambda c: end(c, [ending]))
        assert held.startswith("SELECT id, lease")
        assert all(part in dropped for part in ("DELETE FROM tasks", "INTO carrier_refs", "INTO exchanges", "UPDATE"))
        assert all(part in moved for part in ("UPDATE messages", "INTO events", "INTO usage", "SELECT DISTINCT"))
        assert told_of.startswith("INSERT INTO tasks")

    async def test_a_postback_that_was_received_takes_two(self, database: Database) -> None:
        task = await stored(database)
        await database.write(lambda c: record(c, [a_change(task, postback=a_postback(task.message_id))]))
        [posted] = await claimed(database, queue=TaskKind.NOTIFY.queue("acct-1"), now=now_ms() + 1_000)
        ending = an_ending(posted.task, exchange=an_exchange(), exchange_id=an_id())
        held, dropped = await trips(database, lambda c: end(c, [ending]))
        assert "FOR UPDATE" in held
        assert all(part in dropped for part in ("DELETE FROM tasks", "INTO exchanges", "AND kind = 'notify'"))

    async def test_a_receipt_takes_two_looks_and_three_for_what_it_does(self, database: Database) -> None:
        task = await stored(database, a_message(status=Status.SUBMITTED))
        change = a_change(task, Event.DELIVERED, status=Status.DELIVERED, postback=a_postback(task.message_id))
        pairs = [("mmsc-a", "ref")]
        row = ("mmsc-a", "ref", task.message_id, task.account_id, 1)
        await database.write(lambda c: run(c, f"INSERT INTO carrier_refs VALUES ({', '.join('?' * 5)})", *row))
        assert len(await trips(database, lambda c: find_owners(c, pairs))) == 2
        assert len(await trips(database, lambda c: record(c, [change]))) == 3
