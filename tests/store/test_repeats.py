"""What was sent in the last minutes: seen again within the window, or not."""

import asyncio

from sqlalchemy import Connection, text

from slidewire.store.database import Database
from slidewire.store.repeats import Sighting, forget_repeats, sight


async def seen(database: Database, *sightings: Sighting) -> list[int | None]:
    return await database.write(lambda c: sight(c, sightings))


def of_acme(at: int, digest: str = "a" * 64) -> Sighting:
    return Sighting("acme", digest, at, 60_000)


async def test_the_same_within_the_window_is_told_with_its_age(database: Database) -> None:
    assert await seen(database, of_acme(1_000_000)) == [None]
    assert await seen(database, of_acme(1_059_999), of_acme(1_060_000)) == [59_999, 1]
    assert await seen(database, of_acme(1_120_000)) == [None]
    # the clock of another node is a little behind
    assert await seen(database, of_acme(1_119_000)) == [0]


async def test_other_content_and_other_accounts_are_not_the_same(database: Database) -> None:
    asked = [of_acme(1_000_000), of_acme(1_000_000, "b" * 64), Sighting("other", "a" * 64, 1_000_000, 60_000)]
    assert await seen(database, *asked) == [None] * 3


async def test_what_is_old_is_forgotten(database: Database) -> None:
    await seen(database, of_acme(1_000, "a" * 64), of_acme(2_000, "b" * 64), of_acme(3_000, "c" * 64))
    assert [await database.write(lambda c: forget_repeats(c, 3_000, 1)) for _ in range(3)] == [1, 1, 0]
    assert await seen(database, of_acme(3_001, "c" * 64), of_acme(3_001, "b" * 64)) == [1, None]


async def test_of_many_writers_exactly_one_was_the_first(database: Database) -> None:
    digests = [f"{n:064}" for n in range(5)]
    turns = [[of_acme(1_000_000, d) for d in order] for order in (digests, digests[::-1], digests)]
    answers = await asyncio.gather(*(seen(database, *turn) for turn in turns))
    assert sum(answer is None for turn in answers for answer in turn) == 5


async def test_no_more_than_the_limit_is_forgotten_however_the_database_plans(database: Database) -> None:
    def forget(connection: Connection) -> int:
        if connection.dialect.name == "postgresql":
            for plan in ("hashjoin", "mergejoin", "material", "hashagg", "sort"):
                connection.execute(text(f"SET LOCAL enable_{plan} = off"))
        return forget_repeats(connection, 4_000, 1)

    await seen(database, *(of_acme(n * 1_000, f"{n:064}") for n in range(1, 4)))
    assert [await database.write(forget) for _ in range(4)] == [1, 1, 1, 0]
