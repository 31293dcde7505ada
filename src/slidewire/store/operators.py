"""What was found out about the network of a number: one row a number, until it is too old.

The number is the key, and no account is in it: who is behind a number is nobody's secret from the others, and each
look-up costs money.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from slidewire.domain.finding import Finding, KeptFinding, Source
from slidewire.store.sql import listed, run, run_many

_FIND = """SELECT number, source, network, operator, name, line_type, found_at, until FROM operator_cache
    WHERE number = ?"""
_KEEP = """INSERT INTO operator_cache (number, source, network, operator, name, line_type, found_at, until)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (number) DO UPDATE SET source = excluded.source, network = excluded.network,
    operator = excluded.operator, name = excluded.name, line_type = excluded.line_type,
    found_at = excluded.found_at, until = excluded.until"""
_FORGET = "DELETE FROM operator_cache WHERE number = ?"
_OLD = "SELECT number FROM operator_cache WHERE until <= ? ORDER BY until LIMIT ? {skip}"
_DROP = "DELETE FROM operator_cache WHERE number IN {list}"


def find_kept(connection: Connection, number: str) -> KeptFinding | None:
    """What is kept of ``number``, however old it is."""
    row = run(connection, _FIND, number).fetchone()
    if row is None:
        return None
    finding = Finding(Source(row[1]), network=row[2], operator=row[3], name=row[4], line_type=row[5])
    return KeptFinding(row[0], finding, row[6], row[7])


def keep_findings(connection: Connection, kept: Sequence[KeptFinding]) -> list[None]:
    """Remember findings, the later one of a number instead of the earlier one."""
    newest = {each.number: each for each in kept}
    rows = [newest[number] for number in sorted(newest)]  # in order, so that two nodes never wait for each other
    run_many(
        connection,
        _KEEP,
        [
            (k.number, f.source.value, f.network, f.operator, f.name, f.line_type, k.found_at, k.until)
            for k in rows
            for f in (k.finding,)
        ],
    )
    return [None] * len(kept)


def forget_findings(connection: Connection, numbers: Sequence[str]) -> list[None]:
    """What was known of them was wrong."""
    run_many(connection, _FORGET, [(number,) for number in sorted(set(numbers))])
    return [None] * len(numbers)


def drop_old_findings(connection: Connection, now: int, limit: int) -> int:
    """Delete at most ``limit`` rows that are too old; returns how many."""
    numbers = [row[0] for row in run(connection, _OLD, now, limit)]
    if numbers:
        run(connection, _DROP, listed(connection, numbers))
    return len(numbers)
