"""What each account that wants to know of repetitions sent in the last minutes, as digests."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from slidewire.store.sql import listed, run, run_many

_MAKE = "INSERT INTO repeats (account_id, digest, seen_at) VALUES (?, ?, 0) ON CONFLICT DO NOTHING"
_READ = """SELECT account_id, digest, seen_at FROM repeats WHERE account_id IN {list} AND digest IN {list}
    ORDER BY account_id, digest {lock}"""
#: The row may have been forgotten since it was made.
_WRITE = """INSERT INTO repeats (account_id, digest, seen_at) VALUES (?, ?, ?)
    ON CONFLICT (account_id, digest) DO UPDATE SET seen_at = excluded.seen_at"""
#: None that a writer holds: it is about to be seen again. Materialized, or PostgreSQL may ask anew for each row and
#: skip the ones that it has just deleted, so that the limit holds no more.
_FORGET = """WITH old AS MATERIALIZED (
    SELECT account_id, digest FROM repeats WHERE seen_at < ? LIMIT ? {skip}
) DELETE FROM repeats WHERE (account_id, digest) IN (SELECT account_id, digest FROM old)"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message that is about to be accepted."""

    account_id: str
    digest: str  #: domain/repeats.sameness
    at: int  #: Unix milliseconds
    window: int  #: milliseconds


def sight(connection: Connection, seen: Sequence[Sighting]) -> list[int | None]:
    """Milliseconds since the same was seen within its window; None: it was not. It is kept for the next."""
    keys = sorted({(each.account_id, each.digest) for each in seen})
    run_many(connection, _MAKE, keys)
    lists = (
        listed(connection, sorted({account for account, _ in keys})),
        listed(connection, [digest for _, digest in keys]),
    )
    known = dict.fromkeys(keys, 0) | {(row[0], row[1]): row[2] for row in run(connection, _READ, *lists)}
    results: list[int | None] = []
    for each in seen:
        key = (each.account_id, each.digest)
        past = max(each.at - known[key], 0)
        results.append(past if known[key] and past < each.window else None)
        known[key] = max(each.at, known[key])
    run_many(connection, _WRITE, [(*key, known[key]) for key in keys])
    return results


def forget_repeats(connection: Connection, before: int, limit: int) -> int:
    """Forget at most ``limit`` of those that were seen last before ``before``; how many."""
    return run(connection, _FORGET, before, limit).rowcount
