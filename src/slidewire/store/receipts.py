"""Whose receipt is this: carrier references, receipts that wait for theirs, submissions without one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, delete, select

from slidewire.domain.events import Event
from slidewire.domain.handset import Handset
from slidewire.domain.message import Message
from slidewire.domain.task import Task, TaskKind
from slidewire.store import schema
from slidewire.store.rows import MESSAGE_COLUMNS, TASK_COLUMNS, message_of, task_of
from slidewire.store.sql import insert_into, listed, run, run_many, write_rows

_MESSAGES = ", ".join(f"m.{name}" for name in MESSAGE_COLUMNS)
_WIDTH = len(MESSAGE_COLUMNS)
# each is looked for by itself: a plan that was made when a route had few would go through all that it has
_REFS = """SELECT each.value, (SELECT max(message_id) FROM carrier_refs WHERE route = ? AND ref = each.value)
    FROM {each}"""
# one look for three, for each is a round trip on PostgreSQL: a message comes once for every receipt that it has had
_KNOWN = f"""SELECT {_MESSAGES}, h.profile, h.agent, h.seen_at, e.receipt_key, e.event
    FROM messages m LEFT JOIN handsets h ON h.receiver = m.receiver
    LEFT JOIN events e ON e.message_id = m.id AND e.message_id {{among}} AND e.receipt_key <> ''
    WHERE m.id {{among}}"""  # noqa: S608  # our own column names
_PARK = insert_into("parked_receipts", ("route", "ref", "id", "received_at", "body"))
_OLD_PARKED = """DELETE FROM parked_receipts WHERE (route, ref, id) IN
    (SELECT route, ref, id FROM parked_receipts WHERE received_at < ? ORDER BY received_at LIMIT ?)"""
_ADD_REF = insert_into("carrier_refs", ("route", "ref", "message_id", "account_id", "at"))


@dataclass(frozen=True, slots=True)
class Seen:
    """Receipts that were taken before."""

    keys: set[tuple[str, str]]  #: (message, receipt key)
    turned: set[str]  #: messages that a receipt made an SMS: their MMS has ended (settled 27)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of those that receipts are for."""

    owners: dict[tuple[str, str], Message]  #: (route, reference) -> the message that was submitted under it
    seen: Seen
    phones: dict[str, Handset]  #: by receiver, where they are known

    def __or__(self, other: "Known") -> "Known":
        seen = Seen(self.seen.keys | other.seen.keys, self.seen.turned | other.seen.turned)
        return Known(self.owners | other.owners, seen, self.phones | other.phones)


def find_owners(connection: Connection, pairs: Sequence[tuple[str, str]]) -> Known:
    """Whose these references (each with its route) are, and what is known of them; unknown ones are missing."""
    submitted: dict[tuple[str, str], str] = {}
    for route in sorted({route for route, _ in pairs}):
        refs = listed(connection, sorted({ref for r, ref in pairs if r == route}))
        submitted |= {(route, ref): message_id for ref, message_id in run(connection, _REFS, route, refs) if message_id}
    messages: dict[str, Message] = {}
    found = Known({}, Seen(set(), set()), {})
    if submitted:
        ids = listed(connection, sorted(set(submitted.values())))
        for row in run(connection, _KNOWN, ids, ids).fetchall():
            message = messages[row[0]] = messages.get(row[0]) or message_of(row)
            _add(found, message, row[_WIDTH:])
    found.owners.update({pair: messages[key] for pair, key in submitted.items() if key in messages})
    return found


def _add(found: Known, message: Message, row: Sequence[Any]) -> None:
    """The columns behind those of the message: its receiver's phone, and one of the receipts that it has had."""
    profile, agent, seen_at, receipt_key, event = row
    if seen_at is not None:
        found.phones[message.receiver] = Handset(profile, agent, seen_at)
    if receipt_key is not None:
        found.seen.keys.add((message.id, receipt_key))
        if event == Event.FALLBACK.value:
            found.seen.turned.add(message.id)


@dataclass(frozen=True, slots=True)
class Parked:
    """A receipt that nobody was known for when it came."""

    route: str
    ref: str
    id: str
    received_at: int
    body: str  #: the receipt as JSON


def park(connection: Connection, parked: Sequence[Parked]) -> None:
    """Keep receipts until their submission is known, or for an admin to see (durability 4, 23)."""
    write_rows(connection, _PARK, [(p.route, p.ref, p.id, p.received_at, p.body) for p in parked])


