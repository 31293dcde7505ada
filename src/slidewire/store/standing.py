"""How much waits, counted along the index of claims and only up to a bound: cheap however much it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from slidewire.domain.task import NEVER, TaskKind, later, present
from slidewire.store.sql import run
from slidewire.store.tasks import queue_length

#: Tasks of one queue, or of all accounts' queues of a kind, that are counted; of more only so many are told.
MOST = 100_000

#: Of what waits in some queues: all, and those that nothing tries again.
_RANGE = f"""SELECT count(*), coalesce(sum(CASE WHEN due_at >= {NEVER} THEN 1 ELSE 0 END), 0)
    FROM (SELECT due_at FROM tasks WHERE queue >= ? AND queue < ? LIMIT {MOST}) AS counted"""  # noqa: S608  # our own
_PARKED = f"""SELECT count(*)
    FROM (SELECT 1 FROM tasks WHERE queue = ? AND due_at = {NEVER} LIMIT {MOST}) AS counted"""  # noqa: S608  # our own
_LANES = "SELECT route, count(*), min(CASE WHEN present > 0 THEN present ELSE 1.0 END) FROM lanes WHERE holder <> '' \
GROUP BY route"

#: Kinds that wait for a route.
_OF_ROUTES = (TaskKind.DELIVER, TaskKind.TEXT, TaskKind.UNCERTAIN)
#: Kinds that wait for an account, counted over all of them, and the receipts that are nobody's yet.
_OF_ACCOUNTS = tuple(kind for kind in TaskKind if kind not in _OF_ROUTES)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store tells of routes and queues."""

    tasks: Mapping[tuple[str, str, str], int]  #: (kind, route or empty, waiting, scheduled or parked) -> how many
    lanes: Mapping[str, int]  #: route -> lanes that somebody holds
    share: Mapping[str, float]  #: route -> the share of its rate at which it sends, of the slowest holder


def read_standing(connection: Connection, routes: Mapping[str, TaskKind]) -> Standing:
    """How it stands now. ``routes``: those of the settings, with what leaves by them."""
    tasks: dict[tuple[str, str, str], int] = {}
    for route, leaving in routes.items():
        tasks[leaving.value, route, "scheduled"] = queue_length(connection, later(leaving.queue(route)), MOST)
        for kind in (leaving, TaskKind.UNCERTAIN):
            tasks[kind.value, route, "waiting"] = queue_length(connection, kind.queue(route), MOST)
            tasks[kind.value, route, "parked"] = int(run(connection, _PARKED, kind.queue(route)).fetchone()[0])
    for kind in _OF_ACCOUNTS:
        every, never = run(connection, _RANGE, f"{kind.value}:", f"{kind.value};").fetchone()
        tasks[kind.value, "", "waiting"] = every - never
        if kind is not TaskKind.NOTIFY:  # one of theirs that is due never stands behind another (durability 24)
            tasks[kind.value, "", "parked"] = never
    rows = run(connection, _LANES).fetchall()
    return Standing(tasks, {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})


def oldest(ages: Mapping[str, int]) -> dict[tuple[str, str], float]:
    """Seconds by kind and route, the oldest of all accounts, of ``ages`` in milliseconds by queue.

    What was scheduled counts from when it was due, beside the others of its route.
    """
    of_routes = frozenset(kind.value for kind in _OF_ROUTES)
    found: dict[tuple[str, str], float] = {}
    for queue, age in ages.items():
        kind, _, door = present(queue).partition(":")
        key = (kind, door if kind in of_routes else "")
        found[key] = max(found.get(key, 0.0), age / 1000)
    return found
