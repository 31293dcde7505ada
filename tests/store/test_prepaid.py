"""Messages that were paid for in advance: never one more, and what never left is given back."""

import asyncio

import pytest
from tests.builders import a_message, now_ms
from tests.store.kit import a_change, recorded, stored

from slidewire.domain.events import Event, Reason
from slidewire.domain.status import Status
from slidewire.store.database import Database, open_database
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
