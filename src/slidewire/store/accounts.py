"""Accounts, their keys and senders. Every change raises a version that all nodes watch."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Select, delete, insert, select, update

from slidewire.domain.account import Account, read_settings
from slidewire.store import schema
from slidewire.store.facts import add_to_fact, read_fact
from slidewire.store.sql import insert_into, write_rows

#: The name in ``meta`` under which the version of all accounts stands.
VERSION = "accounts_version"
_NEXT_MMS_ID = "next_mms_id"
_FIRST_MMS_ID = 1_000_001
_INSERT_SENDER = insert_into("senders", ("account_id", "number", "created_at"))


class NoSuchAccountError(Exception):
    """There is no account with this id."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made."""

    id: str
    name: str
    settings: dict[str, str]
    senders: Sequence[str]
    key_digest: str
    weak_key: bool
    now: int


@dataclass(frozen=True, slots=True)
class Book:
    """All accounts as they stood at one version."""

    version: int
    by_key: dict[str, Account]  #: key digest -> account
    by_id: dict[str, Account]
    expiries: dict[str, int]  #: key digest -> when it ends, for keys that end


def key_digest(key: str, server_key: bytes) -> str:
    """What is stored of a key: nobody can turn it back without the server key (security 10)."""
    return hmac.digest(server_key, key.encode(), hashlib.sha256).hex()


def add_account(connection: Connection, new: NewAccount) -> None:
    """Make an account with one key."""
    connection.execute(
        insert(schema.accounts).values(
            id=new.id,
            name=new.name,
            settings=_json(new.settings),
            disabled=False,
            created_at=new.now,
        )
    )
    _insert_key(connection, new.id, new.key_digest, weak=new.weak_key, now=new.now)
    write_rows(connection, _INSERT_SENDER, [(new.id, number, new.now) for number in new.senders])
    _raise_version(connection)


def add_senders(connection: Connection, account_id: str, numbers: Sequence[str], now: int) -> None:
    """Let an account send from more numbers; those it has already change nothing. Raises NoSuchAccountError."""
    _settings(connection, account_id)
    write_rows(connection, _INSERT_SENDER, [(account_id, number, now) for number in numbers])
    _raise_version(connection)


def change_settings(connection: Connection, account_id: str, words: dict[str, str]) -> dict[str, str]:
    """Change settings. Raises NoSuchAccountError, SettingError."""
    old = _settings(connection, account_id, lock=True)
    new = old | words
    read_settings(new)
    connection.execute(update(schema.accounts).where(schema.accounts.c.id == account_id).values(settings=_json(new)))
    _raise_version(connection)
    return new


def set_disabled(connection: Connection, account_id: str, *, disabled: bool) -> None:
    """Turn an account off or on. Raises NoSuchAccountError."""
    _settings(connection, account_id)
    connection.execute(update(schema.accounts).where(schema.accounts.c.id == account_id).values(disabled=disabled))
    _raise_version(connection)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that takes the place of the others, which end at ``others_end_at``."""

    account_id: str
    digest: str
    weak: bool
    now: int
    others_end_at: int


def rotate_key(connection: Connection, new: NewKey) -> None:
    """Add a key; the ones there are end at the given time. Raises NoSuchAccountError."""
    _settings(connection, new.account_id)
    keys = schema.keys
    connection.execute(delete(keys).where(keys.c.account_id == new.account_id, keys.c.expires_at <= new.now))
    connection.execute(
        update(keys)
        .where(keys.c.account_id == new.account_id, keys.c.expires_at.is_(None))
        .values(expires_at=new.others_end_at)
    )
    _insert_key(connection, new.account_id, new.digest, weak=new.weak, now=new.now)
    _raise_version(connection)


def read_version(connection: Connection) -> int:
    """The version of all accounts: it grows with every change."""
    return read_fact(connection, VERSION)


def read_book(connection: Connection) -> Book:
    """All accounts with their keys and senders."""
    version = read_version(connection)
    owned, open_campaigns = _senders(connection), _open_campaigns(connection)
    by_id: dict[str, Account] = {}
    for row in connection.execute(select(schema.accounts)):
        settings = read_settings(msgspec.json.decode(row.settings, type=dict[str, str]))
        by_id[row.id] = Account(
            row.id,
            row.name,
            settings,
            senders=frozenset(owned.get(row.id, ())),
            disabled=row.disabled,
            campaigns=frozenset(open_campaigns.get(row.id, ())),
        )
    by_key: dict[str, Account] = {}
    expiries: dict[str, int] = {}
    for row in connection.execute(select(schema.keys)):
        by_key[row.digest] = by_id[row.account_id]
        if row.expires_at is not None:
            expiries[row.digest] = row.expires_at
    return Book(version, by_key, by_id, expiries)


def account_settings(connection: Connection, account_id: str) -> dict[str, str]:
    """The settings that were set, in words. Raises NoSuchAccountError."""
    return _settings(connection, account_id)


def reserve_mms_ids(connection: Connection, count: int) -> int:
    """The first of ``count`` MMS ids that are now nobody else's (durability 14)."""
    return add_to_fact(connection, _NEXT_MMS_ID, count, start=_FIRST_MMS_ID) - count


def _insert_key(connection: Connection, account_id: str, digest: str, *, weak: bool, now: int) -> None:
    connection.execute(
        insert(schema.keys).values(
            digest=digest, account_id=account_id, name="", weak=weak, created_at=now, expires_at=None
        )
    )


def _settings(connection: Connection, account_id: str, *, lock: bool = False) -> dict[str, str]:
    accounts = schema.accounts
    query = select(accounts.c.settings).where(accounts.c.id == account_id)
    words = connection.execute(query.with_for_update() if lock else query).scalar()
    if words is None:
        raise NoSuchAccountError(account_id)
    return msgspec.json.decode(words, type=dict[str, str])


def _senders(connection: Connection) -> dict[str, list[str]]:
    return _by_account(connection, select(schema.senders.c.account_id, schema.senders.c.number))


def _open_campaigns(connection: Connection) -> dict[str, list[str]]:
    table = schema.campaigns
    return _by_account(connection, select(table.c.account_id, table.c.ref).where(table.c.closed_at.is_(None)))


def _by_account(connection: Connection, query: Select[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row[0], []).append(row[1])
    return found


def _raise_version(connection: Connection) -> None:
    add_to_fact(connection, VERSION, 1)


def _json(words: dict[str, str]) -> str:
    return msgspec.json.encode(words).decode()
