"""The rates of senders and campaigns in the claim: who waits is not claimed, and holds up nobody else."""

import asyncio
from collections import Counter

from tests.builders import a_message, a_task, now_ms
from tests.store.kit import claimed, ids_of, stored, tasks_of

from slidewire.domain.quiet import QuietRules, read_windows
from slidewire.domain.task import TaskKind
from slidewire.domain.turns import Turns, Waits, read_paces, waiting_of
from slidewire.store.database import Database, open_database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.rows import TASK_COLUMNS, task_of
from slidewire.store.turns import LOOK, ROUNDS, forget_turns, why_waiting

SLOW = Turns("mmsc-a", sender=read_paces("0.2/s"))
DAILY = Turns("mmsc-a", campaign=read_paces("2/day"))


async def test_who_must_wait_is_due_later_and_those_behind_leave(database: Database) -> None:
    now = now_ms()
    busy = [await stored(database, a_message(sender="24680"), due_at=now - 9_000 + n) for n in range(3)]
    other = await stored(database, a_message(sender="13579"), due_at=now - 1_000)
    assert ids_of(await claimed(database, turns=SLOW, limit=2)) == [busy[0].message_id, other.message_id]
    waits = []
    for task in busy[1:]:
        [row] = await tasks_of(database, task.message_id)
        assert row["lease"] is None
        found = waiting_of(task_of([row[name] for name in TASK_COLUMNS]).body, row["due_at"])
        assert found is not None
        waits.append((found.why, round((found.until - now) / 1000)))
    assert [why for why, _ in waits] == [Waits.SENDER_RATE, Waits.SENDER_RATE]
    assert 4 <= waits[0][1] <= 6 < waits[1][1] <= 12
    assert await claimed(database, turns=SLOW) == []


async def test_hundreds_that_wait_hold_up_nobody(database: Database) -> None:
    now = now_ms()
    crowd = [a_message(sender="24680") for _ in range(LOOK * (ROUNDS - 2))]
    items = [NewMessage(message, a_task(message, due_at=now - 9_000)) for message in crowd]
    await database.write(lambda c: insert_messages(c, items))
    other = await stored(database, a_message(sender="13579"), due_at=now - 1_000)
    taken = ids_of(await claimed(database, turns=SLOW, limit=2))
    assert taken[1:] == [other.message_id]


async def test_a_campaign_has_its_count_of_the_day(database: Database) -> None:
    spring = [await stored(database, a_message(campaign_ref="spring")) for _ in range(3)]
    await stored(database, a_message(campaign_ref="autumn"))
    await stored(database, a_message(campaign_ref=""))
    assert len(await claimed(database, turns=DAILY)) == 4
    waiting = [row for task in spring for row in await tasks_of(database, task.message_id) if row["lease"] is None]
    day = 86_400_000
    assert [row["due_at"] for row in waiting] == [(now_ms() // day + 1) * day]


async def test_it_waits_no_longer_than_it_is_valid(database: Database) -> None:
    now = now_ms()
    await stored(database, a_message(), due_at=now - 2)
    last = a_message(expires_at=now + 2_000)
    await stored(database, last, due_at=now - 1)
    await claimed(database, turns=SLOW)
    [row] = await tasks_of(database, last.id)
    assert row["due_at"] == last.expires_at


async def test_one_whose_time_is_over_is_left_to_its_step(database: Database) -> None:
    now = now_ms()
    old = [await stored(database, a_message(expires_at=now - 10), due_at=now - 100 + n) for n in range(2)]
    assert ids_of(await claimed(database, turns=SLOW)) == [task.message_id for task in old]


async def test_a_cut_off_submission_is_uncertain_and_costs_no_turn(database: Database) -> None:
    cut_off = await stored(database, a_message(sender="24680"))
    await claimed(database, lease_ms=-1)
    fresh = await stored(database, a_message(sender="24680"))
    assert ids_of(await claimed(database, lease="node-2", turns=SLOW)) == [fresh.message_id]
    [row] = await tasks_of(database, cut_off.message_id)
    assert row["kind"] == TaskKind.UNCERTAIN.value


async def test_nodes_that_claim_at_once_keep_to_one_rate(database: Database, database_url: str) -> None:
    turns = Turns("mmsc-a", sender=read_paces("5/day"))
    items = [NewMessage(m, a_task(m)) for m in (a_message(sender=str(24680 + n % 2)) for n in range(60))]
    await database.write(lambda c: insert_messages(c, items))
    other = open_database(database_url)
    try:
        taken = await asyncio.gather(
            *(_all(node, name, turns) for name, node in (("a", database), ("b", other), ("c", database), ("d", other)))
        )
    finally:
        await other.close()
    assert Counter(sender for each in taken for sender in each) == {"24680": 5, "24681": 5}


async def _all(database: Database, name: str, turns: Turns) -> list[str]:
    senders: list[str] = []
    while batch := await claimed(database, lease=name, limit=3, turns=turns):
        senders += [each.message.sender for each in batch if each.message]
    return senders


#: Between them they leave no minute of any day.
ALWAYS = QuietRules(read_windows(["00:00-12:00", "12:00-00:00"]))


async def test_quiet_hours_hold_campaigns_and_outlive_the_process(database: Database, database_url: str) -> None:
    turns = Turns("mmsc-a", quiet={"acct-1": ALWAYS}.get)
    held = await stored(database, a_message(campaign_ref="spring"), due_at=now_ms() - 2)
    free = await stored(database, a_message(campaign_ref=""))
    assert ids_of(await claimed(database, turns=turns)) == [free.message_id]
    other = open_database(database_url)
    assert await claimed(other, lease="node-2", turns=turns) == []
    waiting = await other.read(lambda c: why_waiting(c, held.message_id))
    await other.close()
    assert waiting is not None
    assert (waiting.why, waiting.until > now_ms()) == (Waits.QUIET_HOURS, True)


async def test_who_has_no_quiet_hours_is_not_asked_about(database: Database) -> None:
    turns = Turns("mmsc-a", quiet={"another": ALWAYS}.get)
    task = await stored(database, a_message(campaign_ref="spring"))
    assert ids_of(await claimed(database, turns=turns)) == [task.message_id]


async def test_senders_that_rest_are_forgotten(database: Database) -> None:
    await stored(database)
    await claimed(database, turns=SLOW)
    later = now_ms() + 3 * 86_400_000
    assert await database.write(lambda c: forget_turns(c, now_ms())) == 0
    assert await database.write(lambda c: forget_turns(c, later)) == 1
