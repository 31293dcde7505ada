"""Postbacks of one message leave one after the other, and none is ever stuck (durability 24, settled 29)."""

import asyncio
import random
from dataclasses import replace

from tests.builders import HOUR, a_message, now_ms
from tests.store.kit import a_change, a_postback, an_ending, claimed, claimed_task, ended, recorded, stored, tasks_of

from slidewire.domain.events import Event
from slidewire.domain.task import NEVER, Task, TaskKind
from slidewire.store.database import Database, open_database

QUEUE = TaskKind.NOTIFY.queue("acct-1")


async def told(database: Database, task: Task, **postback: object) -> Task:
    """Something happens to the message of ``task`` that its customer is to be told."""
    tell = a_postback(task.message_id, **postback)
    await recorded(database, a_change(task, Event.RECEIPT, postback=tell))
    return tell


async def dues(database: Database, message_id: str) -> dict[str, int]:
    return {row["id"]: row["due_at"] for row in await tasks_of(database, message_id) if row["kind"] == "notify"}


async def test_a_later_one_waits_for_the_earlier(database: Database) -> None:
    task = await stored(database)
    first, second = await told(database, task), await told(database, task)
    assert await dues(database, task.message_id) == {first.id: first.due_at, second.id: NEVER}


async def test_a_later_one_of_the_same_commit_waits_too(database: Database) -> None:
    task = await stored(database)
    first, second = a_postback(task.message_id), a_postback(task.message_id)
    await recorded(
        database, a_change(task, Event.ADOPTED, postback=first), a_change(task, Event.DELIVERED, postback=second)
    )
    assert await dues(database, task.message_id) == {first.id: first.due_at, second.id: NEVER}


async def test_another_messages_postback_does_not_wait(database: Database) -> None:
    await told(database, await stored(database))
    other = await stored(database, a_message())
    alone = await told(database, other)
    assert await dues(database, other.message_id) == {alone.id: alone.due_at}


async def test_one_without_order_goes_at_once(database: Database) -> None:
    task = await stored(database)
    await told(database, task)
    free = await told(database, task, body={"code": "SENT"})
    assert (await dues(database, task.message_id))[free.id] == free.due_at


async def test_the_next_is_due_when_the_earlier_is_done(database: Database) -> None:
    task = await stored(database)
    first, second, third = [await told(database, task) for _ in range(3)]
    posted = await claimed_task(database, queue=QUEUE)
    assert posted.id == first.id
    at = now_ms() - 1
    assert await ended(database, an_ending(posted, at=at)) == [True]
    assert await dues(database, task.message_id) == {second.id: at, third.id: NEVER}
    assert (await claimed_task(database, queue=QUEUE)).id == second.id


async def test_the_next_still_waits_while_the_earlier_is_tried_again(database: Database) -> None:
    task = await stored(database)
    first, second = await told(database, task), await told(database, task)
    posted = await claimed_task(database, queue=QUEUE)
    later = now_ms() + HOUR
    assert await ended(database, an_ending(posted, again=replace(posted, due_at=later))) == [True]
    assert await dues(database, task.message_id) == {first.id: later, second.id: NEVER}


async def test_a_late_end_of_the_earlier_wakes_nobody(database: Database) -> None:
    task = await stored(database)
    _first, second = await told(database, task), await told(database, task)
    posted = await claimed_task(database, queue=QUEUE)
    assert await ended(database, an_ending(posted, lease="node-2")) == [False]
    assert (await dues(database, task.message_id))[second.id] == NEVER


async def test_one_that_is_told_while_nothing_waits_goes_at_once(database: Database) -> None:
    task = await stored(database)
    await told(database, task)
    await ended(database, an_ending(await claimed_task(database, queue=QUEUE)))
    second = await told(database, task)
    assert await dues(database, task.message_id) == {second.id: second.due_at}


async def test_no_chain_is_ever_stuck(database: Database, database_url: str) -> None:
    """Receipts add links while workers take them off, on two nodes: each message's arrive all, in order."""
    tasks = [await stored(database, due_at=now_ms() + HOUR) for _ in range(4)]
    other = open_database(database_url)
    posted: dict[str, list[str]] = {task.message_id: [] for task in tasks}
    links = 80
    total = links * len(tasks)
    try:
        made = await asyncio.gather(
            *(_tell_all(node, task, links) for task, node in zip(tasks, [database, other] * 2, strict=True)),
            *(_post_all(node, name, posted, total) for name, node in (("a", database), ("b", other))),
        )
    finally:
        await other.close()
    assert posted == {task.message_id: made[index] for index, task in enumerate(tasks)}


async def _tell_all(database: Database, task: Task, links: int) -> list[str]:
    dice = random.Random(task.message_id)
    told_ids = []
    for _ in range(links):
        told_ids.append((await told(database, task)).id)
        await asyncio.sleep(dice.choice([0, 0, 0.001, 0.003]))
    return told_ids


async def _post_all(database: Database, name: str, posted: dict[str, list[str]], total: int) -> list[str]:
    async with asyncio.timeout(30):
        while sum(map(len, posted.values())) < total:
            taken = await claimed(database, queue=QUEUE, lease=name, limit=2)
            for each in taken:
                posted[each.task.message_id].append(each.task.id)
            await ended(database, *(an_ending(each.task, lease=name, at=now_ms() - 1) for each in taken))
    return []
