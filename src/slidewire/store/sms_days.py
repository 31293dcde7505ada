"""How many SMS segments each account that has a cap has sent today: one row an account (security 16)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from slidewire.store.sql import listed, run, run_many

_MAKE = "INSERT INTO sms_days (account_id, day, segments) VALUES (?, 0, 0) ON CONFLICT DO NOTHING"
_READ = "SELECT account_id, day, segments FROM sms_days WHERE account_id IN {list} ORDER BY account_id {lock}"
_WRITE = "UPDATE sms_days SET day = ?, segments = ? WHERE account_id = ?"


@dataclass(frozen=True, slots=True)
class Spend:
    """Segments that are about to be sent."""

    account_id: str
    day: int  #: of UTC
    segments: int
    most: int  #: in a day; 0: any number, and nothing is counted


def spend(connection: Connection, asked: Sequence[Spend]) -> list[bool]:
    """Count what may still be sent today; False: too much, nothing of it is counted. In the caller's transaction."""
    accounts = sorted({each.account_id for each in asked if each.most})
    if not accounts:
        return [True] * len(asked)
    run_many(connection, _MAKE, [(account,) for account in accounts])
    spent = {row[0]: (row[1], row[2]) for row in run(connection, _READ, listed(connection, accounts))}
    results: list[bool] = []
    for each in asked:
        if not each.most:
            results.append(True)
            continue
        day, count = spent[each.account_id]
        if day < each.day:  # a clock that lags behind another's goes on with that one's day
            day, count = each.day, 0
        allowed = count + each.segments <= each.most
        spent[each.account_id] = day, count + each.segments if allowed else count
        results.append(allowed)
    run_many(connection, _WRITE, [(*spent[account], account) for account in accounts])
    return results
