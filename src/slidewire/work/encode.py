"""Makes a template's audio and video fit for phones, one file a task's turn, until the template can be sent.

What came out of one file is kept before the next is begun: a process that is killed loses one file's work.
A file that cannot be encoded ends the template (api.md 3.1): E002, E003, E004.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import structlog

from slidewire.content.av.facts import (
    AvBusyError,
    AvError,
    AvFacts,
    AvFailedError,
    AvMissingError,
    AvNoFitError,
    AvRefusedError,
    AvTarget,
    TranscodedFile,
)
from slidewire.content.av.pool import AvPool
from slidewire.content.formats import BY_TYPE, SEND_FORMATS, Format
from slidewire.content.previews import NoPreviewError, PreviewBusyError, Previews, widths_of
from slidewire.content.store import ContentStore
from slidewire.domain.change import Ending
from slidewire.domain.message import Content, Kind, Part
from slidewire.domain.postback import PostbackCode
from slidewire.domain.slides import seconds_shown
from slidewire.domain.task import Task, TaskKind
from slidewire.domain.template import ENCODED, Template, TemplateState, template_postback
from slidewire.store import ends, templates
from slidewire.store.database import DatabaseAwayError
from slidewire.store.hot import Claimed
from slidewire.store.templates import Encoded, EncodingEnd
from slidewire.work.holding import LEASE, beside, holding
from slidewire.work.line import InLine
from slidewire.work.means import Means

log = structlog.get_logger(__name__)

#: Milliseconds before a file is begun again: the pool has too much to do; its process died over it.
BUSY_PAUSE, FAILED_PAUSE = 5_000, 30_000
#: How often a file may take a process down before it is the file's fault.
TRIES = 3
#: Seconds between two words about how far a file is.
TELL = 1.0
#: Bytes of a message besides its files; of the head of each part; that an image is left.
_AROUND, _PART, _IMAGE = 8_192, 512, 60_000
#: Less room than this is none.
_LEAST = 4_096
#: What sound becomes, the first that our ffmpeg makes; where that does not fit, speech quality.
_SOUND = (Format.MP3, Format.M4A, Format.AAC, Format.AMR)
_SPEECH = Format.AMR
_PICTURE = (Format.MP4, Format.THREEGP)
_DAY = 86_400_000
_CODES = {
    Kind.AUDIO: PostbackCode.AUDIO_NOT_ENCODED,
    Kind.VIDEO: PostbackCode.VIDEO_NOT_ENCODED,
    Kind.IMAGE: PostbackCode.IMAGE_NOT_ENCODED,
}


@dataclass(frozen=True, slots=True)
class EncodeTools:
    """What encoding works with."""

    store: ContentStore
    av: AvPool
    previews: Previews
    max_bytes: int  #: of a saved message as it is sent
    at_once: int  #: files


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that may leave, stored."""

    content: Content
    length_ms: int
    data: bytes = b""  #: empty: it stays as it came


@dataclass(frozen=True, slots=True)
class Wish:
    """A file for phones."""

    kind: Kind
    facts: AvFacts  #: of its source
    budget: int  #: bytes


async def targets_of(kind: Kind, av: AvPool) -> list[Format]:
    """What audio or video can be made into here, the best first."""
    able = await av.makes()
    return [each for each in (_PICTURE if kind is Kind.VIDEO else _SOUND) if each in able]


async def phone_file(av: AvPool, path: Path, wish: Wish, on_progress: Callable[[float], None]) -> TranscodedFile:
    """The best file that fits; sound that does not is made once more at speech quality. Raises AvError."""
    targets = await targets_of(wish.kind, av)
    if not targets:
        raise AvMissingError("it would have to be made anew, and nothing here can")
    try:
        return await av.transcode(path, wish.facts, AvTarget(targets[0], wish.budget), on_progress)
    except AvNoFitError:
        if wish.kind is Kind.VIDEO or _SPEECH not in targets[1:]:
            raise
    return await av.transcode(path, wish.facts, AvTarget(_SPEECH, wish.budget), on_progress)


