"""Content in an S3 bucket, with copies on this machine's disk: a bucket that has answered has it on disk.

Objects are named by their digest and never change, so a copy is either right or gone; but for what lay there when the
power failed, which is looked at before it is believed.
"""

import asyncio
import errno
import hashlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from slidewire.content.presigned import Presigner, told_type
from slidewire.content.store import ContentAwayError, is_digest

#: Digests that this process remembers to have stored.
_REMEMBERED: Final = 200_000
#: Share of the limit that is left when old copies are cleared away.
_LEAVE: Final = 0.8
#: Seconds for which a copy that somebody asked for is not cleared away: it is about to be read.
_IN_USE: Final = 600.0
#: Objects of one page of a listing, and digests that are looked up together.
_PAGE: Final = 1000
_THREADS: Final = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """Which bucket, how it is reached, and where its copies lie."""

    bucket: str
    prefix: str
    folder: Path  #: of the copies
    endpoint: str = ""  #: empty: the provider's own for the region
    region: str = ""
    access_key: str = ""  #: empty: as the environment or the machine says
    secret_key: str = field(default="", repr=False)
    path_style: bool = True  #: the bucket's name in the path, not in the host name
    copies: int = 2_000_000_000  #: bytes of disk for copies, at most (roughly)
    timeout: float = 30.0  #: seconds for one request
    public_endpoint: str = ""  #: as phones reach it; empty: as we do
    presigned: int = 0  #: seconds for which an address of one object holds; 0: none is made


