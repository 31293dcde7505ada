"""The segments of the day, counted in the transaction that writes them (security 16)."""

import asyncio
from collections.abc import Sequence

from slidewire.store.database import Database
from slidewire.store.sms_days import Spend, spend


async def asked(database: Database, *asks: Spend) -> list[bool]:
    return await database.write(lambda c: spend(c, asks))


def of_acme(segments: int, *, day: int = 20_000, most: int = 5) -> Spend:
    return Spend("acme", day, segments, most)


async def test_no_more_than_the_cap_in_a_day_and_what_is_refused_is_not_counted(database: Database) -> None:
    assert await asked(database, of_acme(3), of_acme(3), of_acme(1)) == [True, False, True]
    assert await asked(database, of_acme(2), of_acme(1), of_acme(1)) == [False, True, False]
    assert await asked(database, of_acme(5, day=20_001)) == [True]
    # the clock of another node is still in yesterday
    assert await asked(database, of_acme(1)) == [False]


async def test_each_account_has_its_own_and_who_has_no_cap_is_not_counted(database: Database) -> None:
    free, other = Spend("free", 20_000, 1_000, 0), Spend("other", 20_000, 5, 5)
    assert await asked(database, of_acme(5), free, other, of_acme(1)) == [True, True, True, False]
    rows = await database.read(lambda c: c.exec_driver_sql("SELECT * FROM sms_days ORDER BY 1").fetchall())
    assert [tuple(row) for row in rows] == [("acme", 20_000, 5), ("other", 20_000, 5)]


async def test_two_writers_together_keep_to_the_cap(database: Database) -> None:
    async def some(names: Sequence[str]) -> int:
        passed = 0
        for _ in range(20):
            passed += sum(await asked(database, *(Spend(name, 20_000, 1, 30) for name in names)))
        return passed

    assert sum(await asyncio.gather(some(("a", "b")), some(("b", "a")), some(("a", "b")))) == 60
