"""Every trace of one message, or of one number, taken away, with a receipt of what was."""

from dataclasses import asdict, dataclass
from typing import TypedDict

from slidewire.domain.audit import AuditAction, By
from slidewire.domain.moments import written
from slidewire.domain.retention import masked
from slidewire.provisioning.accounts import find_account
from slidewire.provisioning.refusals import RefusedError, missing
from slidewire.provisioning.words import read_receiver
from slidewire.store.audit import write_audit
from slidewire.store.database import Connection
from slidewire.store.inbound import Forgotten, find_inbound, forget_inbound, forget_one_inbound
from slidewire.store.messages import find_message
from slidewire.store.retention import Receipt, forget_number, messages_to, redact_now


class RedactionReceipt(TypedDict):
    """What a redaction took away."""

    redacted_at: str
    messages: list[str]  #: tracking ids
    waiting: list[str]  #: left alone: they have not ended yet
    contents: int  #: media that nothing else uses
    rows: dict[str, int]  #: what else was deleted
    kept: dict[str, int]  #: what must stay, so that nothing is sent to the number again


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is to go: one message, or everything about a phone; ``account``: of its messages only."""

    message: str = ""
    number: str = ""
    account: str = ""


def redact(connection: Connection, what: Redaction, by: By) -> RedactionReceipt:
    """Take it away; messages that have not ended yet are left alone. Raises RefusedError."""
    whose = find_account(connection, what.account).id if what.account else ""
    if what.number:
        receipt = _redact_number(connection, read_receiver(what.number), whose, by)
    else:
        receipt = _redact_message(connection, what.message.strip(), whose, by)
    facts = asdict(receipt)
    return {
        "redacted_at": written(by.at),
        "messages": facts["messages"],
        "waiting": facts["waiting"],
        "contents": facts["contents"],
        "rows": facts["rows"],
        "kept": facts["kept"],
    }


def _redact_number(connection: Connection, receiver: str, whose: str, by: By) -> Receipt:
    """All messages to a phone; what else is known of it only where no account is named."""
    receipt = redact_now(connection, messages_to(connection, receiver, whose), by.at)
    if not whose:
        forget_number(connection, receiver, receipt)
        _note(receipt, forget_inbound(connection, receiver, by.at))
    facts = {"number": masked(receiver), "messages": len(receipt.messages)}
    write_audit(connection, by, AuditAction.REDACTED, whose, **facts)
    return receipt


def _redact_message(connection: Connection, tracking_id: str, whose: str, by: By) -> Receipt:
    found = find_message(connection, tracking_id)
    if found is None:
        return _redact_inbound(connection, tracking_id, whose, by)
    if whose and found.account_id != whose:
        raise _unknown(tracking_id)
    write_audit(connection, by, AuditAction.REDACTED, found.account_id, message=found.id)
    return redact_now(connection, [found], by.at)


def _redact_inbound(connection: Connection, tracking_id: str, whose: str, by: By) -> Receipt:
    """It may be what a phone sent."""
    found = find_inbound(connection, tracking_id)
    if found is None or (whose and found.account_id != whose):
        raise _unknown(tracking_id)
    receipt = Receipt()
    _note(receipt, forget_one_inbound(connection, tracking_id, by.at))
    write_audit(connection, by, AuditAction.REDACTED, found.account_id, message=tracking_id)
    return receipt


def _unknown(tracking_id: str) -> RefusedError:
    return missing(f"there is no message {tracking_id}", "`slidewire message list` shows the newest ones.")


def _note(receipt: Receipt, forgotten: Forgotten) -> None:
    receipt.rows["inbound messages"] = forgotten.messages
    receipt.contents += forgotten.contents
