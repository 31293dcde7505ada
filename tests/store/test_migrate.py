"""Migrations: from nothing to the newest form, safe to repeat, equal to the schema on both databases."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.util.concurrency import await_only
from tests.store.kit import PARTITION, scalar, stored, tasks_of

import slidewire.store.migrations
from slidewire.store.database import Database, DatabaseError, open_database
from slidewire.store.migrate import OLDEST_POSTGRES, bring, is_current, migrate, newest, refuse_old
from slidewire.store.schema import metadata

#: Everything about every column that the database itself knows.
COLUMNS = """SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"""


def differences(connection: Connection) -> list[Any]:
    """What Alembic would still change; partitions are their tables' own matter."""
    opts = {"compare_type": True, "include_name": lambda name, kind, _in: kind != "table" or not PARTITION.match(name)}
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), metadata))


def shape(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every table as the database itself describes it: defaults and collations too, which Alembic passes over."""
    if connection.dialect.name == "postgresql":
        rows = [tuple(row) for row in connection.exec_driver_sql(COLUMNS)]
        return {table.name: [row for row in rows if row[0] == table.name] for table in metadata.sorted_tables}
    described = {}
    for table in metadata.sorted_tables:
        made = scalar(connection, f"SELECT sql FROM sqlite_master WHERE name = '{table.name}'")
        rows = [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA table_xinfo({table.name})")]
        described[table.name] = [*rows, (made.endswith("WITHOUT ROWID"),)]
    return described


async def test_nothing_becomes_the_newest_form(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    assert await is_current(database) is False
    assert await migrate(database) == newest() != ""
    assert await is_current(database) is True
    await database.close()


@pytest.mark.parametrize(
    ("version", "told"),
    [
        pytest.param((11, 22), "PostgreSQL 11.22 is too old: Slidewire needs 12 or newer", id="one that is too old"),
        pytest.param((9, 6, 24), "PostgreSQL 9.6.24 is too old: Slidewire needs 12 or newer", id="a number of three"),
    ],
)
def test_a_server_that_is_too_old_is_refused_in_words(version: tuple[int, ...], told: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        refuse_old(version)
    assert str(refused.value) == told


def test_the_oldest_server_that_we_promise_is_taken() -> None:
    refuse_old((OLDEST_POSTGRES, 0))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_old_server_is_read_or_brought_to_anything(database: Database) -> None:
    def as_an_old_one(connection: Connection) -> None:
        connection.dialect.server_version_info = (11, 22)

    await database.read(as_an_old_one)
    with pytest.raises(DatabaseError, match="too old"):
        await is_current(database)
    with pytest.raises(DatabaseError, match="too old"):
        await migrate(database)


async def test_the_migrations_make_exactly_the_schema(database: Database) -> None:
    assert await database.read(differences) == []


async def test_the_migrations_leave_out_no_detail(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await database.write(metadata.create_all)
    wanted = await database.read(shape)
    await database.write(metadata.drop_all)
    await migrate(database)
    assert await database.read(shape) == wanted
    await database.close()


async def test_a_difference_would_be_seen(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    await migrate(database)
    await database.write(lambda c: c.exec_driver_sql("ALTER TABLE content DROP COLUMN frames"))
    assert [difference[0] for difference in await database.read(differences)] == ["add_column"]
    await database.close()


async def test_every_table_and_index_of_the_schema_is_there(database: Database) -> None:
    def look(connection: Connection) -> dict[str, set[str | None]]:
        seen = inspect(connection)
        names = {name for name in seen.get_table_names() if not PARTITION.match(name)} - {"alembic_version"}
        return {name: {index["name"] for index in seen.get_indexes(name)} for name in names}

    expected = {table.name: {str(index.name) for index in table.indexes} for table in metadata.sorted_tables}
    assert await database.read(look) == expected


async def test_twice_is_harmless(database: Database) -> None:
    task = await stored(database)
    await migrate(database)
    await migrate(database)
    assert len(await tasks_of(database, task.message_id)) == 1


async def test_several_nodes_may_start_at_once(empty_database_url: str) -> None:
    nodes = [open_database(empty_database_url) for _ in range(4)]
    assert await asyncio.gather(*(migrate(node) for node in nodes)) == [newest()] * 4
    assert await asyncio.gather(*(is_current(node) for node in nodes)) == [True] * 4
    assert await nodes[0].read(differences) == []
    for node in nodes:
        await node.close()


@pytest.mark.postgres
async def test_a_migration_that_waits_for_a_reader_makes_nobody_wait(empty_database_url: str) -> None:
    """The former version reads on beside it, whoever reads for long, such as pg_dump."""
    database, reader = open_database(empty_database_url), open_database(empty_database_url, wait=5.0)
    if not database.has_clock:
        await asyncio.gather(database.close(), reader.close())
        pytest.skip("of PostgreSQL")
    await bring(database, "0038")
    done, looks = asyncio.Event(), 0

    def dump(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT * FROM away_routes")
        await_only(done.wait())

    dumping = asyncio.create_task(reader.read(dump))
    await asyncio.sleep(0.2)
    migrating = asyncio.create_task(migrate(database))
    until = asyncio.get_running_loop().time() + 3
    while asyncio.get_running_loop().time() < until:
        await asyncio.wait_for(reader.look(lambda c: c.exec_driver_sql("SELECT 1 FROM away_routes").fetchall()), 2)
        looks += 1
        await asyncio.sleep(0.05)
    assert looks > 3
    assert not migrating.done()
    done.set()
    await dumping
    assert await migrating == newest()
    await asyncio.gather(database.close(), reader.close())


def test_the_newest_revision_is_the_one_that_alembic_ends_with() -> None:
    scripts = ScriptDirectory(str(Path(slidewire.store.migrations.__file__).parent))
    assert (scripts.get_heads(), [newest()]) == ([newest()], scripts.get_heads())


async def test_a_database_that_has_its_newest_form_loads_no_alembic(sqlite_template: Path) -> None:
    code = f"""
import asyncio, sys
from slidewire.store.database import open_database
from slidewire.store.migrate import migrate

async def look():
    database = open_database("sqlite:///{sqlite_template}")
    await migrate(database)
    await database.close()

asyncio.run(look())
print("alembic" in sys.modules)
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert (await process.communicate())[0] == b"False\n"
