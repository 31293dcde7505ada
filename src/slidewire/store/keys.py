"""Keys as an admin sees them: whose they are and how long they last, never what they are."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from slidewire.store import schema


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One key of an account."""

    created_at: int
    expires_at: int | None  #: None: it does not end
    weak: bool  #: given by hand, and shorter or poorer than one of ours (security 10)


def account_keys(connection: Connection, account_id: str) -> list[KeyFacts]:
    """The keys of an account, the newest first."""
    table = schema.keys
    query = select(table).where(table.c.account_id == account_id).order_by(table.c.created_at.desc(), table.c.digest)
    return [KeyFacts(row.created_at, row.expires_at, row.weak) for row in connection.execute(query)]


def key_owner(connection: Connection, digest: str) -> str | None:
    """The account that a key speaks for, ended or not; None when it is nobody's."""
    owner: str | None = connection.execute(
        select(schema.keys.c.account_id).where(schema.keys.c.digest == digest)
    ).scalar()
    return owner
