"""What a redaction takes away, and what it must leave."""

from typing import Any

import pytest
from tests.builders import DAY, a_content, a_message, a_part, a_slide, a_task, now_ms
from tests.store.kit import a_change, an_ending, ended, scalar, stored

from slidewire.domain.campaigns import Block, Consent, Source
from slidewire.domain.exchange import Exchange
from slidewire.domain.message import Message
from slidewire.domain.retention import ALL, Trace
from slidewire.store.consent import Subscription, add_blocks, change_subscription
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.links import LinkKey, add_link, links_of, new_link
from slidewire.store.messages import find_message, message_events, message_exchanges
from slidewire.store.retention import (
    Receipt,
    Slice,
    delete_messages,
    forget_number,
    messages_to,
    read_slice,
    redact_messages,
    redact_now,
    with_open_page,
)

ANN = "12025550143"
MINE, OURS = "aa" * 32, "bb" * 32
KEY = LinkKey("k", b"k")


def with_media(*digests: str, **changes: Any) -> Message:
    parts = tuple(a_part(content=a_content(digest=digest)) for digest in digests)
    return a_message(receiver=ANN, slides=(a_slide(parts=parts),), **changes)


async def over(database: Database, message: Message) -> Message:
    """A message that is done, with an event and an exchange that name its receiver, and an open page."""
    contents = tuple(part.content for slide in message.slides for part in slide.parts)
    task, at = a_task(message), now_ms()
    new = NewMessage(message, task, "node-1", contents, at + DAY, frozenset(each.digest for each in contents))
    await database.write(lambda c: insert_messages(c, [new]))
    exchange = Exchange(at, "mmsc", "POST /mm7", "500", 0.1, body=f"to {message.receiver}", failed=True)
    change = a_change(
        task, detail=f"nobody at {message.receiver}", receipt_key=f"r|{message.receiver}", exchange=exchange
    )
    assert await ended(database, an_ending(task, change)) == [True]
    await database.write(lambda c: add_link(c, new_link(message, message.id, KEY, at)))
    return message


async def found(database: Database, message: Message) -> Message:
    kept = await database.read(lambda c: find_message(c, message.id))
    assert kept is not None
    return kept


async def test_every_trace_of_a_message_goes_and_the_message_stays(database: Database) -> None:
    message = await over(database, with_media(MINE))
    done = await database.write(lambda c: redact_messages(c, [message], ALL, now_ms()))
    assert done == [message.id]
    kept = await found(database, message)
    assert (kept.receiver, kept.slides, kept.subject, kept.status) == ("*********43", (), "", message.status)
    [event] = await database.read(lambda c: message_events(c, message.id))
    assert event["detail"] == "nobody at *********43"
    assert await database.read(lambda c: scalar(c, "SELECT receipt_key FROM events")) == "r|*********43"
    assert await database.read(lambda c: message_exchanges(c, message.id)) == []
    [link] = await database.read(lambda c: links_of(c, message.id))
    assert not link.is_live(now_ms())
    assert await database.write(lambda c: redact_messages(c, [kept], ALL, now_ms())) == []


async def test_content_goes_without_the_rest(database: Database) -> None:
    message = await over(database, with_media(MINE))
    await database.write(lambda c: redact_messages(c, [message], frozenset({Trace.CONTENT}), now_ms()))
    kept = await found(database, message)
    assert (kept.receiver, [(slide.text, slide.parts) for slide in kept.slides]) == (ANN, [("Hello", ())])
    assert len(await database.read(lambda c: message_exchanges(c, message.id))) == 1


async def test_a_deleted_message_leaves_nothing(database: Database) -> None:
    message, other = await over(database, with_media(MINE)), await over(database, with_media(MINE))
    await database.write(lambda c: delete_messages(c, [message.id]))
    for table in ("messages", "events", "exchanges", "page_links"):
        assert await database.read(lambda c, t=table: scalar(c, f"SELECT count(*) FROM {t}")) == 1, table
    assert await found(database, other) == other


@pytest.mark.parametrize("deleted", [True, False])
async def test_what_is_not_whole_is_not_sent_again(database: Database, deleted: bool) -> None:
    gone, kept = a_message(mms_id=7, receiver=ANN), a_message(mms_id=8)
    for message in (gone, kept):
        new = NewMessage(message, a_task(message), reusable=True)
        await database.write(lambda c, new=new: insert_messages(c, [new]))
    if deleted:
        await database.write(lambda c: delete_messages(c, [gone.id]))
    else:
        await database.write(lambda c: redact_messages(c, [gone], frozenset({Trace.TEXT}), now_ms()))
    assert await database.read(lambda c: scalar(c, "SELECT sum(mms_id) FROM sent_mms")) == 8


async def test_a_slice_is_of_its_accounts_and_its_time(database: Database) -> None:
    old = await over(database, a_message(id="0" * 11 + "1" + "a" * 20))
    await over(database, a_message(id="0" * 11 + "2" + "a" * 20))
    await over(database, a_message(id="0" * 11 + "1" + "b" * 20, account_id="acct-2"))
    part = Slice(("acct-1",), "", 2, 10)
    assert [message.id for message in await database.read(lambda c: read_slice(c, part))] == [old.id]


async def test_open_pages_are_known(database: Database) -> None:
    message = await over(database, with_media(MINE))
    after = message.link_expires_at + 1
    assert await database.read(lambda c: with_open_page(c, [message.id], now_ms())) == {message.id}
    assert await database.read(lambda c: with_open_page(c, [message.id], after)) == set()


async def test_bytes_that_another_message_uses_stay_pinned(database: Database) -> None:
    message = await over(database, with_media(MINE, OURS))
    await over(database, with_media(OURS, account_id="acct-2"))
    receipt = await database.write(lambda c: redact_now(c, [message], now_ms()))
    assert receipt == Receipt(messages=[message.id], contents=1)
    query = f"SELECT digest FROM content WHERE keep_until <= {now_ms()}"
    assert await database.read(lambda c: scalar(c, query)) == MINE


async def test_what_has_not_ended_is_left_alone(database: Database) -> None:
    message = with_media(MINE)
    await stored(database, message)
    receipt = await database.write(lambda c: redact_now(c, [message], now_ms()))
    assert receipt == Receipt(waiting=[message.id])
    assert await found(database, message) == message


async def test_a_forgotten_number_stays_blocked_and_opted_out(database: Database) -> None:
    for campaign, state in (("spring", Consent.SUBSCRIBED), ("autumn", Consent.OPTED_OUT)):
        new = Subscription(ANN, "acct-1", campaign, state, Source.MO, 1)
        await database.write(lambda c, new=new: change_subscription(c, new))
    await database.write(lambda c: add_blocks(c, [Block(ANN, "", "", Source.MO, "", 1)]))
    receipt = Receipt()
    await database.write(lambda c: forget_number(c, ANN, receipt))
    assert receipt.rows == {
        "subscriptions": 1,
        "operator cache": 0,
        "handsets": 0,
        "parked receipts": 0,
        "groups": 0,
        "batches": 0,
        "kept answers": 0,
    }
    assert receipt.kept == {"opt-outs": 1, "blocks": 1}


async def test_the_messages_to_a_number_are_found(database: Database) -> None:
    mine = await over(database, with_media(MINE))
    theirs = await over(database, with_media(MINE, account_id="acct-2"))
    assert await database.read(lambda c: messages_to(c, ANN)) == [mine, theirs]
    assert await database.read(lambda c: messages_to(c, ANN, "acct-2")) == [theirs]
