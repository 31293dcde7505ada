"""How much waits, as /metrics tells it."""

from tests.builders import a_task

from slidewire.domain.task import NEVER, TaskKind
from slidewire.store.database import Database
from slidewire.store.lanes import Look, keep_lanes
from slidewire.store.messages import insert_task
from slidewire.store.standing import Standing, oldest, read_standing

ROUTES = {"mmsc-a": TaskKind.DELIVER, "sms-a": TaskKind.TEXT}
#: All that can be told of two routes and of what waits for accounts.
NOTHING = {
    **dict.fromkeys(
        ((kind, "mmsc-a", state) for kind in ("deliver", "uncertain") for state in ("waiting", "parked")), 0
    ),
    **dict.fromkeys(((kind, "sms-a", state) for kind in ("text", "uncertain") for state in ("waiting", "parked")), 0),
    ("deliver", "mmsc-a", "scheduled"): 0,
    ("text", "sms-a", "scheduled"): 0,
    **dict.fromkeys(
        (
            (kind, "", state)
            for kind in ("probe", "encode", "refit", "expand", "receipt")
            for state in ("waiting", "parked")
        ),
        0,
    ),
    ("notify", "", "waiting"): 0,
}


async def test_an_empty_store_has_nothing_waiting(database: Database) -> None:
    assert await database.read(lambda c: read_standing(c, ROUTES)) == Standing(NOTHING, {}, {})


async def test_tasks_are_counted_by_kind_route_and_what_they_wait_for(database: Database) -> None:
    for queue, due_at in (
        ("deliver:mmsc-a", 5),
        ("deliver:mmsc-a", 9),
        ("deliver:mmsc-a", NEVER),
        ("deliver:mmsc-b", 5),
        ("later-deliver:mmsc-a", 9),
        ("text:sms-a", 5),
        ("uncertain:sms-a", 5),
        ("notify:acct-1", 5),
        ("notify:acct-2", 6),
        ("notify:acct-2", NEVER),
        ("encode:acct-1", NEVER),
        ("receipt:", 5),
    ):
        kind = TaskKind(queue.partition(":")[0].removeprefix("later-"))
        task = a_task(kind=kind, queue=queue, due_at=due_at)
        await database.write(lambda c, t=task: insert_task(c, t))
    standing = await database.read(lambda c: read_standing(c, ROUTES))
    assert standing.tasks == NOTHING | {
        ("deliver", "mmsc-a", "waiting"): 2,
        ("deliver", "mmsc-a", "parked"): 1,
        ("deliver", "mmsc-a", "scheduled"): 1,
        ("text", "sms-a", "waiting"): 1,
        ("uncertain", "sms-a", "waiting"): 1,
        ("notify", "", "waiting"): 2,
        ("encode", "", "parked"): 1,
        ("receipt", "", "waiting"): 1,
    }


async def test_lanes_tell_who_holds_them_and_how_fast_the_slowest_sends(database: Database) -> None:
    for node, share in (("node-1", 0.5), ("node-2", 0.25)):
        look = Look(node, 1, 60_000, {"mmsc-a": 2}, {"mmsc-a": share}, living=2)
        await database.write(lambda c, look=look: keep_lanes(c, look))
    standing = await database.read(lambda c: read_standing(c, ROUTES))
    assert (standing.lanes, standing.share) == ({"mmsc-a": 2}, {"mmsc-a": 0.25})


def test_ages_are_told_by_route_or_of_the_oldest_account() -> None:
    ages = {"deliver:a": 1500, "later-deliver:a": 2500, "notify:x": 250, "notify:y": 1000, "receipt:": 0}
    assert oldest(ages) == {("deliver", "a"): 2.5, ("notify", ""): 1.0, ("receipt", ""): 0.0}
