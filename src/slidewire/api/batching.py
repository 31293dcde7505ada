"""The calls about batches: sendBatch, and getBatch, which tells how far one is (docs/adr/0181)."""

from slidewire.api.doors import Fields, Reply, Visit
from slidewire.api.sending import read_request, with_campaign
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.batches import BatchTaken, RefusedReceiver, check_batch, split_batch
from slidewire.domain.faults import Fault
from slidewire.domain.request import SendRequest
from slidewire.domain.saving import check_query
from slidewire.domain.status import Status

STATUS_DETAILS = "Batch accepted and queued for delivery"
_LONGEST_TO = 32  #: characters of a TO that comes back (settled 23)


async def send_batch(call: Call, account: Account, visit: Visit) -> Reply:
    """One message to each of many receivers. Raises FaultError."""
    request = read_request(call, SendRequest)
    account = await with_campaign(account, request.campaign, visit)
    doors = visit.doors
    checked = check_batch(request, account, doors.now(), (visit.rules, doors.batches.most))
    return taken(await doors.batches.accept(checked, account, visit.hung_up, visit.answering(taken)))


def taken(batch: BatchTaken) -> Reply:
    """The answer of a batch that was taken."""
    fields = (("batch_id", batch.id), ("total", str(batch.total)), ("status_details", STATUS_DETAILS))
    return Reply(fields, batch.warnings)


def batch_size(call: Call) -> int:
    """How many receivers a sendBatch has (settled 16)."""
    return max(len(split_batch(call.values.get("receiver") or "")), 1)


async def get_batch(call: Call, account: Account, visit: Visit) -> Reply:
    """How far a batch is: its messages by status, and a page of the receivers that get none. Raises FaultError."""
    word = call.values.get
    batch_id = (word("batch_id") or "").strip()
    if not batch_id or "batch_id" in call.nested:
        raise Fault.INVALID_REQUEST.about("batch_id", "is required")
    query = check_query(None, word("page_number"), word("items_per_page"))
    found = await visit.doors.batches.progress(account, batch_id, query)
    batch = found.batch
    counts = tuple((f"count_{status.value}", str(found.counts.get(status, 0))) for status in Status)
    return Reply(
        (
            ("batch_id", batch.id),
            ("batch_status", batch.state.value),
            ("total", str(batch.total)),
            ("waiting", str(found.waiting)),
            ("refused", str(found.refused)),
            *counts,
            ("page_number", str(query.page)),
            ("items_per_page", str(query.per_page)),
            *(("sending", _refusal(each)) for each in found.refusals),
        )
    )


def _refusal(refused: RefusedReceiver) -> Fields:
    return (
        ("error_code", refused.code),
        ("receiver", refused.given[:_LONGEST_TO]),
        ("error_words", refused.words),
    )
