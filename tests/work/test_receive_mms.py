"""MMS of phones: bytes first, then the message that pins them, once for each owner and for all its repetitions."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import DAY, now_ms
from tests.carriers.mm7.deliveries import JPEG
from tests.work.kit import Kit, a_kit
from tests.work.test_receive import ANN, BOB, KEY

from slidewire.content.store import FolderStore
from slidewire.domain.account import Account, read_settings
from slidewire.domain.finding import Finding, KeptFinding, Source
from slidewire.domain.handset import Handset
from slidewire.domain.inbound import ArrivedFile, ArrivedMms, Inbound, InboundPart, Word
from slidewire.domain.retention import Rule, Trace
from slidewire.domain.usage import Channel
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.consent import read_blocks
from slidewire.store.contents import delete_doomed, doom
from slidewire.store.database import Database
from slidewire.store.handsets import find_handsets
from slidewire.store.inbound import (
    Forgotten,
    find_inbound,
    forget_arrivals,
    forget_inbound,
    list_inbound,
    redact_inbound,
    remove_media,
)
from slidewire.store.links import LinkKey, find_link, links_of
from slidewire.store.messages import message_tasks
from slidewire.store.operators import find_kept
from slidewire.store.retention import Slice
from slidewire.work.receive import InboundDesk, InboundTerms
from slidewire.work.receive_mms import MmsDesk

PICTURE = ArrivedFile(JPEG, "image/jpeg", "photo.jpg")


def an_mms(*files: ArrivedFile, **changes: object) -> ArrivedMms:
    mms = ArrivedMms("mmsc-a", ANN, now_ms(), ("24680",), files=files or (PICTURE,), ids=("id-1",))
    return replace(mms, **changes)  # type: ignore[arg-type]  # a test's own


def learnt(number: str, word: str) -> KeptFinding | None:
    return KeptFinding(number, Finding(Source.TRAFFIC, operator=word), now_ms(), now_ms() + DAY) if word else None


class House:
    """Desks over a database and a folder, for two accounts that share 24680."""

    def __init__(self, kit: Kit, database: Database, store: FolderStore) -> None:
        self.kit, self.database, self.store = kit, database, store
        terms = InboundTerms(lambda: KEY, frozenset({"try"}), learnt=learnt)
        self.desk = MmsDesk(InboundDesk(kit.means, terms), store, 30 * DAY)

    async def kept(self) -> list[Inbound]:
        found = await self.database.read(lambda c: list_inbound(c, account="acct-1"))
        return [each.message for each in found]

    async def bytes_of(self, part: InboundPart) -> bytes:
        return await self.store.read(part.content.digest)


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    for account_id, senders in (("acct-1", ["24680", "24681"]), ("acct-2", ["24680"])):
        new = NewAccount(account_id, account_id, {}, senders, f"digest-{account_id}", weak_key=False, now=0)
        await database.write(lambda c, new=new: add_account(c, new))
    async with FolderStore(tmp_path / "content") as store:
        yield House(a_kit(database), database, store)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_files_are_what_their_bytes_say_and_texts_are_utf_8(house: House) -> None:
    script = b"<html><script>alert(1)</script>"
    files = (
        replace(PICTURE, type="application/octet-stream"),
        ArrivedFile("Où es-tu ?\r\n".encode("latin-1"), "text/plain; charset=ISO-8859-1"),
        ArrivedFile(script, "image/png"),
        ArrivedFile(script, "text/plain"),
        ArrivedFile(b"\x00\x01\x02", "application/x-thing"),
        ArrivedFile("Z\x00".encode("utf-16"), 'text/plain; charset="utf-16"'),
        ArrivedFile(b"BEGIN:VCARD\r\nEND:VCARD", "text/plain"),
    )
    await house.desk.take(an_mms(*files, subject="Hello"))
    [it] = await house.kept()
    assert [(part.name, part.content.type, part.given) for part in it.parts] == [
        ("1.jpg", "image/jpeg", "photo.jpg"),
        ("2.txt", "text/plain", ""),
        ("3.html", "text/html", ""),
        ("4.txt", "text/plain", ""),
        ("5.bin", "application/octet-stream", ""),
        ("6.txt", "text/plain", ""),
        ("7.vcf", "text/vcard", ""),
    ]
    assert await house.bytes_of(it.parts[0]) == JPEG
    assert (await house.bytes_of(it.parts[1])).decode() == "Où es-tu ?\n"
    assert it.text == "Où es-tu ?\n\n<html><script>alert(1)</script>\nZ\ufffd"
    assert (it.channel, it.number, it.subject, it.keyword) == (Channel.MMS, "24680", "Hello", "Hello")


async def test_a_repetition_is_one_message_and_each_owner_has_it(house: House) -> None:
    mms = an_mms(ids=("a", "b"))
    await asyncio.gather(house.desk.take(mms), house.desk.take(mms))
    await house.desk.take(replace(mms, ids=("b", "c")))
    kept = await house.database.read(list_inbound)
    assert sorted(each.account_id for each in kept) == ["acct-1", "acct-2"]
    await house.desk.take(replace(mms, route="mmsc-b"))
    await house.desk.take(replace(mms, ids=()))
    assert len(await house.kept()) == 3
    assert await house.database.write(lambda c: forget_arrivals(c, now_ms() + 1, 100)) == 5  # a to c, and two


async def test_n401_and_the_link_are_in_the_same_transaction(house: House) -> None:
    await house.desk.take(an_mms(to=("15557650009", "24681", "24680"), shown=("15557650008",), network="31003"))
    kept = await house.database.read(lambda c: list_inbound(c, account="acct-1"))
    assert {each.message.number: each.message.copies for each in kept} == {
        "24681": ("15557650009", "24680", "15557650008"),
        "24680": ("15557650009", "24681", "15557650008"),
    }
    one = next(each for each in kept if each.message.number == "24681")
    [task] = await house.database.read(lambda c: message_tasks(c, one.id))
    assert '"INBOUND_MMS"' in task["body"]
    assert '"content":["1.jpg"]' in task["body"]
    token = KEY.token_of_inbound(one.id)
    assert token not in task["body"]
    link = await house.database.read(lambda c: find_link(c, token, KEY))
    assert link is not None
    assert (link.message_id, link.expires_at) == (one.id, one.message.received_at + 30 * DAY)
    assert house.kit.woken == ["notify:acct-1"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        pytest.param({"files": (ArrivedFile(b" Stop! ", "text/plain"),)}, Word.STOP, id="in the text"),
        pytest.param({"subject": "STOP", "files": (PICTURE,)}, Word.STOP, id="in the subject where there is no text"),
        pytest.param(
            {"subject": "STOP", "files": (ArrivedFile(b"Hi", "text/plain"),)}, Word.NONE, id="the text is what is said"
        ),
    ],
)
async def test_stop_is_heeded(house: House, changes: dict[str, object], word: Word) -> None:
    await house.desk.take(an_mms(**changes))
    kept = await house.database.read(list_inbound)
    assert {each.word for each in kept} == {word}
    blocks = await house.database.read(lambda c: read_blocks(c, receiver=ANN))
    assert [each.account_id for each in blocks] == (["acct-1", "acct-2"] if word is Word.STOP else [])


async def test_phone_and_operator_are_learnt_from_real_routes_alone(house: House) -> None:
    told = {"handset": Handset("http://phones.example/a.xml"), "network": "31003"}
    await house.desk.take(an_mms(**told))
    await house.desk.take(an_mms(**told, route="try", phone=BOB))
    phones = await house.database.read(lambda c: find_handsets(c, [ANN, BOB]))
    assert {phone: handset.profile for phone, handset in phones.items()} == {ANN: "http://phones.example/a.xml"}
    found = [await house.database.read(lambda c, phone=phone: find_kept(c, phone)) for phone in (ANN, BOB)]
    assert [each and each.finding.operator for each in found] == ["31003", None]


async def test_media_that_are_about_to_be_deleted_are_written_again(house: House) -> None:
    await house.desk.take(an_mms())
    later = now_ms() + 31 * DAY
    assert await house.database.write(lambda c: doom(c, later, 10)) == 1
    grace = {"now": later + 2, "grace_ms": 1, "limit": 10}
    assert await house.database.write(lambda c: delete_doomed(c, house.store.unlink, **grace)) == 1
    await house.desk.take(an_mms(ids=("id-2",)))
    assert len(await house.kept()) == 2
    assert await house.store.read(digest(JPEG)) == JPEG


async def test_what_is_removed_is_gone_and_that_it_came_is_known(house: House) -> None:
    await house.desk.take(an_mms(PICTURE, ArrivedFile(b"Hi", "text/plain"), subject="Q"))
    [kept] = await house.database.read(lambda c: list_inbound(c, account="acct-1"))

    async def removed(account: str, inbound_id: str) -> bool | None:
        return await house.database.write(lambda c: remove_media(c, account, inbound_id, now_ms()))

    met = [await removed("acct-2", kept.id), await removed("acct-1", "nothing")]
    met += [await removed("acct-1", kept.id), await removed("acct-1", kept.id)]
    assert met == [None, None, True, False]
    left = await house.database.read(lambda c: find_inbound(c, kept.id))
    assert left is not None
    assert (left.message.parts, left.message.text, left.message.subject, left.message.phone) == ((), "", "", ANN)
    link = await house.database.read(lambda c: find_link(c, KEY.token_of_inbound(kept.id), KEY))
    assert link is not None
    assert link.revoked_at is not None
    assert await house.database.write(lambda c: doom(c, now_ms() + 1, 10)) == 0  # acct-2 has its own


async def test_a_phone_is_forgotten_with_its_media(house: House) -> None:
    await house.desk.take(an_mms())
    await house.desk.take(an_mms(phone=BOB, ids=("id-2",)))
    now = now_ms()
    assert await house.database.write(lambda c: forget_inbound(c, ANN, now)) == Forgotten(2, 0)
    assert await house.database.write(lambda c: forget_inbound(c, BOB, now)) == Forgotten(2, 1)
    assert await house.database.write(lambda c: doom(c, now + 1, 10)) == 1
    assert await house.database.write(lambda c: forget_arrivals(c, now_ms() + 1, 100)) == 0


@pytest.mark.parametrize(
    ("traces", "left"),
    [
        pytest.param({Trace.CONTENT}, (ANN, ("15557650002",), "Hi", "Q", 0), id="content"),
        pytest.param({Trace.TEXT}, (ANN, ("15557650002",), "", "", 1), id="texts, also those that are files"),
        pytest.param({Trace.NUMBERS}, ("*********43", ("*********02",), "Hi", "Q", 2), id="numbers"),
    ],
)
async def test_retention_covers_what_phones_send(house: House, traces: set[Trace], left: tuple[object, ...]) -> None:
    text = ArrivedFile(b"Hi", "text/plain")
    await house.desk.take(an_mms(PICTURE, text, subject="Q", shown=("15557650002",)))
    until = now_ms() + 1000
    part = Slice(("acct-1",), "", until, 10)
    rule = Rule("x", frozenset(traces), 0)
    await house.database.write(lambda c: redact_inbound(c, part, rule, until))
    [it] = await house.kept()
    assert (it.phone, it.copies, it.text, it.subject, len(it.parts)) == left


async def test_media_are_kept_no_longer_than_their_account_keeps_content(house: House) -> None:
    """The account that keeps them longest decides for the bytes, each for its own link."""
    short = Account("acct-1", "a", read_settings({"retention_days": "content=1"}), frozenset({"24680", "24681"}))
    means = replace(house.kit.means, account=lambda each: short if each == short.id else None)
    desk = MmsDesk(InboundDesk(means, InboundTerms(lambda: KEY)), house.store, 30 * DAY)
    await desk.take(an_mms(to=("24681",)))
    await desk.take(an_mms(ArrivedFile(b"Hi", "text/plain"), ids=("id-2",)))
    kept = await house.database.read(list_inbound)
    links = {each.id: await house.database.read(lambda c, each=each: links_of(c, each.id)) for each in kept}
    days = sorted((each.account_id, (links[each.id][0].expires_at - each.message.received_at) // DAY) for each in kept)
    assert days == [("acct-1", 1), ("acct-1", 1), ("acct-2", 30)]
    assert await house.database.write(lambda c: doom(c, now_ms() + 2 * DAY, 10)) == 1  # the other is acct-2's too


def test_a_link_is_found_under_the_key_that_it_was_made_with() -> None:
    """The server key may change between a message and the postback of it."""
    changed = LinkKey.of(b"another server key of thirty-two", KEY.secret)
    assert changed.named(KEY.id).token_of_inbound("id-1") == KEY.token_of_inbound("id-1")
    assert changed.named("unknown").token_of_inbound("id-1") == changed.token_of_inbound("id-1")


async def test_nothing_is_said_before_it_is_on_disk(house: House) -> None:
    """A full disk keeps nothing, and the MMSC must bring it again."""
    house.store.close()
    with pytest.raises(RuntimeError):
        await house.desk.take(an_mms())
    assert await house.kept() == []
