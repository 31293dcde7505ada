"""The ledger of usage: written in the transaction of what it counts, read by month.

Each key has a few rows, one of which a node adds to: two nodes that settle at once do not wait for one another.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from slidewire.domain.usage import Channel, Usage
from slidewire.store import schema
from slidewire.store.sql import insert_into
from slidewire.store.together import Together

_COUNTS = ("messages", "segments", "bytes", "failed", "refused")
_KEY = ("account_id", "month", "channel", "operator", "shard")
_ADD = replace(
    insert_into("usage", (*_KEY, *_COUNTS)),
    tail=f"""ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET
    {", ".join(f"{name} = usage.{name} + excluded.{name}" for name in _COUNTS)}""",
)


def add_usage(connection: Connection, used: Sequence[tuple[str, Usage]]) -> None:
    """Add what each account used."""
    together = Together(connection)
    write_usage(together, used)
    together.done()


def write_usage(together: Together, used: Sequence[tuple[str, Usage]]) -> None:
    """Likewise, with other changes; the rows are met in one order by everybody."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for account_id, usage in used:
        key = (account_id, usage.month, usage.channel.value, usage.operator, usage.shard)
        total = sums.setdefault(key, [0] * len(_COUNTS))
        for place, name in enumerate(_COUNTS):
            total[place] += getattr(usage, name)
    together.write(_ADD, [(*key, *sums[key]) for key in sorted(sums)])


def read_usage(connection: Connection, month: str, account_id: str = "") -> list[tuple[str, Usage]]:
    """What each account used in a month, by account, channel and operator."""
    table = schema.usage
    keys = (table.c.account_id, table.c.channel, table.c.operator)
    query = (
        select(*keys, *(func.sum(table.c[name]).label(name) for name in _COUNTS))
        .where(table.c.month == month)
        .group_by(*keys)
        .order_by(*keys)
    )
    if account_id:
        query = query.where(table.c.account_id == account_id)
    return [(row.account_id, _usage(month, row)) for row in connection.execute(query)]


def _usage(month: str, row: Any) -> Usage:
    counts = {name: int(getattr(row, name)) for name in _COUNTS}
    return Usage(month, Channel(row.channel), row.operator, **counts)
