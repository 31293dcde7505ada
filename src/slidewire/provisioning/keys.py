"""Keys of accounts: told when they are made and never again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from slidewire.domain.account import Account
from slidewire.domain.audit import By
from slidewire.domain.moments import written
from slidewire.provisioning.refusals import RefusedError, Why
from slidewire.provisioning.secrets import Strongbox
from slidewire.provisioning.words import check_printable, read_key
from slidewire.store import accounts
from slidewire.store.database import Connection
from slidewire.store.keys import account_keys, key_owner


class KeyFacts(TypedDict):
    """One key of an account, but for the key itself. Times are ISO 8601; empty: never."""

    id: str
    name: str
    made_at: str
    last_used_at: str
    ends_at: str
    weak: bool
    test: bool  #: what it sends goes to the simulator


class MadeKey(TypedDict):
    """A new key, told this once."""

    id: str  #: of the account
    key: str
    name: str
    old_keys_end_at: str


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key that is to take the place of the others of its kind."""

    seconds: float  #: that the others go on working
    name: str = ""
    key: str | None = field(default=None, repr=False)  #: None: a new one is made
    weak_key: bool = False  #: a weak one is meant
    test: bool = False  #: one for tests


def key_facts(connection: Connection, account_id: str) -> list[KeyFacts]:
    """An account's keys, the newest first."""
    return [
        {
            "id": key.id,
            "name": key.name,
            "made_at": written(key.created_at),
            "last_used_at": written(key.last_used_at),
            "ends_at": written(key.expires_at),
            "weak": key.weak,
            "test": key.test,
        }
        for key in account_keys(connection, account_id)
    ]


def rotate_key(connection: Connection, account: Account, wish: KeyWish, box: Strongbox, by: By) -> MadeKey:
    """Make a new key; the old ones of its kind end after the overlap. Raises RefusedError."""
    check_printable(wish.name, "the key's name")
    given = read_key(wish.key, weak_allowed=wish.weak_key)
    digests, ends = box.digests(given.key), by.at + round(wish.seconds * 1000)
    refuse_taken(connection, digests)
    new = accounts.NewKey(account.id, digests[0], given.weak, others_end_at=ends, name=wish.name, test=wish.test)
    accounts.rotate_key(connection, new, by)
    return {"id": account.id, "key": given.key, "name": wish.name, "old_keys_end_at": written(ends)}


def refuse_taken(connection: Connection, digests: Sequence[str]) -> None:
    """Raise RefusedError when the key behind ``digests`` speaks for an account already."""
    owner = key_owner(connection, *digests)
    if owner is not None:
        raise RefusedError(f"this key belongs to account {owner} already", "Choose another, or none.", Why.TAKEN)
