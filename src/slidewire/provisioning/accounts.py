"""Accounts: found by id or name, shown without their secrets, made and changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NotRequired, TypedDict

from slidewire.domain.account import Account, read_settings, write_settings
from slidewire.domain.audit import By
from slidewire.domain.moments import written
from slidewire.provisioning.keys import KeyFacts, key_facts, refuse_taken
from slidewire.provisioning.refusals import RefusedError, missing, wrong
from slidewire.provisioning.secrets import Strongbox, read_secret, sealed
from slidewire.provisioning.words import check_printable, read_key, read_senders
from slidewire.store import accounts
from slidewire.store.database import Connection
from slidewire.store.endpoints import failing_endpoints
from slidewire.store.prepaid import used_of

#: What is shown of a secret that is set.
_SEALED = "(sealed)"
LONGEST_NAME = 200


class AccountRow(TypedDict):
    """What a list shows of an account."""

    id: str
    name: str
    disabled: bool
    senders: list[str]


class AccountFacts(AccountRow):
    """Everything about one account but its secrets."""

    keys: list[KeyFacts]
    user: str  #: its user name; empty: it has none
    set: list[str]  #: the settings that differ from their defaults because they were set
    settings: dict[str, str]
    prepaid_left: NotRequired[int]  #: messages that were paid for and are not used yet
    postbacks_failing_since: NotRequired[str]
    postbacks_off_since: NotRequired[str]
    postback_secret: NotRequired[str]  #: told once, by the change that set it


class MadeAccount(TypedDict):
    """A new account. Its key, and its signing secret, are told this once."""

    id: str
    key: str
    name: str
    senders: list[str]
    postback_secret: NotRequired[str]


class Switched(TypedDict):
    """Whether an account is on."""

    id: str
    name: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class AccountWish:
    """An account that somebody wants to have."""

    id: str
    name: str
    key: str | None = field(default=None, repr=False)  #: None: a new one is made
    weak_key: bool = False  #: a weak one is meant
    senders: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict, repr=False)  #: settings


def find_account(connection: Connection, word: str) -> Account:
    """The account with this id, or this name. Raises RefusedError when there is none, or several are called so."""
    by_id = accounts.read_book(connection).by_id
    if word in by_id:
        return by_id[word]
    named = [account for account in by_id.values() if account.name == word]
    if len(named) > 1:
        raise RefusedError(f"{len(named)} accounts are called {word}", f"Name one: {', '.join(a.id for a in named)}")
    if not named:
        raise missing(f"there is no account {word}", "`slidewire account list` shows them all.")
    return named[0]


def list_accounts(connection: Connection, *, after: str = "", limit: int | None = None) -> list[AccountRow]:
    """Accounts in the order in which they were made, those behind the id ``after`` only."""
    book = accounts.read_book(connection)
    found = sorted((account for account in book.by_id.values() if account.id > after), key=lambda each: each.id)
    return [_row(account) for account in found[:limit]]


def account_facts(connection: Connection, word: str) -> AccountFacts:
    """Everything about one account but its secrets. Raises as ``find_account``."""
    account = find_account(connection, word)
    endpoint = failing_endpoints(connection).get(account.id)
    facts: AccountFacts = {
        "id": account.id,
        "name": account.name,
        "disabled": account.disabled,
        "senders": sorted(account.senders),
        "keys": key_facts(connection, account.id),
        "user": accounts.user_of(connection, account.id),
        "set": sorted(accounts.account_settings(connection, account.id)),
        "settings": {
            name: _SEALED if name == "postback_secret" and value else value
            for name, value in write_settings(account.settings).items()
        },
    }
    if account.settings.prepaid is not None:
        facts["prepaid_left"] = max(account.settings.prepaid - used_of(connection, account.id), 0)
    if endpoint is not None and endpoint.url == account.settings.postback_url:
        facts["postbacks_failing_since"] = written(endpoint.failing_since)
        if endpoint.off_at is not None:
            facts["postbacks_off_since"] = written(endpoint.off_at)
    return facts


def add_account(connection: Connection, wish: AccountWish, box: Strongbox, by: By) -> MadeAccount:
    """Make an account with one key. Raises RefusedError, SettingError."""
    if not wish.name.strip():
        raise wrong("an account needs a name", "As in: slidewire account add acme")
    if len(wish.name) > LONGEST_NAME:
        raise wrong(f"a name has at most {LONGEST_NAME} characters")
    check_printable(wish.name, "the name")
    _check_words(wish.words)
    given, senders = read_key(wish.key, weak_allowed=wish.weak_key), read_senders(wish.senders)
    read = read_secret(wish.words, box)
    words = sealed(read, wish.id, box)
    read_settings(words)
    digests = box.digests(given.key)
    refuse_taken(connection, digests)
    new = accounts.NewAccount(wish.id, wish.name, words, senders, digests[0], given.weak, by.at, by.who)
    accounts.add_account(connection, new)
    made: MadeAccount = {"id": wish.id, "key": given.key, "name": wish.name, "senders": list(senders)}
    if read.secret:
        made["postback_secret"] = read.secret
    return made


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to be different about an account: settings, and numbers that it may send from besides."""

    words: Mapping[str, str] = field(default_factory=dict, repr=False)
    senders: Sequence[str] = ()


def change_account(connection: Connection, word: str, change: AccountChange, box: Strongbox, by: By) -> AccountFacts:
    """Set settings, add senders. Raises RefusedError, SettingError."""
    _check_words(change.words)
    senders, read = read_senders(change.senders), read_secret(change.words, box)
    if not read.words and not senders:
        raise wrong("nothing to set", "As in: slidewire account set acme max_slides=5")
    found = find_account(connection, word)
    if read.words:
        accounts.change_settings(connection, found.id, sealed(read, found.id, box), by)
    if senders:
        accounts.add_senders(connection, found.id, senders, replace(by, id=f"{by.id}.2"))  # a row of its own
    facts = account_facts(connection, found.id)
    if read.secret:
        facts["postback_secret"] = read.secret
    return facts


def switch_account(connection: Connection, word: str, by: By, *, disabled: bool) -> Switched:
    """Turn an account off or on. Raises as ``find_account``."""
    found = find_account(connection, word)
    accounts.set_disabled(connection, found.id, by, disabled=disabled)
    return {"id": found.id, "name": found.name, "disabled": disabled}


def _row(account: Account) -> AccountRow:
    return {
        "id": account.id,
        "name": account.name,
        "disabled": account.disabled,
        "senders": sorted(account.senders),
    }


def _check_words(words: Mapping[str, str]) -> None:
    for name, value in words.items():
        check_printable(value, f"account setting {name}")
