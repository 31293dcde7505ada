"""Group commit: many writers share one, a bad item fails alone, a caller's leaving undoes nothing (durability 12)."""

import asyncio
import gc
import resource
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection
from tests.builders import a_message, a_task

from slidewire.store.commits import ENOUGH, PATIENCE, WINDOW, WINDOWS, Commits, WriteMany
from slidewire.store.database import BrokenDiskError, Database, DatabaseAwayError, open_database
from slidewire.store.facts import read_fact, set_fact
from slidewire.store.hot import NewMessage, insert_messages, insert_plainly
from slidewire.store.messages import find_message
from slidewire.store.migrate import migrate
from slidewire.store.pins import Insertion

Plainly = WriteMany[NewMessage, Insertion] | None


class Shop:
    """Writes numbers as facts, and keeps book of the batches it was called with."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def write(self, connection: Connection, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        for item in items:
            if item < 0:
                raise ValueError(f"{item} is not sold here")
            set_fact(connection, f"n{item}", item)
        return [item * 10 for item in items]


def unexpected(error: BaseException) -> None:
    raise AssertionError(error)


@pytest.fixture
async def commits(database: Database) -> AsyncIterator[Commits]:
    made = Commits(database, unexpected)
    yield made
    await made.close()


async def facts(database: Database, *items: int) -> list[int]:
    return await database.read(lambda c: [read_fact(c, f"n{item}") for item in items])


async def test_a_write_is_committed_when_it_returns(commits: Commits, database_url: str) -> None:
    assert await commits.write(Shop().write, 7) == 70
    witness = open_database(database_url)
    assert await facts(witness, 7) == [7]
    await witness.close()


async def test_many_writers_share_commits_and_each_gets_its_own_result(commits: Commits) -> None:
    shop = Shop()
    results = await asyncio.gather(*(commits.write(shop.write, n) for n in range(1_200)))
    assert results == [n * 10 for n in range(1_200)]
    assert [len(batch) for batch in shop.batches] == [500, 500, 200]
    assert sorted(n for batch in shop.batches for n in batch) == list(range(1_200))


async def test_what_arrives_during_a_commit_goes_together_into_the_next(commits: Commits, database: Database) -> None:
    shop = Shop()
    first = asyncio.create_task(commits.write(shop.write, 0))
    await asyncio.sleep(0)  # its lane has started
    await asyncio.sleep(0)
    others = [asyncio.create_task(commits.write(shop.write, n)) for n in range(1, 6)]
    await asyncio.gather(first, *others)
    assert shop.batches == [[0], [1, 2, 3, 4, 5]]


async def test_one_bad_item_fails_alone(commits: Commits, database: Database) -> None:
    shop = Shop()
    items = [*range(1, 30), -1, *range(30, 40)]
    results = await asyncio.gather(*(commits.write(shop.write, n) for n in items), return_exceptions=True)
    assert [r for r in results if not isinstance(r, Exception)] == [n * 10 for n in items if n > 0]
    [failure] = [r for r in results if isinstance(r, Exception)]
    assert str(failure) == "-1 is not sold here"
    assert await facts(database, *range(1, 40)) == list(range(1, 40))
    assert len(shop.batches) <= 2 * 6 + 1  # halved, not run again one by one


@pytest.mark.parametrize("plainly", [None, insert_plainly])
async def test_one_unstorable_message_does_not_take_the_others_with_it(
    commits: Commits, database: Database, plainly: Plainly
) -> None:
    bad = a_message(subject="lone \ud800 surrogate")
    good = [a_message() for _ in range(5)]
    items = [NewMessage(m, a_task(m)) for m in (*good[:2], bad, *good[2:])]
    writes = [commits.write(insert_messages, item, plainly=plainly) for item in items]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [r is Insertion.DONE for r in results] == [True, True, False, True, True, True]
    found = await database.read(lambda c: [find_message(c, m.id) for m in (*good, bad)])
    assert found == [*good, None]


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("plainly", [None, insert_plainly])
async def test_a_nul_fails_alone(commits: Commits, database: Database, plainly: Plainly) -> None:
    bad, good = a_message(name="a\x00b"), a_message()
    items = [NewMessage(m, a_task(m)) for m in (bad, good)]
    writes = [commits.write(insert_messages, item, plainly=plainly) for item in items]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(results[0], Exception)
    assert results[1] is Insertion.DONE
    assert await database.read(lambda c: find_message(c, good.id)) == good


async def test_what_is_plain_is_written_plainly_where_commits_run_side_by_side(
    commits: Commits, database: Database
) -> None:
    shop, plain = Shop(), Shop()
    together = await asyncio.gather(*(commits.write(shop.write, n, plainly=plain.write) for n in (1, 2)))
    mixed = await asyncio.gather(commits.write(shop.write, 3, plainly=plain.write), commits.write(shop.write, 4))
    assert (together, mixed) == ([10, 20], [30, 40])
    assert await facts(database, 1, 2, 3, 4) == [1, 2, 3, 4]
    side_by_side = database.writers > 1
    assert plain.batches == ([[1, 2]] if side_by_side else [])
    assert shop.batches == ([[3, 4]] if side_by_side else [[1, 2], [3, 4]])


async def test_the_same_message_twice_is_no_failure(commits: Commits, database: Database) -> None:
    message = a_message()
    item = NewMessage(message, a_task(message))
    results = await asyncio.gather(*(commits.write(insert_messages, item) for _ in range(3)))
    assert results == [Insertion.DONE] * 3
    assert await database.read(lambda c: find_message(c, message.id)) == message


async def test_a_caller_that_leaves_undoes_nothing(commits: Commits, database: Database) -> None:
    shop = Shop()
    stays = asyncio.create_task(commits.write(shop.write, 1))
    leaves = asyncio.create_task(commits.write(shop.write, 2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == 10
    with pytest.raises(asyncio.CancelledError):
        await leaves
    assert await facts(database, 1, 2) == [1, 2]


async def test_a_caller_that_leaves_a_failing_write_disturbs_nobody(
    commits: Commits, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop()
    stays = asyncio.create_task(commits.write(shop.write, 1))
    leaves = asyncio.create_task(commits.write(shop.write, -2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == 10
    await commits.close()
    del leaves
    gc.collect()  # a failure that nobody takes is told when it is forgotten
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_a_patient_write_waits_for_company(commits: Commits) -> None:
    """A busy machine may come too late for one round, never for all."""
    shop = Shop()
    for _ in range(10):
        first = asyncio.create_task(commits.write(shop.write, 1, patient=True))
        for _ in range(5):
            await asyncio.sleep(0)  # an impatient write would be on its way by now
        await asyncio.gather(first, commits.write(shop.write, 2, patient=True))
    assert [1, 2] in shop.batches


async def test_a_patient_write_without_company_goes_alone(commits: Commits) -> None:
    shop = Shop()
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert await commits.write(shop.write, 1, patient=True) == 10
    assert loop.time() - started >= PATIENCE * 0.9


async def test_an_impatient_write_takes_the_patient_along(commits: Commits) -> None:
    shop = Shop()
    patient = asyncio.create_task(commits.write(shop.write, 1, patient=True))
    await asyncio.sleep(0)
    await commits.write(shop.write, 2)
    assert await patient == 10
    assert shop.batches == [[1, 2]]


async def test_the_patient_wait_for_company_behind_a_commit_too(commits: Commits) -> None:
    """A busy machine may come too late for one round, never for all."""
    shop = Shop()
    for _ in range(10):
        first = asyncio.create_task(commits.write(shop.write, 1))
        await asyncio.sleep(0)
        second = asyncio.create_task(commits.write(shop.write, 2, patient=True))
        await first
        for _ in range(5):
            await asyncio.sleep(0)  # an impatient write would be on its way by now
        await asyncio.gather(second, commits.write(shop.write, 3, patient=True))
    assert [2, 3] in shop.batches


async def test_closing_commits_what_still_waits(database: Database) -> None:
    commits = Commits(database, unexpected)
    shop = Shop()
    patient = asyncio.create_task(commits.write(shop.write, 5, patient=True))
    await asyncio.sleep(0)
    await commits.close()
    assert await patient == 50
    assert await facts(database, 5) == [5]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_on_sqlite_different_writes_share_one_transaction(commits: Commits) -> None:
    left, right = Shop(), Shop()
    results = await asyncio.gather(commits.write(left.write, 1), commits.write(right.write, 2))
    assert (results, left.batches, right.batches) == ([10, 20], [[1]], [[2]])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_broken_disk_is_told_once_and_nothing_is_tried_again(database: Database) -> None:
    told: list[BaseException] = []
    commits = Commits(database, told.append)
    shop = Shop()
    await commits.write(shop.write, 1)
    with no_file_grows():
        results = await asyncio.gather(*(commits.write(shop.write, n) for n in range(2, 5)), return_exceptions=True)
    assert [type(result) for result in results] == [BrokenDiskError] * 3
    assert told == [results[0]]
    assert shop.batches == [[1], [2, 3, 4]]


@contextmanager
def no_file_grows() -> Iterator[None]:
    """The system refuses every write past a file's first byte, as a broken disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_database_that_is_away_fails_the_batch_at_once() -> None:
    callers = []

    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = open_database(f"postgresql://somebody:secret@127.0.0.1:{port}/nothing", wait=0.0)
    commits, shop = Commits(database, unexpected), Shop()
    results = await asyncio.gather(*(commits.write(shop.write, n) for n in range(50)), return_exceptions=True)
    await database.close()
    server.close()
    assert [type(result) for result in results] == [DatabaseAwayError] * 50
    assert "secret" not in str(results[0])
    assert len(callers) <= 2  # the driver asks for TLS first, then without


