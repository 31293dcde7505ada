"""The call about what phones sent: removeMMSInboxMessage (api.md 3.7)."""

from slidewire.api.doors import Reply, Visit
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.faults import Fault


async def remove_mms_inbox_message(call: Call, account: Account, visit: Visit) -> Reply:
    """Take files and texts of a received MMS away; that it came stays known. Raises FaultError E640, E641, E642."""
    inbox_id = (call.values.get("inbox_id") or "").strip()
    if not inbox_id:
        raise Fault.INBOX_ID_REQUIRED.error()
    removed = await visit.doors.remove_inbound(account, inbox_id, visit.answering(taken_away))
    if removed is None:
        raise Fault.INBOX_ID_UNKNOWN.error()
    if not removed:
        raise Fault.INBOX_EMPTY.error()
    return taken_away(inbox_id)


def taken_away(inbox_id: str) -> Reply:
    """The answer for a message whose files and texts are gone."""
    return Reply((("inbox_id", inbox_id),))
