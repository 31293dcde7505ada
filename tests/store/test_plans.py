"""PostgreSQL keeps a plan as long as its connection: one made while a table was small must do when a flood has come."""

import json
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection
from tests.builders import a_message, a_task, an_id, now_ms
from tests.store.kit import a_change, a_postback, an_ask, an_ending, claimed, ended, recorded, scalar

from slidewire.domain.campaigns import Question
from slidewire.domain.events import Event
from slidewire.domain.exchange import Exchange
from slidewire.domain.status import Status
from slidewire.store.consent import clearances
from slidewire.store.database import Database
from slidewire.store.hot import Claimed, NewMessage, insert_messages
from slidewire.store.message_ledger import newest_minute
from slidewire.store.plain_claims import claim_plainly
from slidewire.store.receipts import find_owners

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]

#: Tables that every message passes.
PASSED = re.compile(r"\b(messages|tasks|events|exchanges|carrier_refs|blocks)")
#: Steps that go through nothing: what finds the rows for them is looked at, or their places are known.
_FINDS = ("Bitmap Heap Scan", "ModifyTable", "Tid Scan")
#: So often a statement is planned anew before its plan may be kept.
TRIES = 7
KEPT = """SELECT name, statement, cardinality(parameter_types) AS values FROM pg_prepared_statements
    WHERE NOT from_sql AND cardinality(parameter_types) > 0 AND statement !~ '^INSERT'"""


async def one_way(database: Database) -> None:
    """A message from its acceptance to the end of its second postback."""
    message = a_message()
    question = Question(message.receiver, message.account_id, message.sender, "")
    await database.look(lambda place: clearances(place, [question, question]))
    await database.write(lambda c: insert_messages(c, [NewMessage(message, a_task(message))]))
    [taken] = await claimed(database)
    told = a_change(taken.task, status=Status.SUBMITTED, postback=a_postback(message.id))
    exchange = Exchange(1, "mmsc", "POST", "200", 0.1, "", failed=False)
    ending = an_ending(taken.task, told, route="mmsc-a", carrier_ref=message.id, exchange=exchange, exchange_id=an_id())
    assert await ended(database, ending) == [True]
    known = await database.write(lambda c: find_owners(c, [("mmsc-a", message.id), ("mmsc-a", "unknown")]))
    assert list(known.owners) == [("mmsc-a", message.id)]
    await database.read(lambda c: newest_minute(c, 0, now_ms() + 1, 1_000, named=1))
    delivered = a_change(taken.task, Event.DELIVERED, status=Status.DELIVERED, postback=a_postback(message.id))
    await recorded(database, delivered)
    for taking in (claimed, _claimed_plainly):
        [posted] = await taking(database, queue=a_postback(message.id).queue, now=now_ms() + 1_000)
        assert await ended(database, an_ending(posted.task)) == [True]


async def _claimed_plainly(database: Database, **ask: Any) -> list[Claimed]:
    return await database.alone(lambda c: claim_plainly(c, an_ask(**ask)))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's steps, the outermost first."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def kept_plans(connection: Connection) -> dict[str, dict[str, Any]]:
    """What this connection does for each statement that it knows, once it keeps the plan."""
    known = connection.exec_driver_sql(KEPT).fetchall()
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    plans = {}
    for name, statement, values in known:
        call = f'EXPLAIN (FORMAT JSON) EXECUTE "{name}" ({", ".join(["NULL"] * values)})'
        found = connection.exec_driver_sql(call).scalar()
        [plan] = json.loads(found) if isinstance(found, str) else found
        plans[statement] = plan["Plan"]
    return plans


def at_fault(plan: dict[str, Any]) -> list[str]:
    """The steps that would go through a table that has grown."""
    scans = [each for each in nodes(plan) if PASSED.match(each.get("Relation Name", ""))]
    whole = [
        f"{each['Node Type']} of {each['Relation Name']}"
        for each in scans
        if each["Node Type"] not in _FINDS and "Index Cond" not in each
    ]
    of_route = [
        each.get("Index Cond", "")
        for each in scans
        if each["Relation Name"] == "carrier_refs" and each["Node Type"] != "ModifyTable"
    ]
    return whole + [f"all of a route: {condition}" for condition in of_route if "(ref)" not in condition]


async def test_a_plan_made_while_tables_were_small_searches_by_index(database: Database, database_url: str) -> None:
    await one_way(database)
    vacuum = await asyncpg.connect(database_url)
    await vacuum.execute("VACUUM (ANALYZE) messages, tasks, events, exchanges, carrier_refs, blocks")
    await vacuum.close()
    for _ in range(TRIES):
        await one_way(database)
    plans = await database.write(kept_plans)
    assert len([words for words in plans if PASSED.search(words)]) > 10
    assert {words: faults for words, plan in plans.items() if (faults := at_fault(plan))} == {}


async def test_who_reads_at_leisure_may_go_through_a_table(database: Database) -> None:
    def may(connection: Connection) -> Any:
        return scalar(connection, "SHOW enable_seqscan")

    found = [await way(may) for way in (database.write, database.read, database.look, database.read)]
    assert found == ["off", "on", "off", "on"]
