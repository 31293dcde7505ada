"""Content goes when nothing needs it, and what no row has ever named goes too."""

import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path

from tests.builders import DAY, Clock, a_batch, a_content, a_message, a_part, a_slide, a_task, now_ms
from tests.work.kit import a_kit

from slidewire.content.store import FolderStore
from slidewire.domain.message import Content
from slidewire.domain.retention import ALL
from slidewire.domain.task import TaskKind
from slidewire.intake.pinning import TRUST, Pinned
from slidewire.store import hot
from slidewire.store.batches import NewBatch, insert_batches
from slidewire.store.contents import let_go
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage
from slidewire.store.retention import redact_messages
from slidewire.store.sql import run
from slidewire.work.sweep import CONTENT_GRACE, ORPHAN_AGE, ClockWatch, OldContent


async def test_orphans_go_and_what_a_row_names_stays(database: Database, tmp_path: Path) -> None:
    kit = a_kit(database)
    async with FolderStore(tmp_path) as store:
        digests = [hashlib.sha256(body).hexdigest() for body in (b"named", b"orphan", b"young orphan")]
        for digest, body in zip(digests, (b"named", b"orphan", b"young orphan"), strict=True):
            await store.put(digest, body)
        named = Content(digests[0], 5, "image/jpeg")
        message = a_message(slides=(a_slide(parts=(a_part(content=named),)),))
        new = NewMessage(message, a_task(message), None, (named,), now_ms() + 10**9, frozenset({digests[0]}))
        await kit.means.commits.write(hot.insert_messages, new)
        long_ago = time.time() - 2 * ORPHAN_AGE / 1000
        for digest in digests[:2]:
            os.utime(await store.path(digest), (long_ago, long_ago))
        clock = ClockWatch(kit.means.now, kit.means.monotonic)
        await OldContent(kit.means, clock, store).sweep_orphans()
        assert [await store.has(digest) for digest in digests] == [True, False, True]


async def test_what_is_accepted_on_trust_after_a_redaction_keeps_its_media(database: Database, tmp_path: Path) -> None:
    """The process has pinned the picture before, looks at no row, and the redaction saw nobody who uses it."""
    kit, time_ = a_kit(database), Clock(now_ms())
    digest = hashlib.sha256(b"picture").hexdigest()
    content = Content(digest, 7, "image/jpeg")
    slides, year = (a_slide(parts=(a_part(content=content),)),), time_.now + 365 * DAY
    pinned = Pinned(lambda: time_.now / 1000)
    async with FolderStore(tmp_path) as store:
        await store.put(digest, b"picture")
        sweep = OldContent(replace(kit.means, now=time_), ClockWatch(now_ms, time.monotonic), store).sweep
        first, second = a_message(slides=slides), a_message(slides=slides)
        new = NewMessage(first, a_task(first), None, pinned.lacking(first, year), year, frozenset({digest}))
        await kit.means.commits.write(hot.insert_messages, new)
        pinned.note(new.pins, year)
        await database.write(lambda c: redact_messages(c, [first], ALL, time_.now))
        assert await database.write(lambda c: let_go(c, [digest], time_.now)) == 1
        time_.advance(round(TRUST * 1000) - 1)
        assert pinned.lacking(second, year) == ()
        await kit.means.commits.write(hot.insert_messages, NewMessage(second, a_task(second)))
        for _ in range(30):
            await sweep()
            time_.advance(600_000)
        assert await store.has(digest)
        await database.write(lambda c: redact_messages(c, [second], ALL, time_.now))
        assert await database.write(lambda c: let_go(c, [digest], time_.now)) == 1
        await sweep()
        time_.advance(CONTENT_GRACE - 1)
        await sweep()
        assert await store.has(digest)
        time_.advance(1)
        await sweep()
        assert not await store.has(digest)


def test_a_pin_is_trusted_for_a_while_and_as_long_as_it_was() -> None:
    seconds = Clock(0)
    pinned, message = Pinned(seconds), a_message()
    needed = (message.slides[0].parts[0].content,)
    assert pinned.lacking(message, 5) == needed
    pinned.note(needed, 5)
    assert (pinned.lacking(message, 5), pinned.lacking(message, 6)) == ((), needed)
    seconds.advance(round(TRUST) - 1)
    assert pinned.lacking(message, 5) == ()
    seconds.advance(1)
    assert pinned.lacking(message, 5) == needed
    assert pinned.lacking(a_message(slides=()), 5) == ()


def test_nothing_is_deleted_while_somebody_may_trust_it() -> None:
    """Even where clocks differ by minutes, and a commit waits for minutes."""
    assert TRUST * 1000 * 3 < CONTENT_GRACE


async def test_what_a_batch_needs_stays_as_long_as_it_waits(database: Database, tmp_path: Path) -> None:
    """Its route has had no room for a week."""
    kit, time_ = a_kit(database), Clock(now_ms())
    digests = [hashlib.sha256(body).hexdigest() for body in (b"waits", b"is expanded")]
    until = (time_.now // DAY + 2) * DAY
    async with FolderStore(tmp_path) as store:
        await store.put(digests[0], b"waits")
        await store.put(digests[1], b"is expanded")
        for digest in digests:
            batch = a_batch("12025550143", digest=digest)
            task = a_task(a_message(), message_id=batch.id, kind=TaskKind.EXPAND, queue=TaskKind.EXPAND.queue("acct-1"))
            pins = (a_content(digest=digest),)
            new = NewBatch(batch, task, pins=pins, keep_until=until, written=frozenset(digests))
            await kit.means.commits.write(insert_batches, new)
        await database.write(lambda c: run(c, "DELETE FROM tasks WHERE message_id = ?", batch.id))
        sweep = OldContent(replace(kit.means, now=time_), ClockWatch(now_ms, time.monotonic), store).sweep
        for _ in range(14):
            time_.advance(DAY // 2)
            await sweep()
        assert [await store.has(digest) for digest in digests] == [True, False]
        await database.write(lambda c: run(c, "DELETE FROM tasks"))
        for _ in range(5):
            time_.advance(DAY // 2)
            await sweep()
        assert not await store.has(digests[0])
