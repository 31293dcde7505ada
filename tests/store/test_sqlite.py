"""SQLite only: what a commit promises, who may write, and that the log does not grow (durability 10, 18)."""

import asyncio
import threading
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Connection
from tests.builders import a_message
from tests.store.kit import scalar, stored

from slidewire.store.database import Database, open_database
from slidewire.store.facts import add_to_fact, read_fact

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

#: SQLite's own numbers for them.
FULL = 2


def pragmas(connection: Connection) -> dict[str, object]:
    names = ("journal_mode", "synchronous", "wal_autocheckpoint", "query_only")
    return {name: scalar(connection, f"PRAGMA {name}") for name in names}


async def test_a_commit_is_on_disk_and_no_checkpoint_comes_unasked(database: Database) -> None:
    promised = {"journal_mode": "wal", "synchronous": FULL, "wal_autocheckpoint": 0}
    assert await database.write(pragmas) == promised | {"query_only": 0}
    assert await database.read(pragmas) == promised | {"query_only": 1}


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(dbapi2.OperationalError, match="readonly"):
        await database.read(lambda c: add_to_fact(c, "n", 1))


async def test_a_transaction_has_the_write_lock_from_its_start(database: Database, database_url: str) -> None:
    """Deferred, it would fail at its first write instead of waiting for its turn."""
    stranger = dbapi2.connect(
        database_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None, check_same_thread=False
    )

    def look(_connection: Connection) -> str:
        with pytest.raises(dbapi2.OperationalError) as refused:
            stranger.execute("BEGIN IMMEDIATE")
        return str(refused.value)

    try:
        assert await database.write(look) == "database is locked"
    finally:
        stranger.close()


async def test_what_failed_is_undone_and_the_next_write_is_made(database: Database) -> None:
    def fails(connection: Connection) -> None:
        add_to_fact(connection, "n", 1)
        raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        await database.write(fails)
    assert await database.write(lambda c: add_to_fact(c, "n", 1)) == 1


async def test_an_error_does_not_carry_what_was_written(database: Database) -> None:
    def fails(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO meta (name, value) VALUES (?, NULL)", ("a secret",))

    with pytest.raises(Exception, match="NOT NULL") as failed:
        await database.write(fails)
    assert "a secret" not in str(failed.value)


async def test_a_reader_sees_one_moment(database: Database) -> None:
    seen = threading.Event()
    written = threading.Event()

    def look_twice(connection: Connection) -> tuple[int, int]:
        before = read_fact(connection, "n")
        seen.set()
        assert written.wait(10)
        return before, read_fact(connection, "n")

    reading = asyncio.create_task(database.read(look_twice))
    await asyncio.to_thread(seen.wait, 10)
    await database.write(lambda c: add_to_fact(c, "n", 1))
    written.set()
    assert await reading == (0, 0)
    assert await database.read(lambda c: read_fact(c, "n")) == 1


async def test_readers_do_not_wait_for_the_writer(database: Database) -> None:
    go = threading.Event()
    started = threading.Event()

    def hold(connection: Connection) -> None:
        started.set()
        assert go.wait(10)

    writing = asyncio.create_task(database.write(hold))
    await asyncio.to_thread(started.wait, 10)
    assert await asyncio.gather(*(database.read(lambda c: read_fact(c, "n")) for _ in range(5))) == [0] * 5
    go.set()
    await writing


async def test_the_log_is_written_over_instead_of_growing(database: Database, database_url: str) -> None:
    log = Path(database_url.removeprefix("sqlite:///") + "-wal")
    big = "x" * 200_000
    sizes = []
    for _ in range(20):
        for _ in range(16):
            await stored(database, a_message(name=big))
        sizes.append(log.stat().st_size)
    assert sizes[-1] < sizes[4] * 1.5


async def test_everything_is_in_the_one_file_when_it_is_closed(database_url: str) -> None:
    path = Path(database_url.removeprefix("sqlite:///"))
    database = open_database(database_url)
    await stored(database)
    await database.read(lambda c: read_fact(c, "n"))
    await database.close()
    assert sorted(p.name for p in path.parent.glob("slidewire.db*")) == [
        "slidewire.db",
        "slidewire.db-gate",
        "slidewire.db-turnstile",
    ]
