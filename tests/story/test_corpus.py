"""Every file of the corpus through the HTTP API of a running gateway: its answer, and what of it reaches the phone.

The answers were typed from the contract before the code ran. The gateway is a process of its own, so that its memory
and its children's can be seen.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from PIL import Image
from tests.content.metadata import jpeg_frames, leftovers
from tests.fakes.origin import Origin, Page
from tests.story.corpus.broken import BROKEN
from tests.story.corpus.case import SUCCESS, Case
from tests.story.corpus.others import OTHERS
from tests.story.corpus.pictures import PICTURES
from tests.story.corpus.watch import PeakWatch
from tests.story.house import request, until

from bench import peers
from slidewire.simulator.app import Simulator, SimulatorSettings
from slidewire.simulator.inbox import Kept

CORPUS: list[Case] = [*PICTURES, *BROKEN, *OTHERS]
AT_ONCE = 4
#: Seconds that one case may take: the limit of one job (durability 21), twice tried.
LIMIT = 60
#: Kilobytes (issue 3, Must hold).
CHILD, PARENT = 300_000, 200_000
ROUTE_BYTES = 600_000
COLOURS = ("red", "lime", "blue", "yellow")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a case was answered with."""

    name: str
    answer: str
    slide: int  #: that the words name; 0: none


@dataclass(slots=True)
class Scene:
    """The gateway, an origin that has all files, a carrier."""

    gateway: peers.Gateway
    origin: Origin
    simulator: Simulator
    http: aiohttp.ClientSession

    async def send(self, number: int, case: Case) -> Answered:
        url = self.origin.page(f"/{number}{case.path}", Page(case.make(), content_type=case.header))
        medium = f"<{case.element}><URL>{url}</URL></{case.element}>"
        slides = f"<SLIDE><TEXT>first</TEXT></SLIDE><SLIDE>{medium}</SLIDE>"
        body = request(slides, API_KEY=self.gateway.key, SUBJECT=f"case {number}")
        try:
            async with (
                asyncio.timeout(LIMIT),
                self.http.post(f"http://127.0.0.1:{self.gateway.port}/API/wxml/1.3/", data=body) as answer,
            ):
                assert answer.status == 200, case.name
                text = await answer.text()
        finally:
            self.origin.page(f"/{number}{case.path}", Page())  # its bytes are not kept
        if "<STATUS>Success</STATUS>" in text:
            return Answered(case.name, SUCCESS, 0)
        code = re.search("<ERRORCODE>(E[0-9]+)</ERRORCODE>", text)
        slide = re.search("[Ss]lide ([0-9]+)", text)
        return Answered(case.name, code[1] if code else text, int(slide[1]) if slide else 0)


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    settings = SimulatorSettings(mm7_port=0, smpp_port=0, http_port=0, keep_bytes=500_000_000)
    async with Simulator(settings) as simulator, Origin() as origin, aiohttp.ClientSession() as http:
        port = int(simulator.mm7_url.split(":")[2].partition("/")[0])
        with peers.gateway(peers.Plan(folder, port)) as gateway:
            yield Scene(gateway, origin, simulator, http)


@pytest.mark.slow
async def test_every_file_gets_its_answer_and_every_picture_arrives_whole(tmp_path: Path) -> None:
    assert len(CORPUS) >= 150
    turns = asyncio.Semaphore(AT_ONCE)
    async with scene(tmp_path) as here:
        with PeakWatch(here.gateway.pid) as peaks:

            async def answered(number: int, case: Case) -> Answered:
                async with turns:
                    return await here.send(number, case)

            answers = await asyncio.gather(*(answered(n, case) for n, case in enumerate(CORPUS)))
            expected = [Answered(c.name, c.answer, 0 if c.answer == SUCCESS else 2) for c in CORPUS]
            assert [pair for pair in zip(answers, expected, strict=True) if pair[0] != pair[1]] == []
            wanted = {n: case for n, case in enumerate(CORPUS) if case.leaves}
            await until(lambda: _all_there(here.simulator, wanted), 60, "every message to arrive")
        wrong = [f"{case.name}: {why}" for n, case in wanted.items() for why in judged(_arrived(here, n), case)]
        assert wrong == []
        assert here.gateway.process.poll() is None, "the gateway lives"
        assert "Traceback" not in (tmp_path / "gateway.log").read_text()
    assert peaks.own < PARENT
    assert {pid: peak for pid, peak in peaks.children.items() if peak >= CHILD} == {}
    print(f"{len(CORPUS)} files; peaks: gateway {peaks.own} kB, children {sorted(peaks.children.values())} kB")


async def _all_there(simulator: Simulator, wanted: dict[int, Case]) -> bool:
    return {f"case {n}" for n in wanted} <= {kept.request.subject for kept in simulator.inbox}


def _arrived(here: Scene, number: int) -> Kept:
    return next(kept for kept in here.simulator.inbox if kept.request.subject == f"case {number}")


def judged(kept: Kept, case: Case) -> list[str]:
    """What is wrong with the file that reached the phone."""
    part = next(part for part in kept.content.parts if part.type not in {"application/smil", "text/plain"})
    if part.type not in case.leaves.split():
        return [f"it left as {part.type}"]
    if case.element != "IMAGE":
        return [] if part.body == case.make() else ["its bytes have changed"]
    if kept.size > ROUTE_BYTES:
        return [f"{kept.size} bytes"]
    return picture_faults(part.body, case)


def picture_faults(data: bytes, case: Case) -> list[str]:
    """A baseline JPEG, GIF or PNG that decodes whole, as large as it should be, upright, without metadata."""
    faults = [f"metadata: {leftovers(data)}"] if leftovers(data) else []
    if data.startswith(b"\xff\xd8") and jpeg_frames(data) != [0xC0]:
        faults.append("not baseline")
    with Image.open(BytesIO(data)) as image:
        count = getattr(image, "n_frames", 1)
        for number in range(count):
            image.seek(number)
            image.load()
        if (image.size, count) != (case.size, case.frames):
            faults.append(f"{image.size} with {count} frames instead of {case.size} with {case.frames}")
        if case.corners and corners_of(image) != COLOURS:
            faults.append(f"turned: {corners_of(image)}")
    return faults


def corners_of(image: Image.Image) -> tuple[str, ...]:
    """The colour names of the corners, clockwise from the top left."""
    right, low = image.width - 9, image.height - 9
    names = {(1, 0, 0): "red", (0, 1, 0): "lime", (0, 0, 1): "blue", (1, 1, 0): "yellow"}
    rgb = image.convert("RGB")
    found = [rgb.getpixel(place) for place in ((8, 8), (right, 8), (right, low), (8, low))]
    return tuple(names.get(tuple(int(v > 128) for v in one), str(one)) for one in found)  # type: ignore[union-attr]
