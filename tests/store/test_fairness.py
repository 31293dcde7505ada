"""Claims from a crowded queue: accounts in turn, what was asked for by itself before bulk, bounded whatever waits."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import HOUR, a_message, a_task, now_ms
from tests.store.kit import QUEUE, an_ask, ids_of, tasks_of

from slidewire.domain.fairness import Fair, Sharing
from slidewire.domain.task import BULK, ORDINARY, TaskKind, later
from slidewire.domain.turns import Turns, read_paces
from slidewire.store.database import Database, open_database
from slidewire.store.fairness import LINES, STEPS, old_lines
from slidewire.store.hot import Claimed, NewMessage, claim, insert_messages

ALIKE = Sharing(0.1, lambda _account_id: 1)


async def crowd(database: Database, account: str, count: int, **task: object) -> list[str]:
    """So many due messages of one account, the first due first."""
    since = now_ms() - 10 * HOUR
    messages = [a_message(account_id=account) for _ in range(count)]
    items = [
        NewMessage(each, a_task(each, **{"due_at": since + number, **task})) for number, each in enumerate(messages)
    ]
    await database.write(lambda c: insert_messages(c, items))
    return [each.id for each in messages]


class Node:
    """A process that claims fairly."""

    def __init__(self, database: Database, name: str = "node-1", sharing: Sharing = ALIKE) -> None:
        self._database = database
        self._name = name
        self._fair, self._later = Fair(sharing), Fair(sharing)

    async def claimed(self, limit: int, **ask: object) -> list[Claimed]:
        changes = {"lease": self._name, "limit": limit, "fair": self._fair, "later_fair": self._later, **ask}
        [taken] = await self._database.write(lambda c: claim(c, [an_ask(**changes)]))
        self._fair, self._later = self._after(self._fair, taken, QUEUE), self._after(self._later, taken, later(QUEUE))
        return taken

    def _after(self, fair: Fair, taken: Sequence[Claimed], queue: str) -> Fair:
        tasks = [each.task for each in taken if each.waited_in == queue]
        return replace(fair, standing=fair.standing.after(tasks, fair.sharing))

    async def accounts(self, limit: int, claims: int = 1) -> list[str]:
        """Whose were taken, in their order."""
        return [each.task.account_id for _ in range(claims) for each in await self.claimed(limit)]


@pytest.mark.parametrize("limit", [pytest.param(1, id="one at a time"), pytest.param(7, id="seven at a time")])
async def test_accounts_share_by_their_weights(database: Database, limit: int) -> None:
    weights = {"acct-1": 1, "acct-3": 3}
    for account in weights:
        await crowd(database, account, 60)
    node = Node(database, sharing=Sharing(0.1, lambda account: weights.get(account, 1)))
    taken = await node.accounts(limit, claims=56 // limit)
    assert Counter(taken) == {"acct-1": 14, "acct-3": 42}


async def test_who_comes_new_is_among_the_next_few(database: Database) -> None:
    await crowd(database, "acct-1", 2_000)
    node = Node(database)
    assert set(await node.accounts(10)) == {"acct-1"}
    await crowd(database, "acct-2", 1, due_at=now_ms())
    assert (await node.accounts(2)).count("acct-2") == 1
    assert set(await node.accounts(5)) == {"acct-1"}


async def test_first_due_is_first_out_within_an_account(database: Database) -> None:
    one, two = await crowd(database, "acct-1", 30), await crowd(database, "acct-2", 5)
    node = Node(database)
    taken = [each.task for _ in range(5) for each in await node.claimed(7)]
    assert [task.message_id for task in taken if task.account_id == "acct-1"] == one
    assert [task.message_id for task in taken if task.account_id == "acct-2"] == two


async def test_what_was_asked_for_by_itself_goes_before_bulk_and_bulk_moves(database: Database) -> None:
    await crowd(database, "acct-1", 100, priority=BULK)
    await crowd(database, "acct-1", 50)
    await crowd(database, "acct-2", 50)
    node = Node(database)
    priorities = [each.task.priority for _ in range(20) for each in await node.claimed(3)]
    assert Counter(priorities) == {ORDINARY: 54, BULK: 6}
    assert priorities[:10] == [ORDINARY] * 9 + [BULK]


async def test_bulk_has_all_places_that_nobody_else_needs(database: Database) -> None:
    await crowd(database, "acct-1", 20, priority=BULK)
    await crowd(database, "acct-2", 3)
    taken = [each.task.priority for each in await Node(database).claimed(10)]
    assert Counter(taken) == {ORDINARY: 3, BULK: 7}


async def test_places_that_one_account_leaves_are_the_others(database: Database) -> None:
    await crowd(database, "acct-1", 30)
    await crowd(database, "acct-2", 2)
    await crowd(database, "acct-3", 1)
    assert Counter(await Node(database).accounts(20)) == {"acct-1": 17, "acct-2": 2, "acct-3": 1}


async def test_several_nodes_share_alike_and_take_nothing_twice(database: Database, database_url: str) -> None:
    for account, count in (("acct-1", 200), ("acct-2", 200), ("acct-3", 8)):
        await crowd(database, account, count)
    other = open_database(database_url)
    try:
        nodes = [Node(each, name) for name, each in (("a", database), ("b", other), ("c", database), ("d", other))]
        taken = await asyncio.gather(*(_several(node) for node in nodes))
    finally:
        await other.close()
    ids = [each.task.id for some in taken for each in some]
    assert len(ids) == len(set(ids)) == 240
    found = Counter(each.task.account_id for some in taken for each in some)
    assert found["acct-3"] == 8
    assert abs(found["acct-1"] - found["acct-2"]) <= 24


async def _several(node: Node) -> list[Claimed]:
    return [each for _ in range(12) for each in await node.claimed(5)]


async def test_a_submission_that_was_cut_off_is_found_in_its_accounts_line(database: Database) -> None:
    await crowd(database, "acct-1", 300)
    [cut_off] = await crowd(database, "acct-2", 1, due_at=now_ms())
    await Node(database, "dead").claimed(2, lease_ms=-1)
    assert set(await Node(database).accounts(4)) == {"acct-1"}
    [row] = await tasks_of(database, cut_off)
    assert row["kind"] == TaskKind.UNCERTAIN.value


async def test_who_waits_for_a_rate_takes_nobodys_turn(database: Database) -> None:
    await crowd(database, "acct-1", 40)
    await crowd(database, "acct-2", 3)
    node = Node(database)
    turns = Turns("mmsc-a", sender=read_paces("1/day"))
    assert len(await node.claimed(5, turns=turns)) == 1
    assert await node.claimed(5, turns=turns) == []
    await crowd(database, "acct-3", 2)
    assert await node.accounts(5) == ["acct-3", "acct-3"]


async def test_what_was_scheduled_is_shared_out_too(database: Database) -> None:
    await crowd(database, "acct-1", 50)
    await crowd(database, "acct-1", 50, queue=later(QUEUE))
    [timed] = await crowd(database, "acct-2", 1, queue=later(QUEUE), due_at=now_ms())
    node = Node(database)
    taken = [*await node.claimed(4, later=later(QUEUE)), *await node.claimed(4, later=later(QUEUE))]
    assert timed in ids_of(taken)
    assert Counter(each.waited_in for each in taken) == {QUEUE: 4, later(QUEUE): 4}


async def test_accounts_whose_messages_are_due_later_hide_nobody_for_long(database: Database) -> None:
    resting = [a_message(account_id=f"b-{number:04}") for number in range(STEPS + 20)]
    items = [NewMessage(each, a_task(each, due_at=now_ms() + HOUR)) for each in resting]
    await database.write(lambda c: insert_messages(c, items))
    await crowd(database, "a-first", 10)
    await crowd(database, "z-last", 1, due_at=now_ms())
    assert Counter(await Node(database).accounts(1, claims=12)) == {"a-first": 10, "z-last": 1}


async def test_old_lines_are_told_by_account_and_priority(database: Database) -> None:
    now = now_ms()
    await crowd(database, "acct-1", 3)
    await crowd(database, "acct-2", 3, due_at=now)
    await crowd(database, "acct-2", 2, priority=BULK)
    await crowd(database, "acct-3", 1, queue=later(QUEUE))
    told = await database.read(lambda c: old_lines(c, QUEUE, now - 1_000))
    assert told == {("acct-1", ORDINARY), ("acct-2", BULK)}


async def test_old_lines_that_are_too_many_are_not_told_apart(database: Database) -> None:
    messages = [a_message(account_id=f"acct-{number:04}") for number in range(LINES)]
    await database.write(lambda c: insert_messages(c, [NewMessage(each, a_task(each)) for each in messages]))
    assert await database.read(lambda c: old_lines(c, QUEUE, now_ms())) is None


async def test_each_look_goes_along_its_index_whatever_the_planner_believes(database: Database) -> None:
    await crowd(database, "acct-1", 2_000)
    plans = await database.write(
        lambda c: plans_of_sqlite(c) if c.dialect.name == "sqlite" else plans_of_postgres(c),
    )
    assert len(plans) >= 2
    assert [plan for plan in plans if "ix_tasks_fair" not in plan or "ix_tasks_queue" in plan] == []


def plans_of_sqlite(connection: Connection) -> list[str]:
    """What SQLite does for the looks of a claim."""
    sent: dict[str, None] = {}
    driver: Any = connection.connection.driver_connection
    driver.set_trace_callback(sent.setdefault)
    assert len(claim(connection, [an_ask(fair=Fair(ALIKE))])[0]) == 10
    driver.set_trace_callback(None)
    looks = [words for words in sent if "FROM tasks WHERE queue" in words]
    return [_plan(connection, f"EXPLAIN QUERY PLAN {words}") for words in looks]


def plans_of_postgres(connection: Connection) -> list[str]:
    """What PostgreSQL does for them by plans that it keeps, made when there was one account alone."""
    connection.exec_driver_sql("ANALYZE tasks")
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    assert len(claim(connection, [an_ask(fair=Fair(ALIKE))])[0]) == 10
    known = connection.exec_driver_sql(
        """SELECT name, cardinality(parameter_types) FROM pg_prepared_statements
        WHERE statement LIKE '%FROM tasks WHERE queue%' AND statement NOT LIKE '%pg_prepared%'"""
    ).fetchall()
    return [_plan(connection, f'EXPLAIN EXECUTE "{name}" ({", ".join(["NULL"] * count)})') for name, count in known]


def _plan(connection: Connection, statement: str) -> str:
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(statement))
