"""Phones behind numbers in the store: the newest word holds, and what nobody repeats is forgotten."""

from tests.builders import DAY, a_message, now_ms
from tests.store.kit import claimed, stored

from slidewire.domain.handset import Handset
from slidewire.store.database import Database
from slidewire.store.handsets import find_handsets, forget_handsets, note_handsets
from slidewire.store.retention import Receipt, forget_number

ANN, BOB, CAL = "12025550101", "12025550102", "12025550103"


async def noted(database: Database, *told: tuple[str, Handset]) -> dict[str, Handset]:
    await database.write(lambda c: note_handsets(c, told))
    return await database.read(lambda c: find_handsets(c, [ANN, BOB, CAL, ANN]))


async def test_keeps_the_newest_of_each_number(database: Database) -> None:
    now = now_ms()
    first, second = Handset("http://x/1.xml", "one", now), Handset("", "two", now + 1)
    assert await noted(database, (BOB, second), (ANN, second), (ANN, first), (CAL, Handset("", "", now))) == {
        ANN: second,
        BOB: second,
    }
    assert await noted(database, (ANN, Handset("http://x/3.xml", "", now - DAY))) == {ANN: second, BOB: second}
    third = Handset("http://x/3.xml", "", now + 2)
    assert await noted(database, (ANN, third)) == {ANN: third, BOB: second}


async def test_the_same_word_is_written_once_a_day(database: Database) -> None:
    now = now_ms()
    first = Handset("http://x/1.xml", "one", now)
    assert (await noted(database, (ANN, first)))[ANN] == first
    assert (await noted(database, (ANN, Handset("http://x/1.xml", "one", now + DAY - 1))))[ANN] == first
    later = Handset("http://x/1.xml", "one", now + DAY + 1)
    assert (await noted(database, (ANN, later)))[ANN] == later


async def test_a_redacted_number_is_no_phones(database: Database) -> None:
    await database.write(lambda c: note_handsets(c, [("*********01", Handset("http://x/1.xml", "", 1))]))
    assert await database.read(lambda c: find_handsets(c, ["*********01"])) == {}


async def test_a_phone_is_forgotten_with_its_number(database: Database) -> None:
    await noted(database, (ANN, Handset("http://x/1.xml", "", 1)), (BOB, Handset("http://x/1.xml", "", 1)))
    receipt = Receipt()
    await database.write(lambda c: forget_number(c, ANN, receipt))
    assert receipt.rows["handsets"] == 1
    assert set(await noted(database)) == {BOB}


async def test_words_without_end_are_cut(database: Database) -> None:
    assert (await noted(database, (ANN, Handset("p" * 900, "a" * 900, 1))))[ANN] == Handset("p" * 500, "a" * 500, 1)


async def test_a_claim_brings_the_phone(database: Database) -> None:
    handset = Handset("http://x/1.xml", "one", now_ms())
    await noted(database, (ANN, handset))
    known, unknown = a_message(receiver=ANN), a_message(receiver=BOB)
    for message in (known, unknown):
        await stored(database, message)
    taken = {each.task.message_id: (each.message, each.handset) for each in await claimed(database)}
    assert taken == {known.id: (known, handset), unknown.id: (unknown, None)}


async def test_what_nobody_repeats_is_forgotten(database: Database) -> None:
    for at, number in enumerate((ANN, BOB, CAL)):
        await noted(database, (number, Handset("http://x/1.xml", "", 1000 + at)))
    assert await database.write(lambda c: forget_handsets(c, 1002, 1)) == 1
    assert await database.write(lambda c: forget_handsets(c, 1002, 500)) == 1
    assert set(await noted(database)) == {CAL}
