"""The queue beside the hot path: heads, leases of the dead, validities that ended."""

from dataclasses import replace

from tests.builders import DAY, HOUR, a_message, a_task, an_id, now_ms
from tests.store.kit import (
    LEASE_MS,
    a_change,
    a_postback,
    an_ending,
    claimed,
    claimed_task,
    ended,
    recorded,
    stored,
    tasks_of,
)

from slidewire.domain.events import Event
from slidewire.domain.status import Status
from slidewire.domain.task import NEVER, TaskKind
from slidewire.store.database import Database
from slidewire.store.messages import insert_task, receipts_looked_for, without_receipt
from slidewire.store.tasks import (
    Head,
    end_leases,
    expired_waiting,
    lease_holders,
    lease_one,
    queue_heads,
    renew_lease,
    waiting_counts,
)


async def test_heads_name_every_queue_and_when_its_first_is_due(database: Database) -> None:
    assert await database.read(queue_heads) == []
    for queue, due_at in [("deliver:b", 5), ("deliver:a", 9), ("deliver:a", 3), ("notify:x", NEVER), ("receipt:", 7)]:
        task = a_task(queue=queue, due_at=due_at)
        await database.write(lambda c, t=task: insert_task(c, t))
    assert await database.read(queue_heads) == [
        Head("deliver:a", 3),
        Head("deliver:b", 5),
        Head("notify:x", NEVER),
        Head("receipt:", 7),
    ]


async def test_queues_are_counted_without_what_waits_for_something_else(database: Database) -> None:
    message = a_message()
    await stored(database, message)
    await stored(database)
    for postback in (a_postback(message.id), a_postback(message.id, due_at=NEVER)):
        await database.write(lambda c, t=postback: insert_task(c, t))
    assert await database.read(waiting_counts) == {"deliver:mmsc-a": 2, "notify:acct-1": 1}


async def test_the_nodes_that_hold_something_are_named_once(database: Database) -> None:
    assert await database.read(lease_holders) == []
    for _ in range(4):
        await stored(database)
    for node in ("node-1", "node-2", "node-2"):
        await claimed(database, lease=node, limit=1)
    assert sorted(await database.read(lease_holders)) == ["node-1", "node-2"]


async def test_only_the_dead_nodes_leases_end(database: Database) -> None:
    first, second = await stored(database), await stored(database)
    await claimed(database, lease="dead", limit=1)
    await claimed(database, lease="alive", limit=1)
    now = now_ms()
    assert await database.write(lambda c: end_leases(c, ["dead", "unheard of"], now)) == 1
    [ended_row] = await tasks_of(database, first.message_id)
    [alive] = await tasks_of(database, second.message_id)
    assert (ended_row["due_at"], ended_row["lease"]) == (now, "dead")
    assert alive["due_at"] > now + LEASE_MS / 2
    assert await database.write(lambda c: end_leases(c, [], now)) == 0


async def test_messages_whose_validity_ended_while_they_waited_are_found(database: Database) -> None:
    now = now_ms()
    over = a_message(expires_at=now - 1)
    task = await stored(database, over, due_at=now + HOUR)
    await stored(database, a_message(expires_at=now + DAY))
    held = a_message(expires_at=now - 1)
    await stored(database, held, due_at=now - HOUR)
    await claimed_task(database, limit=1)
    assert await database.read(lambda c: expired_waiting(c, now)) == [(task, over)]
    assert await database.read(lambda c: expired_waiting(c, now, 0)) == []


async def test_what_is_scheduled_expires_when_it_was_due(database: Database) -> None:
    now = now_ms()
    over = a_message(expires_at=now - 1, send_at=now - HOUR, status=Status.SCHEDULED)
    task = await stored(database, over, due_at=now - HOUR, queue="later-deliver:mmsc-a")
    await stored(database, a_message(expires_at=now - 1), due_at=now + HOUR, queue="later-deliver:mmsc-a")
    assert await database.read(lambda c: expired_waiting(c, now)) == [(task, over)]


