"""Accounts as the command line finds and shows them."""

from typing import TYPE_CHECKING, Any

from slidewire.cli.errors import WRONG_USE, CommandError
from slidewire.cli.terminal import moment

if TYPE_CHECKING:
    from slidewire.domain.account import Account
    from slidewire.store.database import Connection

#: What is shown of a secret that is set.
_SEALED = "(sealed)"


def find_account(connection: "Connection", word: str) -> "Account":
    """The account with this id, or this name. Raises NoSuchAccountError, CommandError when several are called so."""
    from slidewire.store.accounts import NoSuchAccountError, read_book

    by_id = read_book(connection).by_id
    if word in by_id:
        return by_id[word]
    named = [account for account in by_id.values() if account.name == word]
    if len(named) > 1:
        raise CommandError(f"{len(named)} accounts are called {word}", f"Name one: {', '.join(a.id for a in named)}")
    if not named:
        raise NoSuchAccountError(word)
    return named[0]


def account_facts(connection: "Connection", word: str) -> dict[str, Any]:
    """Everything about one account but its keys themselves. Raises as ``find_account``."""
    from slidewire.domain.account import write_settings
    from slidewire.store.accounts import account_settings, user_of
    from slidewire.store.endpoints import failing_endpoints
    from slidewire.store.keys import account_keys

    account = find_account(connection, word)
    endpoint = failing_endpoints(connection).get(account.id)
    if endpoint is None or endpoint.url != account.settings.postback_url:
        endpoint = None
    failing = {
        "postbacks_failing_since": moment(endpoint.failing_since if endpoint else None),
        "postbacks_off_since": moment(endpoint.off_at if endpoint else None),
    }
    return {name: value for name, value in failing.items() if value} | {
        "id": account.id,
        "name": account.name,
        "disabled": account.disabled,
        "senders": sorted(account.senders),
        "keys": [
            {
                "id": key.id,
                "name": key.name,
                "made_at": moment(key.created_at),
                "last_used_at": moment(key.last_used_at),
                "ends_at": moment(key.expires_at),
                "weak": key.weak,
            }
            for key in account_keys(connection, account.id)
        ],
        "user": user_of(connection, account.id),
        "set": sorted(account_settings(connection, account.id)),
        "settings": {
            name: _SEALED if name == "postback_secret" and value else value
            for name, value in write_settings(account.settings).items()
        },
    }


def refuse_taken(connection: "Connection", digest: str) -> None:
    """Raise CommandError when the key behind ``digest`` speaks for an account already."""
    from slidewire.store.keys import key_owner

    owner = key_owner(connection, digest)
    if owner is not None:
        raise CommandError(f"this key belongs to account {owner} already", "Choose another, or none.", WRONG_USE)
