"""An account's own messages: found, paged through while others come, and taken back by whoever is first."""

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import Select
from tests.builders import HOUR, a_message, a_task, an_id, now_ms
from tests.store.kit import a_change, an_ask, claimed, events_of, status_of, stored, tasks_of

from slidewire.domain.change import Change
from slidewire.domain.events import Event, Reason
from slidewire.domain.ids import id_time
from slidewire.domain.segment import Coding, Segment
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.domain.tracking import Listing, Named
from slidewire.store.database import Connection, Database
from slidewire.store.hot import NewMessage, claim, insert_messages
from slidewire.store.segments import insert_segments, set_taken
from slidewire.store.tracking import Page, cancel, find_own, list_own, listing_query, named_query, read_traces

CANCELLED = Reason.CANCELLED


def a_cancel(message_id: str) -> Change:
    return Change(an_id(), message_id, "acct-1", Event.CANCELLED, now_ms(), status=Status.CANCELLED, reason=CANCELLED)


async def cancelled(database: Database, message_id: str) -> bool:
    [done] = await database.write(lambda c: cancel(c, [a_cancel(message_id)]))
    return done


async def page(database: Database, **listing: Any) -> Page:
    return await database.read(lambda c: list_own(c, "acct-1", Listing(**listing)))


async def ids(database: Database, **listing: Any) -> list[str]:
    return [message.id for message in (await page(database, **listing)).messages]


async def test_a_message_is_found_by_either_name_and_by_its_account_alone(database: Database) -> None:
    mine, twin = a_message(client_reference="order-1"), a_message(client_reference="order-1")
    for each in (mine, twin, a_message(client_reference="order-1", account_id="acct-2"), a_message()):
        await stored(database, each)

    async def found(account: str, named: Named, limit: int = 5) -> list[str]:
        return [each.id for each in await database.read(lambda c: find_own(c, account, named, limit))]

    assert await found("acct-1", Named(mine.id)) == [mine.id]
    assert await found("acct-2", Named(mine.id)) == []
    assert await found("acct-1", Named("", "order-1")) == [twin.id, mine.id]
    assert await found("acct-1", Named("", "order-1"), 1) == [twin.id]
    assert await found("acct-1", Named("", "order-2")) == []


async def test_pages_hold_each_message_once_whatever_comes_meanwhile(database: Database) -> None:
    there = [(await stored(database)).message_id for _ in range(7)]
    met: list[str] = []
    cursor = ""
    while True:
        told = await page(database, cursor=cursor, per_page=2)
        met += [message.id for message in told.messages]
        await stored(database)
        await stored(database, a_message(account_id="acct-2"))
        cursor = told.cursor
        if not cursor:
            break
    assert met == there[::-1]


async def test_what_is_asked_for_is_told_alone(database: Database) -> None:
    old = a_message(status=Status.DELIVERED, receiver="12025550199", client_reference="x")
    new = a_message(status=Status.FAILED)
    for each in (old, new):
        await stored(database, each)
    assert await ids(database) == [new.id, old.id]
    assert await ids(database, status=Status.DELIVERED) == [old.id]
    assert await ids(database, receiver="12025550199") == [old.id]
    assert await ids(database, client_reference="x") == [old.id]
    assert await ids(database, since=id_time(old.id), until=id_time(new.id)) == [new.id, old.id]
    assert await ids(database, since=id_time(new.id) + 1) == []
    assert await ids(database, until=id_time(old.id) - 1) == []


async def test_a_rare_status_is_looked_for_a_piece_at_a_time(database: Database) -> None:
    rare = a_message(status=Status.FAILED)
    await stored(database, rare)
    for _ in range(5):
        await stored(database, a_message(status=Status.DELIVERED))

    async def piece(cursor: str) -> Page:
        listing = Listing(status=Status.FAILED, cursor=cursor)
        return await database.read(lambda c: list_own(c, "acct-1", listing, look_at=3))

    first = await piece("")
    assert (first.messages, first.cursor != "") == ((), True)
    second = await piece(first.cursor)
    assert [message.id for message in second.messages] == [rare.id]
    assert await piece(second.cursor) == Page(())


