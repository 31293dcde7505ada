"""Endings: a step's whole effect with the end of its task, and only by who holds it (durability 2, 4, 5)."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from tests.builders import HOUR, a_message, an_id, now_ms
from tests.store.kit import (
    a_change,
    a_postback,
    an_ending,
    claimed,
    claimed_task,
    ended,
    events_of,
    status_of,
    stored,
    tasks_of,
)

from slidewire.domain.events import Event, Reason
from slidewire.domain.exchange import BODY_CAP, Exchange
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.store import schema
from slidewire.store.database import Database
from slidewire.store.messages import find_message, insert_task, message_events, message_exchanges
from slidewire.store.receipts import find_owners

EXCHANGE = Exchange(at=1, peer="mmsc-a", request="POST /mm7 900 bytes", response="HTTP 200 OK", seconds=0.25)


async def test_a_taken_submission_leaves_everything_at_once(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    task = await claimed_task(database)
    postback = a_postback(message.id)
    change = a_change(task, status=Status.SUBMITTED, detail="mmsc-a ref-1", postback=postback, exchange=EXCHANGE)
    ending = an_ending(task, change, route="mmsc-a", carrier_ref="ref-1")
    assert await ended(database, ending) == [True]
    assert await database.read(lambda c: find_message(c, message.id)) == replace(message, status=Status.SUBMITTED)
    assert await database.read(lambda c: message_events(c, message.id)) == [
        {
            "message_id": message.id,
            "id": change.id,
            "account_id": message.account_id,
            "at": change.at,
            "event": "submitted",
            "reason": "",
            "detail": "mmsc-a ref-1",
            "attempt": 1,
            "receipt_key": "",
            "postback": f'{{"id":"{postback.id}","code":"SENT","ordered":true}}',
        }
    ]
    [row] = await tasks_of(database, message.id)
    assert (row["id"], row["kind"], row["due_at"]) == (postback.id, "notify", postback.due_at)
    found = await database.read(lambda c: find_owners(c, [("mmsc-a", "ref-1")]))
    assert {key: owner.id for key, owner in found.owners.items()} == {("mmsc-a", "ref-1"): message.id}
    [exchange] = await database.read(lambda c: message_exchanges(c, message.id))
    assert (exchange["id"], exchange["peer"], exchange["seconds"], exchange["failed"]) == (
        change.id,
        "mmsc-a",
        0.25,
        False,
    )


async def test_a_task_that_waits_again_is_free_and_remembers(database: Database) -> None:
    task = await stored(database)
    held = await claimed_task(database)
    later = now_ms() + HOUR
    again = replace(held, due_at=later, transaction_id="", body={"shrink": 1})
    change = a_change(held, Event.RETRY, reason=Reason.CONNECTION)
    assert await ended(database, an_ending(held, change, again=again)) == [True]
    [row] = await tasks_of(database, task.message_id)
    assert (row["lease"], row["due_at"], row["attempt"], row["transaction_id"]) == (None, later, 1, "")
    assert row["body"] == '{"shrink":1}'
    assert await status_of(database, task.message_id) is Status.ACCEPTED


async def test_many_endings_of_one_commit_are_each_answered(database: Database) -> None:
    tasks = [await stored(database) for _ in range(3)]
    mine = [each.task for each in await claimed(database)]
    others = replace(mine[1], attempt=1)
    endings = [an_ending(mine[0]), an_ending(others, lease="node-2"), an_ending(mine[2])]
    assert await ended(database, *endings) == [True, False, True]
    left = [len(await tasks_of(database, task.message_id)) for task in tasks]
    assert left == [0, 1, 0]


async def test_a_stale_lease_brings_a_late_result_and_moves_nothing(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    slow = await claimed_task(database, lease_ms=-1)
    await claimed(database, lease="node-2")  # set aside as uncertain
    await _due_now(database, message.id)
    uncertain = await claimed_task(database, queue="uncertain:mmsc-a", lease="node-2")
    resent = replace(uncertain, kind=TaskKind.DELIVER, queue="deliver:mmsc-a", due_at=now_ms() - 1)
    assert await ended(database, an_ending(uncertain, lease="node-2", again=resent)) == [True]
    present = await claimed_task(database, lease="node-2")

    change = a_change(slow, status=Status.SUBMITTED, postback=a_postback(message.id), exchange=EXCHANGE)
    late = an_ending(slow, change, route="mmsc-a", carrier_ref="ref-1")
    assert await ended(database, late) == [False]
    assert await status_of(database, message.id) is Status.ACCEPTED
    assert await events_of(database, message.id) == [Event.UNCERTAIN.value, Event.LATE_RESULT.value]
    [row] = await tasks_of(database, message.id)  # the postback was not queued, the present try goes on
    assert (row["kind"], row["lease"], row["attempt"]) == ("deliver", "node-2", present.attempt)
    found = await database.read(lambda c: find_owners(c, [("mmsc-a", "ref-1")]))
    assert [owner.id for owner in found.owners.values()] == [message.id]  # its receipt will be known all the same
    assert len(await database.read(lambda c: message_exchanges(c, message.id))) == 1


async def _due_now(database: Database, message_id: str) -> None:
    table = schema.tasks
    due = table.update().where(table.c.message_id == message_id).values(due_at=now_ms() - 1)
    await database.write(lambda c: c.execute(due))


async def test_a_late_result_says_what_it_would_have_been(database: Database) -> None:
    task = await stored(database)
    held = await claimed_task(database)
    change = a_change(held, Event.RETRY, reason=Reason.THROTTLED, detail="HTTP 429")
    assert await ended(database, an_ending(held, change, lease="node-2")) == [False]
    [event] = await database.read(lambda c: message_events(c, task.message_id))
    assert (event["event"], event["reason"], event["detail"]) == ("late result", "THROTTLED", "retry: HTTP 429")


async def test_an_answer_after_being_set_aside_as_uncertain_still_settles(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    slow = await claimed_task(database, lease_ms=-1)
    await claimed(database, lease="node-2")
    change = a_change(slow, status=Status.SUBMITTED, postback=a_postback(message.id))
    assert await ended(database, an_ending(slow, change, route="mmsc-a", carrier_ref="ref-1")) == [True]
    assert await status_of(database, message.id) is Status.SUBMITTED
    assert await events_of(database, message.id) == [Event.UNCERTAIN.value, Event.SUBMITTED.value]
    assert [row["kind"] for row in await tasks_of(database, message.id)] == ["notify"]


async def test_an_older_submissions_answer_does_not_settle_a_later_uncertain_one(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    first = await claimed_task(database)
    await ended(database, an_ending(first, again=replace(first, transaction_id="", due_at=now_ms() - 1)))
    await claimed(database, lease_ms=-1)
    await claimed(database, lease="node-2")
    change = a_change(first, status=Status.SUBMITTED)
    assert await ended(database, an_ending(first, change)) == [False]
    assert await status_of(database, message.id) is Status.ACCEPTED


async def test_an_ending_repeated_after_a_cut_commit_changes_nothing(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    task = await claimed_task(database)
    change = a_change(task, status=Status.SUBMITTED, postback=a_postback(message.id), exchange=EXCHANGE)
    ending = an_ending(task, change, route="mmsc-a", carrier_ref="ref-1")
    assert await ended(database, ending) == [True]
    before = await _all_rows(database)
    assert await ended(database, ending) == [False]
    assert await _all_rows(database) == before


async def _all_rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    tables = schema.metadata.sorted_tables
    return await database.read(lambda c: {t.name: [tuple(r) for r in c.execute(select(t))] for t in tables})


async def test_a_step_that_changes_nothing_leaves_its_exchange(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    postback = a_postback(message.id)
    await database.write(lambda c: insert_task(c, postback))
    task = await claimed_task(database, queue=postback.queue)
    exchange = replace(EXCHANGE, peer="postback", body="x" * (BODY_CAP + 1), failed=True)
    exchange_id = an_id()
    await ended(database, an_ending(task, exchange=exchange, exchange_id=exchange_id))
    [kept] = await database.read(lambda c: message_exchanges(c, message.id))
    assert (kept["id"], kept["peer"], len(kept["body"]), kept["failed"]) == (exchange_id, "postback", BODY_CAP, True)


@pytest.mark.parametrize("count", [pytest.param(1, id="one"), pytest.param(40, id="a batch")])
async def test_nothing_is_left_when_all_is_done(database: Database, count: int) -> None:
    for _ in range(count):
        await stored(database)
    tasks = [each.task for each in await claimed(database, limit=count)]
    assert await ended(database, *(an_ending(task) for task in tasks)) == [True] * count
    left = await database.read(lambda c: c.execute(select(func.count()).select_from(schema.tasks)).scalar())
    assert left == 0
