"""What accounts that pay in advance have used: one row an account, counted by the message and never over its end."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from slidewire.domain.message import ANSWER
from slidewire.store.sql import listed, run, run_many

_MAKE = "INSERT INTO prepaid (account_id, used) VALUES (?, 0) ON CONFLICT DO NOTHING"
_LOCK = "SELECT used FROM prepaid WHERE account_id = ? {lock}"
_PAY = "UPDATE prepaid SET used = used + ? WHERE account_id = ?"
_KNOWN = "SELECT id FROM messages WHERE id {among}"
_USED = "SELECT used FROM prepaid WHERE account_id = ?"
_PAYING = "SELECT account_id FROM prepaid WHERE account_id IN {list}"
_PAY_BACK = "UPDATE prepaid SET used = used - ? WHERE account_id = ? AND used >= ?"
#: What may have left: whoever took it will want to be paid for it.
_LEFT = """SELECT DISTINCT message_id FROM events
    WHERE message_id {among} AND event IN ('submitted', 'uncertain', 'adopted')
    UNION SELECT id FROM messages WHERE id {among} AND mms_id = 0 AND name = ?"""


@dataclass(frozen=True, slots=True)
class Payment:
    """One message of an account, and how many it has paid for."""

    account_id: str
    paid_for: int


def pay(connection: Connection, payments: Sequence[Payment]) -> list[bool]:
    """Count each message; False: nothing is left, and it is not counted."""
    of_account: dict[str, list[int]] = defaultdict(list)
    for number, payment in enumerate(payments):
        of_account[payment.account_id].append(number)
    results = [False] * len(payments)
    for account_id in sorted(of_account):  # rows are locked in one order (durability 8)
        run(connection, _MAKE, account_id)
        [(before,)] = run(connection, _LOCK, account_id).fetchall()
        used = before
        for number in of_account[account_id]:
            if used < payments[number].paid_for:
                used, results[number] = used + 1, True
        run(connection, _PAY, used - before, account_id)
    return results


def pay_for(connection: Connection, owed: Mapping[str, Payment]) -> set[str]:
    """Pay for messages; the ids of those for which nothing is left.

    One that is there already was paid for by a commit that was cut off and is run again (durability 12).
    """
    known = {row[0] for row in run(connection, _KNOWN, listed(connection, list(owed)))}
    new = [message_id for message_id in owed if message_id not in known]
    paid = pay(connection, [owed[message_id] for message_id in new])
    return {message_id for message_id, is_paid in zip(new, paid, strict=True) if not is_paid}


def pay_back(connection: Connection, unsent: Sequence[tuple[str, str]]) -> None:
    """Give back what ended before anything of it can have left. ``unsent``: accounts with their messages."""
    if not unsent:
        return
    accounts = listed(connection, sorted({account for account, _ in unsent}))
    paying = {row[0] for row in run(connection, _PAYING, accounts)}
    mine = [(account, message) for account, message in unsent if account in paying]
    if not mine:
        return
    ids = listed(connection, [message for _, message in mine])
    left = {row[0] for row in run(connection, _LEFT, ids, ids, ANSWER)}  # answers to phones were not paid for
    counts = Counter(account for account, message in mine if message not in left)
    run_many(connection, _PAY_BACK, [(count, account, count) for account, count in sorted(counts.items())])


def used_of(connection: Connection, account_id: str) -> int:
    """How many messages an account has used of those that it paid for."""
    row = run(connection, _USED, account_id).fetchone()
    return row[0] if row else 0
