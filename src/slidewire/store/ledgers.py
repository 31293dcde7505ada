"""Ledgers of limits: how much of each was called, over all processes. The arithmetic is domain/ledger's."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from slidewire.domain.ledger import Ask, Grant, Hold, Ledger, settle
from slidewire.domain.limits import Limit
from slidewire.store.sql import run

#: Milliseconds for which a process may hold calls without a word; it uses them for two thirds of that (durability 5).
LEASE_MS = 30_000
_decode = msgspec.json.Decoder(tuple[Hold, ...]).decode

_NOW = "SELECT {now}"
_MAKE = """INSERT INTO ledgers (account_id, name, spent, at, ends_at, holds) VALUES (?, ?, 0, 0, ?, '[]')
    ON CONFLICT DO NOTHING"""
_READ = "SELECT spent, at, holds FROM ledgers WHERE account_id = ? AND name = ? {lock}"
_WRITE = "UPDATE ledgers SET spent = ?, at = ?, holds = ? WHERE account_id = ? AND name = ?"
_DROP = "DELETE FROM ledgers WHERE ends_at BETWEEN 1 AND ?"


@dataclass(frozen=True, slots=True)
class CallsAsked:
    """What a process asks of one ledger."""

    account_id: str
    limit: Limit
    ask: Ask
    now: int  #: Unix milliseconds; PostgreSQL has its own


def settle_calls(connection: Connection, items: Sequence[CallsAsked]) -> list[Grant]:
    """Bring ledgers up to date and answer who asked; rows are locked in one order (durability 8)."""
    now = _now(connection, items[0].now)
    grants: list[Grant | None] = [None] * len(items)
    for index in sorted(range(len(items)), key=lambda n: (items[n].account_id, items[n].limit.name)):
        grants[index] = _settle(connection, items[index], now)
    return [grant for grant in grants if grant is not None]


def _settle(connection: Connection, item: CallsAsked, now: int) -> Grant:
    key = (item.account_id, item.limit.name)
    row = run(connection, _READ, *key).fetchone()
    if row is None:
        run(connection, _MAKE, *key, item.limit.ends_at)
        row = run(connection, _READ, *key).fetchone()
        assert row is not None  # noqa: S101  # it was made a moment ago, by us or by another
    before = Ledger(float(row[0]), int(row[1]), _decode(row[2]))
    after, grant = settle(before, item.limit, item.ask, now, LEASE_MS)
    run(connection, _WRITE, after.spent, after.at, msgspec.json.encode(after.holds).decode(), *key)
    return grant


def _now(connection: Connection, now: int) -> int:
    row = run(connection, _NOW, now).fetchone()
    assert row is not None  # noqa: S101  # the present is always there
    return int(row[0])


def drop_ended(connection: Connection, before: int) -> int:
    """Forget the ledgers of days and months that ended before; how many."""
    return run(connection, _DROP, before).rowcount