def unpark(connection: Connection, parked: Parked) -> None:
    """Forget a parked receipt: it found its submission."""
    table = schema.parked_receipts
    connection.execute(
        delete(table).where(table.c.route == parked.route, table.c.ref == parked.ref, table.c.id == parked.id)
    )


def forget_parked(connection: Connection, before: int, limit: int) -> int:
    """Forget at most ``limit`` receipts that came before ``before`` and found no submission; how many."""
    return run(connection, _OLD_PARKED, before, limit).rowcount


def find_parked(connection: Connection, route: str, refs: Sequence[str]) -> list[Parked]:
    """Receipts that wait for any of these references, the oldest first."""
    table = schema.parked_receipts
    query = select(table).where(table.c.route == route, table.c.ref.in_(refs)).order_by(table.c.id)
    return [Parked(**dict(row._mapping)) for row in connection.execute(query)]  # noqa: SLF001  # public in SQLAlchemy


def list_parked(connection: Connection, limit: int = 100) -> list[Parked]:
    """The newest receipts that found no submission."""
    table = schema.parked_receipts
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    return [Parked(**dict(row._mapping)) for row in connection.execute(query)]  # noqa: SLF001  # public in SQLAlchemy


def add_ref(connection: Connection, route: str, ref: str, message: Message, at: int) -> None:
    """A submission's reference, learnt from a receipt."""
    write_rows(connection, _ADD_REF, [(route, ref, message.id, message.account_id, at)])


#: What a reference is kept under: route, reference, account.
RefKey: TypeAlias = tuple[str, str, str]
#: Before every reference.
FIRST_REF: RefKey = ("", "", "")
_WALK = """SELECT route, ref, account_id, at FROM carrier_refs WHERE (route, ref, account_id) > (?, ?, ?)
    ORDER BY route, ref, account_id LIMIT ?"""
_FORGET_REF = "DELETE FROM carrier_refs WHERE route = ? AND ref = ? AND account_id = ? AND at < ?"


def old_refs(connection: Connection, after: RefKey, before: int, limit: int) -> tuple[list[RefKey], RefKey]:
    """Of the ``limit`` references behind ``after`` those from before a time, and the last of all that were looked at.

    That is ``FIRST_REF`` where there are no more.
    """
    rows = [tuple(row) for row in run(connection, _WALK, *after, limit).fetchall()]
    return [row[:3] for row in rows if row[3] < before], rows[-1][:3] if len(rows) == limit else FIRST_REF


def forget_refs(connection: Connection, refs: Sequence[RefKey], before: int) -> None:
    """Receipts that name these references are nobody's from now on; those that were given anew meanwhile stay."""
    run_many(connection, _FORGET_REF, [(*ref, before) for ref in refs])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission without a reference that a stray receipt may belong to."""

    task: Task
    message: Message
    in_flight: bool  #: its answer may still come


def candidates(connection: Connection, route: str, numbers: Sequence[str]) -> list[Candidate]:
    """Submissions of ``route`` to or from one of ``numbers`` whose reference is not known (durability 4)."""
    tasks, messages = schema.tasks, schema.messages
    uncertain, deliver = TaskKind.UNCERTAIN.queue(route), TaskKind.DELIVER.queue(route)
    query = (
        select(*(tasks.c[name] for name in TASK_COLUMNS), *(messages.c[name] for name in MESSAGE_COLUMNS))
        .join(messages, messages.c.id == tasks.c.message_id)
        .where(
            (tasks.c.queue == uncertain) | ((tasks.c.queue == deliver) & tasks.c.lease.is_not(None)),
            messages.c.receiver.in_(numbers),
        )
    )
    width = len(TASK_COLUMNS)
    return [_candidate(row[:width], row[width:], uncertain) for row in connection.execute(query).fetchall()]


def _candidate(task_row: Sequence[Any], message_row: Sequence[Any], uncertain: str) -> Candidate:
    task = task_of(task_row)
    return Candidate(task, message_of(message_row), in_flight=task.queue != uncertain)


_TAKE_UNCERTAIN = "DELETE FROM tasks WHERE message_id = ? AND id = ? AND kind = 'uncertain' AND lease IS NULL"


def drop_uncertain(connection: Connection, task: Task) -> bool:
    """End an uncertain submission's wait; False when another came first."""
    return run(connection, _TAKE_UNCERTAIN, task.message_id, task.id).rowcount == 1
