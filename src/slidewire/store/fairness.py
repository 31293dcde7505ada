"""The due tasks of a queue, the first first; of a crowded one in the order that domain/fairness.py gives them.

However many wait, and of however many accounts, a claim reads what it takes and walks over a bounded number of
accounts, from one to the next along an index of what leaves us.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from slidewire.domain.fairness import Fair, bulks, in_turn
from slidewire.domain.task import BULK, ORDINARY
from slidewire.store.rows import TASK_COLUMNS
from slidewire.store.sql import run

#: Accounts that one walk passes, with those that wait for a time still to come.
STEPS = 200
#: Accounts of one priority whose lines are told apart.
LINES = 1_000
#: Looks for more of those that had enough, where others had less than their turn.
_LOOKS = 3
_ID, _ACCOUNT = TASK_COLUMNS.index("id"), TASK_COLUMNS.index("account_id")
_TASKS = ", ".join(TASK_COLUMNS)

_OLDEST = f"SELECT {_TASKS} FROM tasks WHERE queue = ? AND due_at <= {{now}} ORDER BY due_at LIMIT ? {{skip}}"  # noqa: S608
# Accounts are never asked for by "=": a planner that believes there is only one would then go along (queue, due_at),
# over everything that others have waiting. In the order of account and time there is one index alone.
_HERE = "queue = ? AND priority = ? AND kind IN ('deliver', 'text')"
_ALONG = "ORDER BY account_id, due_at"
_NEXT = f"SELECT account_id FROM tasks WHERE {_HERE} AND (account_id, due_at) > (?, ?) {_ALONG} LIMIT 1"  # noqa: S608
_FIRST = f"SELECT account_id FROM tasks WHERE {_HERE} {_ALONG} LIMIT 1"  # noqa: S608
_BEHIND = f"SELECT account_id FROM tasks WHERE {_HERE} AND account_id > walk.account_id {_ALONG} LIMIT 1"  # noqa: S608
_DUE_AT = f"SELECT due_at FROM tasks WHERE {_HERE} AND account_id >= walk.account_id {_ALONG} LIMIT 1"  # noqa: S608
#: Accounts with something due, in a circle; the first may come again as the last.
_WALK = f"""WITH RECURSIVE walk(account_id, first, step) AS (
        SELECT account_id, account_id, 1 FROM (SELECT COALESCE(({_NEXT}), ({_FIRST})) AS account_id) AS anchor
        UNION ALL
        SELECT COALESCE(({_BEHIND}), ({_FIRST})), first, step + 1 FROM walk
        WHERE account_id IS NOT NULL AND step < ? AND (step = 1 OR account_id <> first)
    )
    SELECT account_id FROM walk WHERE account_id IS NOT NULL AND ({_DUE_AT}) <= {{now}} LIMIT ?"""  # noqa: S608
_WALK_BEFORE = _WALK.replace("{now}", "?")
_OF = f"""SELECT {_TASKS} FROM tasks WHERE {_HERE} AND (account_id, due_at) >= (OF, 0)
    AND (account_id, due_at) <= (OF, {{now}}) {_ALONG} LIMIT MOST {{skip}}"""  # noqa: S608
_OF_ONE = _OF.replace("OF", "?").replace("MOST", "?")
_OF_SEVERAL = f"""SELECT due.* FROM unnest(?::text[], ?::bigint[]) AS wanted(account_id, most),
    LATERAL ({_OF.replace("OF", "wanted.account_id").replace("MOST", "wanted.most")}) AS due"""  # noqa: S608

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for: ``count`` tasks of a queue that are due, shared out where that is said."""

    queue: str
    now: int
    count: int
    fair: Fair | None = None


