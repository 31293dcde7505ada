"""Routes that are in the settings no more: what was theirs has an end all the same."""

import time

import pytest
from tests.builders import HOUR, a_message, a_task, now_ms
from tests.work.kit import Kit, a_kit
from tests.work.test_failover import THERE, mover, queue_of

from slidewire.domain.message import Message
from slidewire.domain.task import TaskKind
from slidewire.store.database import Database
from slidewire.work.gone import GoneRoutes
from slidewire.work.settle import Settler
from slidewire.work.sweep import ClockWatch

PATIENCE = 600_000
LONG_AGO = PATIENCE + 60_000


def gone(kit: Kit, *known: str) -> GoneRoutes:
    failover, _breaker = mover(kit)
    settler = Settler(kit.means, (5.0, 30.0), lambda _message: None)
    clock = ClockWatch(kit.means.now, time.monotonic)
    return GoneRoutes(kit.means, clock, settler, failover, (THERE.name, *known), PATIENCE)


async def cut_off(kit: Kit, message: Message, ago: int, kind: TaskKind = TaskKind.DELIVER) -> None:
    """A submission whose process died, its lease over for ``ago`` milliseconds."""
    task = a_task(message, kind=kind, queue=kind.queue("mmsc-a"), attempt=1, transaction_id=f"{message.id}-1")
    await kit.accepted(message, task)
    await kit.means.database.write(
        lambda c: c.exec_driver_sql(
            f"UPDATE tasks SET lease = 'dead', due_at = {now_ms() - ago} WHERE id = '{task.id}'"
        )
    )


@pytest.mark.parametrize("kind", [TaskKind.DELIVER, TaskKind.TEXT])
async def test_a_submission_that_was_cut_off_is_told_to_be_uncertain(database: Database, kind: TaskKind) -> None:
    kit = a_kit(database, postbacks=False)
    message, young = a_message(), a_message()
    await cut_off(kit, message, LONG_AGO, kind)
    await cut_off(kit, young, PATIENCE - 60_000, kind)
    await gone(kit).look()
    assert await kit.status(message) == "failed"
    assert await kit.task_rows(message) == []
    assert await kit.status(young) == "accepted"


async def test_what_waits_for_a_receipt_that_nobody_can_match_fails(database: Database) -> None:
    kit = a_kit(database, postbacks=False)
    message, young = a_message(), a_message()
    for each, ago in ((message, LONG_AGO), (young, 0)):
        task = a_task(each, kind=TaskKind.UNCERTAIN, queue="uncertain:mmsc-a", due_at=now_ms() - ago)
        await kit.accepted(each, task)
    await gone(kit).look()
    assert await kit.events(message) == ["failed"]
    assert await kit.status(young) == "accepted"


async def test_an_mms_that_has_not_left_goes_by_another_route(database: Database) -> None:
    kit = a_kit(database)
    waits, scheduled, later = a_message(), a_message(), a_message()
    await kit.accepted(waits, a_task(waits, due_at=now_ms() - LONG_AGO))
    await kit.accepted(scheduled, a_task(scheduled, queue="later-deliver:mmsc-a", due_at=now_ms() - LONG_AGO))
    await kit.accepted(later, a_task(later, queue="later-deliver:mmsc-c", due_at=now_ms() + HOUR))
    await gone(kit).look()
    found = [await queue_of(kit, each) for each in (waits, scheduled, later)]
    assert found == ["deliver:mmsc-b", "deliver:mmsc-b", "later-deliver:mmsc-c"]


async def test_a_route_of_the_settings_is_left_to_who_sends_on_it(database: Database) -> None:
    kit = a_kit(database)
    waits, uncertain, held = a_message(), a_message(), a_message()
    await kit.accepted(waits, a_task(waits, due_at=now_ms() - LONG_AGO))
    task = a_task(uncertain, kind=TaskKind.UNCERTAIN, queue="uncertain:mmsc-a", due_at=now_ms() - LONG_AGO)
    await kit.accepted(uncertain, task)
    await gone(kit, "mmsc-a").look()
    assert await queue_of(kit, waits) == "deliver:mmsc-a"
    await cut_off(kit, held, LONG_AGO)
    await gone(kit, "mmsc-a").look()
    assert [await kit.status(each) for each in (uncertain, held)] == ["accepted", "accepted"]