class Encode(InLine):
    """The step of ``encode:<account>``."""

    kind = TaskKind.ENCODE
    lease = LEASE

    def __init__(self, means: Means, tools: EncodeTools) -> None:
        super().__init__(tools.at_once)
        self._means = means
        self._tools = tools

    async def run(self, claimed: Claimed) -> None:
        """Encode the next file of a template."""
        task = claimed.task
        try:
            async with holding(self._means, task):
                ended = await self._encoded(task)
        finally:
            self._line.leave()
        if ended is not None and ended.postback is not None:
            self._means.wake(ended.postback.queue)
        self._means.wake(task.queue)

    async def _encoded(self, task: Task) -> Encoded | None:
        mms_id = task.body["mms_id"]
        template = await self._means.database.read(
            lambda c: templates.find_template(c, task.account_id, mms_id if isinstance(mms_id, int) else 0)
        )
        if template is None or template.state is not TemplateState.ENCODING:
            await self._means.commits.write(ends.end, Ending(task, self._means.node, at=self._means.now()))
            return None
        return await self._with_next(task, template)

    async def _with_next(self, task: Task, template: Template) -> Encoded:
        """The template with its next file encoded, or as it stands after that failed."""
        number, part = template.to_encode[template.encoded]
        try:
            made = await self._made(template, part)
        except AvBusyError:
            return await self._end(self._again(task, template, BUSY_PAUSE))
        except AvFailedError as error:
            tries = task.body.get("tries", 0)
            tries = (tries if isinstance(tries, int) else 0) + 1
            if tries < TRIES:
                return await self._end(self._again(task, template, FAILED_PAUSE, tries))
            return await self._end(self._failed(task, template, (number, part), str(error)))
        except AvError as error:
            return await self._end(self._failed(task, template, (number, part), str(error)))
        except FileNotFoundError:
            return await self._end(self._failed(task, template, (number, part), "its bytes are gone"))
        changed = _with_file(template, (number, part), made)
        if changed.encoded < len(changed.to_encode):
            ended = self._again(task, changed, 0)
        elif (broken := await self._broken_image(changed)) is not None:
            ended = self._failed(task, changed, broken, "it cannot be shown")
        else:
            ended = self._ready(task, changed)
        keep_until = (self._means.now() // _DAY + 2) * _DAY
        return await self._end(replace(ended, pins=(made.content,), keep_until=keep_until), made)

    async def _made(self, template: Template, part: Part) -> _Made:
        """What the file becomes. Raises AvError, FileNotFoundError."""
        found = BY_TYPE[part.content.type]
        path = await self._tools.store.path(part.content.digest)
        facts = await self._tools.av.probe(path, found)
        budget = budget_of(template, self._tools.max_bytes)
        if budget < _LEAST:
            raise AvRefusedError("the rest of the message leaves no room for it")
        if not await targets_of(part.kind, self._tools.av):
            return _as_it_came(part, facts, budget)
        async with self._telling(template) as told:
            file = await phone_file(self._tools.av, path, Wish(part.kind, facts, budget), told)
        digest = hashlib.sha256(file.data).hexdigest()
        content = Content(digest, len(file.data), file.format.type, file.width, file.height)
        await self._tools.store.put(digest, file.data, force=True)
        return _Made(content, file.length_ms, file.data)

    @asynccontextmanager
    async def _telling(self, template: Template) -> AsyncIterator["_Progress"]:
        """Write down now and then how far the file is."""
        progress = _Progress()

        async def tell() -> None:
            told = 0
            while True:
                await asyncio.sleep(TELL)
                if progress.hundredths != told:
                    told = progress.hundredths
                    with suppress(DatabaseAwayError):
                        await self._means.database.write(
                            partial(templates.set_progress, template=template, progress=told)
                        )

        async with beside(tell()):
            yield progress

    async def _broken_image(self, template: Template) -> tuple[int, Part] | None:
        """The first image that nothing can be made of, with its slide; what browsers will ask for is made besides."""
        for number, slide in enumerate(template.slides):
            for part in slide.parts:
                if part.kind is Kind.IMAGE:
                    try:
                        await self._tools.previews.make(part.content, widths_of(part.content)[-1])
                    except PreviewBusyError:
                        continue
                    except (NoPreviewError, FileNotFoundError):
                        return number, part
        return None

    def _again(self, task: Task, template: Template, pause: int, tries: int = 0) -> Encoded:
        at = self._means.now()
        waiting = replace(task, due_at=at + pause, attempt=0, body={"mms_id": template.mms_id, "tries": tries})
        return Encoded(Ending(task, self._means.node, again=waiting, at=at), replace(template, progress=0))

    def _ready(self, task: Task, template: Template) -> Encoded:
        ready = replace(template, state=TemplateState.READY, progress=0)
        return self._over(task, ready, PostbackCode.STORED)

    def _failed(self, task: Task, template: Template, where: tuple[int, Part], reason: str) -> Encoded:
        number, part = where
        problem = f"{part.kind.value} in slide {number + 1} could not be encoded: {reason}"
        failed = replace(template, state=TemplateState.FAILED, progress=0, problem=problem)
        return self._over(task, failed, _CODES[part.kind], part.url)

    def _over(self, task: Task, template: Template, code: PostbackCode, url: str = "") -> Encoded:
        at = self._means.now()
        account = self._means.account(task.account_id)
        told = account is not None and account.settings.postback_url
        postback = template_postback(template, code, self._means.new_id(), at, url) if told else None
        return Encoded(Ending(task, self._means.node, at=at), template, postback=postback)

    async def _end(self, ended: Encoded, made: _Made | None = None) -> Encoded:
        """Have it written; bytes that a sweep was about to delete are written again first (durability 19)."""
        result = await self._means.commits.write(templates.end_encoding, ended)
        if result is EncodingEnd.CONTENT_LEAVING and made is not None:
            data = made.data or await self._tools.store.read(made.content.digest)
            await self._tools.store.put(made.content.digest, data, force=True)
            result = await self._means.commits.write(templates.end_encoding, replace(ended, again=True))
        if result is not EncodingEnd.DONE:
            log.info("an encoding came too late", mms_id=ended.template.mms_id)
            return replace(ended, postback=None)
        return ended


class _Progress:
    """How far a file is."""

    def __init__(self) -> None:
        self.hundredths = 0

    def __call__(self, share: float) -> None:
        self.hundredths = min(max(round(share * 100), 0), 99)


def budget_of(template: Template, max_bytes: int) -> int:
    """Bytes for the next file: what the rest of the message leaves, shared evenly among those to come."""
    todo = template.to_encode
    parts = [part for slide in template.slides for part in slide.parts]
    texts = sum(len(slide.text.encode()) for slide in template.slides)
    others = [part for part in parts if part.kind not in ENCODED]
    kept = sum(min(part.content.size, _IMAGE) if part.kind is Kind.IMAGE else part.content.size for part in others)
    done = sum(part.content.size for _, part in todo[: template.encoded])
    return (max_bytes - _AROUND - _PART * len(parts) - texts - kept - done) // (len(todo) - template.encoded)


def _as_it_came(part: Part, facts: AvFacts, budget: int) -> _Made:
    """Without an ffmpeg: what phones take, where it fits. Raises AvError."""
    if BY_TYPE[part.content.type] not in SEND_FORMATS:
        raise AvMissingError("it would have to be made anew, and nothing here can")
    if part.content.size > budget:
        raise AvNoFitError(part.content.size, budget)
    return _Made(part.content, facts.length_ms)


def _with_file(template: Template, where: tuple[int, Part], made: _Made) -> Template:
    """The template with one more file encoded; its length is how long its slide is shown."""
    number, part = where
    slide = template.slides[number]
    parts = tuple(replace(each, content=made.content) if each is part else each for each in slide.parts)
    changed = replace(slide, parts=parts, duration=seconds_shown(made.length_ms))
    slides = (*template.slides[:number], changed, *template.slides[number + 1 :])
    return replace(template, slides=slides, encoded=template.encoded + 1, progress=0)
