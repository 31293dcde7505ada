"""Keys that a request may use once: claimed before the work, answered in the transaction of what the work made.

Who holds a key renews it; one that a dead process left is taken over, and what the dead one still writes is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.idempotency import Hold, KeptAnswer
from slidewire.domain.retention import masked
from slidewire.store.commits import WriteMany
from slidewire.store.sql import listed, run

_MAKE = """INSERT INTO idempotency_keys (account_id, digest, request, holder, held_until, answer, warning, expires_at)
    VALUES (?, ?, ?, ?, {now} + ?, NULL, '', ?) ON CONFLICT DO NOTHING"""
#: What nobody holds any more, and what is no longer kept.
_TAKE_OVER = """UPDATE idempotency_keys SET request = ?, holder = ?, held_until = {now} + ?, answer = NULL,
    warning = '', expires_at = ? WHERE account_id = ? AND digest = ?
    AND (expires_at <= ? OR (answer IS NULL AND holder <> ? AND held_until < {now}))"""
_READ = "SELECT request, holder, answer, warning FROM idempotency_keys WHERE account_id = ? AND digest = ?"
_RENEW = """UPDATE idempotency_keys SET held_until = {now} + ?
    WHERE account_id = ? AND digest IN {list} AND holder = ?"""
_RELEASE = """DELETE FROM idempotency_keys
    WHERE account_id = ? AND digest IN {list} AND holder = ? AND answer IS NULL"""
_LOCK_HELD = """SELECT digest FROM idempotency_keys
    WHERE account_id = ? AND digest IN {list} AND holder = ? ORDER BY digest {lock}"""
_ANSWER = """UPDATE idempotency_keys SET answer = ?, warning = ?
    WHERE account_id = ? AND digest IN {list} AND holder = ? AND answer IS NULL"""
#: Materialized, or PostgreSQL may ask anew for each row and skip what it has just deleted: no limit then.
_FORGET = """WITH old AS MATERIALIZED (
    SELECT account_id, digest FROM idempotency_keys WHERE expires_at <= ? LIMIT ? {skip}
) DELETE FROM idempotency_keys WHERE (account_id, digest) IN (SELECT account_id, digest FROM old)"""
_MASK = "UPDATE idempotency_keys SET answer = replace(answer, ?, ?) WHERE answer LIKE ?"


@unique
class Claim(Enum):
    """How a claim ended, where no answer is kept."""

    MINE = "mine"  #: whoever asked holds the key now
    HELD = "held"  #: the same request is being worked on
    OTHER = "other"  #: another request came with the key


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """A request that wants to use a key."""

    account_id: str
    digest: str
    request: str  #: digest of what is asked for
    holder: str
    now: int  #: Unix milliseconds
    lease_ms: int
    keep_ms: int


def claim_keys(connection: Connection, claims: Sequence[KeyClaim]) -> list[Claim | KeptAnswer]:
    """Take each key that is free; of two claims for one the first gets it."""
    order = sorted(range(len(claims)), key=lambda n: (claims[n].account_id, claims[n].digest, n))  # durability 8
    results: dict[int, Claim | KeptAnswer] = {}
    for index in order:
        results[index] = _claim(connection, claims[index])
    return [results[index] for index in range(len(claims))]


def _claim(connection: Connection, claim: KeyClaim) -> Claim | KeptAnswer:
    key = (claim.account_id, claim.digest)
    until = claim.now + claim.keep_ms
    mine = (claim.request, claim.holder, claim.now, claim.lease_ms, until)
    if run(connection, _MAKE, *key, *mine).rowcount:
        return Claim.MINE
    run(connection, _TAKE_OVER, *mine, *key, claim.now, claim.holder, claim.now)
    row = run(connection, _READ, *key).fetchone()
    if row is None:  # given up between our two looks: whoever asks again finds it free
        return Claim.HELD
    request, holder, answer, warning = row
    if holder == claim.holder and answer is None:
        return Claim.MINE
    if request != claim.request:
        return Claim.OTHER
    return Claim.HELD if answer is None else KeptAnswer(answer, warning)


def renew_hold(connection: Connection, hold: Hold, now: int, lease_ms: int) -> None:
    """The request is still being worked on."""
    run(connection, _RENEW, now, lease_ms, hold.account_id, listed(connection, hold.digests), hold.holder)


def release_holds(connection: Connection, holds: Sequence[Hold]) -> list[None]:
    """Nothing was made: the keys are free. What was answered stays."""
    for hold in _ordered(holds):
        run(connection, _RELEASE, hold.account_id, listed(connection, hold.digests), hold.holder)
    return [None] * len(holds)


@dataclass(frozen=True, slots=True)
class Answered:
    """Something to be written, and the answer of the request that asked for it."""

    hold: Hold
    write: WriteMany[Any, Any]
    item: object
    tell: Callable[[Any], KeptAnswer | None]  #: what ``write`` gave -> the answer; None: nothing was made, none is kept


@unique
class Lost(Enum):
    """Why nothing was written."""

    HOLD = "another process has taken the key over"


def write_answered(connection: Connection, items: Sequence[Answered]) -> list[Any]:
    """What ``write`` gives for each item, its answer kept with it; Lost.HOLD where nothing may be written."""
    results = {id(item): _write_answered(connection, item) for item in sorted(items, key=lambda each: each.hold.holder)}
    return [results[id(item)] for item in items]


def _write_answered(connection: Connection, item: Answered) -> Any:
    hold = item.hold
    digests = listed(connection, hold.digests)
    if len(run(connection, _LOCK_HELD, hold.account_id, digests, hold.holder).fetchall()) < len(hold.digests):
        return Lost.HOLD
    result = item.write(connection, [item.item])[0]
    answer = item.tell(result)
    if answer is not None:
        run(connection, _ANSWER, answer.body, answer.warning, hold.account_id, digests, hold.holder)
    return result


def _ordered(holds: Sequence[Hold]) -> list[Hold]:
    return sorted(holds, key=lambda hold: (hold.account_id, hold.digests))


def forget_keys(connection: Connection, now: int, limit: int) -> int:
    """Forget at most ``limit`` keys that are no longer kept; how many."""
    return run(connection, _FORGET, now, limit).rowcount


def mask_answers(connection: Connection, receiver: str, tracking_id: str = "") -> int:
    """Take a number out of the answers that are kept, or of those that name one message; in how many it was.

    Looks at every answer.
    """
    return run(connection, _MASK, receiver, masked(receiver), f"%{tracking_id or receiver}%").rowcount