def _plan(connection: Connection, query: Select[Any]) -> str:
    """How the database would find it."""
    compiled = query.limit(101).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").fetchall()
    else:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {compiled}").fetchall()
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        pytest.param(Listing(), "ix_messages_account_id_id", id="all of an account"),
        pytest.param(Listing(cursor="f" * 32), "ix_messages_account_id_id", id="from a cursor on"),
        pytest.param(Listing(since=1, until=2**44), "ix_messages_account_id_id", id="by time"),
        pytest.param(Listing(receiver="12025550001"), "ix_messages_account_id_receiver_id", id="by receiver"),
        pytest.param(Named("", "order-1"), "ix_messages_account_id_client_reference_id", id="by the sender's name"),
    ],
)
async def test_an_index_finds_it(database: Database, asked: Listing | Named, index: str) -> None:
    many = [
        a_message(account_id=f"acct-{n % 100}", client_reference=f"order-{n}", receiver=f"1202555{n % 97:04}")
        for n in range(3_000)
    ]
    await database.write(lambda c: insert_messages(c, [NewMessage(each, a_task(each)) for each in many]))
    await database.write(lambda c: c.exec_driver_sql("ANALYZE"))
    query = named_query("acct-1", asked) if isinstance(asked, Named) else listing_query("acct-1", asked)
    plan = await database.write(lambda c: _plan(c, query))
    assert index.removeprefix("ix_messages_") in plan, "a partition's index is called after its columns too"
    assert [word for word in ("SCAN", "Seq Scan", "Sort  (", "TEMP B-TREE") if word in plan] == [], plan


async def test_what_waits_is_taken_back_with_its_task(database: Database) -> None:
    for changes in ({}, {"queue": "later-deliver:mmsc-a", "due_at": now_ms() + HOUR}, {"attempt": 3}):
        task = await stored(database, **changes)  # type: ignore[arg-type]  # words of a task
        assert await cancelled(database, task.message_id) is True
        assert await status_of(database, task.message_id) is Status.CANCELLED
        assert await events_of(database, task.message_id) == ["cancelled"]
        assert await tasks_of(database, task.message_id) == []
        assert await cancelled(database, task.message_id) is False


async def test_a_look_at_its_film_is_not_waited_for(database: Database) -> None:
    message = a_message(status=Status.ENCODING)
    await stored(database, message, kind=TaskKind.PROBE, queue="probe:acct-1")
    await claimed(database, queue="probe:acct-1")
    assert await cancelled(database, message.id) is True


async def test_what_may_have_left_is_not_taken_back(database: Database) -> None:
    held = await stored(database)
    await claimed(database)
    uncertain = await stored(database, kind=TaskKind.UNCERTAIN, queue="uncertain:mmsc-a", due_at=now_ms() + HOUR)
    resent = await stored(database, body={"resent": 1})
    for task in (held, uncertain, resent):
        assert await cancelled(database, task.message_id) is False
        assert await status_of(database, task.message_id) is Status.ACCEPTED
        assert len(await tasks_of(database, task.message_id)) == 1


async def test_a_text_of_which_a_segment_was_taken_is_not_taken_back(database: Database) -> None:
    message = a_message()
    await stored(database, message, kind=TaskKind.TEXT, queue="text:sms-a")
    segments = tuple(Segment(n, 2, Coding.GSM, b"a", b"") for n in (1, 2))
    await database.write(lambda c: insert_segments(c, [(message, segments)]))
    await database.write(lambda c: set_taken(c, [(message.id, 1, "ref-1")]))
    assert await cancelled(database, message.id) is False


async def test_either_a_claim_or_a_cancel_wins_never_both(database: Database) -> None:
    """Both at once, many times over: a task is taken by one of them."""
    tasks = [await stored(database, due_at=now_ms() - HOUR + n) for n in range(60)]
    order = random.Random(7)
    taken: list[str] = []

    async def claiming() -> None:
        while True:
            await asyncio.sleep(order.random() / 500)
            [got] = await database.write(lambda c: claim(c, [an_ask(limit=3)]))
            if not got:
                return
            taken.extend(each.task.message_id for each in got)

    async def cancelling(message_id: str) -> bool:
        await asyncio.sleep(order.random() / 20)
        return await cancelled(database, message_id)

    picked = [task.message_id for task in tasks]
    order.shuffle(picked)
    *won, _, _ = await asyncio.gather(*(cancelling(key) for key in picked), claiming(), claiming())
    back = {key for key, done in zip(picked, won, strict=True) if done}
    assert back.isdisjoint(taken)
    assert back | set(taken) == set(picked)
    assert len(taken) == len(set(taken))
    for key in picked:
        expected = (Status.CANCELLED, ["cancelled"]) if key in back else (Status.ACCEPTED, [])
        assert (await status_of(database, key), await events_of(database, key)) == expected


async def test_traces_tell_what_happened_and_what_waits(database: Database) -> None:
    message = a_message()
    task = await stored(database, message, attempt=1)
    segments = tuple(Segment(n, 2, Coding.GSM, b"a", b"") for n in (1, 2))
    await database.write(lambda c: insert_segments(c, [(message, segments)]))
    from slidewire.store.messages import record

    retry = a_change(task, Event.RETRY, reason=Reason.THROTTLED, detail="429")
    await database.write(lambda c: record(c, [retry]))
    found = await database.read(lambda c: read_traces(c, [message]))
    assert [(past.event, past.reason, past.detail) for past in found[message.id].past] == [
        (Event.RETRY, Reason.THROTTLED, "429")
    ]
    assert (found[message.id].task, found[message.id].leased, found[message.id].segments) == (task, False, 2)
