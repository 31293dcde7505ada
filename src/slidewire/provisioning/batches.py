"""Batches as admins see them: how far each is, what became of its messages, and who gets none."""

from typing import TypedDict

from slidewire.domain.moments import written
from slidewire.domain.status import Status
from slidewire.provisioning.refusals import missing
from slidewire.store import batches
from slidewire.store.database import Connection

#: Refused receivers that are told; no batch has more.
_MOST = 10_000_000


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
    found = batches.read_progress(connection, batch_id.strip(), "", 0, _MOST)
    if found is None:
        raise missing(f"there is no batch {batch_id}", "sendBatch answers with its BATCHID.")
    batch = found.batch
    return {
        "batch": batch.id,
        "account": batch.account_id,
        "created_at": written(batch.created_at),
        "state": batch.state.value,
        "total": batch.total,
        "waiting": found.waiting,
        "refused": found.refused,
        "messages": {status.value: found.counts[status] for status in Status if status in found.counts},
        "refusals": [{"receiver": each.given, "code": each.code, "words": each.words} for each in found.refusals],
    }
