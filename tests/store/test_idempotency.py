"""Keys that a request may use once: claimed by one, taken over from the dead, answered with what was made."""

import asyncio
from dataclasses import replace

from sqlalchemy import Connection, select, update
from tests.builders import a_message, a_task, now_ms

from slidewire.domain.idempotency import Hold, KeptAnswer
from slidewire.store import schema
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.idempotency import (
    Answered,
    Claim,
    KeyClaim,
    Lost,
    claim_keys,
    forget_keys,
    mask_answers,
    release_holds,
    renew_hold,
    write_answered,
)
from slidewire.store.messages import list_messages

ANSWER = KeptAnswer("<RESPONSE><TO>15557650020</TO></RESPONSE>", "a warning")
HOLD = Hold("acme", ("key-1",), "holder-1")
OTHER = replace(HOLD, holder="holder-2")


def a_claim(holder: str = "holder-1", request: str = "request-1", lease_ms: int = 60_000) -> KeyClaim:
    return KeyClaim("acme", "key-1", request, holder, now_ms(), lease_ms, 86_400_000)


async def claimed(database: Database, *claims: KeyClaim) -> list[Claim | KeptAnswer]:
    return await database.write(lambda c: claim_keys(c, claims))


async def answered(database: Database, hold: Hold = HOLD) -> list[object]:
    """Write a message with its answer."""
    message = a_message()
    item = Answered(hold, insert_messages, NewMessage(message, a_task(message)), lambda _: ANSWER)
    return await database.write(lambda c: write_answered(c, [item]))


async def messages(database: Database) -> int:
    return len(await database.read(list_messages))


async def test_one_of_several_gets_a_key_and_the_others_its_answer(database: Database) -> None:
    mine, held, other = await claimed(database, a_claim(), a_claim("holder-2"), a_claim("holder-3", "request-2"))
    assert (mine, held, other) == (Claim.MINE, Claim.HELD, Claim.OTHER)
    assert await claimed(database, a_claim()) == [Claim.MINE]  # a commit that was cut off is run again
    await answered(database)
    assert await claimed(database, a_claim("holder-2"), a_claim("holder-3", "request-2")) == [ANSWER, Claim.OTHER]
    assert await messages(database) == 1


async def test_of_many_at_once_exactly_one_gets_it(database: Database) -> None:
    results = await asyncio.gather(*(claimed(database, a_claim(f"holder-{n}")) for n in range(10)))
    assert sorted(result.name for [result] in results if isinstance(result, Claim)) == ["HELD"] * 9 + ["MINE"]


async def test_what_a_dead_one_held_is_taken_over_and_its_late_message_is_not_written(database: Database) -> None:
    assert await claimed(database, a_claim(lease_ms=-1)) == [Claim.MINE]
    # nothing was made under it: even another request may have it
    assert await claimed(database, a_claim("holder-2", "request-2")) == [Claim.MINE]
    assert await answered(database) == [Lost.HOLD]
    assert await messages(database) == 0
    await answered(database, OTHER)
    assert await messages(database) == 1


async def test_a_hold_that_is_renewed_is_not_taken_over(database: Database) -> None:
    await claimed(database, a_claim(lease_ms=-1))
    await database.write(lambda c: renew_hold(c, HOLD, now_ms(), 60_000))
    assert await claimed(database, a_claim("holder-2")) == [Claim.HELD]


async def test_what_made_nothing_is_free_again_and_an_answer_stays(database: Database) -> None:
    await claimed(database, a_claim())
    await database.write(lambda c: release_holds(c, [OTHER]))
    assert await claimed(database, a_claim("holder-2")) == [Claim.HELD]
    await database.write(lambda c: release_holds(c, [HOLD]))
    assert await claimed(database, a_claim("holder-2")) == [Claim.MINE]
    await answered(database, OTHER)
    await database.write(lambda c: release_holds(c, [OTHER]))
    assert await claimed(database, a_claim("holder-3")) == [ANSWER]


async def test_an_answer_is_forgotten_after_its_time(database: Database) -> None:
    await claimed(database, a_claim())
    await answered(database)
    assert await database.write(lambda c: forget_keys(c, now_ms(), 10)) == 0
    await database.write(_let_expire)
    # before the sweep comes, a request may use it again
    assert await claimed(database, a_claim("holder-2", "request-2")) == [Claim.MINE]
    await database.write(_let_expire)
    assert await database.write(lambda c: forget_keys(c, now_ms(), 10)) == 1


def _let_expire(connection: Connection) -> None:
    connection.execute(update(schema.idempotency_keys).values(expires_at=0))


async def test_a_number_is_taken_out_of_the_answers(database: Database) -> None:
    await claimed(database, a_claim())
    await answered(database)
    assert await database.write(lambda c: mask_answers(c, "15557650020", "another")) == 0
    assert await database.write(lambda c: mask_answers(c, "15557650020")) == 1
    kept = await database.read(lambda c: c.execute(select(schema.idempotency_keys.c.answer)).scalar())
    assert kept == "<RESPONSE><TO>*********20</TO></RESPONSE>"
