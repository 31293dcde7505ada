"""Accounts, their keys and senders. Every change raises a version that all nodes watch."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, Select, delete, insert, select, update

from slidewire.domain.account import Account, as_test, read_settings
from slidewire.domain.audit import OURSELVES, AuditAction, By, told_changes
from slidewire.store import schema
from slidewire.store.audit import write_audit
from slidewire.store.facts import add_to_fact, read_fact
from slidewire.store.keys import key_id
from slidewire.store.server_keys import key_name
from slidewire.store.sql import Place, insert_into, write_rows

#: The name in ``meta`` under which the version of all accounts stands.
VERSION = "accounts_version"
_NEXT_MMS_ID = "next_mms_id"
_FIRST_MMS_ID = 1_000_001
_INSERT_SENDER = insert_into("senders", ("account_id", "number", "created_at"))


class NoSuchAccountError(Exception):
    """There is no account with this id."""


class NameTakenError(Exception):
    """The user name is another account's."""


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
    who: str = OURSELVES  #: who makes it, for the audit log


@dataclass(frozen=True, slots=True)
class Login:
    """Who may say a password (USER and PASS)."""

    account_id: str
    password: str = field(repr=False)  #: as it is stored


@dataclass(frozen=True, slots=True)
class Book:
    """All accounts as they stood at one version."""

    version: int
    by_key: dict[str, Account]  #: key digest -> account
    by_id: dict[str, Account]
    expiries: dict[str, int]  #: key digest -> when it ends, for keys that end
    logins: dict[str, Login]  #: user name -> whose it is


def key_digests(key: str, server_keys: Sequence[bytes]) -> list[str]:
    """What may be stored of a key, what is stored of a new one first: nobody can turn it back (security 10).

    A digest has the name of its server key in front; those that were stored before that had none.
    """
    bare = [hmac.digest(server_key, key.encode(), "sha256").hex() for server_key in server_keys]
    named = [f"{key_name(server_key)}:{digest}" for server_key, digest in zip(server_keys, bare, strict=True)]
    return named + bare


@dataclass(frozen=True, slots=True)
class NewLogin:
    """A user name with the password that is stored of it."""

    name: str
    password: str = field(repr=False)


def set_password(connection: Connection, account_id: str, new: NewLogin, by: By) -> None:
    """Let an account say user name and password; those that it had end.

    Raises NoSuchAccountError, and NameTakenError when the user name is another account's.
    """
    _settings(connection, account_id)
    logins = schema.logins
    owner = connection.execute(select(logins.c.account_id).where(logins.c.name == new.name)).scalar()
    if owner not in {None, account_id}:
        raise NameTakenError(new.name)
    connection.execute(delete(logins).where(logins.c.account_id == account_id))
    row = {"name": new.name, "account_id": account_id, "password": new.password, "changed_at": by.at}
    connection.execute(insert(logins).values(**row))
    write_audit(connection, by, AuditAction.PASSWORD_SET, account_id, user=new.name)
    raise_version(connection)


def remove_password(connection: Connection, account_id: str, by: By) -> bool:
    """Take it away again; False when there was none. Raises NoSuchAccountError."""
    _settings(connection, account_id)
    gone = connection.execute(delete(schema.logins).where(schema.logins.c.account_id == account_id)).rowcount
    if gone:
        write_audit(connection, by, AuditAction.PASSWORD_REMOVED, account_id)
        raise_version(connection)
    return bool(gone)


def add_account(connection: Connection, new: NewAccount) -> None:
    """Make an account with one key."""
    by = By(new.who, new.now, new.id)
    connection.execute(
        insert(schema.accounts).values(
            id=new.id,
            name=new.name,
            settings=_json(new.settings),
            disabled=False,
            created_at=new.now,
        )
    )
    _insert_key(connection, NewKey(new.id, new.key_digest, new.weak_key, others_end_at=new.now), new.now)
    write_rows(connection, _INSERT_SENDER, [(new.id, number, new.now) for number in new.senders])
    facts = {"settings": told_changes({}, new.settings), "senders": list(new.senders), "key": key_id(new.key_digest)}
    write_audit(connection, by, AuditAction.ACCOUNT_ADDED, new.id, name=new.name, **facts)
    raise_version(connection)


