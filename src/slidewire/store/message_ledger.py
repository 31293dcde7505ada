"""What became of the messages of a stretch of time: a ledger that balances unless one of them was lost (durability 29).

What is said to wait is believed only where something of its own says so too: a task that leads on, an event that a
carrier took it. A message moves from one to the other within a transaction, and one statement sees all at one moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique

from sqlalchemy import Connection

from slidewire.domain.events import Event
from slidewire.domain.ids import first_id, id_time
from slidewire.domain.status import Status
from slidewire.domain.task import WAITING, TaskKind
from slidewire.store.sql import Rows, run

#: Milliseconds of a minute of the ledger.
_MINUTE = 60_000


@unique
class Lot(Enum):
    """What became of an accepted message: one of these."""

    DELIVERED = "delivered"
    FAILED = "failed"  #: it ended otherwise: failed, expired, rejected, cancelled
    WAITING = "waiting"  #: a task leads on, now or later
    SUBMITTED = "submitted"  #: a carrier took it, and its receipt is waited for
    UNCERTAIN = "uncertain"  #: its submission was cut off, and a task waits for a receipt
    UNACCOUNTED = "unaccounted"  #: nothing will ever go on with it


def no_lots() -> dict[Lot, int]:
    """A route without messages."""
    return dict.fromkeys(Lot, 0)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The messages accepted in a stretch of time, by what became of them."""

    since: int  #: Unix milliseconds: all from then on are in it; later than was asked for where there were too many
    until: int
    lots: Mapping[str, Mapping[Lot, int]]  #: route -> how many, each lot told

    @property
    def accepted(self) -> int:
        """How many there are of all routes."""
        return sum(sum(lots.values()) for lots in self.lots.values())

    @property
    def unaccounted(self) -> int:
        """How many of them were lost: it balances where there is none."""
        return sum(lots[Lot.UNACCOUNTED] for lots in self.lots.values())


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of the ledger."""

    at: int  #: when it began, Unix milliseconds
    ledger: Ledger
    lost: tuple[str, ...]  #: ids of messages that are unaccounted for, the oldest of them


_ENDED = frozenset(status for status in Status if status.is_final) - {Status.DELIVERED}
#: Tasks by which something becomes of a message; that of a postback only tells of it.
_LEADS_ON = WAITING | {TaskKind.UNCERTAIN}
_TAKEN = frozenset({Event.SUBMITTED, Event.ADOPTED})


def _listed(words: frozenset[Status] | frozenset[TaskKind] | frozenset[Event]) -> str:
    return ", ".join(sorted(f"'{each.value}'" for each in words))


# A value looked up for each message that has not ended: an EXISTS might be answered by going through a table first.
# The bounds are said of events too, so that partitions are left out.
_LOT = f"""CASE WHEN m.status = '{Status.DELIVERED.value}' THEN '{Lot.DELIVERED.value}'
    WHEN m.status IN ({_listed(_ENDED)}) THEN '{Lot.FAILED.value}'
    WHEN m.status = '{Status.SUBMITTED.value}' AND (SELECT max(1) FROM events e WHERE e.message_id = m.id
        AND e.message_id >= ? AND e.message_id < ? AND e.event IN ({_listed(_TAKEN)})) = 1 THEN '{Lot.SUBMITTED.value}'
    ELSE CASE (SELECT max(CASE WHEN t.kind = '{TaskKind.UNCERTAIN.value}' THEN 2 ELSE 1 END) FROM tasks t
        WHERE t.message_id = m.id AND t.kind IN ({_listed(_LEADS_ON)}))
        WHEN 2 THEN '{Lot.UNCERTAIN.value}' WHEN 1 THEN '{Lot.WAITING.value}' ELSE '{Lot.UNACCOUNTED.value}' END
    END"""  # noqa: S608  # our own words
_EACH = f"""SELECT m.id, m.route, {_LOT} AS lot FROM messages m WHERE m.id >= ? AND m.id < ?
    ORDER BY m.id DESC LIMIT ?"""  # noqa: S608  # our own words
_COUNT = f"SELECT route, lot, count(*), min(id) FROM ({_EACH}) AS each_one GROUP BY route, lot"  # noqa: S608  # ours
_NAMES = f"""SELECT id FROM ({_EACH}) AS each_one WHERE lot = '{Lot.UNACCOUNTED.value}'
    ORDER BY id LIMIT ?"""  # noqa: S608  # our own words
_NEWEST = "SELECT max(id) FROM messages WHERE id >= ? AND id < ?"


def read_ledger(connection: Connection, since: int, until: int, most: int) -> Ledger:
    """Of what was accepted from ``since`` on and before ``until`` (Unix milliseconds) the newest ``most`` messages."""
    lots: dict[str, dict[Lot, int]] = {}
    count, oldest = 0, ""
    for route, lot, number, first in _asked(connection, _COUNT, since, until, most).fetchall():
        lots.setdefault(route, no_lots())[Lot(lot)] = number
        count, oldest = count + number, min(oldest or first, first)
    # of the millisecond of the oldest there may be more: whoever goes on from here sees some twice and misses none
    return Ledger(id_time(oldest) + 1 if count >= most else since, until, lots)


def newest_minute(connection: Connection, since: int, until: int, most: int, *, named: int) -> Minute | None:
    """The last minute of this stretch in which a message was accepted, as ``read_ledger``; None: none was.

    ``named``: how many of the lost ones are named.
    """
    newest = run(connection, _NEWEST, first_id(since), first_id(until)).fetchone()[0]
    if newest is None:
        return None
    at = id_time(newest) // _MINUTE * _MINUTE
    since, until = max(at, since), min(at + _MINUTE, until)
    ledger = read_ledger(connection, since, until, most)
    lost = _asked(connection, _NAMES, since, until, most, named) if ledger.unaccounted else ()
    return Minute(at, ledger, tuple(row[0] for row in lost))


def _asked(connection: Connection, statement: str, since: int, until: int, *more: int) -> Rows:
    if connection.dialect.name == "postgresql":
        # its plan is kept: one made while few waited would go through all tasks for each message (docs/adr/0330)
        run(connection, "SET LOCAL enable_seqscan = off")
    bounds = first_id(since), first_id(until)
    return run(connection, statement, *bounds, *bounds, *more)
