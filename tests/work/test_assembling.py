"""Texts that came in segments: one message, in any order, over a restart; what is missing is marked in the end."""

import asyncio
from dataclasses import replace
from itertools import permutations

import pytest
from tests.builders import now_ms
from tests.work.kit import a_kit
from tests.work.test_receive import ANN, BOB, KEY

from slidewire.domain.inbound import Inbound, Piece, Word
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.consent import read_blocks
from slidewire.store.database import Database
from slidewire.store.inbound import forget_inbound, list_inbound
from slidewire.work.assembling import TextDesk, whole_text
from slidewire.work.receive import InboundDesk, InboundTerms

WAIT = 300_000
#: The emoji is cut in two between the first and the second.
WORDS = "Hello 😀 and more and the end".encode("utf-16-be")
CUTS = (WORDS[:14], WORDS[14:30], WORDS[30:])


def segments(*octets: bytes, coding: int = 8, reference: str = "8:7") -> list[Piece]:
    return [Piece(reference, number, len(octets), coding, each) for number, each in enumerate(octets, start=1)]


def text(piece: Piece, phone: str = ANN, at: int = 0) -> Inbound:
    return Inbound("sms-a", phone, "24680", "?", at or now_ms(), piece=piece)


async def a_desk(database: Database, wait: int = WAIT) -> TextDesk:
    kit = a_kit(database)
    return TextDesk(kit.means, InboundDesk(kit.means, InboundTerms(lambda: KEY)), wait)


@pytest.fixture
async def desk(database: Database) -> TextDesk:
    new = NewAccount("acct-1", "a", {}, ["24680"], "digest", weak_key=False, now=0)
    await database.write(lambda c: add_account(c, new))
    return await a_desk(database)


async def texts(database: Database) -> list[str]:
    return sorted(each.message.text for each in await database.read(list_inbound))


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_segments_in_any_order_are_one_message(
    database: Database, desk: TextDesk, order: tuple[int, ...]
) -> None:
    pieces = segments(*CUTS)
    for at in order[:2]:
        await desk.take(text(pieces[at]))
        await desk.take(text(pieces[at]))  # its acknowledgement was lost
    assert await texts(database) == []
    again = await a_desk(database)  # after a restart
    await again.take(text(pieces[order[2]]))
    await again.take(text(pieces[order[2]]))
    assert await texts(database) == ["Hello 😀 and more and the end"]


async def test_texts_of_many_phones_do_not_mix(database: Database, desk: TextDesk) -> None:
    takes = [
        desk.take(text(piece, phone))
        for phone in (ANN, BOB)
        for reference in ("8:1", "8:2", "16:1")
        for piece in segments(phone.encode(), reference.encode(), coding=0, reference=reference)
    ]
    await asyncio.gather(*takes)
    assert await texts(database) == sorted(p + r for p in (ANN, BOB) for r in ("8:1", "8:2", "16:1"))


async def test_a_reference_that_begins_again_is_another_text(database: Database, desk: TextDesk) -> None:
    for octets in ((b"a", b"b"), (b"c", b"d")):
        for piece in segments(*octets, coding=0):
            await desk.take(text(piece))
    await desk.take(text(segments(b"e", b"f", coding=0)[0]))
    for piece in segments(b"g", b"h", coding=0):  # the former text never became whole
        await desk.take(text(piece))
    assert await texts(database) == ["ab", "cd", "e [...] ", "gh"]


async def test_what_is_missing_is_marked_when_its_time_is_over(database: Database, desk: TextDesk) -> None:
    first, second, third = segments(b"one", b"two", b"three", coding=0)
    old = now_ms() - WAIT - 1
    await desk.take(text(first, at=old))
    await desk.take(text(third, at=old))
    await desk.take(text(second, BOB))
    await desk.deliver_late()
    await desk.deliver_late()
    assert await texts(database) == ["one [...] three"]
    await (await a_desk(database, wait=-1)).deliver_late()
    assert await texts(database) == [" [...] two [...] ", "one [...] three"]


async def test_a_stop_in_segments_is_heeded_and_a_phone_is_forgotten(database: Database, desk: TextDesk) -> None:
    for piece in segments(b"ST", b"OP", coding=0):
        await desk.take(text(piece))
    assert [each.word for each in await database.read(list_inbound)] == [Word.STOP]
    assert len(await database.read(lambda c: read_blocks(c, receiver=ANN))) == 1
    await desk.take(text(replace(segments(b"x", b"y")[0], reference="8:9")))
    await database.write(lambda c: forget_inbound(c, ANN, now_ms()))
    await (await a_desk(database, wait=-1)).deliver_late()
    assert await texts(database) == []


def test_an_escape_that_was_cut_off_is_read_whole() -> None:
    assert whole_text(segments(b"5 \x1b", b"e each", coding=0)) == "5 € each"
