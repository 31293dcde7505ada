"""The embedded database is its owner's alone: messages are in it (security 10)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from slidewire.store.database import open_database
from slidewire.store.migrate import migrate

PRIVATE = 0o600


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    """New files may be read and written by everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.glob("slidewire.db*") if not path.is_symlink()}


async def test_its_owner_alone_may_read_any_file_of_a_database(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/slidewire.db")
    try:
        await migrate(database)
        endings = ("", "-gate", "-shm", "-turnstile", "-wal")
        assert modes(tmp_path) == {f"slidewire.db{ending}": PRIVATE for ending in endings}
    finally:
        await database.close()


async def test_the_mode_that_an_admin_gave_a_database_is_kept(tmp_path: Path) -> None:
    (tmp_path / "slidewire.db").touch(0o640)
    database = open_database(f"sqlite:///{tmp_path}/slidewire.db")
    try:
        await migrate(database)
        assert {modes(tmp_path)[f"slidewire.db{ending}"] for ending in ("", "-shm", "-wal")} == {0o640}
    finally:
        await database.close()


async def test_a_database_on_another_disk_behind_a_link_is_private_too(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "slidewire.db").symlink_to(disk / "slidewire.db")
    database = open_database(f"sqlite:///{tmp_path}/slidewire.db")
    try:
        await migrate(database)
        assert modes(disk)["slidewire.db"] == PRIVATE
    finally:
        await database.close()