async def test_one_task_is_leased_by_whoever_is_first(database: Database) -> None:
    task = await stored(database)
    until = now_ms() + LEASE_MS
    assert await database.write(lambda c: lease_one(c, task, "node-1", until)) is True
    assert await database.write(lambda c: lease_one(c, task, "node-2", until)) is False
    [row] = await tasks_of(database, task.message_id)
    assert (row["lease"], row["due_at"]) == ("node-1", until)
    assert await claimed(database) == []


async def test_a_task_that_was_sent_meanwhile_is_leased_by_nobody(database: Database) -> None:
    """Durability 3: it keeps its id, but by now its submission may have arrived."""
    as_read = await stored(database)
    sent = await claimed_task(database)
    waiting = replace(sent, kind=TaskKind.UNCERTAIN, queue="uncertain:mmsc-a")
    assert await ended(database, an_ending(sent, a_change(sent, Event.UNCERTAIN), again=waiting)) == [True]
    until = now_ms() + LEASE_MS
    assert await database.write(lambda c: lease_one(c, as_read, "node-2", until)) is False


async def test_a_task_that_has_failed_once_more_meanwhile_is_leased_by_nobody(database: Database) -> None:
    as_read = await stored(database)
    sent = await claimed_task(database)
    again = replace(sent, transaction_id="", due_at=now_ms() + HOUR)
    await ended(database, an_ending(sent, a_change(sent, Event.RETRY), again=again))
    until = now_ms() + LEASE_MS
    assert await database.write(lambda c: lease_one(c, as_read, "node-2", until)) is False
    assert await database.write(lambda c: lease_one(c, again, "node-2", until)) is True


async def test_missing_receipts_are_told_of_once_and_in_chunks(database: Database) -> None:
    waiting = [await stored(database, a_message(status=Status.SUBMITTED)) for _ in range(3)]
    await stored(database, a_message(status=Status.DELIVERED))
    until = now_ms() + HOUR
    first = await database.read(lambda c: without_receipt(c, until, 2))
    assert [m.id for m in first] == [task.message_id for task in waiting[:2]]

    told = [a_change(task, Event.NO_RECEIPT, id=an_id()) for task in waiting[:2]]
    await recorded(database, *told)
    rest = await database.read(lambda c: without_receipt(c, until, 2))
    assert [m.id for m in rest] == [waiting[2].message_id]

    await database.write(lambda c: receipts_looked_for(c, until))
    await database.write(lambda c: receipts_looked_for(c, until))
    assert await database.read(lambda c: without_receipt(c, until, 2)) == []


async def test_what_was_accepted_later_is_not_yet_missed(database: Database) -> None:
    await stored(database, a_message(status=Status.SUBMITTED))
    assert await database.read(lambda c: without_receipt(c, now_ms() - HOUR, 10)) == []


async def test_a_lease_is_renewed_by_its_holder_alone(database: Database) -> None:
    await stored(database)
    task = await claimed_task(database, lease_ms=50)
    assert not await database.write(lambda c: renew_lease(c, task, "node-2", now_ms(), LEASE_MS))
    assert await database.write(lambda c: renew_lease(c, task, "node-1", now_ms(), LEASE_MS))
    [row] = await tasks_of(database, task.message_id)
    assert row["due_at"] > now_ms() + LEASE_MS // 2
    assert await claimed(database) == []


async def test_a_scheduled_message_is_missed_when_it_has_left(database: Database) -> None:
    now = now_ms()
    left = a_message(status=Status.SUBMITTED, send_at=now - HOUR)
    await stored(database, left)
    await stored(database, a_message(status=Status.SUBMITTED, send_at=now + HOUR))
    await stored(database, a_message(status=Status.SUBMITTED))
    assert await database.read(lambda c: without_receipt(c, now, 10, scheduled=True)) == [left]
    assert left not in await database.read(lambda c: without_receipt(c, now + HOUR, 10))
    await database.write(lambda c: receipts_looked_for(c, now))
    assert await database.read(lambda c: without_receipt(c, now, 10, scheduled=True)) == []
