"""Fetched bytes: small in memory, big in files, all of them under one budget (durability 20)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from slidewire.outbound.spool import HEAD, NoRoom, Spool, SpoolLimits

LIMITS = SpoolLimits(budget=3_000_000, body_in_memory=1_000_000, all_in_memory=2_000_000)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool", LIMITS)
    yield spool
    spool.close()


def files(spool: Spool) -> list[Path]:
    return sorted(spool.folder.glob("*")) if spool.folder.exists() else []


async def test_keeps_small_bodies_in_memory(spool: Spool) -> None:
    with spool.body() as body:
        await body.write(b"ab")
        await body.write(b"cd")
        await body.finish()
        assert (body.size, body.head(3), body.read(), body.path) == (4, b"abc", b"abcd", None)
        assert (spool.held, spool.in_memory, files(spool)) == (4, 4, [])
    assert (spool.held, spool.in_memory) == (0, 0)


async def test_moves_big_bodies_into_a_file_and_deletes_it_at_the_end(spool: Spool) -> None:
    content = bytes(range(256)) * 8000
    with spool.body() as body:
        for start in range(0, len(content), 100_000):
            await body.write(content[start : start + 100_000])
        await body.finish()
        assert body.path is not None
        assert (body.size, body.path.read_bytes() == content, body.read() == content) == (2_048_000, True, True)
        assert (body.head(10), body.head(HEAD), body.head(HEAD + 1)) == (
            content[:10],
            content[:HEAD],
            content[: HEAD + 1],
        )
        assert (spool.held, spool.in_memory, files(spool)) == (2_048_000, 0, [body.path])
        assert body.path.stat().st_mode & 0o777 == 0o600
    assert (spool.held, spool.in_memory, files(spool)) == (0, 0, [])


async def test_moves_even_small_bodies_into_files_when_memory_is_short(spool: Spool) -> None:
    held = [spool.body() for _ in range(3)]
    for body in held:
        await body.write(b"a")
        await body.write(bytes(899_999))
        await body.finish()
    assert [body.path is not None for body in held] == [False, False, True]
    assert held[2].head(2) == b"a\x00"
    assert spool.in_memory == 1_800_000
    for body in held:
        body.close()
    assert (spool.held, spool.in_memory, files(spool)) == (0, 0, [])


async def test_has_no_room_past_its_budget_and_has_it_again_later(spool: Spool) -> None:
    first, second = spool.body(), spool.body()
    await first.write(bytes(2_000_000))
    with pytest.raises(NoRoom):
        await second.write(bytes(1_000_001))
    second.close()
    assert spool.held == 2_000_000
    first.close()
    with spool.body() as third:
        await third.write(bytes(3_000_000))
    assert spool.held == 0


async def test_a_folder_that_cannot_be_written_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    spool = Spool(tmp_path / "file" / "folder", LIMITS)
    with spool.body() as body, pytest.raises(NoRoom):
        await body.write(bytes(1_000_001))
    assert (spool.held, spool.in_memory) == (0, 0)
    spool.close()


async def test_a_body_that_nobody_closed_is_told_and_freed(spool: Spool) -> None:
    body = spool.body()
    await body.write(b"ab")
    with pytest.warns(ResourceWarning, match="never closed"):
        del body
    assert spool.held == 0


async def test_sweeps_what_a_killed_process_left(spool: Spool) -> None:
    spool.folder.mkdir()
    (spool.folder / "fetch-old.part").write_bytes(b"x")
    (spool.folder / "other").write_bytes(b"x")
    written = (spool.folder / "fetch-old.part").stat().st_mtime
    assert spool.sweep(written - 60) == 0
    assert spool.sweep(written + 60) == 1
    assert [path.name for path in files(spool)] == ["other"]
