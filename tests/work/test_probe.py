"""A message's audio and video are looked at before it is sent, whatever happens to who looks (settled 19)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from tests.builders import a_message, a_task, an_id, now_ms
from tests.content import clips
from tests.work.kit import Kit, a_kit

from slidewire.carriers.base import Route
from slidewire.content.av.pool import AvPool, AvSettings
from slidewire.content.store import FolderStore
from slidewire.domain.message import Content, Kind, Message, Part, Slide
from slidewire.domain.status import Status
from slidewire.domain.task import TaskKind
from slidewire.store import tasks
from slidewire.store.database import Database
from slidewire.work.probe import TRIES, Probe, ProbeTools
from slidewire.work.remembered import lasting
from slidewire.work.settle import Settler

QUEUE = "probe:acct-1"


@dataclass
class Desk:
    """A step over a real pool, and the message that waits for it."""

    kit: Kit
    step: Probe
    message: Message
    pool: AvPool

    async def look(self) -> None:
        """One claim and its run."""
        [claimed] = await self.kit.claim(QUEUE)
        self.step.take("acct-1", 1)
        await self.step.run(claimed)

    async def waiting(self) -> dict[str, object]:
        """What waits for the message besides postbacks."""
        rows = await self.kit.task_rows(self.message)
        [row] = [row for row in rows if row["kind"] != TaskKind.NOTIFY.value]
        return row


def a_program(folder: Path, lines: str) -> str:
    """A program that stands where ffmpeg should."""
    program = folder / "ffmpeg"
    program.write_text("#!/bin/sh\n" + lines)
    program.chmod(0o755)
    return str(program)


#: Passes the proof, then dies of a signal over every file.
FRAGILE = """
case "$*" in
  *-encoders*) echo " V....D libx264"; exit 0;;
  *"-codec_whitelist none"*) exit 1;;
  *hide_banner*"-f mp3"*) exit 0;;
  *mov*"-c copy -f null -") exit 1;;
esac
kill -9 $$
"""


@asynccontextmanager
async def a_desk(
    database: Database, folder: Path, *, program: str = "", message: Callable[[Message], Message] | None = None
) -> AsyncIterator[Desk]:
    """A message with one film waits."""
    kit = a_kit(database)
    body = clips.film(folder / "film.mp4", 2, "64x64").read_bytes()
    digest = sha256(body).hexdigest()
    film = Part(Kind.VIDEO, "http://127.0.0.1/film.mp4", Content(digest, len(body), "video/mp4"))
    made = replace(a_message(slides=(Slide("a"), Slide("b", parts=(film,)))), status=Status.ENCODING)
    made = message(made) if message else made
    async with (
        FolderStore(folder / "content") as store,
        AvPool(program or clips.ffmpeg(), folder / "av", AvSettings(look_seconds=60)) as pool,
    ):
        await store.put(digest, body)
        await kit.accepted(made, a_task(made, kind=TaskKind.PROBE, queue=QUEUE, body={"then": "deliver"}))
        tools = ProbeTools(store, pool, 1, lambda name: Route(name, "mm7", ""))
        yield Desk(kit, Probe(kit.means, tools, Settler(kit.means, (0.0,), lambda _: None)), made, pool)


async def test_a_sound_film_goes_on_to_its_route(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path) as desk:
        await desk.look()
        row = await desk.waiting()
        assert (row["kind"], row["queue"], row["attempt"], row["transaction_id"]) == (
            "deliver",
            "deliver:mmsc-a",
            0,
            "",
        )
        [claimed] = await desk.kit.claim("deliver:mmsc-a")
        assert [slide.duration for slide in lasting(desk.message.slides, claimed.task)] == [10, 2]
        assert await desk.kit.status(desk.message) == "accepted"
        assert await desk.kit.events(desk.message) == ["probed"]


async def test_a_look_that_was_killed_is_taken_up_again(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path) as desk:
        await desk.kit.claim(QUEUE)  # and nobody comes back
        await desk.kit.means.database.write(lambda c: tasks.end_leases(c, [desk.kit.means.node], now_ms()))
        await desk.look()
        assert await desk.kit.events(desk.message) == ["probed"]


async def test_a_film_that_ends_ffmpeg_is_tried_a_few_times_then_refused(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path, program=a_program(tmp_path, FRAGILE)) as desk:
        for _ in range(TRIES):
            await desk.look()
        assert await desk.kit.events(desk.message) == ["retry", "retry", "failed"]
        assert await desk.kit.status(desk.message) == "failed"
        [told] = await desk.kit.task_rows(desk.message)
        assert (told["kind"], '"VIDEO_UNSOUND"' in str(told["body"])) == ("notify", True)


async def test_what_was_seen_of_a_film_is_remembered(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path) as desk:
        await desk.look()
        await desk.pool.close()  # nothing can be looked at any more
        again = replace(desk.message, id=an_id())
        await desk.kit.accepted(again, a_task(again, kind=TaskKind.PROBE, queue=QUEUE, body={"then": "deliver"}))
        await desk.look()
        assert await desk.kit.status(again) == "accepted"


async def test_a_message_that_expired_is_not_looked_at(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path, message=lambda m: replace(m, expires_at=now_ms() - 1)) as desk:
        assert [task.id for task, _ in await database.read(lambda c: tasks.expired_waiting(c, now_ms()))] != []
        await desk.look()
        assert await desk.kit.events(desk.message) == ["expired"]


async def test_content_that_is_gone_ends_the_message(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path) as desk:
        film = desk.message.slides[1].parts[0].content.digest
        (tmp_path / "content" / film[:2] / film[2:4] / film).unlink()
        await desk.look()
        assert await desk.kit.status(desk.message) == "failed"


def test_lengths_are_seconds_and_only_of_slides_that_have_one() -> None:
    message = a_message(slides=(Slide("a"), Slide("b", duration=3)))
    assert lasting(message.slides, a_task(message)) == message.slides
    longer = lasting(message.slides, a_task(message, body={"lengths": {"1": 7}}))
    assert [slide.duration for slide in longer] == [10, 7]


@pytest.mark.parametrize("word", ["deliver", "text"])
async def test_it_goes_on_as_what_it_was_bound_to_be(database: Database, tmp_path: Path, word: str) -> None:
    async with a_desk(database, tmp_path) as desk:
        [claimed] = await desk.kit.claim(QUEUE)
        task = replace(claimed.task, body={"then": word, "reason": "FORCED"})
        desk.step.take("acct-1", 1)
        await desk.step.run(replace(claimed, task=task))
        row = await desk.waiting()
        assert (row["kind"], row["queue"]) == (word, f"{word}:mmsc-a")
        assert '"FORCED"' in str(row["body"])
