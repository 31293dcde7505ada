"""The one function through which a message changes (durability 13, settled 27)."""

from itertools import product

from tests.builders import a_message, a_task, an_id
from tests.store.kit import a_change, a_postback, events_of, recorded, status_of, stored, tasks_of

from slidewire.domain.events import Event, Reason
from slidewire.domain.exchange import Exchange
from slidewire.domain.status import MOVES, Status
from slidewire.store.database import Database
from slidewire.store.messages import message_events, message_exchanges

EXCHANGE = Exchange(at=1, peer="mmsc-a", request="POST", response="HTTP 200", seconds=0.1)


def test_every_status_is_in_the_table_of_moves() -> None:
    assert set(MOVES) == set(Status)


async def test_every_move_is_made_or_kept_as_a_late_event(database: Database) -> None:
    """One test for all pairs: every status with every other, as the table of moves says."""
    pairs = list(product(Status, Status))
    expected = {}
    seen = {}
    for here, there in pairs:
        task = await stored(database, a_message(status=here))
        await recorded(database, a_change(task, Event.FAILED, status=there, postback=a_postback(task.message_id)))
        moved = there in MOVES[here]
        kinds = ["deliver", "notify"] if moved else ["deliver"]
        expected[here, there] = (there if moved else here, ["failed" if moved else "late receipt"], kinds)
        rows = await tasks_of(database, task.message_id)
        seen[here, there] = (
            await status_of(database, task.message_id),
            await events_of(database, task.message_id),
            [row["kind"] for row in rows],
        )
    assert seen == expected


async def test_the_first_final_receipt_wins(database: Database) -> None:
    task = await stored(database, a_message(status=Status.SUBMITTED))
    first = a_postback(task.message_id)
    second = a_postback(task.message_id)
    await recorded(database, a_change(task, Event.DELIVERED, status=Status.DELIVERED, postback=first))
    await recorded(database, a_change(task, Event.EXPIRED, status=Status.EXPIRED, postback=second))
    assert await status_of(database, task.message_id) is Status.DELIVERED
    assert await events_of(database, task.message_id) == ["delivered", "late receipt"]
    assert {row["id"] for row in await tasks_of(database, task.message_id)} == {task.id, first.id}


async def test_the_first_final_receipt_of_one_commit_wins(database: Database) -> None:
    task = await stored(database, a_message(status=Status.SUBMITTED))
    changes = [
        a_change(task, Event.REJECTED, status=Status.REJECTED),
        a_change(task, Event.DELIVERED, status=Status.DELIVERED),
    ]
    await recorded(database, *changes)
    assert await status_of(database, task.message_id) is Status.REJECTED
    assert await events_of(database, task.message_id) == ["rejected", "late receipt"]


async def test_two_moves_in_one_commit_are_both_made(database: Database) -> None:
    task = await stored(database)
    changes = [
        a_change(task, Event.ADOPTED, status=Status.SUBMITTED),
        a_change(task, Event.DELIVERED, status=Status.DELIVERED),
    ]
    await recorded(database, *changes)
    assert await status_of(database, task.message_id) is Status.DELIVERED
    assert await events_of(database, task.message_id) == ["adopted", "delivered"]


async def test_an_acceptance_after_the_end_is_a_late_result(database: Database) -> None:
    task = await stored(database, a_message(status=Status.EXPIRED))
    await recorded(database, a_change(task, Event.SUBMITTED, status=Status.SUBMITTED))
    assert await events_of(database, task.message_id) == ["late result"]


async def test_an_event_without_a_move_is_told_all_the_same(database: Database) -> None:
    task = await stored(database)
    postback = a_postback(task.message_id)
    await recorded(database, a_change(task, Event.RETRY, reason=Reason.THROTTLED, postback=postback))
    assert await status_of(database, task.message_id) is Status.ACCEPTED
    assert {row["id"] for row in await tasks_of(database, task.message_id)} == {task.id, postback.id}


async def test_changes_of_many_messages_in_one_commit_stay_apart(database: Database) -> None:
    tasks = [await stored(database) for _ in range(3)]
    await recorded(
        database,
        a_change(tasks[2], Event.SUBMITTED, status=Status.SUBMITTED),
        a_change(tasks[0], Event.EXPIRED, status=Status.EXPIRED),
    )
    seen = [await status_of(database, task.message_id) for task in tasks]
    assert seen == [Status.EXPIRED, Status.ACCEPTED, Status.SUBMITTED]


async def test_a_change_of_a_message_that_is_gone_leaves_the_others_alone(database: Database) -> None:
    task = await stored(database)
    gone = a_task(a_message())
    await recorded(
        database,
        a_change(gone, status=Status.SUBMITTED, postback=a_postback(gone.message_id), exchange=EXCHANGE),
        a_change(task, status=Status.SUBMITTED),
    )
    assert await status_of(database, task.message_id) is Status.SUBMITTED
    assert await events_of(database, gone.message_id) == []
    assert await tasks_of(database, gone.message_id) == []
    assert await database.read(lambda c: message_exchanges(c, gone.message_id)) == []


async def test_nothing_to_record_is_no_statement_at_all(database: Database) -> None:
    await recorded(database)


async def test_an_event_says_why_and_what_brought_it(database: Database) -> None:
    task = await stored(database, a_message(status=Status.SUBMITTED))
    change = a_change(
        task,
        Event.EXPIRED,
        id=an_id(),
        status=Status.EXPIRED,
        reason=Reason.RECEIPT,
        detail="Expired",
        receipt_key="k",
    )
    await recorded(database, change)
    [event] = await database.read(lambda c: message_events(c, task.message_id))
    assert (event["id"], event["at"], event["reason"], event["detail"], event["receipt_key"]) == (
        change.id,
        change.at,
        "RECEIPT",
        "Expired",
        "k",
    )
