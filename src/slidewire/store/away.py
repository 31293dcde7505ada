"""Routes that cannot be reached now, as the processes that send on them say: whoever chooses a route goes round them.

A word on a route is forgotten by itself: whoever said it may have ended.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from slidewire.store.sql import Place, run, run_many

_AWAY = """INSERT INTO away_routes (route, ends_at) VALUES (?, {now} + ?)
    ON CONFLICT (route) DO UPDATE SET ends_at = excluded.ends_at"""
_BACK = "DELETE FROM away_routes WHERE route = ?"
_WHICH = "SELECT route FROM away_routes WHERE ends_at > {now}"


def tell_away(connection: Connection, routes: Sequence[str], now: int, keep_ms: int) -> None:
    """These cannot be reached, for all that is known in ``keep_ms`` milliseconds."""
    run_many(connection, _AWAY, [(route, now, keep_ms) for route in sorted(routes)])


def tell_back(connection: Connection, routes: Sequence[str]) -> None:
    """These answer again."""
    run_many(connection, _BACK, [(route,) for route in sorted(routes)])


def away_routes(place: Place, now: int) -> frozenset[str]:
    """The routes that cannot be reached."""
    return frozenset(row[0] for row in run(place, _WHICH, now).fetchall())
