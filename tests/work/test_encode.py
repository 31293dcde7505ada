"""A template's audio and video are made fit for phones, whatever happens to who does it (docs/adr/0085)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.builders import a_content, a_part, an_id, now_ms
from tests.content import clips
from tests.work.kit import Kit, a_kit
from tests.work.test_probe import FRAGILE, a_program

from slidewire.content.av.pool import AvPool, AvSettings
from slidewire.content.fitted import FittedImages
from slidewire.content.pool import MediaPool, PoolSettings
from slidewire.content.previews import Previews
from slidewire.content.store import FolderStore
from slidewire.domain.message import Content, Dialect, Kind, Part, Slide
from slidewire.domain.task import Task, TaskKind
from slidewire.domain.template import Template, TemplateState
from slidewire.store import tasks
from slidewire.store.database import Database
from slidewire.store.messages import message_tasks
from slidewire.store.templates import NewTemplate, delete_template, find_template, insert_templates
from slidewire.work.encode import TRIES, Encode, EncodeTools, budget_of

QUEUE = "encode:acct-1"
MAX_BYTES = 600_000


@dataclass
class Desk:
    """A step over a real pool, and the template that waits for it."""

    kit: Kit
    step: Encode
    store: FolderStore
    pool: AvPool
    template: Template

    async def turn(self) -> None:
        """One claim and its run."""
        assert self.step.room("acct-1").count == 1
        [claimed] = await self.kit.claim(QUEUE, 1)
        self.step.take("acct-1", 1)
        await self.step.run(claimed)

    async def now(self) -> Template:
        found = await self.kit.means.database.read(lambda c: find_template(c, "acct-1", self.template.mms_id))
        assert found is not None
        return found

    async def left(self) -> list[dict[str, Any]]:
        return await self.kit.means.database.read(lambda c: message_tasks(c, self.template.id))

    async def codes(self) -> list[str]:
        """What the customer will be told."""
        return [row["body"].split('"')[3] for row in await self.left() if row["kind"] == "notify"]

    async def hurry(self) -> None:
        """What waits is due now."""
        statement = f"UPDATE tasks SET due_at = {now_ms()} WHERE queue = '{QUEUE}'"
        await self.kit.means.database.write(lambda c: c.exec_driver_sql(statement))


def a_file(path: Path, kind: Kind, type_: str) -> Part:
    body = path.read_bytes()
    return Part(kind, f"http://127.0.0.1/{path.name}", Content(sha256(body).hexdigest(), len(body), type_))


@asynccontextmanager
async def a_desk(
    database: Database, folder: Path, *files: tuple[Part, Path], program: str | None = None
) -> AsyncIterator[Desk]:
    """A template with one slide for each file."""
    kit = a_kit(database)
    slides = tuple(Slide(f"slide {number}", 20, (part,)) for number, (part, _) in enumerate(files, 1))
    template = Template(
        an_id(), "acct-1", 1_000_001, Dialect.W13, now_ms(), "n", slides, "s", state=TemplateState.ENCODING
    )
    task = Task(an_id(), TaskKind.ENCODE, QUEUE, "acct-1", template.id, now_ms() - 1, body={"mms_id": template.mms_id})
    media = MediaPool(PoolSettings(children=1))
    images = FittedImages(folder / "previews", 10_000_000)
    async with (
        FolderStore(folder / "content") as store,
        AvPool(clips.ffmpeg() if program is None else program, folder / "av", AvSettings(look_seconds=60)) as pool,
    ):
        previews = Previews(store, media, images)
        for part, path in files:
            await store.put(part.content.digest, path)
        pins = tuple(part.content for part, _ in files)
        new = NewTemplate(template, task, pins, written=frozenset(pin.digest for pin in pins))
        await database.write(lambda c: insert_templates(c, [new]))
        step = Encode(kit.means, EncodeTools(store, pool, previews, MAX_BYTES, 1))
        yield Desk(kit, step, store, pool, template)
        previews.close()
        await media.close()


@pytest.fixture
def tone(tmp_path: Path) -> tuple[Part, Path]:
    """Three seconds of WAV."""
    path = clips.tone(tmp_path / "tone.wav", 3)
    return a_file(path, Kind.AUDIO, "audio/wav"), path


@pytest.fixture
def song(tmp_path: Path) -> tuple[Part, Path]:
    """Two seconds of MP3."""
    path = clips.tone(tmp_path / "song.mp3", 2)
    return a_file(path, Kind.AUDIO, "audio/mpeg"), path


async def test_each_file_is_kept_before_the_next_is_begun(
    database: Database, tmp_path: Path, tone: tuple[Part, Path], song: tuple[Part, Path]
) -> None:
    async with a_desk(database, tmp_path, tone, song) as desk:
        await desk.turn()
        half = await desk.now()
        assert (half.state, half.encoded, half.percent) == (TemplateState.ENCODING, 1, 50)
        assert half.slides[0].parts[0].content.type == "audio/mpeg"
        assert half.slides[1] == desk.template.slides[1]
        assert await desk.codes() == []
        await desk.turn()
        whole = await desk.now()
        assert (whole.state, whole.encoded, [slide.duration for slide in whole.slides]) == (
            TemplateState.READY,
            2,
            [3, 2],
        )
        assert await desk.codes() == ["STORED"]
        for slide in whole.slides:
            content = slide.parts[0].content
            assert sha256(await desk.store.read(content.digest)).hexdigest() == content.digest
        assert "notify:acct-1" in desk.kit.woken


async def test_who_dies_in_the_middle_is_followed_by_another(
    database: Database, tmp_path: Path, tone: tuple[Part, Path]
) -> None:
    async with a_desk(database, tmp_path, tone) as desk:
        [_] = await desk.kit.claim(QUEUE, 1)  # and then nothing more was heard of it
        await database.write(lambda c: tasks.end_leases(c, ["node-1"], now_ms()))
        await desk.turn()
        assert (await desk.now()).state is TemplateState.READY
        assert await desk.codes() == ["STORED"]


async def test_a_template_that_was_deleted_leaves_nothing_to_do(
    database: Database, tmp_path: Path, tone: tuple[Part, Path]
) -> None:
    async with a_desk(database, tmp_path, tone) as desk:
        [claimed] = await desk.kit.claim(QUEUE, 1)
        await database.write(lambda c: delete_template(c, "acct-1", desk.template.mms_id))
        assert desk.step.room("acct-1").count == 1
        desk.step.take("acct-1", 1)
        await desk.step.run(claimed)
        assert await desk.left() == []


async def test_a_process_that_dies_over_a_file_is_not_tried_for_ever(
    database: Database, tmp_path: Path, tone: tuple[Part, Path]
) -> None:
    async with a_desk(database, tmp_path, tone, program=a_program(tmp_path, FRAGILE)) as desk:
        for _ in range(TRIES):
            assert (await desk.now()).state is TemplateState.ENCODING
            await desk.hurry()
            await desk.turn()
        failed = await desk.now()
        assert failed.state is TemplateState.FAILED
        assert failed.problem.startswith("audio in slide 1 could not be encoded: ")
        assert await desk.codes() == ["AUDIO_NOT_ENCODED"]


async def test_a_pool_that_is_closing_is_no_fault_of_the_file(
    database: Database, tmp_path: Path, tone: tuple[Part, Path]
) -> None:
    async with a_desk(database, tmp_path, tone) as desk:
        await desk.pool.close()
        await desk.turn()
        assert await desk.now() == desk.template
        [row] = await desk.left()
        assert (row["kind"], row["lease"]) == ("encode", None)


async def test_without_an_ffmpeg_what_phones_take_stays_as_it_came(
    database: Database, tmp_path: Path, song: tuple[Part, Path], tone: tuple[Part, Path]
) -> None:
    async with a_desk(database, tmp_path, song, tone, program="") as desk:
        await desk.turn()
        half = await desk.now()
        assert (half.encoded, half.slides[0].parts, half.slides[0].duration) == (1, (song[0],), 2)
        await desk.turn()
        failed = await desk.now()
        assert (failed.state, await desk.codes()) == (TemplateState.FAILED, ["AUDIO_NOT_ENCODED"])
        assert "nothing here can" in failed.problem


async def test_bytes_that_are_gone_end_the_template(
    database: Database, tmp_path: Path, tone: tuple[Part, Path]
) -> None:
    async with a_desk(database, tmp_path, tone) as desk:
        await desk.store.delete(tone[0].content.digest)
        await desk.turn()
        assert (await desk.now()).problem == "audio in slide 1 could not be encoded: its bytes are gone"


async def test_an_image_that_no_picture_can_be_made_of_ends_the_template(
    database: Database, tmp_path: Path, song: tuple[Part, Path]
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    content = a_content(digest=sha256(broken.read_bytes()).hexdigest(), size=15)
    image = a_part(content=content)
    async with a_desk(database, tmp_path, (image, broken), song) as desk:
        await desk.turn()
        failed = await desk.now()
        assert (failed.state, await desk.codes()) == (TemplateState.FAILED, ["IMAGE_NOT_ENCODED"])
        assert failed.problem == "image in slide 1 could not be encoded: it cannot be shown"


def test_files_share_what_the_rest_of_a_message_leaves() -> None:
    audio = a_part(kind=Kind.AUDIO, content=a_content(size=9_000_000, type="audio/wav"))
    pdf = a_part(kind=Kind.PDF, content=a_content(size=100_000, type="application/pdf"))
    image = a_part(content=a_content(size=2_000_000))
    slides = (Slide(parts=(image, audio)), Slide(parts=(audio,)), Slide("x" * 1_000, parts=(pdf,)))
    template = Template("t", "a", 1, Dialect.W13, 0, "n", slides)
    rest = MAX_BYTES - 8_192 - 4 * 512 - 1_000 - 100_000 - 60_000
    assert budget_of(template, MAX_BYTES) == rest // 2
    small = replace(audio, content=a_content(size=20_000, type="audio/mpeg"))
    half = replace(template, slides=(Slide(parts=(image, small)), *slides[1:]), encoded=1)
    assert budget_of(half, MAX_BYTES) == rest - 20_000
