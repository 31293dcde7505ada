"""Who is signed in to the console: a token that a browser keeps, here as keyed hashes only (security 10).

A session is bound to what it was opened with: it ends with the key, the password or the admin's token.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, unique

from sqlalchemy import Connection, delete, select, update

from slidewire.store import schema
from slidewire.store.accounts import raise_version
from slidewire.store.keys import rename_digests
from slidewire.store.sql import run

_table = schema.sessions
#: Sessions that one account, or all admins, can have at once; the oldest go.
MOST = 50
_TRIM = """DELETE FROM sessions WHERE account_id = ? AND digest NOT IN
    (SELECT digest FROM sessions WHERE account_id = ? ORDER BY made_at DESC, digest LIMIT ?)"""
_FORGET = """DELETE FROM sessions WHERE digest IN
    (SELECT digest FROM sessions WHERE made_at < ? ORDER BY made_at LIMIT ?)"""


@unique
class Proof(Enum):
    """With what somebody signed in."""

    TOKEN = "token"  # noqa: S105  # a word about one: the admin's
    KEY = "key"
    PASSWORD = "password"  # noqa: S105  # a word about one


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in. Times are Unix milliseconds."""

    digest: str
    account_id: str  #: empty: an admin
    proof: Proof
    bound_to: str = field(repr=False)
    made_at: int
    seen_at: int


def proved_key(connection: Connection, digests: Sequence[str]) -> str:
    """What is stored of a key, by what may be stored of it; one of a former server key is kept under the present."""
    keys = schema.keys
    query = select(keys.c.digest).where(keys.c.digest.in_(digests))
    stored = connection.execute(query).scalars().all()
    if rename_digests(connection, dict.fromkeys(stored, digests[0])):
        raise_version(connection)
    return digests[0]


def proved_password(connection: Connection, account_id: str) -> str:
    """What a session is bound to that was opened with the account's password; empty where it has none."""
    logins = schema.logins
    stored = connection.execute(select(logins.c.password).where(logins.c.account_id == account_id)).scalar()
    return hashlib.sha256(stored.encode()).hexdigest() if stored else ""


def open_session(connection: Connection, session: Session) -> None:
    """Keep it, and of its account's no more than the newest."""
    row = {
        "digest": session.digest,
        "account_id": session.account_id,
        "proof": session.proof.value,
        "bound_to": session.bound_to,
        "made_at": session.made_at,
        "seen_at": session.seen_at,
    }
    connection.execute(_table.insert().values(row))
    run(connection, _TRIM, session.account_id, session.account_id, MOST)


def find_session(connection: Connection, digests: Sequence[str], now: int) -> Session | None:
    """The session of a token, by what may be stored of it; None where what it is bound to has gone.

    That the admin's token is still the same is for the caller to see.
    """
    row = connection.execute(select(_table).where(_table.c.digest.in_(digests))).first()
    if row is None:
        return None
    session = Session(row.digest, row.account_id, Proof(row.proof), row.bound_to, row.made_at, row.seen_at)
    return session if _stands(connection, session, now) else None


def _stands(connection: Connection, session: Session, now: int) -> bool:
    if session.proof is Proof.TOKEN:
        return True
    if session.proof is Proof.PASSWORD:
        return session.bound_to == proved_password(connection, session.account_id) != ""
    keys = schema.keys
    query = select(keys.c.expires_at).where(keys.c.digest == session.bound_to, keys.c.account_id == session.account_id)
    key = connection.execute(query).first()
    return key is not None and (key.expires_at is None or key.expires_at > now)


def note_seen(connection: Connection, session: Session, now: int) -> None:
    """Its owner was here; the latest time wins."""
    here = _table.c.digest == session.digest
    connection.execute(update(_table).where(here, _table.c.seen_at < now).values(seen_at=now))


def close_session(connection: Connection, digests: Sequence[str]) -> bool:
    """End the session of a token; False when there was none."""
    return connection.execute(delete(_table).where(_table.c.digest.in_(digests))).rowcount > 0


def forget_sessions(connection: Connection, before: int, limit: int) -> int:
    """Forget at most ``limit`` sessions that were opened before ``before``; how many."""
    return run(connection, _FORGET, before, limit).rowcount
