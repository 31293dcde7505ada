"""Postbacks of the past: an account's are found behind everybody else's, and a page never walks over all there are."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection
from tests.builders import a_message, a_task
from tests.store.kit import a_change, a_postback, stored

from slidewire.domain.change import Change
from slidewire.domain.events import Event
from slidewire.domain.message import Message
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import record
from slidewire.store.postbacks import LOOKED_AT, PostbackState, Wanted, past_postbacks


async def told(database: Database, account: str, count: int) -> list[str]:
    """So many messages of an account, each with a postback; the ids of these, the newest first."""
    messages = [a_message(account_id=account) for _ in range(count)]
    changes = [of(each) for each in messages]

    def write(connection: Connection) -> None:
        insert_messages(connection, [NewMessage(each, a_task(each)) for each in messages])
        record(connection, changes)

    await database.write(write)
    return [change.postback.id for change in reversed(changes) if change.postback]


def of(message: Message) -> Change:
    postback = a_postback(message.id, account_id=message.account_id)
    return a_change(a_task(message), Event.DELIVERED, postback=postback)


async def found(database: Database, wanted: Wanted) -> list[str]:
    return [each.id for each in await database.read(lambda c: past_postbacks(c, wanted, 2_000))]


async def test_an_accounts_postbacks_are_found_whoever_else_had_some_since(database: Database) -> None:
    first = await told(database, "acct-1", 600)
    others = await told(database, "acct-2", 3)
    second = await told(database, "acct-1", 2)
    assert await found(database, Wanted("acct-1")) == second + first
    assert await found(database, Wanted("acct-2")) == others
    assert await found(database, Wanted("acct-2", state=PostbackState.WAITING)) == others
    assert await found(database, Wanted()) == second + others + first
    since = Wanted("acct-1", since=1)
    assert await found(database, since) == second + first


@pytest.mark.parametrize(("since", "is_found"), [pytest.param(0, False, id="blank"), pytest.param(1, True, id="said")])
async def test_a_state_that_is_rare_is_looked_for_among_the_newest(
    database: Database, since: int, is_found: bool
) -> None:
    [old] = await told(database, "acct-1", 1)
    task = await stored(database)
    changes = [replace(a_change(task, Event.POSTBACK_AGAIN), given_up=f"{n}") for n in range(LOOKED_AT)]
    await database.write(lambda c: record(c, changes))
    waiting = await found(database, Wanted(state=PostbackState.WAITING, since=since))
    assert waiting == ([old] if is_found else [])
