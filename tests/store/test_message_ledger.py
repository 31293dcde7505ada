"""The ledger: something became of every message, or something is still to be done for it (durability 29)."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import Clock, a_message, a_task, an_id, now_ms
from tests.store.kit import a_change, a_postback, an_ending, claimed, claimed_task, ended, recorded, stored

from slidewire.domain.events import Event
from slidewire.domain.ids import IdMaker
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import NEVER, WAITING, TaskKind, later
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.message_ledger import Ledger, Lot, Minute, newest_minute, no_lots, read_ledger
from slidewire.store.receipts import drop_uncertain
from slidewire.store.sql import run

MINUTE = 60_000
MOST = 1_000


async def ledger_of(database: Database, most: int = MOST) -> dict[str, dict[str, int]]:
    """Route -> lot -> how many, of those that there are."""
    now = now_ms()
    found = await database.read(lambda c: read_ledger(c, now - MINUTE, now + MINUTE, most))
    return {route: {lot.value: n for lot, n in lots.items() if n} for route, lots in found.lots.items()}


async def in_one_queue(database: Database, route: str, **task: Any) -> Message:
    """A message of a route of its own, with its first task."""
    message = a_message(route=route)
    await stored(database, message, queue=f"deliver:{route}", **task)
    return message


async def test_an_empty_store_balances(database: Database) -> None:
    assert await database.read(lambda c: read_ledger(c, 5, 9, MOST)) == Ledger(5, 9, {})
    assert await database.read(lambda c: newest_minute(c, 0, now_ms(), MOST, named=9)) is None


@pytest.mark.parametrize("kind", sorted(WAITING, key=lambda kind: kind.value))
async def test_a_task_that_leads_on_is_waiting(database: Database, kind: TaskKind) -> None:
    for status in (Status.SCHEDULED, Status.ACCEPTED, Status.ENCODING):
        message = a_message(status=status)
        await stored(database, message, kind=kind, queue=later(kind.queue("mmsc-a")), due_at=now_ms() + MINUTE)
    parked = a_message()
    await stored(database, parked, kind=kind, queue=kind.queue("mmsc-a"), due_at=NEVER)
    assert await ledger_of(database) == {"mmsc-a": {"waiting": 4}}


async def test_what_is_under_way_is_waiting(database: Database) -> None:
    await stored(database)
    assert len(await claimed(database)) == 1
    assert await ledger_of(database) == {"mmsc-a": {"waiting": 1}}


async def test_what_a_carrier_took_waits_for_its_receipt_until_it_comes(database: Database) -> None:
    await stored(database)
    task = await claimed_task(database)
    told = a_change(task, status=Status.SUBMITTED, postback=a_postback(task.message_id))
    await ended(database, an_ending(task, told))
    assert await ledger_of(database) == {"mmsc-a": {"submitted": 1}}
    await recorded(database, a_change(task, Event.DELIVERED, status=Status.DELIVERED))
    assert await ledger_of(database) == {"mmsc-a": {"delivered": 1}}


async def test_an_mms_that_did_not_arrive_waits_as_an_sms(database: Database) -> None:
    await stored(database)
    task = await claimed_task(database)
    await ended(database, an_ending(task, a_change(task, status=Status.SUBMITTED)))
    text = replace(task, id=an_id(), kind=TaskKind.TEXT, queue="text:sms-a")
    await recorded(database, a_change(task, Event.FALLBACK, status=Status.ACCEPTED, begins=text))
    assert await ledger_of(database) == {"mmsc-a": {"waiting": 1}}


async def test_a_submission_that_was_cut_off_is_uncertain_until_a_receipt_adopts_it(database: Database) -> None:
    await stored(database)
    await claimed(database, lease_ms=-1)
    await claimed(database, lease="node-2", uncertain_ms=-1)
    assert await ledger_of(database) == {"mmsc-a": {"uncertain": 1}}
    task = await claimed_task(database, queue="uncertain:mmsc-a")
    assert await ledger_of(database) == {"mmsc-a": {"uncertain": 1}}
    await ended(database, an_ending(task, again=task))

    def adopt(connection: Connection) -> bool:
        return drop_uncertain(connection, task)

    assert await database.write(adopt)
    await recorded(database, a_change(task, Event.ADOPTED, status=Status.SUBMITTED))
    assert await ledger_of(database) == {"mmsc-a": {"submitted": 1}}


@pytest.mark.parametrize("status", [status for status in Status if status.is_final])
async def test_every_end_is_told_whatever_is_left_of_it(database: Database, status: Status) -> None:
    message = a_message(status=status)
    await stored(database, message)
    lot = "delivered" if status is Status.DELIVERED else "failed"
    assert await ledger_of(database) == {"mmsc-a": {lot: 1}}


async def lost(database: Database, **message: Any) -> str:
    """A message whose task somebody deleted; its id."""
    task = await stored(database, a_message(**message))
    await database.write(lambda c: run(c, "DELETE FROM tasks WHERE message_id = ?", task.message_id))
    return task.message_id


@pytest.mark.parametrize("status", [status for status in Status if not status.is_final])
async def test_a_message_that_nothing_goes_on_with_is_unaccounted_for(database: Database, status: Status) -> None:
    """Also one that is said to be submitted, but no carrier has taken it."""
    message = await lost(database, status=status)
    await stored(database)
    posts = [a_change(a_task(a_message(id=message)), Event.RETRY, postback=a_postback(message))]
    await recorded(database, *posts)  # a postback only tells of it
    assert await ledger_of(database) == {"mmsc-a": {"unaccounted": 1, "waiting": 1}}


async def test_each_route_is_told_by_itself(database: Database) -> None:
    await in_one_queue(database, "mmsc-a")
    await in_one_queue(database, "mmsc-b")
    await in_one_queue(database, "mmsc-b")
    assert await ledger_of(database) == {"mmsc-a": {"waiting": 1}, "mmsc-b": {"waiting": 2}}


async def test_of_too_many_the_newest_are_told_and_how_far_back_they_reach(database: Database) -> None:
    clock = Clock(now_ms() - MINUTE)
    new_id = IdMaker(clock)
    for _ in range(5):
        clock.advance(1_000)
        message = a_message(id=new_id())
        await stored(database, message)
    since, until = clock.now - MINUTE, clock.now + 1
    whole = await database.read(lambda c: read_ledger(c, since, until, 6))
    assert (whole.since, whole.until, whole.accepted) == (since, until, 5)
    newest = await database.read(lambda c: read_ledger(c, since, until, 3))
    assert newest == Ledger(clock.now - 1_999, until, {"mmsc-a": no_lots() | {Lot.WAITING: 3}})


async def test_minutes_are_told_from_the_last_one_back_with_those_that_were_lost(database: Database) -> None:
    first = now_ms() // MINUTE * MINUTE - 10 * MINUTE
    clock = Clock(first)
    new_id = IdMaker(clock)
    gone = []
    for at in (0, MINUTE - 1, 3 * MINUTE, 3 * MINUTE + 5_000, 3 * MINUTE + 5_001):
        clock.now = first + at
        gone.append(await lost(database, id=new_id(), route="mmsc-b"))
        await stored(database, a_message(id=new_id()))
    told: list[Minute] = []
    until = first + 3 * MINUTE + 5_001  # the last one came later
    while minute := await database.read(lambda c, u=until: newest_minute(c, first + 1, u, MOST, named=1)):  # type: ignore[misc]
        told.append(minute)
        until = minute.at

    def lots(count: int) -> dict[str, dict[Lot, int]]:
        return {"mmsc-a": no_lots() | {Lot.WAITING: count}, "mmsc-b": no_lots() | {Lot.UNACCOUNTED: count}}

    late = first + 3 * MINUTE
    assert told == [
        Minute(late, Ledger(late, late + 5_001, lots(2)), (gone[2],)),
        # the first message came in the millisecond before the stretch
        Minute(first, Ledger(first + 1, first + MINUTE, lots(1)), (gone[1],)),
    ]
    assert [minute.ledger.unaccounted for minute in told] == [2, 1]


def plan_of(connection: Connection) -> str:
    """How SQLite finds it."""
    sent: list[str] = []
    driver: Any = connection.connection.driver_connection
    driver.set_trace_callback(sent.append)
    newest_minute(connection, 0, 2**47, MOST, named=1)
    driver.set_trace_callback(None)
    rows = [row for words in sent for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")]
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_finds_it_by_keys_alone(database: Database) -> None:
    """PostgreSQL's plans: test_plans.py."""
    many = [a_message() for _ in range(500)]
    await database.write(lambda c: insert_messages(c, [NewMessage(each, a_task(each)) for each in many]))
    await lost(database)
    await database.write(lambda c: c.exec_driver_sql("ANALYZE"))
    plan = await database.write(plan_of)
    walked = [line for line in plan.splitlines() if line.startswith("SCAN") and line != "SCAN each_one"]
    assert (walked, plan.count("SEARCH t USING PRIMARY KEY (message_id=?)")) == ([], 2), plan
