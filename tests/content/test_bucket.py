"""Content in a bucket: kept when the bucket has it, copied on this disk, told plainly when it cannot be reached."""

import hashlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.bucket import NAME, Bucket, a_bucket, clear

from slidewire.content.bucket import BucketPlace, BucketStore
from slidewire.content.store import ContentAwayError

BODY = b"a picture" * 1000
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with a_bucket() as made:
        yield made


@pytest.fixture
def place(bucket: Bucket, tmp_path: Path) -> BucketPlace:
    return place_in(bucket, tmp_path / "copies", prefix=tmp_path.name)


def place_in(bucket: Bucket, folder: Path, prefix: str = "") -> BucketPlace:
    return BucketPlace(NAME, prefix, folder, bucket.endpoint, "us-east-1", "testing", "testing", timeout=10)


@pytest.fixture
async def store(place: BucketPlace) -> AsyncIterator[BucketStore]:
    async with BucketStore(place) as store:
        yield store


async def test_keeps_and_gives_back(store: BucketStore) -> None:
    assert await store.put(DIGEST, BODY) is True
    assert await store.put(DIGEST, BODY) is False
    assert await store.put(DIGEST, BODY, force=True) is True
    assert (await store.read(DIGEST), await store.has(DIGEST)) == (BODY, True)
    assert await store.read_range(DIGEST, 3, 5) == BODY[3:8]
    assert (await store.path(DIGEST)).read_bytes() == BODY


async def test_takes_a_file_as_well(store: BucketStore, tmp_path: Path) -> None:
    spooled = tmp_path / "spooled"
    spooled.write_bytes(BODY)
    await store.put(DIGEST, spooled)
    spooled.unlink()
    assert await store.read(DIGEST) == BODY


async def test_another_node_finds_it_without_a_copy(store: BucketStore, place: BucketPlace, tmp_path: Path) -> None:
    await store.put(DIGEST, BODY)
    async with BucketStore(replace(place, folder=tmp_path / "other")) as other:
        assert await other.read_range(DIGEST, 9, 9) == b"a picture"
        assert not list((tmp_path / "other").glob("*/*")), "a range is no reason for a copy"
        path = await other.path(DIGEST)
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (BODY, 0o600)
        assert path.is_relative_to(tmp_path / "other")


async def test_what_is_gone_is_not_found(store: BucketStore) -> None:
    await store.put(DIGEST, BODY)
    await store.delete(DIGEST)
    await store.delete(DIGEST)
    assert not await store.has(DIGEST)
    for ask in (store.read, store.path):
        with pytest.raises(FileNotFoundError):
            await ask(DIGEST)
    with pytest.raises(FileNotFoundError):
        await store.read_range(DIGEST, 0, 1)
    assert await store.put(DIGEST, BODY) is True


async def test_a_sweep_deletes_several_at_once_and_bears_that_some_are_gone(store: BucketStore) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    await store.put(DIGEST, BODY)
    await store.put(other, b"other")
    await store.delete(other)
    store.unlink([DIGEST, other])
    assert not await store.has(DIGEST)
    assert await store.put(DIGEST, BODY) is True


async def test_a_copy_that_is_lost_is_fetched_again(store: BucketStore, place: BucketPlace) -> None:
    await store.put(DIGEST, BODY)
    clear(place.folder)
    assert await store.read(DIGEST) == BODY


@pytest.mark.parametrize("left", [b"", BODY[:100], BODY[::-1]], ids=["empty", "cut off", "of the same length"])
async def test_a_copy_that_a_power_cut_tore_is_fetched_again(
    store: BucketStore, place: BucketPlace, left: bytes
) -> None:
    """Copies are not synced: after the restart their names may be there without their bytes."""
    await store.put(DIGEST, BODY)
    [copy] = place.folder.glob("*/*")

    async def asked(tell: Callable[[BucketStore], Awaitable[bytes]]) -> bytes:
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(left)
        async with BucketStore(place) as restarted:
            return await tell(restarted)

    async def read_path(restarted: BucketStore) -> bytes:
        return (await restarted.path(DIGEST)).read_bytes()

    async def brought_back(restarted: BucketStore) -> bytes:
        assert await restarted.put(DIGEST, await restarted.path(DIGEST), force=True)
        clear(place.folder)
        return await restarted.read(DIGEST)

    assert await asked(lambda restarted: restarted.read(DIGEST)) == BODY
    assert await asked(lambda restarted: restarted.read_range(DIGEST, 0, len(BODY))) == BODY
    assert await asked(read_path) == BODY
    assert await asked(brought_back) == BODY


async def test_an_object_with_other_bytes_is_not_passed_on(store: BucketStore, place: BucketPlace) -> None:
    await store.put(DIGEST, b"something else")
    clear(place.folder)
    with pytest.raises(FileNotFoundError, match="something else"):
        await store.read(DIGEST)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", DIGEST.upper(), DIGEST + "0", DIGEST[:-1] + "\n"])
async def test_only_digests_are_names(store: BucketStore, digest: str) -> None:
    for ask in (store.read, store.path, store.has, store.delete):
        with pytest.raises(ValueError, match="SHA-256"):
            await ask(digest)
    with pytest.raises(ValueError, match="SHA-256"):
        await store.put(digest, BODY)


async def test_copies_keep_to_their_room_and_spare_what_was_just_asked_for(place: BucketPlace) -> None:
    bodies = [bytes([number]) * 1000 for number in range(10)]
    digests = [hashlib.sha256(body).hexdigest() for body in bodies]
    async with BucketStore(replace(place, copies=4_000)) as store:
        for digest, body in zip(digests, bodies, strict=True):
            await store.put(digest, body)
            if digest != digests[0]:
                long_ago = time.time() - 3600
                os.utime(await store.path(digest), (long_ago, long_ago))
        left = {path.name for path in place.folder.glob("*/*")}
        assert digests[0] in left
        assert len(left) <= 5
        assert await store.read(digests[1]) == bodies[1], "the bucket has them all"


async def test_what_no_row_names_goes_when_it_is_old(store: BucketStore) -> None:
    other = hashlib.sha256(b"named").hexdigest()
    await store.put(DIGEST, BODY)
    await store.put(other, b"named")
    asked: list[set[str]] = []

    async def known(digests: list[str]) -> set[str]:
        asked.append(set(digests))
        return {other}

    assert await store.sweep_unknown(time.time() - 60, known) == 0
    assert asked == []
    assert await store.sweep_unknown(time.time() + 60, known) == 1
    assert asked == [{DIGEST, other}]
    assert (await store.has(DIGEST), await store.has(other)) == (False, True)


async def test_a_bucket_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    with a_bucket() as bucket:
        async with BucketStore(replace(place_in(bucket, tmp_path), timeout=1)) as store:
            bucket.stop()
            for ask in (store.read, store.path, store.has, store.delete):
                with pytest.raises(ContentAwayError, match="the bucket: "):
                    await ask(DIGEST)
            with pytest.raises(ContentAwayError):
                await store.put(DIGEST, BODY)
            with pytest.raises(ContentAwayError):
                store.unlink([DIGEST])
            bucket.start()
            assert await store.put(DIGEST, BODY) is True


async def test_a_bucket_that_is_not_there_is_told_as_such(bucket: Bucket, tmp_path: Path) -> None:
    async with BucketStore(replace(place_in(bucket, tmp_path), bucket="no-such-bucket", timeout=2)) as store:
        with pytest.raises((ContentAwayError, FileNotFoundError)):
            await store.put(DIGEST, BODY)
