"""SQLite: one writer behind the fair gate, a few readers beside it (durability 10, 11).

The statements of a group commit run on the event loop, where no other thread wants the interpreter, and are committed
on the writer thread, where the disk is waited for (docs/adr/0392). All else runs on that thread altogether.
WAL with synchronous=FULL: what is committed is on disk. The library is pysqlite3, which bundles a SQLite without the
lost-commit fault of older ones.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from pysqlite3 import dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool, QueuePool

from slidewire.store.bells import Bell, FolderBell
from slidewire.store.database import BrokenDiskError, DatabaseError
from slidewire.store.gate import Gate
from slidewire.store.leases import lock_folder
from slidewire.store.sql import Place, SqliteReader, driver_of

T = TypeVar("T")

#: Commits that could be lost with two connections are fixed from these on (durability 10).
_SOUND = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
#: Frames of 4 kB in the write-ahead log before it is copied back and written over from its start.
_WAL_FRAMES = 4_000
#: Commits between two looks at the log's length.
_LOOK_EVERY = 16
_READERS = 3
_BEGIN = "BEGIN IMMEDIATE"
#: Of SQLite's error codes: what is above it says more.
_PRIMARY = 0xFF
#: How long a connection waits for another; how long emptying the log waits for readers.
_BUSY_SECONDS, _FORGET_MS = 30, 2_000
#: What is deleted is overwritten: else a redacted number stays readable in the file.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=0",
    "cache_size=-16000",
    "secure_delete=ON",
)


class SqliteDatabase:
    """The embedded database: a file, its log and its gate."""

    writers = 1
    has_clock = False

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise DatabaseError("database = sqlite: needs a file, as in sqlite:///slidewire.db")
        _require_sound_library()
        self.path = Path(url.database).absolute()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._gate = Gate(self.path)
        _create_private(self.path)
        self._writer = _engine(self.path, NullPool)
        self._reader = _engine(self.path, QueuePool, "query_only=ON")
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-write")
        self._read_threads = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-read")
        self._turn = asyncio.Lock()  # of this process's transactions: the writer's connection is one
        self._connection: Connection | None = None
        self._looker: Connection | None = None
        self._reader_here: SqliteReader | None = None
        self._commits = 0

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction on the writer thread. Raises BrokenDiskError when it cannot be durable."""
        await self._turn.acquire()
        return await self._hand_over(self._write, fn)

    async def write_briefly(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction, its statements here and now. Raises what ``write`` raises."""
        await self._turn.acquire()
        if self._connection is None:  # the first transaction makes it
            return await self._hand_over(self._write, fn)
        if not self._gate.take():
            await self._wait_for_gate()
        try:
            with _telling_a_broken_disk():
                is_begun = _begin_at_once(self._connection)
                result = _do(self._connection, fn) if is_begun else None
        except BaseException:
            self._gate.leave()
            self._turn.release()
            raise
        if not is_begun:  # a stranger who knows no gate is writing: the loop does not stand still for him
            self._gate.leave()
            return await self._hand_over(self._write, fn)
        await self._hand_over(self._finish, self._connection)
        return cast("T", result)

    async def alone(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` in one transaction: nothing is saved by less."""
        return await self.write(fn)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run ``fn`` on a snapshot on a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._read_threads, self._read, fn)

    async def look(self, fn: Callable[[Place], T]) -> T:
        """Run ``fn`` here and now, by the reader."""
        return fn(self.reader())

    def reader(self) -> SqliteReader:
        """For looks here and now, on the event loop: those of some microseconds that every request takes.

        Handing one to a thread and back costs ten times as much as the look. In WAL no writer is waited for.
        Never for what grows with what is stored.
        """
        if self._reader_here is None:
            self._begin_file()
            self._looker = _engine(self.path, NullPool, "query_only=ON").connect()
            self._reader_here = SqliteReader(driver_of(self._looker))
        return self._reader_here

    async def forget(self) -> bool:
        """Empty the log, which holds what was overwritten; False while a reader of another process is in its way."""
        await self._turn.acquire()
        return await self._hand_over(self._forget)

    def bell(self, node: str) -> Bell:
        """Pipes beside the locks of the nodes."""
        return FolderBell(lock_folder(self.path), node)

    async def close(self) -> None:
        """Finish what runs, then close every connection."""
        await self._turn.acquire()
        await self._hand_over(self._disconnect)
        self._write_thread.shutdown()
        self._gate.close()

    def _hand_over(self, fn: Callable[..., T], *values: Any) -> asyncio.Future[T]:
        """Have it done on the writer thread. The turn ends with it, even where nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def end(result: T | None, error: BaseException | None) -> None:
            self._turn.release()
            if done.done():
                return
            if error is None:
                done.set_result(cast("T", result))
            else:
                done.set_exception(error)

        def work() -> None:
            try:
                told: tuple[T | None, BaseException | None] = fn(*values), None
            except BaseException as error:  # noqa: BLE001  # told to whoever waits
                told = None, error
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(end, *told)

        try:
            self._write_thread.submit(work)
        except RuntimeError:  # we are closed
            self._turn.release()
            raise
        return done

    async def _wait_for_gate(self) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._write_thread, self._gate.enter)
        except BaseException:
            self._hand_over(self._gate.leave)
            raise

    def _finish(self, connection: Connection) -> None:
        """Commit what was begun on the event loop."""
        try:
            with _telling_a_broken_disk():
                self._commit(connection)
        finally:
            self._gate.leave()

    def _write(self, fn: Callable[[Connection], T]) -> T:
        with self._gate.held(), _telling_a_broken_disk():
            if self._connection is None:
                self._connection = self._writer.connect()
            with _waiting(self._connection, _BUSY_SECONDS * 1000):
                driver_of(self._connection).execute(_BEGIN)
            result = _do(self._connection, fn)
            self._commit(self._connection)
            return result

    def _commit(self, connection: Connection) -> None:
        _end(connection)
        self._commits += 1
        if self._commits % _LOOK_EVERY == 0:
            _trim_log(connection)

    def _forget(self) -> bool:
        with self._gate.held():
            if self._connection is None:
                self._connection = self._writer.connect()
            with _waiting(self._connection, _FORGET_MS):  # all writers wait meanwhile
                emptied = driver_of(self._connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return int(emptied[0]) == 0

    def _read(self, fn: Callable[[Connection], T]) -> T:
        self._begin_file()
        with self._reader.connect() as connection:
            driver_of(connection).execute("BEGIN")
            result = _do(connection, fn)
            _end(connection)
            return result

    def _begin_file(self) -> None:
        """Give a new file its log, inside the gate: the change asks for the file alone, and waits for nobody.

        Two who make it at once would find the database locked.
        """
        if self.path.stat().st_size == 0:
            with self._gate.held():
                self._writer.connect().close()

    def _disconnect(self) -> None:
        """The last connection to leave copies the log back: a checkpoint, so inside the gate."""
        self._read_threads.shutdown()
        with self._gate.held():
            self._reader.dispose()
            if self._looker is not None:
                self._looker.close()
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _create_private(path: Path) -> None:
    """Make the file, for its owner only, whatever the umask: messages are in it (security 10).

    SQLite gives the log and its index the mode of the file. A file that is there is not even opened: closing it
    again would drop the locks that SQLite holds on it in this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(os.path.realpath(path), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


@contextmanager
def _telling_a_broken_disk() -> Iterator[None]:
    try:
        yield
    except (OperationalError, dbapi2.OperationalError) as error:
        words = str(getattr(error, "orig", error))
        if "disk I/O error" in words:
            raise BrokenDiskError(words) from error
        raise


@contextmanager
def _waiting(connection: Connection, milliseconds: int) -> Iterator[None]:
    """Strangers who know no gate are waited for; nowhere else, for the event loop must not stand still."""
    driver = driver_of(connection)
    driver.execute(f"PRAGMA busy_timeout={milliseconds}")
    try:
        yield
    finally:
        driver.execute("PRAGMA busy_timeout=0")


def _begin_at_once(connection: Connection) -> bool:
    """Begin to write, unless somebody does."""
    try:
        driver_of(connection).execute(_BEGIN)
    except dbapi2.OperationalError as error:
        if error.sqlite_errorcode & _PRIMARY == dbapi2.SQLITE_BUSY:
            return False
        raise
    return True


def _do(connection: Connection, fn: Callable[[Connection], T]) -> T:
    """The statements of a transaction that the driver has begun, undone where one fails.

    Most are the driver's own (store/sql.py). SQLAlchemy begins its view of it with its own first statement, and then
    ends both.
    """
    try:
        return fn(connection)
    except BaseException:
        _undo(connection)
        raise


def _end(connection: Connection) -> None:
    """Commit, or undo all."""
    try:
        (connection if connection.in_transaction() else driver_of(connection)).commit()
    except BaseException:
        _undo(connection)
        raise


def _undo(connection: Connection) -> None:
    (connection if connection.in_transaction() else driver_of(connection)).rollback()


def _engine(path: Path, pool: type[Any], *more: str) -> Engine:
    options: dict[str, Any] = {"pool_size": _READERS, "max_overflow": 0} if pool is QueuePool else {}
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        module=dbapi2,
        poolclass=pool,
        hide_parameters=True,  # an error's words may be logged: never a message's text (security 11)
        connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
        **options,
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where _transact says
        for pragma in (*_PRAGMAS, *more):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _trim_log(connection: Connection) -> None:
    """Copy a long log back, so that it is written over instead of growing (performance 10)."""
    driver = driver_of(connection)
    frames = driver.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()[1]
    if frames > _WAL_FRAMES:
        driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def _require_sound_library() -> None:
    version = tuple(dbapi2.sqlite_version_info)
    sound = any(version[:2] == fixed[:2] and version >= fixed for fixed in _SOUND) or version >= _SOUND[-1]
    if not sound:
        raise DatabaseError(f"SQLite {dbapi2.sqlite_version} can lose commits; reinstall pysqlite3")
