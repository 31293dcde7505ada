"""Single facts about the whole installation. Each change is one statement: several nodes may make it at once."""

from sqlalchemy import Connection

from slidewire.store.sql import Place, run

_READ = "SELECT value FROM meta WHERE name = ?"
_SET = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_ADD = """INSERT INTO meta (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = meta.value + ? RETURNING value"""


def read_fact(place: Place, name: str) -> int:
    """The value of ``name``; 0 when it was never set."""
    row = run(place, _READ, name).fetchone()
    return int(row[0]) if row else 0


def set_fact(connection: Connection, name: str, value: int) -> None:
    """Make ``name`` be ``value``."""
    run(connection, _SET, name, value)


def add_to_fact(connection: Connection, name: str, step: int, *, start: int = 0) -> int:
    """Raise ``name`` by ``step``, from ``start`` when it was never set; returns what it is now."""
    row = run(connection, _ADD, name, start + step, step).fetchone()
    assert row is not None  # noqa: S101  # RETURNING gives the row that was inserted or updated
    return int(row[0])
