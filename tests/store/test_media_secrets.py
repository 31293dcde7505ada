"""What accounts present to the hosts of their media: sealed at rest, opened for its own row only (security 17)."""

import os
from dataclasses import replace

import pytest
from sqlalchemy import update

from slidewire.domain.access import HeaderError, MediaAccess, merged, read_header
from slidewire.domain.audit import By
from slidewire.store import schema
from slidewire.store.accounts import NewAccount, NoSuchAccountError, add_account, read_version
from slidewire.store.audit import list_audit
from slidewire.store.database import Connection, Database
from slidewire.store.directory import Directory
from slidewire.store.media_secrets import NewHeader, account_access, all_access, remove_access, set_header
from slidewire.store.sealed import Sealer, SealError
from slidewire.store.server_keys import ServerKeys

KEY = Sealer(ServerKeys.of(b"a server key of stories"), os.urandom)
ORIGIN = "https://media.example.net:443"
BEARER = ("Authorization", "Bearer s3cret")


def add_accounts(connection: Connection) -> None:
    for name in ("acct-1", "acct-2"):
        add_account(connection, NewAccount(name, name, {}, [], f"digest of {name}", False, 0))


def new(**changes: str) -> NewHeader:
    return replace(NewHeader("acct-1", ORIGIN, BEARER), **changes)  # type: ignore[arg-type]  # texts


def by(row: str = "row-1") -> By:
    return By("tester", 0, row)


def test_no_secret_is_printed() -> None:
    assert "s3cret" not in repr(new()) + repr(MediaAccess("1", (BEARER,)))


async def test_headers_of_one_origin_are_kept_together(database: Database) -> None:
    await database.write(add_accounts)

    def change(connection: Connection) -> list[tuple[str, ...]]:
        return [
            set_header(connection, new(), KEY, by()),
            set_header(connection, new(header=("X-Key", "k")), KEY, by("row-2")),  # type: ignore[arg-type]  # a pair
            set_header(connection, new(header=("authorization", "Basic e")), KEY, by("row-3")),  # type: ignore[arg-type]  # a pair
        ]

    before = await database.read(read_version)
    assert await database.write(change) == [
        ("Authorization",),
        ("Authorization", "X-Key"),
        ("X-Key", "authorization"),
    ]
    (stored,) = await database.read(lambda c: account_access(c, "acct-1"))
    assert (stored.id, stored.origin, stored.names) == ("row-3", ORIGIN, ("X-Key", "authorization"))
    assert stored.opened(KEY.open) == MediaAccess("row-3", (("X-Key", "k"), ("authorization", "Basic e")))
    assert await database.read(lambda c: account_access(c, "acct-2")) == []
    assert await database.read(read_version) > before, "every gateway looks again"
    assert await database.write(lambda c: remove_access(c, "acct-1", ORIGIN, by("row-9"))) is True
    assert await database.write(lambda c: remove_access(c, "acct-1", ORIGIN, by("row-9"))) is False
    assert await database.read(all_access) == {}
    rows = await database.read(lambda c: list_audit(c, "acct-1", 9))
    assert [row.action for row in rows][:2] == ["media secret removed", "media secret set"]
    assert "Basic" not in str(rows)


async def test_nobody_else_can_be_given_a_row(database: Database) -> None:
    await database.write(add_accounts)
    await database.write(lambda c: set_header(c, new(), KEY, by()))
    await database.write(lambda c: c.execute(update(schema.media_secrets).values(account_id="acct-2")))
    (moved,) = await database.read(lambda c: account_access(c, "acct-2"))
    with pytest.raises(SealError):
        moved.opened(KEY.open)
    with pytest.raises(NoSuchAccountError):
        await database.write(lambda c: set_header(c, new(account_id="nobody"), KEY, by("row-2")))


async def test_the_directory_opens_what_it_can(database: Database) -> None:
    await database.write(add_accounts)
    await database.write(lambda c: set_header(c, new(), KEY, by()))
    another = Sealer(ServerKeys.of(b"another"), os.urandom)
    await database.write(lambda c: set_header(c, new(origin="http://other:80"), another, by("row-2")))
    directory = Directory(database, lambda key: [key], KEY.open, lambda: 0)
    await directory.start()
    try:
        assert directory.media_access("acct-1") == {ORIGIN: MediaAccess("row-1", (BEARER,))}
        assert directory.media_access("acct-2") == {}
    finally:
        await directory.stop()


OURS = [
    "Host",
    "content-length",
    "Transfer-Encoding",
    "Range",
    "If-None-Match",
    "Proxy-Authorization",
    "X-Forwarded-For",
]


@pytest.mark.parametrize("name", [*OURS, "X Y", "", "a:b"])
def test_refuses_headers_that_are_not_the_accounts_to_set(name: str) -> None:
    with pytest.raises(HeaderError):
        read_header(name, "x")


@pytest.mark.parametrize("value", ["", " x", "x ", "a\r\nHost: b", "a\nb", "ä", "\x00", "x" * 4097])
def test_refuses_values_that_could_say_more_and_never_repeats_them(value: str) -> None:
    with pytest.raises(HeaderError) as refused:
        read_header("X-Key", value)
    assert len(value) < 3 or value not in str(refused.value)


def test_a_header_takes_the_place_of_its_namesake() -> None:
    assert merged((("A", "1"), ("B", "2")), ("a", "3")) == (("B", "2"), ("a", "3"))
