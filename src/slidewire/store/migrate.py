"""Brings a database to the newest form; safe when several nodes start at once.

Alembic is loaded only where there is something to bring: it is a fifth of a second, and memory that stays.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from slidewire.store.database import Database

_SCRIPTS = Path(__file__).with_name("migrations")
#: Where Alembic keeps the revision.
_VERSION = "alembic_version"
#: One number for all nodes: who holds this lock migrates, the others wait (PostgreSQL).
_LOCK = 0x51_1D_E3


async def migrate(database: Database) -> str:
    """Run every migration that is missing; returns the newest revision."""
    if not await is_current(database):  # a command that only reads need not wait for the writers
        await database.write(_upgrade)
    return newest()


async def is_current(database: Database) -> bool:
    """Whether the database has the newest form."""
    return await database.read(_current) == newest()


def newest() -> str:
    """The revision that this program needs; versions are numbered, in their files' names too."""
    return max(path.name.partition("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if _current(connection) == newest():
        return
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS))
    command.upgrade(config, "head")


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION):
        return None
    revision: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar()  # noqa: S608  # ours
    return revision
