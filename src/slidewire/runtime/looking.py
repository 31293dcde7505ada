"""What Slidewire sees in one file and makes of it, for the command line: the gateway's own readers, in a folder of
their own that is gone afterwards. Addresses are fetched behind the same guard.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from slidewire.carriers.budgets import Budget
from slidewire.content.av.facts import AvError, AvFacts
from slidewire.content.formats import SAVE_FORMATS, SEND_FORMATS, Format
from slidewire.content.inspection import Inspector
from slidewire.content.jobs import FitJob, Fitted, Inspected, InspectJob, Source
from slidewire.content.metadata import metadata
from slidewire.content.pool import MediaFailedError, MediaRefusedError
from slidewire.content.refusals import Place, RefusedError, Wrong
from slidewire.content.sniff import sniff
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Kind
from slidewire.domain.rendition import IMAGE_FORMATS
from slidewire.domain.template import ENCODED
from slidewire.outbound.fetch import FetchFailed, FetchRequest
from slidewire.outbound.spool import Body
from slidewire.runtime.media import Media
from slidewire.settings import Settings

_ACTIONS = {"sendMMS": SEND_FORMATS, "saveMMS": SAVE_FORMATS}
_PIECE = 1 << 20


class NotFetchedError(Exception):
    """The address could not be fetched, or the file not be read, in words for whoever asked."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a file is, and what the actions say to it."""

    size: int  #: bytes
    declared: str  #: its Content-Type; empty for a file
    found: Format | None  #: by its bytes
    image: Inspected | None  #: of an image that can be decoded
    played: AvFacts | None  #: of audio and video that can be played
    unplayed: str  #: why audio or video cannot be played: what E012, E013, E002, E003 and E343 stand for
    metadata: tuple[str, ...]
    answers: dict[str, str]  #: action -> empty when it is taken, else the code with its words

    @property
    def taken(self) -> bool:
        """Whether any action takes it."""
        return not all(self.answers.values())


async def look(settings: Settings, target: str, kind: Kind | None) -> Sight:
    """See what ``target`` (a file or an http address) is, behind the element of ``kind`` or its own.

    Raises NotFetchedError, SettingsError, OSError.
    """
    async with _opened(settings) as media:
        declared, body = await _body(media, target, kind)
        with body:
            data = body.path.read_bytes() if body.path else body.read()
            found = sniff(data, declared)
            element = kind or (found.kind if found is not None else None) or Kind.IMAGE
            answers = {name: await _answer(media, body, declared, Place(1, element), name) for name in _ACTIONS}
            image = await _image(media, data, found)
            played, unplayed = await _played(media, data, found)
            names = metadata(data, found) if found else ()
            return Sight(len(data), declared, found, image, played, unplayed, names, answers)


async def fit(settings: Settings, path: str, limit: int, budget: Budget) -> tuple[Sight, Fitted]:
    """The image of ``path`` in ``limit`` bytes, in the box and the formats of ``budget``.

    Raises NotFetchedError, MediaRefusedError, MediaFailedError.
    """
    sight = await look(settings, path, Kind.IMAGE)
    if sight.found is None or sight.image is None:
        raise NotFetchedError(f"{path} is no image that is taken: {sight.answers['sendMMS']}")
    async with _opened(settings) as media:
        body = await _read(media, Path(path))
        with body:
            source = Source(path=str(body.path)) if body.path else Source(data=body.read())
            types = tuple(IMAGE_FORMATS[word] for word in budget.formats)
            job = FitJob(source, sight.found.type, media.limits.pixels, limit, budget.width, budget.height, types)
            return sight, await media.pool.fit(job)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Media]:
    with tempfile.TemporaryDirectory(prefix="slidewire-look-") as folder:
        async with Media(settings, Path(folder), _failed) as media:
            yield media


def _failed(error: BaseException) -> None:
    raise error


async def _body(media: Media, target: str, kind: Kind | None) -> tuple[str, Body]:
    """The Content-Type and the bytes."""
    if not target.lower().startswith(("http://", "https://")):
        return "", await _read(media, Path(target))
    limits = media.limits
    limit = max(map(limits.while_streaming, Kind)) if kind is None else limits.while_streaming(kind)
    try:
        fetched = await media.client.fetch(FetchRequest(target, limit))
    except FetchFailed as error:
        raise NotFetchedError(f"it cannot be fetched: {error.detail}") from error
    return fetched.content_type, fetched.body


async def _read(media: Media, path: Path) -> Body:
    body = media.spool.body()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            await body.write(piece)
    await body.finish()
    return body


async def _answer(media: Media, body: Body, declared: str, place: Place, action: str) -> str:
    """Empty when the action takes it, else what it says."""
    if not body.size:
        return _words(place.fault(RefusedError(Wrong.NOT_FETCHED, "the answer was empty")))
    inspector = Inspector(media.store, media.pool, media.limits)
    try:
        await inspector.inspect(body, declared, place.kind, _ACTIONS[action])
    except RefusedError as refused:
        return _words(place.fault(refused))
    finally:
        inspector.close()
    return ""


def _words(error: FaultError) -> str:
    return f"{error.fault.code} {error.words}"


async def _image(media: Media, data: bytes, found: Format | None) -> Inspected | None:
    if found is None or found.kind is not Kind.IMAGE or found not in SEND_FORMATS:
        return None
    try:
        return await media.pool.inspect(InspectJob(Source(data=data), found.type, media.limits.pixels))
    except (MediaRefusedError, MediaFailedError):
        return None


async def _played(media: Media, data: bytes, found: Format | None) -> tuple[AvFacts | None, str]:
    """What audio or video is, or why it cannot be played."""
    if found is None or found.kind not in ENCODED or found not in SAVE_FORMATS:
        return None, ""
    with tempfile.NamedTemporaryFile(prefix="slidewire-look-") as file:
        file.write(data)
        file.flush()
        try:
            return await media.av.probe(Path(file.name), found), ""
        except AvError as error:
            return None, str(error)
