"""Who changed what: a row in the change's own transaction, and never a secret (security 18)."""

import pytest
from sqlalchemy import Connection
from tests.builders import an_id

from slidewire.domain.account import SettingError
from slidewire.domain.audit import By
from slidewire.store import accounts
from slidewire.store.accounts import NewAccount, NewKey, NewLogin
from slidewire.store.audit import AuditRow, list_audit
from slidewire.store.database import Database

NOW = 1_750_000_000_000
SECRET = "https://user:pass@acme.example.net/events?token=s3cret#x"


def by(seconds: int) -> By:
    return By("alice", NOW + seconds, an_id())


def change_everything(connection: Connection) -> None:
    new = NewAccount("acct-1", "Acme", {"postback_url": SECRET}, ("28444",), "d" * 64, False, NOW, who="root")
    accounts.add_account(connection, new)
    accounts.change_settings(connection, "acct-1", {"max_slides": "5", "postback_url": ""}, by(1))
    accounts.change_settings(connection, "acct-1", {"max_slides": "5"}, by(2))  # changes nothing
    accounts.add_senders(connection, "acct-1", ["28445"], by(3))
    accounts.set_disabled(connection, "acct-1", by(4), disabled=True)
    accounts.set_disabled(connection, "acct-1", by(5), disabled=False)
    accounts.rotate_key(connection, NewKey("acct-1", "e" * 64, False, NOW + 9, "billing"), by(6))
    accounts.set_password(connection, "acct-1", NewLogin("old", "$argon2id$stored"), by(7))
    accounts.remove_password(connection, "acct-1", by(8))
    accounts.remove_password(connection, "acct-1", by(9))  # there is none


async def test_every_change_has_its_row(database: Database) -> None:
    await database.write(change_everything)
    told = "https://acme.example.net/events?..."
    expected = [
        AuditRow(NOW + 8, "alice", "password removed", "acct-1", {}),
        AuditRow(NOW + 7, "alice", "password set", "acct-1", {"user": "old"}),
        AuditRow(
            NOW + 6, "alice", "key rotated", "acct-1", {"key": "e" * 8, "name": "billing", "others_end_at": NOW + 9}
        ),
        AuditRow(NOW + 5, "alice", "account enabled", "acct-1", {}),
        AuditRow(NOW + 4, "alice", "account disabled", "acct-1", {}),
        AuditRow(NOW + 3, "alice", "senders added", "acct-1", {"senders": ["28445"]}),
        AuditRow(
            NOW + 1,
            "alice",
            "settings changed",
            "acct-1",
            {"settings": {"max_slides": ["9", "5"], "postback_url": [told, ""]}},
        ),
        AuditRow(
            NOW,
            "root",
            "account added",
            "acct-1",
            {"name": "Acme", "settings": {"postback_url": ["", told]}, "senders": ["28444"], "key": "d" * 8},
        ),
    ]
    assert await database.read(lambda c: list_audit(c, None, 100)) == expected
    assert await database.read(lambda c: list_audit(c, "acct-1", 2)) == expected[:2]
    assert await database.read(lambda c: list_audit(c, "acct-2", 100)) == []


async def test_a_change_that_failed_leaves_no_row(database: Database) -> None:
    await database.write(lambda c: accounts.add_account(c, NewAccount("a", "A", {}, (), "d", False, NOW)))
    with pytest.raises(SettingError):
        await database.write(lambda c: accounts.change_settings(c, "a", {"max_slides": "many"}, by(1)))

    def change_and_fail(connection: Connection) -> None:
        accounts.set_disabled(connection, "a", by(2), disabled=True)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(change_and_fail)
    assert [row.action for row in await database.read(lambda c: list_audit(c, None, 10))] == ["account added"]
