"""Fetched bytes become content: recognised, believed, within their caps, kept under their digest.

What was inspected once is not inspected again: the digest tells.
"""

import asyncio
import hashlib
import mmap
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from slidewire.content.formats import SEND_FORMATS, Format, declared_type
from slidewire.content.jobs import CORRUPT, OVERSIZE, InspectJob, PdfJob, Source
from slidewire.content.objects import DamagedError, check_object
from slidewire.content.pool import MediaBusyError, MediaFailedError, MediaPool, MediaRefusedError
from slidewire.content.refusals import RefusedError, Wrong, too_many_bytes
from slidewire.content.sniff import Bytes, sniff
from slidewire.content.store import ContentStore, NoSpaceError
from slidewire.domain.message import Content, Kind
from slidewire.domain.request import OverloadedError
from slidewire.outbound.spool import Body

#: Bytes up to which a body is looked at without going to another thread and back.
_SMALL: Final = 65_536
#: Digests whose content is remembered.
_REMEMBERED: Final = 20_000
#: Seconds to stay away when the pool has too much to do, and when the disk is full.
_BUSY_RETRY, _FULL_RETRY = 5.0, 60.0

_WRONG: Final = {CORRUPT: Wrong.CORRUPT, OVERSIZE: Wrong.TOO_BIG}


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """[limits]: what a source file may be, in bytes and pixels."""

    image: int = 3_000_000
    gif: int = 1_024_000
    audio: int = 10_000_000
    video: int = 50_000_000
    object: int = 2_048_000
    pixels: int = 50_000_000

    def while_streaming(self, kind: Kind) -> int:
        """The cap for a kind before its format is known."""
        if kind.is_object:
            return self.object
        caps = {Kind.IMAGE: max(self.image, self.gif), Kind.AUDIO: self.audio, Kind.VIDEO: self.video}
        return caps[kind]

    def for_format(self, found: Format, kind: Kind) -> int:
        """The exact cap."""
        if found is Format.GIF:
            return self.gif
        return self.image if kind is Kind.IMAGE else self.while_streaming(kind)


@dataclass(frozen=True, slots=True)
class Held:
    """Content that we hold, with what is known besides."""

    content: Content
    format: Format
    written: bool  #: its bytes were stored for this very fetch


def judge(found: Format | None, kind: Kind, formats: frozenset[Format] = SEND_FORMATS) -> Format:
    """Settled 18: raises RefusedError for what we do not know or the action does not take, and for another kind."""
    if found is None:
        raise RefusedError(Wrong.UNKNOWN, "its bytes are of no type that we know")
    if found not in formats:
        raise RefusedError(Wrong.UNKNOWN, f"{found.type} is not taken")
    if found.kind is not kind:
        raise RefusedError(Wrong.MISPLACED, f"it is {found.type}")
    return found


class Inspector:
    """Turns bodies into content. Raises RefusedError and OverloadedError."""

    def __init__(self, store: ContentStore, pool: MediaPool, limits: SourceLimits) -> None:
        self._store = store
        self._pool = pool
        self._limits = limits
        self._known: OrderedDict[str, Content] = OrderedDict()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="inspect")

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def forget(self, digest: str) -> None:
        """Its bytes are gone: inspect them again when they come back."""
        self._known.pop(digest, None)

    async def inspect(self, body: Body, declared: str, kind: Kind, formats: frozenset[Format]) -> Held:
        """Look at a whole body and keep it."""
        look = partial(_look, body, declared_type(declared))
        if body.size <= _SMALL and kind is Kind.IMAGE:
            found, digest = look()
        else:
            found, digest = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        found = judge(found, kind, formats)
        limit = self._limits.for_format(found, kind)
        if body.size > limit:
            raise too_many_bytes(body.size, limit)
        content = self._known.get(digest) or await self._believed(body, digest, found)
        try:
            written = await self._store.put(digest, body.path or body.read())
        except NoSpaceError as error:
            raise OverloadedError(_FULL_RETRY) from error
        self._remember(content)
        return Held(content, found, written)

    async def _believed(self, body: Body, digest: str, found: Format) -> Content:
        """Parse the file as far as its kind asks for; raises RefusedError."""
        if found.kind is Kind.IMAGE:
            return await self._image(body, digest, found)
        if found.kind is not None and found.kind.is_object:
            # On a thread: thousands of lines take their time.
            check = partial(check_object, body.read(), found)
            try:
                await asyncio.get_running_loop().run_in_executor(self._threads, check)
            except DamagedError as error:
                raise RefusedError(Wrong.UNKNOWN, str(error)) from error
        if found is Format.PDF:
            await self._pdf(body)
        return Content(digest, body.size, found.type)

    async def _pdf(self, body: Body) -> None:
        """Have a child look for its pages; whatever is wrong with it is E629 (settled 18)."""
        try:
            await self._pool.read_pdf(PdfJob(_source(body)))
        except MediaRefusedError as error:
            raise RefusedError(Wrong.UNKNOWN, error.detail) from error
        except MediaFailedError as error:
            raise RefusedError(Wrong.UNKNOWN, f"it cannot be read: {error}") from error
        except MediaBusyError as error:
            raise OverloadedError(_BUSY_RETRY) from error

    async def _image(self, body: Body, digest: str, found: Format) -> Content:
        """Decode it in a child."""
        try:
            seen = await self._pool.inspect(InspectJob(_source(body), found.type, self._limits.pixels))
        except MediaRefusedError as error:
            raise RefusedError(_WRONG[error.why], error.detail) from error
        except MediaFailedError as error:
            raise RefusedError(Wrong.CORRUPT, f"it cannot be decoded: {error}") from error
        except MediaBusyError as error:
            raise OverloadedError(_BUSY_RETRY) from error
        return Content(digest, body.size, found.type, seen.width, seen.height, seen.frames)

    def _remember(self, content: Content) -> None:
        self._known[content.digest] = content
        self._known.move_to_end(content.digest)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _source(body: Body) -> Source:
    return Source(path=str(body.path)) if body.path else Source(data=body.read())


def _look(body: Body, declared: str) -> tuple[Format | None, str]:
    """Format and SHA-256 of a body, wherever it lies."""
    if body.path is None:
        return _sniffed(body.read(), declared)
    with body.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return _sniffed(data, declared)


def _sniffed(data: Bytes, declared: str) -> tuple[Format | None, str]:
    return sniff(data, declared), hashlib.sha256(data).hexdigest()
