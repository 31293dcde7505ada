"""Messages that were paid for in advance: never one more, and what never left is given back."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import Connection
from tests.builders import a_message, a_task, now_ms
from tests.store.kit import a_change, recorded, stored

from slidewire.domain.events import Event, Reason
from slidewire.domain.message import Content
from slidewire.domain.status import Status
from slidewire.store.database import Database, open_database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import list_messages
from slidewire.store.pins import Insertion
from slidewire.store.prepaid import Payment, pay, used_of

ACCOUNT = "acct-1"


async def paid(database: Database, *payments: Payment) -> list[bool]:
    return await database.write(lambda c: pay(c, payments))


async def used(database: Database, account_id: str = ACCOUNT) -> int:
    return await database.read(lambda c: used_of(c, account_id))


async def test_no_more_than_was_paid_for_and_what_is_refused_is_not_counted(database: Database) -> None:
    mine, other = Payment(ACCOUNT, 2), Payment("acct-2", 5)
    assert await paid(database, mine, other, mine, mine) == [True, True, True, False]
    assert await paid(database, mine) == [False]
    assert await paid(database, Payment(ACCOUNT, 3)) == [True]  # more was paid for meanwhile
    assert (await used(database), await used(database, "acct-2"), await used(database, "acct-3")) == (3, 1, 0)


async def test_a_message_is_paid_for_in_its_own_transaction_and_once(database: Database) -> None:
    first, second = a_new_message(), a_new_message()
    assert await inserted(database, first, second) == [Insertion.DONE, Insertion.UNPAID]
    # a commit that was cut off, and made all the same, is run again
    assert await inserted(database, first) == [Insertion.DONE]
    assert await used(database) == 1
    assert [row.id for row in await database.read(list_messages)] == [first.message.id]


async def test_what_is_sent_back_or_fails_has_paid_for_nothing(database: Database) -> None:
    missing = replace(a_new_message(), pins=(Content("0" * 64, 1, "image/gif"),), keep_until=1)
    assert await inserted(database, missing) == [Insertion.CONTENT_LEAVING]

    def fails(connection: Connection) -> None:
        insert_messages(connection, [a_new_message()])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fails)
    assert await used(database) == 0


def a_new_message() -> NewMessage:
    message = a_message(account_id=ACCOUNT)
    return NewMessage(message, a_task(message), payment=Payment(ACCOUNT, 1))


async def inserted(database: Database, *items: NewMessage) -> list[Insertion]:
    return await database.write(lambda c: insert_messages(c, items))


async def test_two_nodes_that_pay_at_once_pass_no_more_than_was_paid_for(database: Database, database_url: str) -> None:
    other = open_database(database_url)

    async def some(node: Database) -> int:
        return sum([sum(await paid(node, Payment("a", 30), Payment("b", 7))) for _ in range(20)])

    try:
        assert sum(await asyncio.gather(some(database), some(other), some(database))) == 37
    finally:
        await other.close()


@pytest.mark.parametrize(
    ("events", "status", "left"),
    [
        pytest.param((), Status.FAILED, 0, id="failed before it left"),
        pytest.param((), Status.EXPIRED, 0, id="expired before it left"),
        pytest.param((), Status.CANCELLED, 0, id="cancelled"),
        pytest.param((Event.RETRY,), Status.FAILED, 0, id="tried, and never taken"),
        pytest.param((Event.SUBMITTED,), Status.FAILED, 1, id="sent, and not delivered"),
        pytest.param((Event.UNCERTAIN,), Status.FAILED, 1, id="perhaps sent"),
    ],
)
async def test_what_never_left_is_given_back(
    database: Database, events: tuple[Event, ...], status: Status, left: int
) -> None:
    await paid(database, Payment(ACCOUNT, 9))
    task = await stored(database, a_message(account_id=ACCOUNT))
    for event in events:
        moves = Status.SUBMITTED if event is Event.SUBMITTED else None
        await recorded(database, a_change(task, event, status=moves, reason=Reason.RETRIES))
    ends = a_change(task, Event.FAILED, status=status, at=now_ms(), reason=Reason.RETRIES)
    await recorded(database, ends)
    await recorded(database, a_change(task, Event.FAILED, status=status))  # a second end is none
    assert await used(database) == left


async def test_an_sms_after_an_mms_that_was_taken_is_paid_for(database: Database) -> None:
    await paid(database, Payment(ACCOUNT, 9))
    task = await stored(database, a_message(account_id=ACCOUNT))
    for event, status in (
        (Event.SUBMITTED, Status.SUBMITTED),
        (Event.FALLBACK, Status.ACCEPTED),
        (Event.FAILED, Status.FAILED),
    ):
        await recorded(database, a_change(task, event, status=status))
    assert await used(database) == 1


async def test_who_does_not_pay_in_advance_is_given_nothing_back(database: Database) -> None:
    task = await stored(database, a_message(account_id=ACCOUNT))
    await recorded(database, a_change(task, Event.FAILED, status=Status.FAILED))
    assert await used(database) == 0
