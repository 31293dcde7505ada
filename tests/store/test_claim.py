"""Claims: what is due leaves, once, and marked before it leaves (durability 1 to 5, 8)."""

import asyncio
from dataclasses import replace

import pytest
from tests.builders import HOUR, a_message, a_task, an_id, now_ms
from tests.store.kit import (
    LEASE_MS,
    QUEUE,
    a_postback,
    an_ask,
    an_ending,
    claimed,
    claimed_task,
    ended,
    events_of,
    ids_of,
    status_of,
    stored,
    tasks_of,
)

from slidewire.domain.events import Event, Reason
from slidewire.domain.message import Message
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store.database import Database, open_database
from slidewire.store.hot import Claimed, NewMessage, claim, insert_messages
from slidewire.store.messages import insert_task, message_events
from slidewire.store.tasks import end_leases


async def test_takes_what_is_due_in_due_order(database: Database) -> None:
    now = now_ms()
    last = await stored(database, due_at=now - 1_000)
    first = await stored(database, due_at=now - 3_000)
    middle = await stored(database, due_at=now - 2_000)
    await stored(database, due_at=now + HOUR)
    assert ids_of(await claimed(database)) == [first.message_id, middle.message_id, last.message_id]


async def test_takes_no_more_than_its_limit_and_the_rest_later(database: Database) -> None:
    now = now_ms()
    waiting = [await stored(database, due_at=now - 9_000 + n) for n in range(5)]
    taken = [await claimed(database, limit=2) for _ in range(4)]
    assert [ids_of(each) for each in taken] == [
        [waiting[0].message_id, waiting[1].message_id],
        [waiting[2].message_id, waiting[3].message_id],
        [waiting[4].message_id],
        [],
    ]


async def test_takes_from_its_own_queue_only(database: Database) -> None:
    other = a_message(route="mmsc-b")
    await stored(database, other)
    assert await claimed(database) == []
    assert ids_of(await claimed(database, queue="deliver:mmsc-b")) == [other.id]


async def test_comes_with_the_message_and_the_time_it_was_due(database: Database) -> None:
    message = a_message()
    task = await stored(database, message)
    [taken] = await claimed(database)
    expected = replace(task, attempt=1, transaction_id=f"{message.id}-1")
    assert taken == Claimed(expected, message, task.due_at, waited_in=QUEUE)


async def test_a_task_that_serves_no_message_is_taken_too(database: Database) -> None:
    task = Task(an_id(), TaskKind.RECEIPT, "receipt:", "", "parked-1", now_ms() - 1, body={"ref": "x"})
    await database.write(lambda c: insert_task(c, task))
    [taken] = await claimed(database, queue="receipt:")
    assert (taken.message, taken.task.body) == (None, {"ref": "x"})


async def test_the_mark_is_on_disk_when_the_claim_returns(database: Database, database_url: str) -> None:
    task = await stored(database)
    before = now_ms()
    await claimed(database)
    witness = open_database(database_url)
    [row] = await tasks_of(witness, task.message_id)
    await witness.close()
    lease_left = row["due_at"] - before
    assert (row["lease"], row["attempt"], row["transaction_id"]) == ("node-1", 1, f"{task.message_id}-1")
    assert LEASE_MS - 1_000 <= lease_left <= LEASE_MS + 10_000


async def test_each_try_as_a_new_submission_has_a_transaction_id_of_its_own(database: Database) -> None:
    task = await stored(database)
    first = await claimed_task(database)
    waits = replace(first, transaction_id="", due_at=now_ms() - 1)
    assert await ended(database, an_ending(first, again=waits)) == [True]
    second = await claimed_task(database)
    assert (second.attempt, second.transaction_id) == (2, f"{task.message_id}-2")