class LocalCopies:
    """Copies of objects on disk. Nothing is synced and anything may go: the bucket has them all. Blocks.

    What is not synced may be empty or cut off after a power cut: a copy that this process has not written itself is
    hashed once, and goes when it is not what its name says.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most
        self._bytes = -1  #: in the folder; -1: not counted yet
        self._right: set[str] = set()  # digests whose copies were written or hashed here

    def find(self, digest: str) -> Path | None:
        """The copy, which stays for a while now; None: there is none that is whole."""
        place = self._place(digest)
        try:
            os.utime(place)
            if digest not in self._right and not _is_whole(place, digest):
                place.unlink(missing_ok=True)
                return None
        except FileNotFoundError:
            return None
        self._trust(digest)
        return place

    def keep(self, digest: str, body: bytes) -> Path:
        """Write a copy. Raises OSError."""
        place = self._place(digest)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = place.with_name(secrets.token_hex(16))
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
            fresh.replace(place)
        finally:
            fresh.unlink(missing_ok=True)
        self._trust(digest)
        self._make_room(len(body))
        return place

    def drop(self, digest: str) -> None:
        """Let a copy go."""
        self._place(digest).unlink(missing_ok=True)

    def _trust(self, digest: str) -> None:
        if len(self._right) >= _REMEMBERED:
            self._right.clear()  # it costs one more look each
        self._right.add(digest)

    def _place(self, digest: str) -> Path:
        return self._folder / _name(digest)

    def _make_room(self, added: int) -> None:
        """Let the longest unused go when there is too much, but none that is about to be read."""
        if 0 <= self._bytes <= self._most - added:
            self._bytes += added
            return
        files = sorted(_seen(path) for path in self._folder.glob("*/*"))
        self._bytes = sum(size for _, size, _ in files)
        before = time.time() - _IN_USE
        for used, size, path in files:
            if self._bytes <= self._most * _LEAVE or used > before:
                break
            path.unlink(missing_ok=True)
            self._bytes -= size


def _is_whole(path: Path, digest: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == digest


def _seen(path: Path) -> tuple[float, int, Path]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0.0, 0, path
    return status.st_mtime, status.st_size, path


class BucketStore:
    """A ContentStore in a bucket. ``async with BucketStore(place) as store``."""

    def __init__(self, place: BucketPlace) -> None:
        """Raises ValueError for a place that cannot be used."""
        self._client = _client(place)
        self._copies = LocalCopies(place.folder, place.copies)
        self._folder = place.folder
        self._stored: set[str] = set()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="copies")
        public = replace(place, endpoint=place.public_endpoint or place.endpoint)
        self._presigner = Presigner(_client(public), place.presigned) if place.presigned else None

    async def __aenter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._threads.shutdown()

    async def put(self, digest: str, body: bytes | Path, *, force: bool = False) -> bool:
        """See ContentStore; raises ContentAwayError when the bucket does not take it."""
        name = _name(digest)
        if digest in self._stored and not force:
            return False
        data = await self._run(body.read_bytes) if isinstance(body, Path) else body
        async with _reached():
            await obstore.put_async(self._client, name, data, attributes={"Content-Type": told_type(data)})
        await self._copy(digest, data)
        if len(self._stored) >= _REMEMBERED:
            self._stored.clear()  # it costs one more writing each
        self._stored.add(digest)
        return True

    async def read(self, digest: str) -> bytes:
        """See ContentStore; raises ContentAwayError too."""
        return await self._with_copy(digest, Path.read_bytes)

    async def read_range(self, digest: str, start: int, count: int) -> bytes:
        """See ContentStore: from the copy where there is one, else just this range from the bucket."""
        name = _name(digest)
        place = await self._run(partial(self._copies.find, digest))
        if place is not None:
            with suppress(FileNotFoundError):
                return await self._run(partial(_read_range, place, start, count))
        async with _reached():
            return bytes(await obstore.get_range_async(self._client, name, start=start, length=count))

    async def path(self, digest: str) -> Path:
        """See ContentStore: a copy, fetched where there is none; raises ContentAwayError too."""
        name = _name(digest)
        place = await self._run(partial(self._copies.find, digest))
        if place is not None:
            return place
        async with _reached():
            got = await obstore.get_async(self._client, name)
            data = bytes(await got.bytes_async())
        if hashlib.sha256(data).hexdigest() != digest:
            raise FileNotFoundError(errno.ENOENT, "the bucket has something else under this name", digest)
        return await self._run(partial(self._copies.keep, digest, data))

    async def has(self, digest: str) -> bool:
        """See ContentStore: what the bucket says."""
        try:
            async with _reached():
                await obstore.head_async(self._client, _name(digest))
        except FileNotFoundError:
            return False
        return True

    @property
    def copies(self) -> Path:
        """Where this machine's copies lie."""
        return self._folder

    @property
    def signs(self) -> bool:
        """Whether addresses are made under which the bucket itself gives an object."""
        return self._presigner is not None

    async def origin(self) -> str:
        """Where such addresses lead. Raises ContentAwayError when there is nothing to sign them with."""
        assert self._presigner is not None  # noqa: S101  # whoever asks has looked at `signs`
        async with _reached():
            return await self._presigner.origin()

    async def address(self, digest: str, left: int) -> str:
        """Such an address, good for ``left`` seconds at most. Raises ContentAwayError as above."""
        assert self._presigner is not None  # noqa: S101  # as above
        async with _reached():
            return await self._presigner.address(_name(digest), left)

    async def delete(self, digest: str) -> None:
        """See ContentStore."""
        self._stored.discard(digest)
        await self._run(partial(self._copies.drop, digest))
        with suppress(FileNotFoundError):
            async with _reached():
                await obstore.delete_async(self._client, _name(digest))

    def unlink(self, digests: Sequence[str]) -> None:
        """As delete, for a sweep that waits on a thread of its own. Raises ContentAwayError."""
        for digest in digests:
            self._stored.discard(digest)
            self._copies.drop(digest)
        try:
            obstore.delete(self._client, [_name(digest) for digest in digests])
        except NotFoundError:
            pass
        except BaseError as error:
            raise _away(error) from error

    async def sweep_unknown(self, before: float, known: Callable[[list[str]], Awaitable[set[str]]]) -> int:
        """Delete what was last written before ``before`` (Unix seconds) and is not ``known``; how many were.

        What is written again between the look and the deletion has been asked for by a request that was told so:
        it looks at the row before it relies on the bytes, and there is none (durability 19).
        """
        deleted = 0
        async with _reached():
            async for page in obstore.list(self._client, chunk_size=_PAGE):
                stale = [name for each in page if (name := _digest_of(each, before))]
                kept = await known(stale) if stale else set()
                for digest in stale:
                    if digest not in kept and await self._is_still_old(digest, before):
                        await self.delete(digest)
                        deleted += 1
        return deleted

    async def _is_still_old(self, digest: str, before: float) -> bool:
        try:
            now = await obstore.head_async(self._client, _name(digest))
        except NotFoundError:
            return False
        return float(now["last_modified"].timestamp()) < before

    async def _copy(self, digest: str, data: bytes) -> None:
        """Keep a copy; a disk that is full for it is no error."""
        with suppress(OSError):
            await self._run(partial(self._copies.keep, digest, data))

    async def _with_copy(self, digest: str, use: Callable[[Path], T]) -> T:
        """What ``use`` makes of the copy; one that was cleared away meanwhile is fetched once more."""
        place = await self.path(digest)
        try:
            return await self._run(partial(use, place))
        except FileNotFoundError:
            return await self._run(partial(use, await self.path(digest)))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _client(place: BucketPlace) -> S3Store:
    """Raises ValueError."""
    given = {
        "endpoint": place.endpoint,
        "region": place.region,
        "access_key_id": place.access_key,
        "secret_access_key": place.secret_key,
    }
    config: Any = {name: value for name, value in given.items() if value}
    config["virtual_hosted_style_request"] = not place.path_style
    plain = place.endpoint.startswith("http://")
    patience = timedelta(seconds=place.timeout)
    try:
        return S3Store(
            place.bucket,
            prefix=place.prefix or None,
            config=config,
            client_options={"timeout": patience, "connect_timeout": timedelta(seconds=5), "allow_http": plain},
            retry_config={"max_retries": 3, "retry_timeout": patience},
        )
    except BaseError as error:
        raise ValueError(_first_line(error)) from error


@asynccontextmanager
async def _reached() -> AsyncIterator[None]:
    """A request to the bucket, its failures in our words: FileNotFoundError, or ContentAwayError."""
    try:
        yield
    except NotFoundError:
        raise FileNotFoundError(errno.ENOENT, "no such content in the bucket") from None
    except BaseError as error:
        raise _away(error) from error


def _away(error: BaseError) -> ContentAwayError:
    return ContentAwayError(f"the bucket: {_first_line(error)}")


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:300]


def _name(digest: str) -> str:
    """Where an object lies. Raises ValueError for what is no digest."""
    if not is_digest(digest):
        raise ValueError("not a SHA-256 in lower-case hex")
    return f"{digest[:2]}/{digest}"


def _digest_of(listed: Any, before: float) -> str:
    """The digest of an object that is ours and was last written before ``before``; else empty."""
    name = str(listed["path"]).rpartition("/")[2]
    return name if is_digest(name) and listed["last_modified"].timestamp() < before else ""


def _read_range(path: Path, start: int, count: int) -> bytes:
    with path.open("rb", buffering=0) as file:
        return os.pread(file.fileno(), count, start)
