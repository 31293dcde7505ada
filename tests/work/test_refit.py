"""The step that makes a saved message's audio and video smaller: on to the route, later again, or the end."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.builders import a_message, an_id, now_ms
from tests.content import clips
from tests.store.kit import a_task
from tests.work.kit import Kit, a_kit

from slidewire.carriers.base import Route
from slidewire.content.av.pool import AvPool, AvSettings
from slidewire.content.fitted import Wanted
from slidewire.content.pool import MediaPool, PoolSettings
from slidewire.content.rendition import RenditionMaker, RenditionSettings
from slidewire.content.store import FolderStore
from slidewire.domain.message import Content, Kind, Message, Part, Slide
from slidewire.domain.task import SAVED
from slidewire.store import tasks
from slidewire.store.database import Database
from slidewire.work.encode import TRIES
from slidewire.work.refit import Refit, RefitTools, smaller_first
from slidewire.work.remembered import REFITS, may_refit
from slidewire.work.settle import Settler

QUEUE = "refit:acct-1"
WORDS = "operator 31007, limit 70000 bytes (operator 31007), size 90000 bytes at best"


@dataclass
class Desk:
    """A message that waits for its film to become smaller."""

    kit: Kit
    step: Refit
    maker: RenditionMaker
    message: Message
    wanted: Wanted

    async def turn(self) -> None:
        [claimed] = await self.kit.claim(QUEUE)
        self.step.take("acct-1", 1)
        await self.step.run(claimed)

    async def hurry(self) -> None:
        """What waits is due now."""
        statement = f"UPDATE tasks SET due_at = {now_ms()} WHERE queue = '{QUEUE}'"
        await self.kit.means.database.write(lambda c: c.exec_driver_sql(statement))


@asynccontextmanager
async def a_desk(database: Database, folder: Path, budget: int = 40_960, program: str = "") -> AsyncIterator[Desk]:
    kit = a_kit(database)
    body = clips.film(folder / "film.mp4", 2).read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    film = Part(Kind.VIDEO, "http://127.0.0.1/film.mp4", Content(digest, len(body), "video/mp4"))
    message = a_message(slides=(Slide("a", parts=(film,)),))
    wanted = Wanted(digest, budget, (0, 0), ("video/mp4",))
    task = smaller_first(a_task(message, body={SAVED: True}), (wanted,), WORDS, now_ms() - 1)
    async with (
        FolderStore(folder / "content") as store,
        AvPool(program or clips.ffmpeg(), folder / "av", AvSettings(look_seconds=60)) as pool,
    ):
        images = MediaPool(PoolSettings(children=1))
        maker = RenditionMaker(store, images, RenditionSettings(folder / "fitted"), an_id)
        await store.put(digest, body)
        await kit.accepted(message, task)
        tools = RefitTools(store, pool, maker, 1, lambda name: Route(name, "mm7", ""))
        yield Desk(kit, Refit(kit.means, tools, Settler(kit.means, (0.0,), lambda _: None)), maker, message, wanted)
        maker.close()
        await images.close()


async def test_a_film_is_made_smaller_and_its_message_goes_on(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path) as desk:
        await desk.turn()
        assert await desk.maker.is_refitted(desk.wanted)
        [claimed] = await desk.kit.claim("deliver:mmsc-a")
        assert claimed.task.body == {SAVED: True, "refits": 1}
        assert await desk.kit.status(desk.message) == "accepted"
        assert await desk.kit.events(desk.message) == []


async def test_what_was_killed_is_taken_up_again(database: Database, tmp_path: Path) -> None:
    async with a_desk(database, tmp_path) as desk:
        await desk.kit.claim(QUEUE)  # and nobody comes back
        await desk.kit.means.database.write(lambda c: tasks.end_leases(c, [desk.kit.means.node], now_ms()))
        await desk.turn()
        assert await desk.maker.is_refitted(desk.wanted)


async def test_a_film_that_nothing_makes_small_enough_ends_with_the_networks_limit(
    database: Database, tmp_path: Path
) -> None:
    async with a_desk(database, tmp_path, budget=1_500) as desk:
        await desk.turn()
        assert await desk.kit.events(desk.message) == ["failed"]
        [told] = await desk.kit.task_rows(desk.message)
        assert f"too big for the operator: {WORDS}" in str(told["body"])


async def test_an_ffmpeg_that_dies_is_tried_a_few_times(database: Database, tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(
        '#!/bin/sh\ncase "$*" in\n*-encoders*) echo " V....D libx264"; exit 0;;\n'
        '*"-codec_whitelist none"*) exit 1;;\n*hide_banner*"-f mp3"*) exit 0;;\n'
        '*mov*"-c copy -f null -") exit 1;;\nesac\nkill -9 $$\n'
    )
    program.chmod(0o755)
    async with a_desk(database, tmp_path, program=str(program)) as desk:
        for _ in range(TRIES):
            await desk.turn()
            await desk.hurry()
        assert await desk.kit.events(desk.message) == ["failed"]
        [told] = await desk.kit.task_rows(desk.message)
        assert WORDS in str(told["body"])


@pytest.mark.parametrize(
    ("body", "may"),
    [
        pytest.param({SAVED: True}, True, id="a template's"),
        pytest.param({}, False, id="sendMMS: nothing is encoded"),
        pytest.param({SAVED: True, "refits": REFITS - 1}, True, id="once more"),
        pytest.param({SAVED: True, "refits": REFITS}, False, id="what was made is gone again and again"),
    ],
)
def test_who_may_be_made_smaller(body: dict[str, object], may: bool) -> None:
    assert may_refit(replace(a_task(a_message()), body=body)) is may
