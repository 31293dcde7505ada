"""Page links in the store: kept as keyed hashes, counted exactly, ended once."""

from typing import Any

import pytest
from sqlalchemy import select
from tests.builders import DAY, a_message, an_id, now_ms
from tests.store.kit import events_of, stored

from slidewire.domain.ids import is_token, new_token
from slidewire.domain.message import Message
from slidewire.store import schema
from slidewire.store.database import Database
from slidewire.store.links import (
    LinkKey,
    Opening,
    PageLink,
    add_link,
    find_link,
    find_page,
    link_address,
    links_of,
    new_link,
    note_openings,
    revoke_link,
    revoke_links,
)

KEY = LinkKey.of(b"one server key")


async def linked(database: Database, message: Message | None = None) -> tuple[str, PageLink]:
    """A stored message with a link; its token and the link."""
    message = message or a_message()
    await stored(database, message)
    token = new_token()
    link = new_link(message, token, KEY, now_ms())
    await database.write(lambda c: add_link(c, link))
    return token, link


def an_opening(link: PageLink, **changes: Any) -> Opening:
    return Opening(**{"link": link, "at": now_ms(), "event_id": an_id()} | changes)


def test_a_token_is_short_and_not_to_be_guessed() -> None:
    tokens = {new_token() for _ in range(2000)}
    signs = set().union(*tokens)
    assert (len(tokens), {len(token) for token in tokens}) == (2000, {11})
    assert len(signs) ** 11 >= 2**60
    assert signs.isdisjoint("0O1lI+/-_=")
    assert all(is_token(token) for token in tokens)
    assert not any(is_token(text) for text in ("", "a" * 10, "a" * 12, "a" * 10 + "0", "a" * 11 + "\n"))


def test_the_token_in_an_mms_is_the_same_at_every_try() -> None:
    other = LinkKey.of(b"another server key")
    ids = [an_id() for _ in range(500)]
    tokens = [KEY.token_in_mms(each) for each in ids]
    assert tokens == [KEY.token_in_mms(each) for each in ids]
    assert len(set(tokens)) == 500
    assert set(tokens).isdisjoint(other.token_in_mms(each) for each in ids)
    assert all(is_token(token) for token in tokens)


def test_the_address_leaves_room_in_one_segment() -> None:
    assert link_address("https://m.example.net/", "a" * 11) == "https://m.example.net/m/aaaaaaaaaaa"


async def test_a_link_is_found_by_its_token(database: Database) -> None:
    message = a_message(link_expires_at=now_ms() + DAY)
    token, link = await linked(database, message)
    assert await database.read(lambda c: find_page(c, token, KEY)) == (link, message)
    assert (link.expires_at, link.is_live(now_ms())) == (message.link_expires_at, True)
    assert await database.read(lambda c: find_link(c, new_token(), KEY)) is None


async def test_the_token_is_nowhere_in_the_database(database: Database) -> None:
    token, _ = await linked(database)
    rows = await database.read(lambda c: [tuple(row) for row in c.execute(select(schema.page_links))])
    assert token not in str(rows)


async def test_another_server_key_finds_nothing(database: Database) -> None:
    token, _ = await linked(database)
    assert await database.read(lambda c: find_link(c, token, LinkKey.of(b"another"))) is None


async def test_a_link_written_twice_is_one(database: Database) -> None:
    _, link = await linked(database)
    await database.write(lambda c: add_link(c, link))
    assert await database.read(lambda c: links_of(c, link.message_id)) == [link]


async def test_openings_of_one_commit_have_one_first(database: Database) -> None:
    (token, link), (_, other) = await linked(database), await linked(database)
    batch = [
        an_opening(link, is_bot=True),
        an_opening(link, at=1000),
        an_opening(other, at=2000),
        an_opening(link, at=3000),
    ]
    assert await database.write(lambda c: note_openings(c, batch)) == [False, True, True, False]
    assert await database.write(lambda c: note_openings(c, [an_opening(link)])) == [False]
    found = await database.read(lambda c: find_link(c, token, KEY))
    assert found is not None
    assert (found.openings, found.bots, found.first_opened_at) == (3, 1, 1000)
    assert await events_of(database, link.message_id) == ["opened"]
    assert await events_of(database, other.message_id) == ["opened"]


@pytest.mark.parametrize("by", ["token", "message"])
async def test_a_link_is_ended_once(database: Database, by: str) -> None:
    token, link = await linked(database)

    def revoke(connection: Any) -> int:
        if by == "token":
            return int(revoke_link(connection, token, KEY, 5000))
        return revoke_links(connection, link.message_id, 5000)

    assert await database.write(revoke) == 1
    assert await database.write(revoke) == 0
    found = await database.read(lambda c: find_link(c, token, KEY))
    assert found is not None
    assert (found.revoked_at, found.is_live(now_ms())) == (5000, False)
