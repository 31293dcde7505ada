"""What leaves as audio and video, judged by a decoder that is not ours: budget, length, sound in step, form."""

from pathlib import Path

import pytest
from tests.content import clips
from tests.content.av.judge import judge

from slidewire.content.av.facts import AvFacts, AvMissingError, AvNoFitError, AvTarget
from slidewire.content.av.pool import AvPool
from slidewire.content.formats import Format


@pytest.mark.parametrize("made", [Format.MP4, Format.THREEGP])
async def test_a_film_uses_its_budget_and_keeps_its_sound_in_step(pool: AvPool, tmp_path: Path, made: Format) -> None:
    source = clips.flashes(tmp_path / "s.mp4", 3, "1280x720", "-metadata", "title=secret")
    shares: list[float] = []
    facts = await pool.probe(source, Format.MP4)
    film = await pool.transcode(source, facts, AvTarget(made, 180_000), shares.append)
    seen = judge(film.data)
    assert 0.7 * 180_000 <= len(film.data) <= 180_000
    assert (seen.codecs, seen.size) == (("h264", "aac"), (film.width, film.height))
    assert "Baseline" in seen.profile
    assert abs(film.length_ms - 3000) <= 200
    assert (abs(seen.picture[1] - 3), abs(seen.sound[1] - 3)) < (0.2, 0.2)
    assert len(seen.keys) == len(seen.clicks) == 3
    assert max(abs(key - click) for key, click in zip(seen.keys, seen.clicks, strict=True)) <= 0.08
    assert seen.titles.get("title") is None
    assert film.data.index(b"moov") < film.data.index(b"mdat")
    assert (shares[-1], shares == sorted(shares) or film.encodes > 1) == (1.0, True)


async def test_a_turned_film_leaves_upright_and_a_small_one_is_not_enlarged(
    pool: AvPool, shelf: Path, tmp_path: Path
) -> None:
    turned = clips.make(tmp_path / "t.mp4", "-display_rotation", "90", "-i", str(shelf / "film.mp4"), "-c", "copy")
    facts = await pool.probe(turned, Format.MP4)
    film = await pool.transcode(turned, facts, AvTarget(Format.MP4, 600_000))
    assert judge(film.data).size == (240, 320)


async def test_sound_that_begins_late_stays_where_it_was(pool: AvPool, tmp_path: Path) -> None:
    source = clips.flashes(tmp_path / "s.mp4", 3, "320x240")
    late = ("-i", str(source), "-itsoffset", "0.5", "-i", str(source), "-map", "0:v", "-map", "1:a", "-c", "copy")
    late_film = clips.make(tmp_path / "late.mp4", *late)
    film = await pool.transcode(late_film, await pool.probe(late_film, Format.MP4), AvTarget(Format.MP4, 100_000))
    seen = judge(film.data)
    assert [round(click - key, 1) for key, click in zip(seen.keys, seen.clicks, strict=False)] == [0.5, 0.5, 0.5]
    assert seen.sound[0] <= 0.05  # silence first: not every player minds when a track begins


async def test_a_long_film_is_cut(pool: AvPool, shelf: Path) -> None:
    facts = await pool.probe(shelf / "film.mp4", Format.MP4)
    film = await pool.transcode(shelf / "film.mp4", facts, AvTarget(Format.MP4, 100_000, max_seconds=1))
    assert abs(film.length_ms - 1000) <= 100


async def test_a_film_without_sound_has_none_afterwards(pool: AvPool, shelf: Path) -> None:
    facts = await pool.probe(shelf / "silent.mp4", Format.MP4)
    film = await pool.transcode(shelf / "silent.mp4", facts, AvTarget(Format.MP4, 50_000))
    assert judge(film.data).codecs == ("h264",)


@pytest.mark.parametrize("made", [Format.MP3, Format.M4A, Format.AAC, Format.AMR])
async def test_sound_fits_and_keeps_its_length(wheel: AvPool, shelf: Path, made: Format) -> None:
    facts = await wheel.probe(shelf / "tone.mp3", Format.MP3)
    sound = await wheel.transcode(shelf / "tone.mp3", facts, AvTarget(made, 12_000))
    assert len(sound.data) <= 12_000
    assert abs(judge(sound.data).sound[1] - 2) <= 0.2


@pytest.mark.parametrize(
    ("name", "found", "target"),
    [
        pytest.param("film.mp4", Format.MP4, AvTarget(Format.MP4, 4_000), id="a film in 4 kB"),
        pytest.param("tone.mp3", Format.MP3, AvTarget(Format.MP3, 2_800), id="a song in 3 kB"),
    ],
)
async def test_what_cannot_fit_says_how_small_it_gets(
    wheel: AvPool, shelf: Path, name: str, found: Format, target: AvTarget
) -> None:
    facts = await wheel.probe(shelf / name, found)
    with pytest.raises(AvNoFitError) as refused:
        await wheel.transcode(shelf / name, facts, target)
    assert refused.value.size > refused.value.limit == target.max_bytes


async def test_without_ffmpeg_nothing_is_made(tmp_path: Path, shelf: Path) -> None:
    async with AvPool("", tmp_path / "av") as pool:
        facts = AvFacts(Format.MP3, 2000, audio="mp3")
        with pytest.raises(AvMissingError):
            await pool.transcode(shelf / "tone.mp3", facts, AvTarget(Format.MP3, 12_000))
        assert await pool.makes() == frozenset()
