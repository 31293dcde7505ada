"""What was used and what was changed: the usage of a month, the audit log."""

from typing import Any, TypedDict

from slidewire.domain.moments import written
from slidewire.domain.usage import Usage, month_of, read_month
from slidewire.provisioning.accounts import find_account
from slidewire.provisioning.refusals import wrong
from slidewire.store.accounts import read_book
from slidewire.store.audit import list_audit
from slidewire.store.database import Connection
from slidewire.store.prepaid import used_of
from slidewire.store.usage import read_usage


class UsageRow(TypedDict):
    """What one account used in a month through one channel and operator."""

    account: str
    month: str
    channel: str
    operator: str
    messages: int
    segments: int
    bytes: int
    failed: int
    refused: int


class PrepaidRow(TypedDict):
    """What an account has paid for in advance, and what of it is left; messages."""

    account: str
    paid_for: int
    left: int


class AuditFacts(TypedDict):
    """One change: who, when, what; secrets are never in it."""

    id: str
    at: str
    who: str
    action: str
    account: str
    facts: dict[str, Any]


def list_usage(connection: Connection, month: str, account: str, now: int) -> list[UsageRow]:
    """What accounts used in ``month`` (YYYY-MM, UTC; empty: the present one). Raises RefusedError."""
    try:
        which = read_month(month) if month else month_of(now)
    except ValueError:
        raise wrong(f"{month}: no month", "As in --month 2026-11") from None
    whose = find_account(connection, account).id if account else ""
    return [_usage(owner, used) for owner, used in read_usage(connection, which, whose)]


def list_prepaid(connection: Connection, account: str = "") -> list[PrepaidRow]:
    """Accounts that pay in advance, with what is left to them. Raises RefusedError."""
    only = find_account(connection, account).id if account else ""
    found = [each for each in read_book(connection).by_id.values() if only in {"", each.id}]
    return [
        {"account": each.id, "paid_for": paid, "left": max(paid - used_of(connection, each.id), 0)}
        for each in found
        if (paid := each.settings.prepaid) is not None
    ]


def list_changes(connection: Connection, account: str | None, *, limit: int, before: str = "") -> list[AuditFacts]:
    """The newest changes first, of one account or of all, those older than the row ``before``."""
    only = find_account(connection, account).id if account is not None else None
    return [
        {
            "id": row.id,
            "at": written(row.at),
            "who": row.who,
            "action": row.action,
            "account": row.account_id,
            "facts": dict(row.facts),
        }
        for row in list_audit(connection, only, limit, before)
    ]


def _usage(account: str, used: Usage) -> UsageRow:
    return {
        "account": account,
        "month": used.month,
        "channel": used.channel.value,
        "operator": used.operator,
        "messages": used.messages,
        "segments": used.segments,
        "bytes": used.bytes,
        "failed": used.failed,
        "refused": used.refused,
    }
