"""Routes that cannot be reached now, as the processes that send on them say: whoever chooses a route goes round them.

A word on a route is forgotten by itself: whoever said it may have ended.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from slidewire.store.sql import Place, run, run_many

_AWAY = """INSERT INTO away_routes (route, wants_probe, ends_at) VALUES (?, ?, {now} + ?)
    ON CONFLICT (route) DO UPDATE SET wants_probe = excluded.wants_probe, ends_at = excluded.ends_at"""
_BACK = "DELETE FROM away_routes WHERE route = ?"
_WHICH = "SELECT route, wants_probe FROM away_routes WHERE ends_at > {now}"


def tell_away(connection: Connection, routes: Mapping[str, bool], now: int, keep_ms: int) -> None:
    """These cannot be reached, for all that is known in ``keep_ms`` milliseconds.

    ``routes``: name -> whether a message is wanted to probe it with: the time has come, and none waits for it.
    """
    run_many(connection, _AWAY, [(route, wants, now, keep_ms) for route, wants in sorted(routes.items())])


def tell_back(connection: Connection, routes: Sequence[str]) -> None:
    """These answer again."""
    run_many(connection, _BACK, [(route,) for route in sorted(routes)])


def away_routes(place: Place, now: int) -> dict[str, bool]:
    """The routes that cannot be reached -> whether a message is wanted to probe them with."""
    return {row[0]: bool(row[1]) for row in run(place, _WHICH, now).fetchall()}
