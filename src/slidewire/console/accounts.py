"""Accounts: their list for admins, and one account with its numbers, keys and settings, never with a secret."""

from typing import Any, Final

from slidewire.console.desk import Asked, MissingError, Page, Shown
from slidewire.domain.audit import told
from slidewire.provisioning.accounts import AccountFacts, account_facts, list_accounts
from slidewire.store.database import Connection

#: Accounts of one page.
_MOST: Final = 50


async def show_start(asked: Asked) -> Shown:
    """Where everybody comes in: an owner at its account, an admin at all of them."""
    if asked.viewer.account is not None:
        return await _one(asked, asked.viewer.account.id)
    after = asked.query.get("after", "")
    rows = await asked.desk.database.read(lambda c: list_accounts(c, after=after, limit=_MOST))
    more = rows[-1]["id"] if len(rows) == _MOST else ""
    return Page("accounts.html", {"rows": rows, "more": more, "after": after})


async def show_account(asked: Asked) -> Shown:
    """One account. Raises MissingError for another's."""
    if not asked.viewer.sees(asked.path["account"]):
        raise MissingError
    return await _one(asked, asked.path["account"])


async def _one(asked: Asked, account_id: str) -> Page:
    def read(connection: Connection) -> AccountFacts:
        return account_facts(connection, account_id)

    facts = await asked.desk.database.read(read)
    return Page("account.html", {"facts": facts, "settings": _settings(facts)})


def _settings(facts: AccountFacts) -> list[tuple[str, Any]]:
    """What was set, as an audit row may hold it: an address without its query."""
    return [(name, told(name, facts["settings"][name])) for name in facts["set"]]
