"""Accepting: message, first task and pinned content in one transaction (durability 12, 19)."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from tests.builders import a_content, a_message, a_task
from tests.store.kit import tasks_of

from slidewire.domain.message import Content
from slidewire.store import schema
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import find_message, list_messages
from slidewire.store.pins import Insertion
from slidewire.store.prepaid import Payment

IMAGE = a_content(digest="aa")
OTHER = a_content(digest="bb")


def a_new(*pins: Content, **more: Any) -> NewMessage:
    message = a_message()
    return NewMessage(message, a_task(message), pins=pins, keep_until=more.pop("keep_until", 1_000), **more)


async def inserted(database: Database, *items: NewMessage) -> list[Insertion]:
    return await database.write(lambda c: insert_messages(c, items))


async def contents(database: Database) -> dict[str, tuple[int, int | None]]:
    table = schema.content
    query = select(table.c.digest, table.c.keep_until, table.c.doomed_at)
    rows = await database.read(lambda c: c.execute(query).fetchall())
    return {row[0]: (row[1], row[2]) for row in rows}


async def doom(database: Database, digest: str, at: int = 500) -> None:
    table = schema.content
    await database.write(lambda c: c.execute(table.update().where(table.c.digest == digest).values(doomed_at=at)))


async def test_a_message_is_there_with_its_first_task(database: Database) -> None:
    item = a_new()
    assert await inserted(database, item) == [Insertion.DONE]
    assert await database.read(lambda c: find_message(c, item.message.id)) == item.message
    [row] = await tasks_of(database, item.message.id)
    assert (row["id"], row["kind"], row["lease"], row["attempt"]) == (item.task.id, "deliver", None, 0)


async def test_a_repetition_changes_nothing(database: Database) -> None:
    item = a_new(IMAGE, written=frozenset({"aa"}))
    await inserted(database, item)
    assert await inserted(database, item, item) == [Insertion.DONE, Insertion.DONE]
    assert len(await tasks_of(database, item.message.id)) == 1
    assert await database.read(list_messages) == [item.message]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_commit_that_is_made_again_brings_back_no_task_that_is_done(database: Database) -> None:
    """The answer to the first was lost on its way; another node has sent the message meanwhile."""
    done, new = a_new(), a_new()
    await inserted(database, done)
    tasks = schema.tasks
    await database.write(lambda c: c.execute(tasks.delete().where(tasks.c.message_id == done.message.id)))
    assert await inserted(database, done, new) == [Insertion.DONE, Insertion.DONE]
    assert await tasks_of(database, done.message.id) == []
    assert len(await tasks_of(database, new.message.id)) == 1


@pytest.mark.parametrize(
    ("more", "plain"),
    [
        pytest.param({}, True, id="message and task"),
        pytest.param({"pins": (IMAGE,)}, False, id="content to pin"),
        pytest.param({"reusable": True}, False, id="a name that may be sent again"),
        pytest.param({"payment": Payment("acct-1", 10)}, False, id="a payment"),
    ],
)
def test_only_what_is_no_more_than_message_and_task_is_plain(more: dict[str, Any], plain: bool) -> None:
    assert replace(a_new(), **more).is_plain is plain


async def test_more_than_one_statement_holds_are_all_there(database: Database) -> None:
    items = [a_new() for _ in range(601)]
    assert await inserted(database, *items) == [Insertion.DONE] * 601
    kept = await database.read(lambda c: list_messages(c, limit=1_000))
    assert sorted(message.id for message in kept) == sorted(item.message.id for item in items)


async def test_content_just_written_gets_its_row(database: Database) -> None:
    assert await inserted(database, a_new(IMAGE, written=frozenset({"aa"}))) == [Insertion.DONE]
    assert await contents(database) == {"aa": (1_000, None)}


async def test_content_without_a_row_sends_its_message_back(database: Database) -> None:
    item = a_new(IMAGE)
    assert await inserted(database, item) == [Insertion.CONTENT_LEAVING]
    assert await database.read(lambda c: find_message(c, item.message.id)) is None
    assert await tasks_of(database, item.message.id) == []
    assert await contents(database) == {}


async def test_doomed_content_sends_its_message_back_and_is_spared_meanwhile(database: Database) -> None:
    await inserted(database, a_new(IMAGE, written=frozenset({"aa"})))
    await doom(database, "aa")
    item = a_new(IMAGE, keep_until=9_000)
    assert await inserted(database, item) == [Insertion.CONTENT_LEAVING]
    assert await database.read(lambda c: find_message(c, item.message.id)) is None
    assert await contents(database) == {"aa": (1_000, item.message.accepted_at)}


async def test_content_whose_bytes_are_gone_sends_even_who_just_wrote_them_back(database: Database) -> None:
    """They were written before the sweep deleted them, or after: nobody knows."""
    await inserted(database, a_new(IMAGE, written=frozenset({"aa"})))
    await doom(database, "aa", at=-500)
    item = a_new(IMAGE, keep_until=9_000, written=frozenset({"aa"}))
    assert await inserted(database, item) == [Insertion.CONTENT_LEAVING]
    assert await contents(database) == {"aa": (1_000, -500)}
    assert await inserted(database, replace(item, again=True)) == [Insertion.DONE]
    assert await contents(database) == {"aa": (9_000, None)}


async def test_doomed_content_that_was_brought_back_lives_on(database: Database) -> None:
    await inserted(database, a_new(IMAGE, written=frozenset({"aa"})))
    await doom(database, "aa")
    again = a_new(IMAGE, keep_until=9_000, written=frozenset({"aa"}), again=True)
    assert await inserted(database, again) == [Insertion.DONE]
    assert await contents(database) == {"aa": (9_000, None)}


async def test_one_message_without_its_content_does_not_send_the_others_back(database: Database) -> None:
    await inserted(database, a_new(IMAGE, written=frozenset({"aa"})))
    items = [a_new(IMAGE), a_new(IMAGE, OTHER), a_new()]
    assert await inserted(database, *items) == [Insertion.DONE, Insertion.CONTENT_LEAVING, Insertion.DONE]
    found = await database.read(lambda c: [find_message(c, item.message.id) for item in items])
    assert found == [items[0].message, None, items[2].message]


@pytest.mark.parametrize(
    "pins",
    [
        pytest.param([(1_000, 2_000)], id="a longer pin in the same commit"),
        pytest.param([(2_000, 1_000)], id="a shorter pin in the same commit"),
        pytest.param([(1_000,), (2_000,)], id="a longer pin later"),
        pytest.param([(2_000,), (1_000,)], id="a shorter pin later"),
    ],
)
async def test_the_longest_pin_holds(database: Database, pins: list[tuple[int, ...]]) -> None:
    for commit in pins:
        await inserted(database, *(a_new(IMAGE, keep_until=k, written=frozenset({"aa"})) for k in commit))
    assert await contents(database) == {"aa": (2_000, None)}
