"""Content in a folder: whole or not there, synced before it counts, by its digest alone."""

import asyncio
import errno
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from slidewire.content.store import FolderStore, FsyncError, NoSpaceError, free_space

BODY = b"a picture" * 1000
DIGEST = hashlib.sha256(BODY).hexdigest()


class Untouchable(ThreadPoolExecutor):
    """A default executor that must not be used (security 3)."""

    def submit(self, *args: object, **kwargs: object) -> NoReturn:
        raise AssertionError("the default executor was used")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FolderStore]:
    async with FolderStore(tmp_path / "content") as store:
        yield store


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_keeps_and_gives_back(store: FolderStore, tmp_path: Path) -> None:
    assert await store.put(DIGEST, BODY) is True
    assert await store.read(DIGEST) == BODY
    assert await store.has(DIGEST)
    path = await store.path(DIGEST)
    assert path == tmp_path / "content" / DIGEST[:2] / DIGEST[2:4] / DIGEST
    assert path.stat().st_mode & 0o777 == 0o600
    assert files(tmp_path / "content") == [str(path.relative_to(tmp_path / "content"))]


async def test_takes_a_file_as_well(store: FolderStore, tmp_path: Path) -> None:
    spooled = tmp_path / "spooled"
    spooled.write_bytes(BODY)
    await store.put(DIGEST, spooled)
    spooled.unlink()
    assert await store.read(DIGEST) == BODY


async def test_what_is_gone_is_not_found(store: FolderStore) -> None:
    await store.put(DIGEST, BODY)
    await store.delete(DIGEST)
    await store.delete(DIGEST)
    assert not await store.has(DIGEST)
    for ask in (store.read, store.path):
        with pytest.raises(FileNotFoundError):
            await ask(DIGEST)
    assert await store.put(DIGEST, BODY) is True


async def test_writes_once_and_again_only_when_it_must(store: FolderStore) -> None:
    await store.put(DIGEST, BODY)
    (await store.path(DIGEST)).unlink()
    assert await store.put(DIGEST, BODY) is False
    assert not await store.has(DIGEST), "it was told to be there, and nobody asked to write it again"
    assert await store.put(DIGEST, BODY, force=True) is True
    assert await store.read(DIGEST) == BODY


async def test_a_file_that_merely_lies_there_is_not_trusted(tmp_path: Path) -> None:
    """durability 19: what a crash left may be a name without its bytes."""
    place = tmp_path / DIGEST[:2] / DIGEST[2:4] / DIGEST
    place.parent.mkdir(parents=True)
    place.write_bytes(b"")
    async with FolderStore(tmp_path) as store:
        assert await store.put(DIGEST, BODY) is True
        assert await store.read(DIGEST) == BODY


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, DIGEST[:-1], DIGEST + "0", f"{DIGEST[:-1]}/"])
async def test_only_digests_are_names(store: FolderStore, digest: str) -> None:
    for ask in (store.read, store.path, store.has, store.delete):
        with pytest.raises(ValueError, match="SHA-256"):
            await ask(digest)
    with pytest.raises(ValueError, match="SHA-256"):
        await store.put(digest, BODY)


async def test_many_writers_of_the_same_bytes_agree(store: FolderStore, tmp_path: Path) -> None:
    await asyncio.gather(*(store.put(DIGEST, BODY, force=True) for _ in range(20)))
    assert await store.read(DIGEST) == BODY
    assert len(files(tmp_path / "content")) == 1


async def test_does_its_file_work_on_threads_of_its_own(store: FolderStore) -> None:
    asyncio.get_running_loop().set_default_executor(Untouchable())
    await store.put(DIGEST, BODY)
    assert await store.read(DIGEST) == BODY


async def test_clears_what_a_killed_process_left_in_the_middle(tmp_path: Path) -> None:
    async with FolderStore(tmp_path):
        pass
    old, new = tmp_path / "tmp" / "old", tmp_path / "tmp" / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, time.time() - 7200))
    async with FolderStore(tmp_path):
        assert files(tmp_path) == ["tmp/new"]