class HeldClock(asyncio.SelectorEventLoop):
    """A loop whose time stands still until it is moved."""

    now = 0.0

    def time(self) -> float:
        return self.now

    async def turn(self) -> None:
        """Let everything happen that waits for no time."""
        for _ in range(20):
            await asyncio.sleep(0)


@contextmanager
def a_busy_lane(folder: Path) -> Iterator[tuple[asyncio.Runner, HeldClock, Commits, Shop]]:
    """One that has just written a batch of three."""
    with asyncio.Runner(loop_factory=HeldClock) as runner:
        clock, shop = cast("HeldClock", runner.get_loop()), Shop()
        database = open_database(f"sqlite:///{folder / 'lane.db'}")
        runner.run(migrate(database))
        commits = Commits(database, unexpected)

        async def three() -> None:
            await asyncio.gather(*(commits.write(shop.write, n) for n in range(3)))

        runner.run(three())
        assert shop.batches == [[0, 1, 2]]
        yield runner, clock, commits, shop
        runner.run(database.close())


def test_a_batch_waits_while_more_keep_coming_and_no_longer_than_it_may(tmp_path: Path) -> None:
    with a_busy_lane(tmp_path) as (runner, clock, commits, shop):

        async def keep_coming() -> None:
            coming = [asyncio.ensure_future(commits.write(shop.write, 3))]
            await clock.turn()
            for n in range(4, 4 + WINDOWS):
                coming.append(asyncio.ensure_future(commits.write(shop.write, n)))
                await clock.turn()
                assert len(shop.batches) == 1
                clock.now += WINDOW
                await clock.turn()
            await asyncio.gather(*coming)

        runner.run(keep_coming())
        assert shop.batches[1:] == [[3, 4, 5, 6, 7]]


@pytest.mark.parametrize("late", [[], [5]], ids=["nobody", "a patient one"])
def test_a_batch_for_which_nobody_hurries_waits_once(tmp_path: Path, late: list[int]) -> None:
    with a_busy_lane(tmp_path) as (runner, clock, commits, shop):

        async def alone() -> None:
            coming = [asyncio.ensure_future(commits.write(shop.write, 3))]
            await clock.turn()
            coming += [asyncio.ensure_future(commits.write(shop.write, n, patient=True)) for n in late]
            await clock.turn()
            assert len(shop.batches) == 1
            clock.now += WINDOW
            await asyncio.gather(*coming)

        runner.run(alone())
        assert shop.batches[1:] == [[3, *late]]


def test_a_batch_that_is_large_enough_waits_for_nobody(tmp_path: Path) -> None:
    with a_busy_lane(tmp_path) as (runner, _clock, commits, shop):

        async def many() -> None:
            await asyncio.gather(*(commits.write(shop.write, n) for n in range(100, 100 + ENOUGH)))

        runner.run(many())
        assert [len(batch) for batch in shop.batches[1:]] == [ENOUGH]
