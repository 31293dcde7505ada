"""Claims of what does not leave us, in one statement of PostgreSQL: they take what the claim of everything takes."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from tests.builders import a_message, a_task, an_id, now_ms
from tests.store.kit import LEASE_MS, a_postback, an_ask, claimed, ids_of, scalar, stored, tasks_of

from slidewire.domain.task import NEVER, Hold, Task, TaskKind
from slidewire.domain.turns import Turns
from slidewire.store.database import Database
from slidewire.store.hot import Ask, Claimed, NewMessage, claim, insert_messages
from slidewire.store.messages import insert_task
from slidewire.store.plain_claims import claim_plainly, is_plain
from slidewire.store.tasks import take

NOTIFY = "notify:acct-1"

pytestmark = pytest.mark.postgres
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class _UndoneError(Exception):
    """What a claim took is given back."""

    def __init__(self, found: list[Claimed]) -> None:
        self.found = found


async def _plainly(database: Database, ask: Ask) -> list[Claimed]:
    return await database.alone(lambda c: claim_plainly(c, ask))


async def _waiting(database: Database, **changes: object) -> Task:
    """A postback whose message is there."""
    message = a_message()
    await stored(database, message)
    task = replace(a_postback(message.id, due_at=now_ms() - 500), **changes)  # type: ignore[arg-type]  # a test's own
    await database.write(lambda c: insert_task(c, task))
    return task


async def _what_the_other_takes(database: Database, ask: Ask) -> list[Claimed]:
    """What ``claim`` takes, which is undone."""

    def looked(connection: Connection) -> None:
        [found] = claim(connection, [ask])
        raise _UndoneError(found)

    with pytest.raises(_UndoneError) as undone:
        await database.write(looked)
    return undone.value.found


@on_postgresql
async def test_it_takes_what_the_claim_of_everything_takes_and_leaves_the_rest(database: Database) -> None:
    now = now_ms()
    first = await _waiting(database, due_at=now - 3_000, body={"code": "SENT", "ordered": True})
    again = await _waiting(database, due_at=now - 2_000, attempt=3, transaction_id="told-before")
    alone = replace(a_postback(an_id()), due_at=now - 1_000, account_id="acct-2")  # its message is gone
    await database.write(lambda c: insert_task(c, alone))
    left = [
        await _waiting(database, due_at=now + 60_000),
        await _waiting(database, due_at=NEVER),
        await _waiting(database, queue="notify:acct-2"),
    ]
    held = await _waiting(database)
    await database.write(lambda c: take(c, [(held, Hold("node-2", LEASE_MS))], now))
    ask = an_ask(queue=NOTIFY, now=now)
    expected = await _what_the_other_takes(database, ask)
    found = await _plainly(database, ask)
    assert found == expected
    assert [each.task.id for each in found] == [first.id, again.id, alone.id]
    assert [(each.task.attempt, each.task.transaction_id) for each in found] == [
        (1, f"{first.message_id}-1"),
        (4, "told-before"),
        (1, f"{alone.message_id}-1"),
    ]
    assert await _plainly(database, ask) == []
    rows = [next(row for row in await tasks_of(database, t.message_id) if row["id"] == t.id) for t in (first, *left)]
    assert [row["lease"] for row in rows] == ["node-1", None, None, None]
    assert [row["due_at"] for row in rows[1:]] == [task.due_at for task in left]
    assert rows[0]["due_at"] - now_ms() == pytest.approx(LEASE_MS, abs=30_000)


@on_postgresql
async def test_a_lease_that_has_ended_is_anybodys(database: Database) -> None:
    task = await _waiting(database)
    await database.write(lambda c: take(c, [(task, Hold("node-2", -1_000))], now_ms()))
    [found] = await _plainly(database, an_ask(queue=NOTIFY))
    assert (found.task.id, found.task.attempt) == (task.id, 1)


@on_postgresql
async def test_of_more_than_it_asks_for_the_first_due_go_first(database: Database) -> None:
    now = now_ms()
    tasks = [await _waiting(database, due_at=now - 1_000 * n) for n in (2, 5, 1, 4, 3)]
    order = [task.message_id for task in sorted(tasks, key=lambda task: task.due_at)]
    assert ids_of(await _plainly(database, an_ask(queue=NOTIFY, limit=2))) == order[:2]
    assert ids_of(await _plainly(database, an_ask(queue=NOTIFY, limit=9))) == order[2:]


@on_postgresql
async def test_of_many_that_claim_at_once_each_task_is_one_ones(database: Database) -> None:
    news = [NewMessage(message := a_message(), a_task(message)) for _ in range(120)]
    await database.write(lambda c: insert_messages(c, news))
    wanted = [a_postback(new.message.id, due_at=now_ms() - 500) for new in news]
    await database.write(lambda c: [insert_task(c, task) for task in wanted])
    taken: list[str] = []

    async def work(node: str) -> None:
        while len(taken) < len(wanted):
            found = await _plainly(database, an_ask(queue=NOTIFY, limit=7, lease=node))
            taken.extend(each.task.id for each in found)

    async with asyncio.timeout(60):
        await asyncio.gather(*(work(f"node-{n}") for n in range(6)))
    assert sorted(taken) == sorted(task.id for task in wanted)
    attempts = await database.read(lambda c: scalar(c, "SELECT max(attempt) FROM tasks WHERE kind = 'notify'"))
    assert attempts == 1


@pytest.mark.parametrize(
    ("ask", "plain"),
    [
        pytest.param({"queue": NOTIFY}, True, id="postbacks"),
        pytest.param({"queue": TaskKind.ENCODE.queue()}, True, id="encodes"),
        pytest.param({"queue": "deliver:mmsc-a"}, False, id="what leaves us"),
        pytest.param({"queue": "text:smsc-a"}, False, id="and so do texts"),
        pytest.param({"queue": NOTIFY, "later": f"later-{NOTIFY}"}, False, id="some of it was scheduled"),
        pytest.param({"queue": NOTIFY, "turns": Turns("mmsc-a")}, False, id="some of it keeps to turns"),
    ],
)
def test_only_what_needs_no_decision_is_claimed_so(ask: dict[str, object], plain: bool) -> None:
    assert is_plain(an_ask(**ask)) is plain


async def test_both_databases_run_what_is_done_alone(database: Database) -> None:
    """On SQLite it is a transaction like every other."""
    task = await _waiting(database)
    [found] = await database.alone(lambda c: claim(c, [an_ask(queue=NOTIFY)]))
    assert [each.task.id for each in found] == [task.id]
    assert await claimed(database, queue=NOTIFY) == []
