"""A batch ends, and says why, whatever has become of the files that it needs."""

from collections.abc import Sequence
from typing import Any

from tests.builders import a_batch, a_content, a_message, a_task
from tests.store.kit import claimed
from tests.work.kit import a_kit

from slidewire.domain.account import Account
from slidewire.domain.batches import Batch, BatchState, RefusedReceiver
from slidewire.domain.faults import Fault
from slidewire.domain.request import OverloadedError
from slidewire.domain.task import TaskKind
from slidewire.store.batches import NewBatch, insert_batches, read_progress
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage
from slidewire.store.messages import message_tasks
from slidewire.work.expand import Expand, Made, Maker

ANN, BOB = "12025550143", "12025550144"
QUEUE = TaskKind.EXPAND.queue("acct-1")


async def make(batch: Batch, receivers: Sequence[str], _account: Account) -> Made:
    """Messages that need content of which no row is known."""
    made = [(given, a_message(receiver=given)) for given in receivers if given != "12"]
    refused = [RefusedReceiver(given, "E110", "no number") for given in receivers if given == "12"]
    return [(g, NewMessage(m, a_task(m), pins=(a_content(),), keep_until=batch.created_at)) for g, m in made], refused


async def expanded(database: Database, error: Exception) -> tuple[Batch, list[dict[str, Any]]]:
    """A batch after one turn in which its bytes could not be brought back."""
    kit, batch = a_kit(database), a_batch(ANN, "12", BOB)
    task = a_task(a_message(), message_id=batch.id, kind=TaskKind.EXPAND, queue=QUEUE, due_at=batch.created_at)
    await kit.means.commits.write(insert_batches, NewBatch(batch, task))

    async def bring_back(_batch: Batch) -> frozenset[str]:
        raise error

    def kept(_messages: Sequence[NewMessage]) -> None:
        """Whoever sends them is woken."""

    [taken] = await claimed(database, queue=QUEUE)
    await Expand(kit.means, Maker(make, bring_back, kept)).run(taken)
    return batch, await database.read(lambda c: message_tasks(c, batch.id))


async def test_receivers_are_refused_when_the_files_are_gone(database: Database) -> None:
    batch, left = await expanded(database, Fault.CONTENT_UNKNOWN.error("its files are no longer kept"))
    progress = await database.read(lambda c: read_progress(c, batch.id, "acct-1", 0, 9))
    assert progress is not None
    assert (left, progress.batch.state, progress.counts, progress.refused) == ([], BatchState.EXPANDED, {}, 3)
    told = [(each.given, each.code) for each in progress.refusals]
    assert told == [("12", "E110"), (ANN, "E241"), (BOB, "E241")]
    assert "no longer kept" in progress.refusals[1].words


async def test_a_batch_waits_while_the_disk_has_no_room_for_its_files(database: Database) -> None:
    batch, [left] = await expanded(database, OverloadedError(60.0))
    progress = await database.read(lambda c: read_progress(c, batch.id, "acct-1", 0, 9))
    assert progress is not None
    assert (progress.batch.state, progress.refused, left["body"]) == (BatchState.EXPANDING, 0, "")
    assert left["due_at"] > batch.created_at + 30_000
