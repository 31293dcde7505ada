"""Brings a database to the newest form; safe when several nodes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from slidewire.store.database import Database

_SCRIPTS = Path(__file__).with_name("migrations")
#: One number for all nodes: who holds this lock migrates, the others wait (PostgreSQL).
_LOCK = 0x51_1D_E3


async def migrate(database: Database) -> str:
    """Run every migration that is missing; returns the newest revision."""
    await database.write(_upgrade)
    return newest()


async def is_current(database: Database) -> bool:
    """Whether the database has the newest form."""
    return await database.read(_current) == newest()


def newest() -> str:
    """The revision that this program needs."""
    return ScriptDirectory(str(_SCRIPTS)).get_current_head() or ""


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if _current(connection) == newest():
        return
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS))
    command.upgrade(config, "head")


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