async def test_names_what_was_not_written_for_long_and_spares_what_was_written_since(store: FolderStore) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    for digest, body in ((DIGEST, BODY), (other, b"other")):
        await store.put(digest, body)
    day_ago = time.time() - 86_400
    os.utime(await store.path(DIGEST), (0, day_ago - 1))
    assert list(store.stale(day_ago)) == [DIGEST]
    assert not store.unlink_stale(other, day_ago)
    await store.put(DIGEST, BODY, force=True)
    assert not store.unlink_stale(DIGEST, day_ago), "brought back meanwhile"
    os.utime(await store.path(DIGEST), (0, day_ago - 1))
    assert store.unlink_stale(DIGEST, day_ago)
    assert not store.unlink_stale(DIGEST, day_ago)
    assert await store.put(DIGEST, BODY) is True


SYNCS = """if True:
    import asyncio, errno, os, sys
    from pathlib import Path
    from slidewire.content import store as module
    calls = []
    def watched(name):
        real = getattr(os, name)
        def call(*args, **kwargs):
            result = real(*args, **kwargs)
            calls.append(name + " " + os.readlink(f"/proc/self/fd/{args[0]}"))
            return result
        return call
    real_replace = Path.replace
    def replace(self, target):
        calls.append(f"rename {self} {target}")
        return real_replace(self, target)
    async def main():
        async with module.FolderStore(Path(sys.argv[1])) as store:
            os.fsync = watched("fsync")
            Path.replace = replace
            await store.put(sys.argv[2], b"x")
    asyncio.run(main())
    print("\\n".join(calls))
"""


def test_the_order_survives_a_power_cut(tmp_path: Path) -> None:
    """File synced before it is renamed, its folder after, and a new folder in the one above (in a process apart)."""
    run = subprocess.run(
        [sys.executable, "-c", SYNCS, str(tmp_path), DIGEST], capture_output=True, check=True, timeout=30, text=True
    )
    calls = [call.replace(str(tmp_path), "") for call in run.stdout.splitlines()]
    fresh = calls[2].removeprefix("fsync ")
    assert fresh.startswith("/tmp/")
    place = f"/{DIGEST[:2]}/{DIGEST[2:4]}"
    assert calls == [
        "fsync ",
        f"fsync /{DIGEST[:2]}",
        f"fsync {fresh}",
        f"rename {fresh} {place}/{DIGEST}",
        f"fsync {place}",
    ]


FAILING = """if True:
    import asyncio, os, sys
    from pathlib import Path
    from slidewire.content.store import FolderStore, FsyncError, NoSpaceError
    what, folder, digest = sys.argv[1:]
    def failing(*args):
        raise OSError(int(what), os.strerror(int(what)))
    async def main():
        told = []
        async with FolderStore(Path(folder), told.append) as store:
            real, os.fsync = os.fsync, failing
            try:
                await store.put(digest, b"x")
            except Exception as error:
                print(type(error).__name__, len(told), await store.has(digest))
            os.fsync = real
            print(await store.put(digest, b"x"))
    asyncio.run(main())
"""


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_failed_sync_is_told_to_whoever_ends_the_process(tmp_path: Path, number: int) -> None:
    """durability 18. The disk is made to fail in a process apart: no disk here fails on demand."""
    run = subprocess.run(
        [sys.executable, "-c", FAILING, str(number), str(tmp_path), DIGEST],
        capture_output=True, check=True, timeout=30, text=True,
    )  # fmt: skip
    assert run.stdout.split() == ["FsyncError", "1", "False", "True"]


def test_a_full_disk_keeps_nothing(tmp_path: Path) -> None:
    """The size of files is limited in a process apart: the kernel refuses the writing."""
    program = """if True:
        import asyncio, resource, signal, sys
        from pathlib import Path
        from slidewire.content.store import FolderStore
        async def main():
            async with FolderStore(Path(sys.argv[1])) as store:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
                try:
                    await store.put(sys.argv[2], bytes(5000))
                except OSError as error:
                    print(error.errno)
        asyncio.run(main())
    """
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path), DIGEST], capture_output=True, check=True)
    assert int(run.stdout) == errno.EFBIG
    assert files(tmp_path) == []


def test_full_is_a_word_of_its_own() -> None:
    assert not issubclass(NoSpaceError, FsyncError)


def test_tells_what_is_free(tmp_path: Path) -> None:
    status = os.statvfs(tmp_path)
    assert abs(free_space(tmp_path) - status.f_bavail * status.f_frsize) < 500_000_000
