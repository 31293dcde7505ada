"""Messages, events and exchanges in partitions by the time in their messages' ids: PostgreSQL's alone (durability 14).

What is older or newer than every partition lies in the table's rest, so that it is always taken. Whatever changes
the partitions waits for others only a moment: everything that comes after it would wait with it.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from slidewire.domain.partitions import Partition
from slidewire.store.sql import run

#: Table -> what its partitions are ranges of. In the order in which a transaction meets them.
PARTITIONED = {"messages": "id", "events": "message_id", "exchanges": "message_id"}
#: A message's status moves twice: its next version finds room on the same page, and no index is written.
_ROOM = {"messages": " WITH (fillfactor = 70)"}
#: Who holds this lock changes the partitions; others leave it to him.
_LOCK = 0x51_1D_E4
#: Milliseconds that a change waits for whoever reads and writes.
_WAIT = 100
#: Milliseconds that a statement may take: one that keeps everybody out, and one that keeps only those out who need
#: what lies in the rest.
_DROPS, _ADDS = 500, 5_000
_BOUNDS = re.compile(r"FOR VALUES FROM \((?:MINVALUE|'(?P<since>\w+)')\) TO \('(?P<until>.+)'\)")
_READ = """SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass('messages')"""
_TASKS = "SELECT 1 FROM tasks WHERE message_id >= ? AND message_id < ? LIMIT 1"
_SCHEDULED = """SELECT 1 FROM messages
    WHERE id >= ? AND id < ? AND send_at > 0 AND send_at > ? AND status <> 'cancelled' LIMIT 1"""
#: After every time that an id can tell: where rows lie whose ids tell none.
_NEVER = 1 << 48


def read_partitions(connection: Connection) -> list[Partition] | None:
    """Those that are there, the oldest first; None: this database has none."""
    return sorted(_named(connection).values()) if connection.dialect.name == "postgresql" else None


def _named(connection: Connection) -> dict[str, Partition]:
    """The names of the partitions of messages without the table's, each with its time."""
    found = {}
    for name, bounds in run(connection, _READ).fetchall():
        if range_ := _BOUNDS.fullmatch(bounds):
            until = range_["until"]
            last = int(until, 16) if re.fullmatch("[0-9a-f]{12}", until) else _NEVER
            found[name.removeprefix("messages_")] = Partition(int(range_["since"] or "0", 16), last)
    return found


def newest_stray(connection: Connection, partition: Partition) -> int | None:
    """When the newest message was accepted that would belong to ``partition`` and lies in the rest."""
    newest = [
        run(connection, f"SELECT max({key}) FROM {table}_rest WHERE {key} >= ? AND {key} < ?", *_range(partition))  # noqa: S608  # ours
        for table, key in PARTITIONED.items()
    ]
    strays = [found for each in newest if (found := each.fetchone()[0])]
    return int(max(strays)[:12], 16) if strays else None


def add_partition(connection: Connection, partition: Partition) -> bool:
    """Make it, for all three tables; False: somebody else is about it. Raises DatabaseBusyError."""
    if not _is_ours(connection, _ADDS):
        return False
    if any(each.since < partition.until and partition.since < each.until for each in _named(connection).values()):
        return False
    name = datetime.fromtimestamp(partition.since / 1000, UTC).strftime("%Y%m%d")
    since, until = _range(partition)
    for table in PARTITIONED:
        # made beside the table and then attached: made in it, it would keep everybody out meanwhile
        run(connection, f"CREATE TABLE {table}_{name} (LIKE {table} INCLUDING ALL){_ROOM.get(table, '')}")
    for table in PARTITIONED:
        bounds = f"FOR VALUES FROM ('{since}') TO ('{until}')"
        run(connection, f"ALTER TABLE {table} ATTACH PARTITION {table}_{name} {bounds}")
    return True


def has_tasks(connection: Connection, partition: Partition) -> bool:
    """Whether something is still to be done for a message of ``partition``."""
    return run(connection, _TASKS, *_range(partition)).fetchone() is not None


def has_scheduled(connection: Connection, partition: Partition, since: int) -> bool:
    """Whether a message of ``partition`` was to leave after ``since`` (Unix milliseconds), and was not cancelled."""
    return run(connection, _SCHEDULED, *_range(partition), since).fetchone() is not None


def is_empty(connection: Connection, partition: Partition) -> bool:
    """Whether nothing lies in ``partition``, and nothing is to be done that would."""
    if has_tasks(connection, partition):
        return False
    return not any(
        run(connection, f"SELECT 1 FROM {table} WHERE {key} >= ? AND {key} < ? LIMIT 1", *_range(partition)).fetchone()  # noqa: S608  # ours
        for table, key in PARTITIONED.items()
    )


def ids_in(connection: Connection, partition: Partition, after: str, limit: int) -> Sequence[str]:
    """Some of the messages of ``partition``, in their order: those behind ``after``."""
    since, until = _range(partition)
    query = "SELECT id FROM messages WHERE id > ? AND id < ? ORDER BY id LIMIT ?"
    return [row[0] for row in run(connection, query, max(after, since), until, limit).fetchall()]


def drop_partition(connection: Connection, partition: Partition, *, full: bool) -> bool:
    """Drop it with all that is in it, or, unless ``full``, only when nothing is. Raises DatabaseBusyError.

    False: something is still to be done for one of its messages, or somebody else is about it.
    """
    if not _is_ours(connection, _DROPS):
        return False
    names = {each: name for name, each in _named(connection).items()}
    if partition not in names:
        return False
    # whoever wants to add to a message has read it first: from here on nobody has
    run(connection, f"LOCK TABLE {', '.join(f'ONLY {table}' for table in PARTITIONED)} IN ACCESS EXCLUSIVE MODE")
    if has_tasks(connection, partition) or not (full or is_empty(connection, partition)):
        return False
    run(connection, f"DROP TABLE {', '.join(f'{table}_{names[partition]}' for table in PARTITIONED)}")
    return True


def _is_ours(connection: Connection, limit: int) -> bool:
    """Take the right to change partitions, and set how long this transaction may wait, and work at a statement."""
    run(connection, f"SET LOCAL lock_timeout = {_WAIT}")
    run(connection, f"SET LOCAL statement_timeout = {limit}")
    return bool(run(connection, f"SELECT pg_try_advisory_xact_lock({_LOCK})").fetchone()[0])


def _range(partition: Partition) -> tuple[str, str]:
    """From which id on, and before which."""
    return f"{partition.since:012x}", "~" if partition.until == _NEVER else f"{partition.until:012x}"