def add_senders(connection: Connection, account_id: str, numbers: Sequence[str], by: By) -> None:
    """Let an account send from more numbers; those it has already change nothing. Raises NoSuchAccountError."""
    _settings(connection, account_id)
    write_rows(connection, _INSERT_SENDER, [(account_id, number, by.at) for number in numbers])
    write_audit(connection, by, AuditAction.SENDERS_ADDED, account_id, senders=list(numbers))
    raise_version(connection)


def change_settings(connection: Connection, account_id: str, words: dict[str, str], by: By) -> dict[str, str]:
    """Change settings. Raises NoSuchAccountError, SettingError."""
    old = _settings(connection, account_id, lock=True)
    new = old | words
    read_settings(new)
    keep_settings(connection, account_id, new)
    if changes := told_changes(old, new):
        write_audit(connection, by, AuditAction.SETTINGS_CHANGED, account_id, settings=changes)
    raise_version(connection)
    return new


def set_disabled(connection: Connection, account_id: str, by: By, *, disabled: bool) -> None:
    """Turn an account off or on. Raises NoSuchAccountError."""
    _settings(connection, account_id)
    connection.execute(update(schema.accounts).where(schema.accounts.c.id == account_id).values(disabled=disabled))
    action = AuditAction.ACCOUNT_DISABLED if disabled else AuditAction.ACCOUNT_ENABLED
    write_audit(connection, by, action, account_id)
    raise_version(connection)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that takes the place of the others of its kind, which end at ``others_end_at``."""

    account_id: str
    digest: str
    weak: bool
    others_end_at: int
    name: str = ""
    test: bool = False  #: what it sends goes to the simulator


def rotate_key(connection: Connection, new: NewKey, by: By) -> None:
    """Add a key; those of its kind end at the given time, or earlier if they did already.

    Raises NoSuchAccountError.
    """
    _settings(connection, new.account_id)
    keys = schema.keys
    connection.execute(delete(keys).where(keys.c.account_id == new.account_id, keys.c.expires_at <= by.at))
    connection.execute(
        update(keys)
        .where(
            keys.c.account_id == new.account_id,
            keys.c.test.is_(new.test),
            keys.c.expires_at.is_(None) | (keys.c.expires_at > new.others_end_at),
        )
        .values(expires_at=new.others_end_at)
    )
    _insert_key(connection, new, by.at)
    facts: dict[str, object] = {"key": key_id(new.digest), "name": new.name, "others_end_at": new.others_end_at}
    if new.test:
        facts["test"] = True
    write_audit(connection, by, AuditAction.KEY_ROTATED, new.account_id, **facts)
    raise_version(connection)


def read_version(place: Place) -> int:
    """The version of all accounts: it grows with every change."""
    return read_fact(place, VERSION)


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
        owner = by_id[row.account_id]
        by_key[row.digest] = as_test(owner) if row.test else owner
        if row.expires_at is not None:
            expiries[row.digest] = row.expires_at
    logins = {row.name: Login(row.account_id, row.password) for row in connection.execute(select(schema.logins))}
    return Book(version, by_key, by_id, expiries, logins)


def user_of(connection: Connection, account_id: str) -> str:
    """The user name of an account that has one; else empty."""
    name = connection.execute(select(schema.logins.c.name).where(schema.logins.c.account_id == account_id)).scalar()
    return name or ""


def account_settings(connection: Connection, account_id: str, *, lock: bool = False) -> dict[str, str]:
    """The settings that were set, in words; with ``lock`` nobody else changes them. Raises NoSuchAccountError."""
    return _settings(connection, account_id, lock=lock)


def keep_settings(connection: Connection, account_id: str, words: dict[str, str]) -> None:
    """Write an account's settings as they are given: neither read nor audited, which is the caller's."""
    connection.execute(update(schema.accounts).where(schema.accounts.c.id == account_id).values(settings=_json(words)))


def reserve_mms_ids(connection: Connection, count: int) -> int:
    """The first of ``count`` MMS ids that are now nobody else's (durability 14)."""
    return add_to_fact(connection, _NEXT_MMS_ID, count, start=_FIRST_MMS_ID) - count


def _insert_key(connection: Connection, new: NewKey, now: int) -> None:
    row = {"digest": new.digest, "account_id": new.account_id, "name": new.name, "weak": new.weak, "test": new.test}
    connection.execute(insert(schema.keys).values(created_at=now, expires_at=None, **row))


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


def raise_version(connection: Connection) -> None:
    """Something about an account has changed: every directory looks again."""
    add_to_fact(connection, VERSION, 1)


def _json(words: dict[str, str]) -> str:
    return msgspec.json.encode(words).decode()