async def test_several_asks_in_one_commit_never_share_a_task(database: Database) -> None:
    tasks = [await stored(database) for _ in range(3)]
    asks = [an_ask(lease="node-1", limit=2), an_ask(lease="node-2", limit=2)]
    taken = await database.write(lambda c: claim(c, asks))
    assert sorted(ids_of([*taken[0], *taken[1]])) == sorted(task.message_id for task in tasks)
    assert [len(each) for each in taken] == [2, 1]


async def test_two_nodes_that_claim_at_once_never_share_a_task(database: Database, database_url: str) -> None:
    items = [_new(a_message()) for _ in range(300)]
    await database.write(lambda c: insert_messages(c, items))
    other = open_database(database_url)
    try:
        taken = await asyncio.gather(
            *(_claim_all(node, name) for name, node in (("a", database), ("b", other), ("c", database), ("d", other)))
        )
    finally:
        await other.close()
    everything = [message_id for each in taken for message_id in each]
    assert sorted(everything) == sorted(item.message.id for item in items)


async def _claim_all(database: Database, name: str) -> list[str]:
    taken: list[str] = []
    while batch := await claimed(database, lease=name, limit=7):
        taken += ids_of(batch)
    return taken


def _new(message: Message) -> NewMessage:
    return NewMessage(message, a_task(message))


