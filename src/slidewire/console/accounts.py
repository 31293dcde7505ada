"""Accounts: their list for admins, and one account with its numbers, keys and settings, never with a secret."""

from typing import Any, Final

from slidewire.console.desk import Asked, MissingError, Page, Shown
from slidewire.domain.audit import told
from slidewire.provisioning.accounts import AccountFacts, account_facts, list_accounts
from slidewire.provisioning.ledgers import UsageRow, list_usage
from slidewire.store.database import Connection

#: What is summed of a month.
_COUNTED: Final = ("messages", "segments", "failed", "refused")
#: Accounts of one page.
_MOST: Final = 50


async def show_list(asked: Asked) -> Shown:
    """All accounts, for admins. Raises MissingError."""
    if asked.viewer.account is not None:
        raise MissingError
    after = asked.query.get("after", "")
    rows = await asked.desk.database.read(lambda c: list_accounts(c, after=after, limit=_MOST))
    more = rows[-1]["id"] if len(rows) == _MOST else ""
    return Page("accounts.html", {"rows": rows, "more": more, "after": after})


async def show_account(asked: Asked) -> Shown:
    """One account. Raises MissingError for another's."""
    if not asked.viewer.sees(asked.path["account"]):
        raise MissingError
    return await page_of(asked, asked.path["account"])


async def page_of(asked: Asked, account_id: str) -> Page:
    """The page of an account that may be shown."""

    def read(connection: Connection) -> tuple[AccountFacts, list[UsageRow]]:
        facts = account_facts(connection, account_id)
        return facts, list_usage(connection, "", facts["id"], asked.desk.now())

    facts, used = await asked.desk.database.read(read)
    return Page("account.html", {"facts": facts, "settings": _settings(facts), "usage": _usage(used)})


def _usage(rows: list[UsageRow]) -> dict[str, dict[str, int]]:
    """What was used this month by channel, whatever the operator."""
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        total = sums.setdefault(row["channel"], dict.fromkeys(_COUNTED, 0))
        for name in _COUNTED:
            total[name] += row[name]
    return sums


def _settings(facts: AccountFacts) -> list[tuple[str, Any]]:
    """What was set, as an audit row may hold it: an address without its query."""
    return [(name, told(name, facts["settings"][name])) for name in facts["set"]]
