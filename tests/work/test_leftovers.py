"""What a machine has on its disk of content that another machine has deleted."""

import hashlib
import os
import time
from pathlib import Path

from tests.builders import a_content, a_message, a_task, now_ms
from tests.work.kit import Kit, a_kit

from slidewire.store import contents
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.work.leftovers import LEFT_ALONE, Leftovers

OLD = time.time() - LEFT_ALONE / 1000 - 60


def a_file(folder: Path, digest: str, behind: str = "", used: float = OLD) -> Path:
    path = folder / digest[:2] / f"{digest}{behind}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"made of it")
    os.utime(path, (used, used))
    return path


async def a_pinned(kit: Kit, body: bytes) -> str:
    """Content that a message needs."""
    content = a_content(digest=hashlib.sha256(body).hexdigest())
    message = a_message()
    new = NewMessage(
        message, a_task(message), pins=(content,), keep_until=now_ms() + 60_000, written=frozenset({content.digest})
    )
    await kit.means.database.write(lambda c: insert_messages(c, [new]))
    return content.digest


async def test_what_was_made_of_deleted_content_goes(database: Database, tmp_path: Path) -> None:
    kit = a_kit(database)
    kept, deleted = await a_pinned(kit, b"kept"), await a_pinned(kit, b"deleted")
    never = hashlib.sha256(b"of a request that came to nothing").hexdigest()
    copies, fitted = tmp_path / "copies", tmp_path / "fitted"
    stays = [a_file(copies, kept), a_file(fitted, kept, "-0a"), a_file(copies, deleted, used=time.time())]
    foreign = a_file(copies, "somebody else's file")
    goes = [a_file(fitted, deleted, "-0a"), a_file(fitted, deleted, "-0b"), a_file(copies, never)]
    later = now_ms() + 3_600_000 * 3
    await database.write(
        lambda c: c.exec_driver_sql(f"UPDATE content SET keep_until = 1 WHERE digest = '{deleted}'") and None
    )
    await database.write(lambda c: contents.doom(c, now_ms(), 10))
    leftovers = Leftovers(kit.means, (copies, fitted, tmp_path / "not made yet"))
    await leftovers.sweep()
    assert [path.exists() for path in goes] == [True, True, False], "what is doomed is still there to be brought back"

    await database.write(lambda c: contents.delete_doomed(c, lambda _: None, now=later, grace_ms=3_600_000, limit=10))
    await leftovers.sweep()
    assert [path.exists() for path in (*stays, foreign)] == [True] * 4
    assert [path.exists() for path in goes] == [False] * 3