def due_rows(connection: Connection, look: Look) -> list[Row]:
    """Rows of due tasks, whose turn comes first first; nobody else holds or claims them."""
    rows = _fair_rows(connection, look, look.fair) if look.fair is not None else []
    if len(rows) == look.count:
        return rows
    # and where the walk left places empty: it ended among accounts whose tasks are not due, or others claim just now
    known = {row[_ID] for row in rows}
    oldest = run(connection, _OLDEST, look.queue, look.now, look.count).fetchall()
    return [*rows, *(row for row in oldest if row[_ID] not in known)][: look.count]


def _fair_rows(connection: Connection, look: Look, fair: Fair) -> list[Row]:
    ordinary = _of_class(connection, look, fair, ORDINARY, look.count)
    room = max(bulks(fair, look.count), look.count - len(ordinary))
    bulk = _of_class(connection, look, fair, BULK, room) if room else []
    return _merged(fair, look.count, deque(ordinary), deque(bulk))


def _merged(fair: Fair, count: int, ordinary: deque[Row], bulk: deque[Row]) -> list[Row]:
    standing = fair.standing
    rows: list[Row] = []
    while (ordinary or bulk) and len(rows) < count:
        is_bulks = not ordinary or (bool(bulk) and standing.is_bulks(fair.sharing))
        row = (bulk if is_bulks else ordinary).popleft()
        standing = standing.then(BULK if is_bulks else ORDINARY, row[_ACCOUNT], fair.sharing)
        rows.append(row)
    return rows


def _of_class(connection: Connection, look: Look, fair: Fair, priority: int, count: int) -> list[Row]:
    """Up to ``count`` rows of one priority, each account in its turn."""
    last = fair.standing.of(priority)
    accounts = _accounts(connection, look, priority, fair.before(priority), count)
    rows: dict[str, list[Row]] = {each: [] for each in accounts}
    has: dict[str, int] = {}  # of accounts that have no more
    for _ in range(_LOOKS):
        wanted = Counter(in_turn(accounts, count, last, fair.sharing.weight, has))
        more = {each: most for each, most in wanted.items() if most > len(rows[each])}
        if not more:
            break
        rows |= {each: [] for each in more}
        for row in _of_accounts(connection, look, priority, more):
            rows[row[_ACCOUNT]].append(row)
        has |= {each: len(rows[each]) for each, most in more.items() if len(rows[each]) < most}
    found = {each: len(rows[each]) for each in accounts}
    lines = {each: iter(rows[each]) for each in accounts}
    return [next(lines[each]) for each in in_turn(accounts, count, last, fair.sharing.weight, found)]


def _accounts(connection: Connection, look: Look, priority: int, behind: tuple[str, int], count: int) -> list[str]:
    """Accounts with something due, as many as there may be turns, in a circle that begins behind a place in it."""
    here = (look.queue, priority)
    values = (*here, *behind, *here, *here, *here, STEPS, *here, look.now, count + 1)
    return list(dict.fromkeys(row[0] for row in run(connection, _WALK, *values)))


def _of_accounts(connection: Connection, look: Look, priority: int, wanted: dict[str, int]) -> list[Row]:
    """The first due rows of some accounts, so many of each."""
    if connection.dialect.name == "postgresql":
        lists = (list(wanted), list(wanted.values()))
        return list(run(connection, _OF_SEVERAL, *lists, look.queue, priority, look.now).fetchall())
    each = [(look.queue, priority, account_id, account_id, look.now, most) for account_id, most in wanted.items()]
    return [row for values in each for row in run(connection, _OF_ONE, *values)]


def old_lines(connection: Connection, queue: str, before: int) -> frozenset[tuple[str, int]] | None:
    """Account and priority of those whose own first task was due ``before``; None: they are too many to tell apart."""
    found: set[tuple[str, int]] = set()
    for priority in (ORDINARY, BULK):
        here = (queue, priority)
        values = (*here, "", -1, *here, *here, *here, LINES, *here, before, LINES)
        accounts = [row[0] for row in run(connection, _WALK_BEFORE, *values)]
        if len(accounts) == LINES:
            return None
        found.update((account_id, priority) for account_id in accounts)
    return frozenset(found)
