"""Keys as an admin sees them: whose they are and how long they last, never what they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from slidewire.store import schema
from slidewire.store.sql import run

_MARK_USED = "UPDATE keys SET last_used_at = ? WHERE digest = ? AND (last_used_at IS NULL OR last_used_at < ?)"
_RENAME = """UPDATE keys SET digest = ? WHERE digest = ?
    AND NOT EXISTS (SELECT 1 FROM keys AS other WHERE other.digest = ?)"""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One key of an account."""

    id: str  #: the beginning of its digest
    name: str
    created_at: int
    expires_at: int | None  #: None: it does not end
    last_used_at: int | None  #: to the minute or so; None: never
    weak: bool  #: given by hand, and shorter or poorer than one of ours (security 10)
    test: bool = False  #: what it sends goes to the simulator


def key_id(digest: str) -> str:
    """What a key is called where it may not be shown: tables, the audit log."""
    return digest.rpartition(":")[2][:8]


def account_keys(connection: Connection, account_id: str) -> list[KeyFacts]:
    """The keys of an account, the newest first."""
    table = schema.keys
    query = select(table).where(table.c.account_id == account_id).order_by(table.c.created_at.desc(), table.c.digest)
    return [
        KeyFacts(key_id(row.digest), row.name, row.created_at, row.expires_at, row.last_used_at, row.weak, row.test)
        for row in connection.execute(query)
    ]


def mark_used(connection: Connection, uses: Mapping[str, int]) -> None:
    """Keep when keys were used last: digest -> Unix milliseconds. Later times win, whoever writes first."""
    for digest, at in sorted(uses.items()):
        run(connection, _MARK_USED, at, digest, at)


def rename_digests(connection: Connection, digests: Mapping[str, str]) -> int:
    """Keep keys under what the present server key makes of them: old digest -> new; how many were still kept so."""
    return sum(run(connection, _RENAME, new, old, new).rowcount for old, new in sorted(digests.items()) if old != new)


def key_owner(connection: Connection, *digests: str) -> str | None:
    """The account that a key speaks for, ended or not, by what may be stored of it; None when it is nobody's."""
    owner: str | None = connection.execute(
        select(schema.keys.c.account_id).where(schema.keys.c.digest.in_(digests))
    ).scalar()
    return owner
