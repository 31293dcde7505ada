"""Secrets under a new server key: at no moment is anything lost, and what needs the former one is known."""

import asyncio
import os
from contextlib import suppress
from dataclasses import replace

import pytest
from tests.builders import a_message, an_id, now_ms
from tests.store.kit import stored

from slidewire.domain.account import secret_place
from slidewire.domain.audit import By
from slidewire.domain.ids import new_token
from slidewire.store.accounts import NewAccount, account_settings, add_account, key_digests, read_version
from slidewire.store.audit import list_audit
from slidewire.store.database import Database
from slidewire.store.directory import Directory
from slidewire.store.links import LinkKey, add_link, new_link, revoke_link
from slidewire.store.media_secrets import NewHeader, account_access, set_header
from slidewire.store.rotation import Needs, Resealed, needs, reseal, stale_accounts
from slidewire.store.sealed import Sealer, SealError
from slidewire.store.server_keys import ServerKeys, key_name

OLD, NEW = b"the former server key", b"the present server key"
FORMER, BOTH, PRESENT = (ServerKeys.of(*keys) for keys in ((OLD,), (NEW, OLD), (NEW,)))
ACCOUNTS = [f"acct-{n}" for n in range(4)]
ORIGIN = "https://media.example.net:443"
HEADERS = (("Authorization", "Bearer abc"),)


def by() -> By:
    return By("root", 7, an_id())


def sealer(keys: ServerKeys) -> Sealer:
    return Sealer(keys, os.urandom)


async def fill(database: Database) -> None:
    """Accounts with a key each, two secrets in the first three and one in the last."""
    seal = sealer(FORMER)
    for name in ACCOUNTS:
        words = {"postback_secret": seal.seal(name.encode(), secret_place(name)), "max_slides": "5"}
        digest = key_digests(f"key of {name}", [OLD])[0]
        new = NewAccount(name, name, words, [], digest, False, 0)
        await database.write(lambda c, new=new: add_account(c, new))
        if name != ACCOUNTS[-1]:
            header = NewHeader(name, ORIGIN, HEADERS[0])
            await database.write(lambda c, header=header: set_header(c, header, seal, by()))


async def opened(database: Database, keys: ServerKeys) -> int:
    """How many of all secrets open, and are what they were."""
    count = 0
    for name in ACCOUNTS:
        words = await database.read(lambda c, name=name: account_settings(c, name))
        assert words["max_slides"] == "5"
        with suppress(SealError):
            count += sealer(keys).open(words["postback_secret"], secret_place(name)) == name.encode()
        for access in await database.read(lambda c, name=name: account_access(c, name)):
            with suppress(SealError):
                count += access.opened(sealer(keys).open).headers == HEADERS
    return count


async def test_whoever_is_cut_off_in_the_middle_has_lost_nothing(database: Database) -> None:
    await fill(database)
    both = sealer(BOTH)
    assert await database.read(lambda c: stale_accounts(c, both)) == ACCOUNTS
    for n, name in enumerate(ACCOUNTS):  # each is one transaction: after any of them the process may be dead
        assert (await opened(database, BOTH), await opened(database, PRESENT)) == (7, 2 * n)
        version = await database.read(read_version)
        secrets = 1 if name == ACCOUNTS[-1] else 2
        assert await database.write(lambda c, name=name: reseal(c, name, both, by())) == Resealed(secrets)
        assert await database.read(read_version) > version, "every gateway looks again"
        assert await database.read(lambda c: stale_accounts(c, both)) == ACCOUNTS[n + 1 :]
    assert (await opened(database, PRESENT), await opened(database, FORMER)) == (7, 0)
    rows = await database.read(lambda c: list_audit(c, "acct-0", 1))
    assert [(row.action, row.facts) for row in rows] == [("secrets resealed", {"secrets": 2})]
    assert await database.write(lambda c: reseal(c, "acct-0", both, by())) == Resealed(), "once is enough"