async def test_a_cut_off_submission_becomes_uncertain_and_is_never_fresh(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    cut_off = await claimed_task(database, lease_ms=-1)
    before = now_ms()
    event_id = an_id()
    assert await claimed(database, lease="node-2", new_id=lambda: event_id) == []
    [row] = await tasks_of(database, message.id)
    assert (row["kind"], row["queue"], row["lease"]) == ("uncertain", "uncertain:mmsc-a", None)
    assert (row["attempt"], row["transaction_id"]) == (1, cut_off.transaction_id)
    assert 119_000 <= row["due_at"] - before <= 130_000
    [event] = await database.read(lambda c: message_events(c, message.id))
    assert (event["id"], event["event"], event["reason"], event["attempt"]) == (
        event_id,
        Event.UNCERTAIN.value,
        Reason.UNCERTAIN.name,
        1,
    )
    assert await status_of(database, message.id) is message.status


async def test_what_is_sent_again_after_an_uncertain_wait_has_the_same_transaction_id(database: Database) -> None:
    await stored(database)
    cut_off = await claimed_task(database, lease_ms=-1)
    await claimed(database, lease="node-2", uncertain_ms=-1)
    uncertain = await claimed_task(database, queue="uncertain:mmsc-a")
    again = replace(uncertain, kind=TaskKind.DELIVER, queue=cut_off.queue, due_at=now_ms() - 1)
    assert await ended(database, an_ending(uncertain, again=again)) == [True]
    resent = await claimed_task(database)
    assert (resent.id, resent.transaction_id) == (cut_off.id, cut_off.transaction_id)


async def test_a_node_that_meets_its_own_old_lease_knows_it_uncertain_too(database: Database) -> None:
    task = await stored(database)
    await claimed(database, lease_ms=-1)
    assert await claimed(database) == []
    assert await events_of(database, task.message_id) == [Event.UNCERTAIN.value]


async def test_a_direct_hand_off_that_was_cut_is_uncertain(database: Database) -> None:
    message = a_message()
    task = a_task(message, attempt=1, transaction_id=f"{message.id}-1", due_at=now_ms() - 1)
    await database.write(lambda c: insert_messages(c, [NewMessage(message, task, lease="node-1")]))
    assert await claimed(database, lease="node-2") == []
    assert await events_of(database, message.id) == [Event.UNCERTAIN.value]


async def test_a_dead_nodes_leases_are_found_at_once(database: Database) -> None:
    tasks = [await stored(database) for _ in range(2)]
    await claimed(database, lease="dead", limit=1)
    await claimed(database, lease="alive", limit=1)
    assert await database.write(lambda c: end_leases(c, ["dead"], now_ms() - 1)) == 1
    assert await claimed(database, lease="node-2") == []
    assert await events_of(database, tasks[0].message_id) == [Event.UNCERTAIN.value]
    assert await events_of(database, tasks[1].message_id) == []


async def test_a_cut_off_postback_is_simply_posted_again(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    postback = a_postback(message.id)
    await database.write(lambda c: insert_task(c, postback))
    await claimed(database, queue=postback.queue, lease_ms=-1)
    [again] = await claimed(database, queue=postback.queue, lease="node-2")
    assert (again.task.id, again.task.attempt) == (postback.id, 2)


async def test_a_cut_off_submission_whose_message_is_gone_blocks_nobody(database: Database) -> None:
    orphan = a_task()
    await database.write(lambda c: insert_task(c, orphan))
    await claimed(database, lease_ms=-1)
    task = await stored(database)
    assert ids_of(await claimed(database, lease="node-2")) == [task.message_id]


async def timed(database: Database, due_at: int) -> Task:
    """A scheduled message that waits for ``due_at``."""
    message = a_message(status=Status.SCHEDULED, send_at=due_at)
    return await stored(database, message, due_at=due_at, queue=f"later-{QUEUE}")


async def test_what_was_scheduled_leaves_by_the_queue_of_its_door(database: Database) -> None:
    now = now_ms()
    task = await timed(database, now - 1_000)
    await timed(database, now + HOUR)
    assert await claimed(database) == []
    [taken] = await claimed(database, later=f"later-{QUEUE}")
    assert taken.message is not None
    assert (taken.task.queue, taken.task.attempt, taken.message.status) == (QUEUE, 1, Status.ACCEPTED)
    assert await status_of(database, task.message_id) is Status.ACCEPTED
    assert await events_of(database, task.message_id) == ["due"]
    [row] = await tasks_of(database, task.message_id)
    assert (row["queue"], row["lease"]) == (QUEUE, "node-1")


async def test_a_scheduled_submission_that_was_cut_off_is_uncertain(database: Database) -> None:
    task = await timed(database, now_ms() - 1_000)
    await claimed(database, later=f"later-{QUEUE}", lease="dead")
    await database.write(lambda c: end_leases(c, ["dead"], now_ms()))
    assert await claimed(database) == []
    [row] = await tasks_of(database, task.message_id)
    assert (row["queue"], row["kind"]) == ("uncertain:mmsc-a", "uncertain")
    assert await events_of(database, task.message_id) == ["due", "uncertain"]


@pytest.mark.parametrize(
    ("waiting", "limit", "later_first", "taken"),
    [
        pytest.param((9, 9), 4, False, (2, 2), id="half each"),
        pytest.param((9, 9), 5, False, (2, 3), id="the odd one for the others, whose turn it is"),
        pytest.param((9, 9), 5, True, (3, 2), id="the odd one for what was scheduled"),
        pytest.param((9, 9), 1, False, (0, 1), id="one place, the others' turn"),
        pytest.param((9, 9), 1, True, (1, 0), id="one place, the turn of what was scheduled"),
        pytest.param((9, 1), 6, False, (5, 1), id="what the others leave free"),
        pytest.param((1, 9), 6, True, (1, 5), id="what was scheduled leaves the rest free"),
        pytest.param((0, 2), 6, True, (0, 2), id="nothing was scheduled"),
        pytest.param((2, 0), 6, False, (2, 0), id="nothing else is there"),
    ],
)
async def test_what_was_scheduled_and_the_others_take_turns(
    database: Database, waiting: tuple[int, int], limit: int, later_first: bool, taken: tuple[int, int]
) -> None:
    """Each pair: scheduled messages, and others."""
    now = now_ms()
    scheduled = {(await timed(database, now - 9_000 + n)).message_id for n in range(waiting[0])}
    for n in range(waiting[1]):
        await stored(database, due_at=now - 1_000 + n)
    found = set(ids_of(await claimed(database, limit=limit, later=f"later-{QUEUE}", later_first=later_first)))
    assert (len(found & scheduled), len(found - scheduled)) == taken
