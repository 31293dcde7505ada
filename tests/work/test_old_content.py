"""Content goes when nothing needs it, and what no row has ever named goes too."""

import hashlib
import os
import time
from pathlib import Path

from tests.builders import a_message, a_part, a_slide, a_task, now_ms
from tests.work.kit import a_kit

from slidewire.content.store import FolderStore
from slidewire.domain.message import Content
from slidewire.store import hot
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage
from slidewire.work.sweep import ORPHAN_AGE, ClockWatch, OldContent


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
