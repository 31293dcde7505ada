"""Content that somebody counts on is pinned by a date: never deleted before it (durability 19)."""

from collections.abc import Sequence
from enum import Enum, unique
from typing import Any, Protocol

from sqlalchemy import Connection

from slidewire.domain.message import Content
from slidewire.store.sql import listed, run, run_many


@unique
class Insertion(Enum):
    """What became of something new that pins content."""

    DONE = "done"
    CONTENT_LEAVING = "content leaving"  #: nothing was inserted: write the bytes again, then come back
    UNPAID = "unpaid"  #: nothing was inserted: its account has nothing left of what it paid for


class Pinning(Protocol):
    """A message or a template on its way into the store."""

    @property
    def pins(self) -> tuple[Content, ...]:
        """Content that is not known to be pinned long enough."""

    @property
    def keep_until(self) -> int:
        """Until when it must stay, Unix milliseconds."""

    @property
    def written(self) -> frozenset[str]:
        """Digests whose bytes were stored just now: no row yet is no worry."""

    @property
    def again(self) -> bool:
        """The bytes were brought back: doomed rows live on."""

    @property
    def at(self) -> int:
        """The present time, Unix milliseconds."""


_CONTENT_STATE = "SELECT digest, doomed_at FROM content WHERE digest IN {list} ORDER BY digest {lock}"
#: What was let go is pinned again, as long as it was: others may have trusted that (store/contents.py).
_PIN = """INSERT INTO content (digest, size, type, width, height, frames, keep_until)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (digest) DO UPDATE SET doomed_at = NULL,
    keep_until = CASE WHEN abs(content.keep_until) > excluded.keep_until
                 THEN abs(content.keep_until) ELSE excluded.keep_until END"""
#: Whoever was sent back will come again: until then the sweep must wait from anew.
_SPARE = "UPDATE content SET doomed_at = ? WHERE digest = ? AND doomed_at BETWEEN 0 AND ?"

_SHORT = """SELECT digest FROM content WHERE digest IN {list} AND keep_until BETWEEN 0 AND ? AND doomed_at IS NULL
    ORDER BY digest {lock}"""
_LENGTHEN = "UPDATE content SET keep_until = ? WHERE digest IN {list}"


def pin_longer(connection: Connection, digests: Sequence[str], until: int) -> None:
    """Pin content that nobody has begun to let go at least until then; of the rest its user will hear."""
    short = [row[0] for row in run(connection, _SHORT, listed(connection, digests), until - 1)]
    if short:
        run(connection, _LENGTHEN, until, listed(connection, short))


def pin(connection: Connection, items: Sequence[Pinning]) -> list[Insertion]:
    """Raise ``keep_until``; content that a sweep is about to delete sends its item back (durability 19)."""
    wanted = sorted({content.digest for item in items for content in item.pins})
    if not wanted:
        return [Insertion.DONE] * len(items)
    known = {row[0]: row[1] for row in run(connection, _CONTENT_STATE, listed(connection, wanted))}
    results = []
    rows: dict[str, tuple[Any, ...]] = {}
    spared: dict[str, int] = {}
    for item in items:
        sound = all(_is_sound(known, content.digest, item) for content in item.pins)
        results.append(Insertion.DONE if sound else Insertion.CONTENT_LEAVING)
        for c in item.pins:
            if not sound:
                spared[c.digest] = item.at
                continue
            before = rows[c.digest][-1] if c.digest in rows else 0
            until = max(item.keep_until, before)
            rows[c.digest] = (c.digest, c.size, c.type, c.width, c.height, c.frames, until)
    run_many(connection, _SPARE, [(at, digest, at) for digest, at in sorted(spared.items())])
    run_many(connection, _PIN, [rows[digest] for digest in sorted(rows)])
    return results


def _is_sound(known: dict[str, int | None], digest: str, item: Pinning) -> bool:
    return known[digest] is None or item.again if digest in known else digest in item.written
