"""What is old is forgotten to the last row, whatever a transaction takes, and nothing while the clock is doubted."""

from functools import partial

import pytest
from tests.builders import now_ms
from tests.work.kit import Kit, a_kit

from slidewire.domain.answers import AnswerTerms
from slidewire.domain.ids import IdMaker
from slidewire.domain.inbound import Inbound, KeptInbound, Word
from slidewire.store.answers import forget_answers, may_answer
from slidewire.store.database import Connection, Database
from slidewire.store.inbound import find_inbound, forget_unowned, keep_inbound
from slidewire.store.receipts import Parked, forget_parked, list_parked, park
from slidewire.store.sql import run
from slidewire.work.sweep import ClockWatch, Forgetting

DAY = 86_400_000
OLD = ("15557650001", "15557650002", "15557650003")
NEW = "15557650004"


async def answered(kit: Kit) -> None:
    """Each phone was answered once: two rows of its own."""

    def answer(connection: Connection) -> None:
        for phone in (*OLD, NEW):
            at = kit.means.now() - (DAY + 60_000 if phone in OLD else DAY - 60_000)
            message = Inbound("sms-a", phone, "24680", "STOP", at)
            assert may_answer(connection, message, "STOP", AnswerTerms())

    await kit.means.database.write(answer)


async def remembered(kit: Kit) -> set[str]:
    return await kit.means.database.read(lambda c: {row[0] for row in run(c, "SELECT phone FROM answers")})


@pytest.mark.parametrize(
    "portion",
    [
        pytest.param(1, id="a row at a time"),
        pytest.param(4, id="some, with a rest"),
        pytest.param(6, id="all that there are"),
        pytest.param(500, id="more than there are"),
    ],
)
async def test_all_that_is_old_goes_and_nothing_else(database: Database, portion: int) -> None:
    kit = a_kit(database)
    await answered(kit)
    clock = ClockWatch(kit.means.now, kit.means.monotonic)
    await Forgetting(kit.means, clock, forget_answers, DAY, portion).sweep()
    assert await remembered(kit) == {NEW}


async def test_nothing_goes_while_the_clock_is_doubted(database: Database) -> None:
    kit = a_kit(database)
    await answered(kit)
    times = iter((now_ms(), now_ms() + 2 * DAY))
    clock = ClockWatch(lambda: next(times), lambda: 0.0)
    await clock.look()
    await Forgetting(kit.means, clock, forget_answers, DAY).sweep()
    assert await remembered(kit) == {*OLD, NEW}


async def test_receipts_that_found_no_message_go(database: Database) -> None:
    kit = a_kit(database)
    now = kit.means.now()
    ages = {"old": DAY + 60_000, "new": DAY - 60_000}
    parked = [Parked("mmsc-a", ref, f"id-{ref}", now - age, "{}") for ref, age in ages.items()]
    await database.write(lambda c: park(c, parked))
    clock = ClockWatch(kit.means.now, kit.means.monotonic)
    await Forgetting(kit.means, clock, forget_parked, DAY, 1).sweep()
    assert await database.read(list_parked) == parked[1:]


async def test_what_phones_sent_to_numbers_of_nobody_goes(database: Database) -> None:
    kit = a_kit(database)
    now = kit.means.now()

    def kept(account: str, age: int) -> KeptInbound:
        message = Inbound("sms-a", "12025550143", "24680", "Hello", now - age)
        return KeptInbound(IdMaker(lambda: now - age)(), account, Word.NONE, message)

    old, young, owned = kept("", 2 * DAY), kept("", 0), kept("acct-1", 2 * DAY)
    await database.write(lambda c: keep_inbound(c, [old, young, owned]))
    clock = ClockWatch(kit.means.now, kit.means.monotonic)
    await Forgetting(kit.means, clock, partial(forget_unowned, now=now_ms), DAY, 1).sweep()
    found = await database.read(lambda c: [find_inbound(c, each.id) for each in (old, young, owned)])
    assert found == [None, young, owned]
