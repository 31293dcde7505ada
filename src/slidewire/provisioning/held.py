"""Messages that wait for somebody to look: let go, or dropped. The worker finds within a second what was let go."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict

from slidewire.domain.audit import AuditAction, By
from slidewire.domain.change import Change
from slidewire.domain.events import Event, Reason
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode
from slidewire.domain.status import Status
from slidewire.domain.telling import telling
from slidewire.domain.turns import Waits
from slidewire.provisioning.refusals import RefusedError, missing
from slidewire.store.accounts import read_book
from slidewire.store.audit import write_audit
from slidewire.store.database import Connection
from slidewire.store.messages import find_message, record
from slidewire.store.turns import drop_waiting, let_go


class Decided(TypedDict):
    """What was decided of a held message."""

    tracking_id: str
    account: str
    decision: str


def release(connection: Connection, tracking_id: str, by: By, new_id: Callable[[], str]) -> Decided:
    """Let a held message go. Raises RefusedError when there is none that is held."""
    message = _message(connection, tracking_id)
    if not let_go(connection, message.id, Waits.REPEATED, max(by.at, message.send_at)):
        raise _not_held(tracking_id)
    record(connection, [_change(message, Event.RELEASED, by, new_id())])
    write_audit(connection, by, AuditAction.MESSAGE_RELEASED, message.account_id, message=message.id)
    return {"tracking_id": message.id, "account": message.account_id, "decision": "released"}


def drop(connection: Connection, tracking_id: str, by: By, new_id: Callable[[], str]) -> Decided:
    """End a held message; its account is told by E101. Raises RefusedError when there is none that is held."""
    message = _message(connection, tracking_id)
    if not drop_waiting(connection, message.id, Waits.REPEATED):
        raise _not_held(tracking_id)
    told = Postback(PostbackCode.NOT_SENT, by.at, details=Reason.DROPPED.value)
    task = telling(read_book(connection).by_id.get(message.account_id), message, told, new_id())
    change = _change(message, Event.FAILED, by, new_id())
    record(connection, [replace(change, status=Status.FAILED, reason=Reason.DROPPED, postback=task)])
    write_audit(connection, by, AuditAction.MESSAGE_DROPPED, message.account_id, message=message.id)
    return {"tracking_id": message.id, "account": message.account_id, "decision": "dropped"}


def _message(connection: Connection, tracking_id: str) -> Message:
    found = find_message(connection, tracking_id.strip()) if tracking_id.isascii() else None
    if found is None:
        raise missing(f"there is no message {tracking_id}", "`slidewire message list` shows the newest ones.")
    return found


def _not_held(tracking_id: str) -> RefusedError:
    return RefusedError(f"{tracking_id} is not held", f"`slidewire message show {tracking_id}` tells where it is.")


def _change(message: Message, event: Event, by: By, event_id: str) -> Change:
    return Change(event_id, message.id, message.account_id, event, by.at, detail=by.who)
