"""Postbacks that are taken by the transaction that makes them due (performance 5)."""

from dataclasses import replace

import pytest
from tests.builders import a_message, now_ms
from tests.store.kit import LEASE_MS, a_change, a_postback, an_ask, an_ending, claimed, claimed_task, stored, tasks_of

from slidewire.domain.change import Ending
from slidewire.domain.events import Event
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import NEVER, Hold, Task, begun
from slidewire.store import ends, hot
from slidewire.store.database import Database
from slidewire.store.ends import Ended
from slidewire.store.messages import record

HOLD = Hold("node-1", LEASE_MS)
NOTIFY = "notify:acct-1"


async def _ended(database: Database, ending: Ending) -> Ended:
    [ended] = await database.write(lambda c: ends.end(c, [ending]))
    return ended


async def _submitted(database: Database, message: Message, hold: Hold | None) -> tuple[Ended, Task]:
    """A delivery that was taken by its carrier, and the postback that tells of it."""
    await stored(database, message)
    task = await claimed_task(database)
    postback = a_postback(message.id)
    change = a_change(task, status=Status.SUBMITTED, postback=postback)
    return await _ended(database, an_ending(task, change, hold=hold)), postback


async def _delivered(database: Database, message: Message) -> Task:
    """A receipt's postback behind the first one."""
    postback = replace(a_postback(message.id), body={"code": "DELIVERED", "ordered": True})
    change = a_change(postback, Event.DELIVERED, status=Status.DELIVERED, postback=postback)
    assert await database.write(lambda c: record(c, [change], {change.id: HOLD})) == []
    return postback


async def test_a_held_postback_is_ours_at_its_first_attempt(database: Database) -> None:
    message = a_message()
    before = now_ms()
    ended, postback = await _submitted(database, message, HOLD)
    assert ended == Ended(held=True, taken=begun(postback))
    assert (begun(postback).attempt, begun(postback).transaction_id) == (1, f"{message.id}-1")
    [row] = await tasks_of(database, message.id)
    assert (row["id"], row["lease"], row["attempt"], row["transaction_id"]) == (
        postback.id,
        "node-1",
        1,
        f"{message.id}-1",
    )
    assert before + LEASE_MS - 1_000 <= row["due_at"] <= now_ms() + LEASE_MS + 1_000
    assert await claimed(database, queue=NOTIFY) == []


async def test_one_that_nobody_holds_is_claimed(database: Database) -> None:
    ended, postback = await _submitted(database, a_message(), None)
    assert ended == Ended(held=True)
    [found] = await claimed(database, queue=NOTIFY)
    assert found.task.id == postback.id


async def test_the_next_of_a_chain_is_held_with_the_end_of_the_one_before(database: Database) -> None:
    message = a_message()
    first, _ = await _submitted(database, message, HOLD)
    second = await _delivered(database, message)
    assert [row["due_at"] for row in await tasks_of(database, message.id) if row["id"] == second.id] == [NEVER]
    assert first.taken is not None
    ending = an_ending(first.taken, hold=HOLD)
    ended = await _ended(database, ending)
    assert ended == Ended(held=True, followed=True, taken=begun(replace(second, due_at=ending.at)))
    [row] = await tasks_of(database, message.id)
    assert (row["id"], row["lease"], row["attempt"]) == (second.id, "node-1", 1)
    assert await _ended(database, an_ending(begun(second), hold=HOLD)) == Ended(held=True)
    assert await tasks_of(database, message.id) == []


async def test_without_a_hold_the_next_of_a_chain_is_claimed(database: Database) -> None:
    message = a_message()
    first, _ = await _submitted(database, message, HOLD)
    second = await _delivered(database, message)
    assert first.taken is not None
    assert await _ended(database, an_ending(first.taken)) == Ended(held=True, followed=True)
    [found] = await claimed(database, queue=NOTIFY)
    assert found.task.id == second.id


async def test_whoever_falls_with_it_leaves_it_to_the_next_claim(database: Database) -> None:
    message = a_message()
    _, postback = await _submitted(database, message, Hold("node-1", -1_000))
    [found] = await claimed(database, queue=NOTIFY, lease="node-2")
    assert (found.task.id, found.task.attempt) == (postback.id, 2)


@pytest.mark.parametrize("order", [pytest.param(True, id="in order"), pytest.param(False, id="in any order")])
async def test_only_who_keeps_to_the_order_waits(database: Database, order: bool) -> None:
    message = a_message()
    await _submitted(database, message, HOLD)
    body: dict[str, object] = {"code": "DELIVERED"} | ({"ordered": True} if order else {})
    postback = a_postback(message.id, body=body)
    change = a_change(postback, Event.DELIVERED, status=Status.DELIVERED, postback=postback)
    due = await database.write(lambda c: record(c, [change], {change.id: HOLD}))
    assert due == ([] if order else [begun(postback)])


async def test_a_claim_begins_a_task_as_a_hold_does(database: Database) -> None:
    task = await stored(database)
    [[found]] = await database.write(lambda c: hot.claim(c, [an_ask()]))
    assert found.task == begun(replace(task, due_at=found.due_at))
