"""The audit log: a row for each change, in the change's own transaction (security 18). Rows are never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, select, tuple_

from slidewire.domain.audit import AuditAction, By
from slidewire.store import schema
from slidewire.store.sql import insert_into, write_rows

_INSERT = insert_into("audit", ("id", "at", "who", "action", "account_id", "facts"))


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change."""

    at: int
    who: str
    action: str
    account_id: str
    facts: Mapping[str, Any]
    id: str = field(default="", compare=False)  #: where a list goes on


def write_audit(connection: Connection, by: By, action: AuditAction, account_id: str, **facts: Any) -> None:
    """Remember a change of an account. ``facts`` hold no secret (``domain.audit.told``)."""
    row = (by.id, by.at, by.who, action.value, account_id, msgspec.json.encode(facts).decode())
    write_rows(connection, _INSERT, [row])


def list_audit(connection: Connection, account_id: str | None, limit: int, before: str = "") -> list[AuditRow]:
    """The newest rows first, of one account or of all; with ``before``, a row's id, those older than it only."""
    table = schema.audit
    query = select(table).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
    if account_id is not None:
        query = query.where(table.c.account_id == account_id)
    if before:
        at = select(table.c.at).where(table.c.id == before).scalar_subquery()
        query = query.where(tuple_(table.c.at, table.c.id) < tuple_(at, before))
    rows = connection.execute(query)
    return [
        AuditRow(row.at, row.who, row.action, row.account_id, msgspec.json.decode(row.facts), row.id) for row in rows
    ]
