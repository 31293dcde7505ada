"""Lanes of routes: who holds them, until when, and the rates that an admin has set over those of the settings.

On PostgreSQL they end by the database's clock; on SQLite with the process that holds them (durability 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from slidewire.domain.lanes import Held, Lane, Moves, moves
from slidewire.store.sql import Place, run, run_many

_LANES = "SELECT number, lanes, holder, ends_at, present, {now} FROM lanes WHERE route = ? ORDER BY number"
_MAKE = """INSERT INTO lanes (route, number, lanes, holder, ends_at, present) VALUES (?, ?, ?, '', 0, 0)
    ON CONFLICT DO NOTHING"""
_TAKE = "UPDATE lanes SET holder = ?, lanes = ?, ends_at = {now} + ?, present = ? WHERE route = ? AND number = ?"
_DROP = "UPDATE lanes SET holder = '', ends_at = 0 WHERE route = ? AND number = ? AND holder = ?"
_LEAVE = "UPDATE lanes SET holder = '', ends_at = 0 WHERE holder = ?"
_HERE = """INSERT INTO nodes (id, ends_at) VALUES (?, {now} + ?)
    ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at"""
_LIVING = "SELECT count(*) FROM nodes WHERE ends_at > {now}"
_GONE = "DELETE FROM nodes WHERE id = ? OR ends_at < {now} - ?"
_RATES = "SELECT route, rate FROM route_rates"
_SET_RATE = "INSERT INTO route_rates (route, rate) VALUES (?, ?) ON CONFLICT (route) DO UPDATE SET rate = excluded.rate"
_DROP_RATE = "DELETE FROM route_rates WHERE route = ?"
#: Milliseconds for which a node that is gone stays in the list.
_FORGOTTEN = 3_600_000


@dataclass(frozen=True, slots=True)
class Look:
    """A node looks at its lanes."""

    node: str
    now: int
    lease_ms: int
    lanes: Mapping[str, int]  #: route -> how many lanes it has
    present: Mapping[str, float]  #: route -> share of its rate that we send at, after throttling
    dead: frozenset[str] = frozenset()  #: holders that are known to be gone, whatever their lease says
    living: int = 0  #: nodes that could hold lanes; 0: the list of nodes says


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found."""

    held: Mapping[str, Held]  #: route -> ours
    wanted: bool  #: whether there is something to take or to drop
    rates: Mapping[str, float]  #: route -> a second, where an admin has set one


def see(place: Place, look: Look) -> Seen:
    """What there is, without changing anything."""
    living = look.living or run(place, _LIVING, look.now).fetchone()[0]
    held: dict[str, Held] = {}
    wanted = False
    for route, of in look.lanes.items():
        lanes = _lanes(place, look, route)
        will = moves(lanes, of, look.node, living)
        wanted = wanted or bool(will.take or will.drop)
        held[route] = _held(lanes, will.keep, of)
    return Seen(held, wanted, read_rates(place))


def keep_lanes(connection: Connection, look: Look) -> Seen:
    """Renew what is ours, give back what is too much, take what is free."""
    if not look.living:
        run(connection, _HERE, look.node, look.now, look.lease_ms)
        run(connection, _GONE, "", look.now, _FORGOTTEN)
    living = look.living or run(connection, _LIVING, look.now).fetchone()[0]
    held: dict[str, Held] = {}
    for route in sorted(look.lanes):  # rows are locked in one order (durability 8)
        of = look.lanes[route]
        run_many(connection, _MAKE, [(route, number, of) for number in range(of)])
        lanes = _lanes(connection, look, route, " {lock}")
        will = moves(lanes, of, look.node, living)
        _move(connection, look, route, will, lanes)
        held[route] = _held(lanes, (*will.keep, *will.take), of)
    return Seen(held, False, read_rates(connection))


def leave_lanes(connection: Connection, node: str, now: int) -> None:
    """Give everything back: the node stops."""
    run(connection, _LEAVE, node)
    run(connection, _GONE, node, now, _FORGOTTEN)


def lane_holders(place: Place) -> list[str]:
    """Everybody who holds a lane."""
    return [row[0] for row in run(place, "SELECT DISTINCT holder FROM lanes WHERE holder <> ''").fetchall()]


def read_holders(connection: Connection) -> dict[str, list[str]]:
    """The nodes that hold lanes, by route, a name for each lane."""
    rows = run(connection, "SELECT route, holder FROM lanes WHERE holder <> '' ORDER BY route, number").fetchall()
    held: dict[str, list[str]] = {}
    for route, holder in rows:
        held.setdefault(route, []).append(holder)
    return held


def read_rates(place: Place) -> dict[str, float]:
    """The rates that an admin has set, by route: submissions a second."""
    return {row[0]: row[1] for row in run(place, _RATES).fetchall()}


def set_rate(connection: Connection, route: str, rate: float) -> None:
    """From now on ``route`` sends at ``rate`` a second on all nodes, whatever their settings say; 0: as they say."""
    if rate:
        run(connection, _SET_RATE, route, rate)
    else:
        run(connection, _DROP_RATE, route)


def _lanes(place: Place, look: Look, route: str, lock: str = "") -> list[Lane]:
    rows = run(place, _LANES + lock, look.now, route).fetchall()
    return [
        Lane(number, of, holder, bool(holder) and holder not in look.dead and (bool(look.living) or ends_at > now), p)
        for number, of, holder, ends_at, p, now in rows
    ]


def _move(connection: Connection, look: Look, route: str, will: Moves, lanes: Sequence[Lane]) -> None:
    before = {lane.number: lane.present for lane in lanes}
    share = look.present.get(route, 1.0)
    rows = [(number, share) for number in will.keep] + [(number, before[number] or share) for number in will.take]
    run_many(
        connection,
        _TAKE,
        [(look.node, look.lanes[route], look.now, look.lease_ms, p, route, number) for number, p in rows],
    )
    run_many(connection, _DROP, [(route, number, look.node) for number in will.drop])


def _held(lanes: Sequence[Lane], numbers: Sequence[int], of: int) -> Held:
    found = [lane.present for lane in lanes if lane.number in numbers and lane.present]
    return Held(len(numbers), of, min(found, default=1.0))
