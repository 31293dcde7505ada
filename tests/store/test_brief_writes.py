"""SQLite only: what a group commit writes is said on the event loop, which never stands still for others (0392)."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import Connection

from slidewire.store.commits import Commits
from slidewire.store.database import Database, open_database
from slidewire.store.facts import add_to_fact, read_fact
from slidewire.store.gate import Gate

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIMIT = 20


def add(connection: Connection) -> int:
    return add_to_fact(connection, "n", 1)


def whose_thread(_connection: Connection) -> str:
    return threading.current_thread().name


@pytest.fixture
async def begun(database: Database) -> Database:
    """One that has its writing connection: the first transaction makes it, on the writer thread."""
    await database.write(lambda _: None)
    return database


@pytest.fixture
def path(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


async def stays_alive(work: Callable[[], bool]) -> None:
    """The loop turns many times before ``work`` is told to let us on."""
    for _ in range(200):
        await asyncio.sleep(0.0005)
        assert not work()


async def test_its_statements_run_on_the_event_loop_and_others_on_the_writer_thread(begun: Database) -> None:
    here = threading.current_thread().name
    assert await begun.write_briefly(whose_thread) == here
    assert (await begun.write(whose_thread)).startswith("sqlite-write")


async def test_what_is_many_rows_is_written_on_the_writer_thread(begun: Database) -> None:
    commits = Commits(begun, lambda error: None)

    def write(connection: Connection, items: Sequence[int]) -> list[str]:
        return [whose_thread(connection) for _ in items]

    here = threading.current_thread().name
    assert await commits.write(write, 1) == here
    assert (await commits.write(write, 1, bulk=True)).startswith("sqlite-write")
    assert not set(await asyncio.gather(*(commits.write(write, n) for n in range(300)))) & {here}
    await commits.close()


async def test_it_is_committed_when_it_returns(begun: Database, database_url: str) -> None:
    assert [await begun.write_briefly(add) for _ in range(3)] == [1, 2, 3]
    witness = open_database(database_url)
    assert await witness.read(lambda c: read_fact(c, "n")) == 3
    await witness.close()


async def test_what_failed_is_undone_and_the_next_is_made(begun: Database) -> None:
    def fails(connection: Connection) -> None:
        add(connection)
        raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        await begun.write_briefly(fails)
    added = await asyncio.gather(begun.write_briefly(add), begun.write(add), begun.write_briefly(add))
    assert list(added) == [1, 2, 3]


async def test_one_waits_for_a_long_write_of_its_process_and_the_loop_goes_on(begun: Database) -> None:
    go, started = threading.Event(), threading.Event()

    def hold(connection: Connection) -> int:
        started.set()
        assert go.wait(LIMIT)
        return add(connection)

    long = asyncio.create_task(begun.write(hold))
    await asyncio.to_thread(started.wait, LIMIT)
    brief = asyncio.create_task(begun.write_briefly(add))
    await stays_alive(brief.done)
    go.set()
    assert list(await asyncio.wait_for(asyncio.gather(long, brief), LIMIT)) == [1, 2]


async def test_one_waits_at_the_gate_for_another_process_and_the_loop_goes_on(begun: Database, path: Path) -> None:
    gate = Gate(path)
    with gate.held():
        brief = asyncio.create_task(begun.write_briefly(add))
        await stays_alive(brief.done)
    assert await asyncio.wait_for(brief, LIMIT) == 1
    assert gate.take()  # it was left
    gate.leave()
    gate.close()


async def test_one_waits_for_a_stranger_who_knows_no_gate_and_the_loop_goes_on(begun: Database, path: Path) -> None:
    """An admin's own sqlite3, or a tool that copies the database."""
    stranger = dbapi2.connect(str(path), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    brief = asyncio.create_task(begun.write_briefly(add))
    await stays_alive(brief.done)
    stranger.execute("ROLLBACK")
    stranger.close()
    assert await asyncio.wait_for(brief, LIMIT) == 1


@pytest.mark.parametrize("kind", ["write", "write_briefly"])
async def test_who_is_cancelled_at_the_gate_keeps_nobody_out(begun: Database, path: Path, kind: str) -> None:
    gate = Gate(path)
    with gate.held():
        waiting = asyncio.create_task(getattr(begun, kind)(lambda _: None))
        await stays_alive(waiting.done)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
    added = await asyncio.wait_for(asyncio.gather(begun.write_briefly(add), begun.write(add)), LIMIT)
    assert list(added) == [1, 2]
    assert await asyncio.to_thread(_is_free, gate)
    gate.close()


def _is_free(gate: Gate) -> bool:
    with gate.held():
        return True


async def test_who_is_cancelled_while_it_is_committed_does_not_undo_it(begun: Database) -> None:
    """Durability 12; and the next finds the connection at rest."""
    for turns in range(6):
        before = await begun.read(lambda c: read_fact(c, "n"))
        leaving = asyncio.create_task(begun.write_briefly(add))
        for _ in range(turns):
            await asyncio.sleep(0)
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
        after = await asyncio.wait_for(begun.write_briefly(add), LIMIT)
        assert after == before + (2 if turns else 1)


async def test_who_comes_after_the_end_is_told(path: Path) -> None:
    database = open_database(f"sqlite:///{path}")
    await database.write(lambda _: None)
    await database.close()
    for write in (database.write, database.write_briefly) * 2:
        with pytest.raises(RuntimeError, match="after shutdown"):
            await asyncio.wait_for(write(add), LIMIT)


async def test_several_loops_one_after_the_other_may_write(path: Path) -> None:
    database = open_database(f"sqlite:///{path}")
    added = [await asyncio.to_thread(asyncio.run, database.write_briefly(_make_and_add)) for _ in range(2)]
    await database.close()
    assert added == [1, 2]


def _make_and_add(connection: Connection) -> int:
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS here (n INTEGER)")
    connection.exec_driver_sql("INSERT INTO here VALUES (1)")
    found = connection.exec_driver_sql("SELECT count(*) FROM here").scalar()
    assert isinstance(found, int)
    return found
