"""Accounts, keys and senders, and the version by which every node sees a change."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.builders import an_id
from tests.store.kit import scalar

from slidewire.domain.account import Account, AccountSettings, SettingError, as_test
from slidewire.domain.audit import By
from slidewire.store import accounts
from slidewire.store.accounts import (
    Login,
    NameTakenError,
    NewAccount,
    NewKey,
    NewLogin,
    NoSuchAccountError,
    read_book,
    read_version,
)
from slidewire.store.database import Database, open_database
from slidewire.store.keys import KeyFacts, account_keys, mark_used
from slidewire.store.mms_ids import BLOCK, MmsIds

NOW = 1_750_000_000_000


def a_new_account(**changes: Any) -> NewAccount:
    new = NewAccount("acct-1", "An account", {}, ("28444", "12025550100"), "digest-1", weak_key=False, now=NOW)
    return replace(new, **changes)


def by(at: int = NOW) -> By:
    return By("alice", at, an_id())


async def added(database: Database, *new: NewAccount) -> None:
    def add(connection: Connection) -> None:
        for each in new:
            accounts.add_account(connection, each)

    await database.write(add)


async def test_an_account_is_found_by_its_key_and_id(database: Database) -> None:
    await added(database, a_new_account(settings={"max_slides": "5"}))
    book = await database.read(read_book)
    account = Account(
        "acct-1", "An account", AccountSettings(max_slides=5), frozenset({"28444", "12025550100"}), disabled=False
    )
    assert (book.by_id, book.by_key, book.expiries) == ({"acct-1": account}, {"digest-1": account}, {})


async def test_a_number_given_twice_is_one_number(database: Database) -> None:
    await added(database, a_new_account(senders=("28444", "28444")))
    await database.write(lambda c: accounts.add_senders(c, "acct-1", ["28444", "12025550101"], by()))
    assert (await database.read(read_book)).by_id["acct-1"].senders == {"28444", "12025550101"}


async def test_settings_change_one_by_one(database: Database) -> None:
    await added(database, a_new_account(settings={"max_slides": "5", "fallback": "off"}))
    words = await database.write(lambda c: accounts.change_settings(c, "acct-1", {"max_slides": "7"}, by()))
    assert words == {"max_slides": "7", "fallback": "off"}
    assert await database.read(lambda c: accounts.account_settings(c, "acct-1")) == words
    settings = (await database.read(read_book)).by_id["acct-1"].settings
    assert settings == AccountSettings(max_slides=7, fallback=False)


async def test_a_setting_that_cannot_be_read_changes_nothing(database: Database) -> None:
    await added(database, a_new_account(settings={"max_slides": "5"}))
    before = await database.read(read_version)
    with pytest.raises(SettingError, match="max_slides"):
        await database.write(lambda c: accounts.change_settings(c, "acct-1", {"max_slides": "many"}, by()))
    assert await database.read(lambda c: accounts.account_settings(c, "acct-1")) == {"max_slides": "5"}
    assert await database.read(read_version) == before


async def test_settings_changed_at_once_are_all_kept(database: Database, database_url: str) -> None:
    await added(database, a_new_account())
    other = open_database(database_url)
    words = [{"max_slides": "5"}, {"fallback": "off"}, {"blocked": "on"}, {"api_on": "off"}]
    await asyncio.gather(
        *(
            node.write(lambda c, w=each: accounts.change_settings(c, "acct-1", w, by()))
            for each, node in zip(words, [database, other] * 2, strict=True)
        )
    )
    await other.close()
    kept = await database.read(lambda c: accounts.account_settings(c, "acct-1"))
    assert kept == {"max_slides": "5", "fallback": "off", "blocked": "on", "api_on": "off"}


async def test_an_account_is_turned_off_and_on(database: Database) -> None:
    await added(database, a_new_account())
    states = []
    for disabled in (True, False):
        await database.write(lambda c, off=disabled: accounts.set_disabled(c, "acct-1", by(), disabled=off))
        states.append((await database.read(read_book)).by_id["acct-1"].disabled)
    assert states == [True, False]


async def test_a_new_key_lets_the_old_one_end_later(database: Database) -> None:
    await added(database, a_new_account())
    await rotated(database, "digest-2", now=NOW, others_end_at=NOW + 1_000)
    book = await database.read(read_book)
    assert (set(book.by_key), book.expiries) == ({"digest-1", "digest-2"}, {"digest-1": NOW + 1_000})


async def test_a_second_rotation_forgets_what_has_ended_and_prolongs_nothing(database: Database) -> None:
    await added(database, a_new_account())
    await rotated(database, "digest-2", now=NOW, others_end_at=NOW + 1_000)
    await rotated(database, "digest-3", now=NOW + 500, others_end_at=NOW + 9_000)
    assert (await database.read(read_book)).expiries == {"digest-1": NOW + 1_000, "digest-2": NOW + 9_000}
    await rotated(database, "digest-4", now=NOW + 1_000, others_end_at=NOW + 9_500)
    assert (await database.read(read_book)).expiries == {"digest-2": NOW + 9_000, "digest-3": NOW + 9_500}


async def test_a_key_that_must_end_now_ends_whatever_it_was_promised(database: Database) -> None:
    await added(database, a_new_account())
    await rotated(database, "digest-2", now=NOW, others_end_at=NOW + 9_000)
    await rotated(database, "digest-3", now=NOW + 500, others_end_at=NOW + 500)
    assert (await database.read(read_book)).expiries == {"digest-1": NOW + 500, "digest-2": NOW + 500}


async def test_a_key_for_tests_ends_others_for_tests_alone_and_speaks_for_its_account_as_a_test(
    database: Database,
) -> None:
    await added(database, a_new_account())
    for number, test in ((2, True), (3, True), (4, False)):
        new = NewKey("acct-1", f"digest-{number}", weak=False, others_end_at=NOW + number, test=test)
        await database.write(lambda c, n=new: accounts.rotate_key(c, n, by(NOW)))
    book = await database.read(read_book)
    assert book.expiries == {"digest-2": NOW + 3, "digest-1": NOW + 4}
    tests = {digest: account.settings.test for digest, account in book.by_key.items()}
    assert tests == {"digest-1": False, "digest-2": True, "digest-3": True, "digest-4": False}
    assert book.by_key["digest-3"] == as_test(book.by_id["acct-1"])
    assert {key.id: key.test for key in await database.read(lambda c: account_keys(c, "acct-1"))} == {
        digest[:8]: test for digest, test in tests.items()
    } | {"digest-4": False}


async def test_keys_are_told_by_name_and_last_use(database: Database) -> None:
    await added(database, a_new_account())
    await rotated(database, "digest-2", now=NOW + 1, others_end_at=NOW + 1_000)
    for at in (NOW + 70, NOW + 50):  # the later word may come from a slower node
        await database.write(lambda c, at=at: mark_used(c, {"digest-1": at, "digest-9": at}))
    assert await database.read(lambda c: account_keys(c, "acct-1")) == [
        KeyFacts("digest-2", "the key digest-2", NOW + 1, None, None, weak=False),
        KeyFacts("digest-1", "", NOW, NOW + 1_000, NOW + 70, weak=False),
    ]


async def test_one_account_has_one_user_name_and_nobody_else_that_one(database: Database) -> None:
    await added(database, a_new_account(), a_new_account(id="acct-2", key_digest="digest-2"))
    for name in ("old", "new"):
        await database.write(lambda c, n=name: accounts.set_password(c, "acct-1", NewLogin(n, "stored"), by()))
    assert (await database.read(read_book)).logins == {"new": Login("acct-1", "stored")}
    with pytest.raises(NameTakenError):
        await database.write(lambda c: accounts.set_password(c, "acct-2", NewLogin("new", "stored"), by()))
    gone = [await database.write(lambda c: accounts.remove_password(c, "acct-1", by())) for _ in range(2)]
    assert (gone, (await database.read(read_book)).logins) == ([True, False], {})


async def rotated(database: Database, digest: str, *, now: int, others_end_at: int) -> None:
    new = NewKey("acct-1", digest, weak=False, others_end_at=others_end_at, name=f"the key {digest}")
    await database.write(lambda c: accounts.rotate_key(c, new, by(now)))


async def test_every_change_raises_the_version(database: Database) -> None:
    versions = [await database.read(read_version)]
    await added(database, a_new_account())
    for change in (
        lambda c: accounts.add_senders(c, "acct-1", ["28445"], by()),
        lambda c: accounts.change_settings(c, "acct-1", {"fallback": "off"}, by()),
        lambda c: accounts.set_disabled(c, "acct-1", by(), disabled=True),
        lambda c: accounts.rotate_key(c, NewKey("acct-1", "digest-2", weak=False, others_end_at=NOW), by()),
    ):
        versions.append(await database.read(read_version))
        await database.write(change)
    versions.append(await database.read(read_version))
    assert versions == [0, 1, 2, 3, 4, 5]
    assert (await database.read(read_book)).version == 5


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: accounts.add_senders(c, "nobody", ["28445"], by()), id="its senders"),
        pytest.param(lambda c: accounts.change_settings(c, "nobody", {}, by()), id="its settings"),
        pytest.param(lambda c: accounts.set_disabled(c, "nobody", by(), disabled=True), id="whether it is off"),
        pytest.param(
            lambda c: accounts.rotate_key(c, NewKey("nobody", "d", weak=False, others_end_at=NOW), by()),
            id="its key",
        ),
        pytest.param(lambda c: accounts.set_password(c, "nobody", NewLogin("n", "p"), by()), id="its password"),
        pytest.param(lambda c: accounts.remove_password(c, "nobody", by()), id="no password"),
        pytest.param(lambda c: accounts.account_settings(c, "nobody"), id="reading its settings"),
    ],
)
async def test_an_account_that_is_not_there_cannot_be_changed(database: Database, change: Any) -> None:
    with pytest.raises(NoSuchAccountError, match="nobody"):
        await database.write(change)
    assert await database.read(read_version) == 0


async def test_accounts_added_at_once_are_all_there(database: Database, database_url: str) -> None:
    other = open_database(database_url)
    await asyncio.gather(
        *(
            added(node, a_new_account(id=f"acct-{n}", key_digest=f"digest-{n}"))
            for n, node in enumerate([database, other] * 5)
        )
    )
    await other.close()
    book = await database.read(read_book)
    assert (set(book.by_id), book.version) == ({f"acct-{n}" for n in range(10)}, 10)


def test_a_key_is_stored_so_that_only_the_server_key_finds_it() -> None:
    def stored(key: str, server_key: bytes = b"server key") -> str:
        return accounts.key_digests(key, [server_key])[0]

    digest = stored("a key")
    assert digest == stored("a key")
    assert len({digest, stored("b key"), stored("a key", b"other")}) == 3
    assert "a key" not in digest


async def test_mms_ids_are_never_given_twice(database: Database, database_url: str) -> None:
    other = open_database(database_url)

    async def take(source: MmsIds, count: int) -> Sequence[int]:
        return [await source.take() for _ in range(count)]

    sources = [MmsIds(node) for node in (database, other, database)]
    count = BLOCK + 10
    given = await asyncio.gather(*(take(source, count // 2) for source in sources for _ in range(2)))
    await other.close()
    everything = [number for each in given for number in each]
    assert len(set(everything)) == len(everything) == count // 2 * 6
    assert min(everything) == 1_000_001


async def test_blocks_of_mms_ids_follow_one_another(database: Database) -> None:
    first = await database.write(lambda c: accounts.reserve_mms_ids(c, 10))
    second = await database.write(lambda c: accounts.reserve_mms_ids(c, 5))
    third = await database.write(lambda c: accounts.reserve_mms_ids(c, 1))
    assert [first, second, third] == [1_000_001, 1_000_011, 1_000_016]
    assert await database.read(lambda c: scalar(c, "SELECT count(*) FROM meta")) == 1
