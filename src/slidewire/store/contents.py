"""Letting content go: doomed first, deleted after a grace that is longer than any request (durability 19).

A row is doomed when no message pins its content any more and no template names it, and gone (``doomed_at`` below 0)
when its bytes were deleted. What is gone keeps its row for another grace: a request that stored the same bytes just
before they were deleted meets the row, and stores them again. Whoever relies on bytes has met a row that is neither.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from slidewire.store.sql import listed, run, wait

_FORGOTTEN = """SELECT digest FROM content
    WHERE keep_until <= ? AND doomed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM template_content t WHERE t.digest = content.digest)
    ORDER BY keep_until LIMIT ? {skip}"""
_DOOMED = """SELECT digest FROM content
    WHERE keep_until <= ? AND doomed_at BETWEEN 0 AND ? ORDER BY keep_until LIMIT ? {skip}"""
_MARK = "UPDATE content SET doomed_at = ? WHERE digest IN {list}"
_KNOWN = "SELECT digest FROM content WHERE digest IN {list}"
_DROP = "DELETE FROM content WHERE keep_until <= ? AND doomed_at BETWEEN ? AND -1"


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
