"""Letting content go: doomed first, deleted after a grace that is longer than any request (durability 19).

A row is doomed when no message pins its content any more and no template names it, and gone (``doomed_at`` below 0)
when its bytes were deleted. What is gone keeps its row for another grace: a request that stored the same bytes just
before they were deleted meets the row, and stores them again. Whoever relies on bytes has met a row that is neither.

Or met it a while ago: intake remembers for some minutes what it has pinned (intake/pinning.py). A date that passes
takes nobody by surprise, a redaction does. What it lets go keeps its date, below 0, and is doomed; once its grace is
over whoever may have trusted that date is there to be seen, and only what nothing holds then is deleted
(docs/adr/0397).
"""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, exists, select

from slidewire.store import schema
from slidewire.store.sql import listed, run, wait

_FORGOTTEN = """SELECT digest FROM content
    WHERE keep_until <= ? AND doomed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM template_content t WHERE t.digest = content.digest)
    ORDER BY keep_until LIMIT ? {skip}"""
_DOOMED = """SELECT digest FROM content
    WHERE keep_until BETWEEN 0 AND ? AND doomed_at BETWEEN 0 AND ? ORDER BY keep_until LIMIT ? {skip}"""
_MARK = "UPDATE content SET doomed_at = ? WHERE digest IN {list}"
_KNOWN = "SELECT digest FROM content WHERE digest IN {list}"
_STILL_THERE = "SELECT digest FROM content WHERE digest IN {list} AND (doomed_at IS NULL OR doomed_at >= 0)"
_DROP = "DELETE FROM content WHERE keep_until <= ? AND doomed_at BETWEEN ? AND -1"
#: What was let go before is asked about a whole grace after the last time.
_LET_GO = """UPDATE content SET keep_until = -abs(keep_until),
    doomed_at = CASE WHEN doomed_at >= 0 THEN ? ELSE doomed_at END
    WHERE digest IN {list} AND (keep_until > ? OR keep_until < 0)"""
_ENDS = "SELECT count(*) FROM content WHERE digest IN {list} AND keep_until <= ?"
_IN_DOUBT = "SELECT digest FROM content WHERE keep_until < 0 AND doomed_at BETWEEN 0 AND ? ORDER BY keep_until LIMIT ?"
#: Its bytes are there: what is below 0 is not deleted.
_HELD = """UPDATE content SET keep_until = -keep_until, doomed_at = NULL
    WHERE digest = ? AND keep_until < 0 AND doomed_at BETWEEN 0 AND ?"""
_FREE = "UPDATE content SET keep_until = 0 WHERE digest = ? AND keep_until < 0 AND doomed_at BETWEEN 0 AND ?"


def doom(connection: Connection, now: int, limit: int) -> int:
    """Mark at most ``limit`` contents that nothing pins any more; returns how many."""
    digests = [row[0] for row in run(connection, _FORGOTTEN, now, limit)]
    if digests:
        run(connection, _MARK, now, listed(connection, digests))
    return len(digests)


def delete_doomed(
    connection: Connection, unlink: Callable[[Sequence[str]], None], *, now: int, grace_ms: int, limit: int
) -> int:
    """Delete the bytes of at most ``limit`` contents that were doomed a grace ago; returns how many.

    ``unlink`` removes the bytes of several digests and bears that they are gone already: it is called while their
    rows are locked, on a thread, and called again when this transaction is undone.
    """
    before = now - grace_ms
    run(connection, _DROP, before, -before)
    digests = [row[0] for row in run(connection, _DOOMED, before, before, limit)]
    if digests:
        wait(lambda: unlink(digests))
        run(connection, _MARK, -now, listed(connection, digests))
    return len(digests)


def known(connection: Connection, digests: Sequence[str]) -> set[str]:
    """Those of ``digests`` that have a row."""
    return {row[0] for row in run(connection, _KNOWN, listed(connection, digests))}


def still_there(connection: Connection, digests: Sequence[str]) -> set[str]:
    """Those of ``digests`` whose bytes have not been deleted."""
    return {row[0] for row in run(connection, _STILL_THERE, listed(connection, digests))}


def let_go(connection: Connection, digests: Iterable[str], now: int) -> int:
    """Have content deleted that nothing holds any more (security 15); how many it are.

    It is asked about once more before it is: see ``in_doubt``.
    """
    alone = [digest for digest in sorted(set(digests)) if not is_used(connection, digest)]
    if not alone:
        return 0
    run(connection, _LET_GO, now, listed(connection, alone), now)
    row = run(connection, _ENDS, listed(connection, alone), now).fetchone()
    return int(row[0]) if row else 0


def is_used(connection: Connection, digest: str) -> bool:
    """Whether a message, a template, a batch or what a phone sent holds these bytes; goes through all there are."""
    holders = (
        schema.templates.c.slides,
        schema.batches.c.draft,  # empty once each receiver has its message
        schema.inbound.c.parts,
        schema.messages.c.slides,
    )
    return any(connection.execute(select(exists().where(holder.contains(digest)))).scalar() for holder in holders)


def in_doubt(connection: Connection, before: int, limit: int) -> list[str]:
    """At most ``limit`` contents that were let go and doomed before ``before``: is any of them used after all?"""
    return [row[0] for row in run(connection, _IN_DOUBT, before, limit)]


def decide(connection: Connection, digest: str, before: int, *, used: bool) -> None:
    """Leave content that was in doubt before ``before`` pinned as it was, or to be deleted.

    Nothing changes where somebody has pinned it meanwhile, or has let it go once more.
    """
    run(connection, _HELD if used else _FREE, digest, before)
