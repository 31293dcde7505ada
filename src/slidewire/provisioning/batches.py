"""Batches as admins see them: how far each is, what became of its messages, and who gets none."""

from typing import TypedDict

from slidewire.domain.moments import written
from slidewire.domain.status import Status
from slidewire.provisioning.refusals import missing
from slidewire.store import batches
from slidewire.store.database import Connection


class RefusedFacts(TypedDict):
    """A receiver that gets no message."""

    receiver: str
    code: str
    words: str


class BatchFacts(TypedDict):
    """Everything that is kept of one batch."""

    batch: str
    account: str
    created_at: str
    state: str
    total: int
    waiting: int
    refused: int
    messages: dict[str, int]
    refusals: list[RefusedFacts]


def show_batch(connection: Connection, batch_id: str) -> BatchFacts:
    """The batch with this id. Raises RefusedError when there is none."""
    batch = batches.find_batch(connection, batch_id.strip())
    if batch is None:
        raise missing(f"there is no batch {batch_id}", "sendBatch answers with its BATCHID.")
    counts = batches.count_messages(connection, batch)
    refusals = batches.list_refused(connection, batch, 0, batch.total)
    return {
        "batch": batch.id,
        "account": batch.account_id,
        "created_at": written(batch.created_at),
        "state": batch.state.value,
        "total": batch.total,
        "waiting": batch.total - batch.seen,
        "refused": len(refusals),
        "messages": {status.value: counts[status] for status in Status if status in counts},
        "refusals": [{"receiver": each.given, "code": each.code, "words": each.words} for each in refusals],
    }
