"""Brings a database to the newest form; safe when several nodes start at once.

Alembic is loaded only where there is something to bring: it is a fifth of a second, and memory that stays.
"""

import asyncio
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, text

from slidewire.store.database import Database, DatabaseBusyError, DatabaseError

log = structlog.get_logger(__name__)

_SCRIPTS = Path(__file__).with_name("migrations")
#: Where Alembic keeps the revision.
_VERSION = "alembic_version"
#: One number for all nodes: who holds this lock migrates, the others wait (PostgreSQL).
_LOCK = 0x51_1D_E3
#: What is committed before the next one begins: it takes long under a lock that nobody feels, or only a moment
#: under one that everybody does.
_APART = ("0034", "0035")
#: How long it waits for a table that somebody reads, with everybody behind it.
_LOCK_WAIT = "500ms"
#: How often a migration is tried that others are in the way of, and seconds between two tries: a minute in all.
_TRIES, _PAUSE = 60, 1.0
#: The oldest PostgreSQL that we are tested with (docs/how-to/run-in-production.md names them all).
OLDEST_POSTGRES = 12


async def migrate(database: Database) -> str:
    """Run every migration that is missing; returns the newest revision. Raises DatabaseError, DatabaseBusyError."""
    if not await is_current(database):  # a command that only reads need not wait for the writers
        for revision in (*_APART, newest()):
            await bring(database, revision)
    return newest()


async def bring(database: Database, revision: str) -> None:
    """Bring the database to ``revision``; somebody who reads for long is waited for, and waits for nobody."""
    for tried in range(1, _TRIES + 1):
        try:
            await database.write(partial(_upgrade, revision=revision))
        except DatabaseBusyError as error:
            if tried == _TRIES:
                raise
            log.warning("others are in the way of a migration: tried again", attempt=tried, error=str(error)[:300])
            await asyncio.sleep(_PAUSE)
        else:
            return


async def is_current(database: Database) -> bool:
    """Whether the database has the newest form. Raises DatabaseError where the server is too old for us."""
    return await database.read(_current) == newest()


def newest() -> str:
    """The revision that this program needs; versions are numbered, in their files' names too."""
    return max(path.name.partition("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def refuse_old(version: tuple[int | str, ...]) -> None:
    """Raise DatabaseError for a PostgreSQL of ``version`` (12.22 is ``(12, 22)``) that is too old."""
    if int(version[0]) < OLDEST_POSTGRES:
        told = ".".join(map(str, version))
        raise DatabaseError(f"PostgreSQL {told} is too old: Slidewire needs {OLDEST_POSTGRES} or newer")


def _upgrade(connection: Connection, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # a lock that is waited for stands before everybody who comes after: the former version runs on
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
    if (_current(connection) or "") >= revision:
        return
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS))
    command.upgrade(config, revision)


def _current(connection: Connection) -> str | None:
    if connection.dialect.name == "postgresql":
        refuse_old(connection.dialect.server_version_info or (0,))
    if not inspect(connection).has_table(_VERSION):
        return None
    revision: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSION}")).scalar()  # noqa: S608  # ours
    return revision