async def test_what_no_key_opens_stays_as_it_is_and_is_told(database: Database) -> None:
    await fill(database)
    other = ServerKeys.of(NEW, b"a key that sealed nothing")
    done = await database.write(lambda c: reseal(c, "acct-3", sealer(other), by()))
    assert done == Resealed(0, (secret_place("acct-3"),))
    assert await opened(database, FORMER) == 7


async def test_what_each_key_is_needed_for_is_counted(database: Database) -> None:
    await fill(database)
    now = now_ms()
    for key in (OLD, OLD, NEW):
        message = a_message()
        await stored(database, message)
        link = new_link(message, new_token(), LinkKey.of(key), now)
        ended = replace(link, digest=an_id(), expires_at=now)
        await database.write(lambda c, links=(link, ended): add_link(c, *links))
    await database.write(lambda c: reseal(c, "acct-0", sealer(BOTH), by()))
    names = {key: key_name(key) for key in (OLD, NEW)}
    found = await database.read(lambda c: needs(c, BOTH, now))
    assert found == [Needs(names[NEW], 2, 0, 1), Needs(names[OLD], 5, 4, 2)]
    assert await database.read(lambda c: needs(c, PRESENT, now)) == [Needs(names[NEW], 2, 0, 1), Needs("", 5, 4, 2)]


async def test_an_api_key_follows_when_it_is_used(database: Database) -> None:
    await fill(database)
    before = await database.read(lambda c: needs(c, BOTH, 0))
    directory = Directory(database, lambda key: key_digests(key, BOTH.every), sealer(BOTH).open, lambda: 5)
    await directory.start()
    try:
        for name in ACCOUNTS[:3]:
            account = await directory.find(f"key of {name}")
            assert account is not None
            assert account.id == name
        assert await directory.find("key of nobody") is None
        await directory.note_uses()
    finally:
        await directory.stop()
    after = await database.read(lambda c: needs(c, BOTH, 0))
    assert [(one.api_keys, two.api_keys) for one, two in zip(before, after, strict=True)] == [(0, 3), (4, 1)]
    alone = Directory(database, lambda key: key_digests(key, PRESENT.every), sealer(PRESENT).open, lambda: 5)
    await alone.start()
    try:
        found = [await alone.find(f"key of {name}") for name in ACCOUNTS]
    finally:
        await alone.stop()
    assert [each.id if each else None for each in found] == [*ACCOUNTS[:3], None]


async def test_a_key_known_by_a_server_key_that_was_taken_out_is_soon_unknown(database: Database) -> None:
    await fill(database)
    present = [FORMER]
    directory = Directory(database, lambda key: key_digests(key, present[0].every), sealer(FORMER).open, lambda: 5)
    await directory.start()
    try:
        for _ in range(2):  # hashed, then known
            account = await directory.find("key of acct-0")
            assert account is not None
            assert account.id == "acct-0"
        present[0] = PRESENT
        async with asyncio.timeout(10):
            while await directory.find("key of acct-0") is not None:
                await asyncio.sleep(0.01)
    finally:
        await directory.stop()


@pytest.mark.parametrize("keys", [BOTH, ServerKeys.of(OLD)], ids=["found by a former key", "by the present one"])
async def test_a_link_of_a_former_key_is_found_and_ended(database: Database, keys: ServerKeys) -> None:
    message = a_message()
    await stored(database, message)
    token = new_token()
    link = new_link(message, token, LinkKey.of(OLD), now_ms())
    await database.write(lambda c: add_link(c, link))
    assert await database.write(lambda c: revoke_link(c, token, LinkKey.of(NEW), 1)) is False
    assert await database.write(lambda c: revoke_link(c, token, LinkKey.of(*keys.every), 1)) is True


def test_a_digest_from_before_keys_had_names_is_known() -> None:
    digests = key_digests("a key", BOTH.every)
    named = [digest.partition(":")[0] for digest in digests if ":" in digest]
    assert named == [key_name(NEW), key_name(OLD)]
    assert digests[2:] == [digest.partition(":")[2] for digest in digests[:2]]
