"""Clips that are made once for a run, and pools over each ffmpeg that is here."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.content import clips

from slidewire.content.av.pool import AvPool, AvSettings
from slidewire.content.av.proving import Proved

PROGRAMS = [pytest.param(program, id=Path(program).name) for program in clips.ffmpegs()]
PATIENT = AvSettings(look_seconds=60, encode_seconds=100)


#: What was proved of each: once is enough for a run.
_proved: dict[str, Proved] = {}


async def _pool(program: str, folder: Path) -> AsyncIterator[AvPool]:
    """No folder of a run stays behind."""
    async with AvPool(program, folder, PATIENT) as pool:
        if program in _proved:
            pool._proof = asyncio.create_task(_told(_proved[program]))
        _proved[program] = await pool.proved()
        yield pool
    assert list(folder.iterdir()) == []


async def _told(proved: Proved) -> Proved:
    return proved


@pytest.fixture(params=PROGRAMS)
async def pool(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AvPool]:
    """Over every ffmpeg that is here."""
    async for pool in _pool(request.param, tmp_path / "av"):
        yield pool


@pytest.fixture
async def wheel(tmp_path: Path) -> AsyncIterator[AvPool]:
    """Over the extra's, which can make everything."""
    async for pool in _pool(clips.ffmpeg(), tmp_path / "av"):
        yield pool


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with plain files: film.mp4, front.mp4 (its index first), silent.mp4, tone.mp3."""
    folder = tmp_path_factory.mktemp("clips")
    clips.film(folder / "film.mp4")
    clips.index_in_front(folder / "front.mp4", folder / "film.mp4")
    clips.silent(folder / "silent.mp4")
    clips.tone(folder / "tone.mp3")
    return folder
