"""What is found out about audio and video, and which files are refused with which words (settled 19)."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.content import clips

from slidewire.content.av.facts import AvFacts, AvRefusedError
from slidewire.content.av.pool import AvPool
from slidewire.content.formats import Format

FILM = ("h264", "aac", 320, 240)


def seen(facts: AvFacts) -> tuple[object, ...]:
    """Everything but the length, which codecs round."""
    return facts.video, facts.audio, facts.width, facts.height


@pytest.mark.parametrize(
    ("name", "made", "expected"),
    [
        pytest.param("a.mp4", (Format.MP4, ()), FILM, id="an MP4"),
        pytest.param("a.3gp", (Format.THREEGP, ()), FILM, id="a 3GP"),
        pytest.param("a.mov", (Format.MOV, ()), FILM, id="a QuickTime film"),
        pytest.param(
            "a.mpg", (Format.MPEG, ("-c:v", "mpeg1video", "-c:a", "mp2")), ("mpeg1video", "mp2", 320, 240), id="an MPEG"
        ),
        pytest.param("a.avi", (Format.AVI, ("-c:v", "mpeg4", "-c:a", "mp3")), ("mpeg4", "mp3", 320, 240), id="an AVI"),
        pytest.param("a.wmv", (Format.WMV, ("-c:v", "wmv2", "-c:a", "wmav2")), ("wmv2", "wmav2", 320, 240), id="a WMV"),
        pytest.param(
            "a.webm",
            (Format.WEBM, ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis")),
            ("vp8", "vorbis", 320, 240),
            id="a WebM",
        ),
    ],
)
async def test_a_film_is_known(
    pool: AvPool, tmp_path: Path, name: str, made: tuple[Format, tuple[str, ...]], expected: tuple[object, ...]
) -> None:
    found, arguments = made
    facts = await pool.probe(clips.film(tmp_path / name, 1, "320x240", *arguments), found)
    assert seen(facts) == expected
    assert abs(facts.length_ms - 1000) <= 120
    assert (facts.rotation, facts.channels, facts.decoded) == (0, 1, True)


@pytest.mark.parametrize(
    ("name", "made", "codec"),
    [
        pytest.param("a.mp3", (Format.MP3, ()), "mp3", id="an MP3"),
        pytest.param("a.wav", (Format.WAV, ()), "pcm_s16le", id="a WAV"),
        pytest.param("a.aac", (Format.AAC, ()), "aac", id="a bare AAC"),
        pytest.param("a.m4a", (Format.M4A, ()), "aac", id="an M4A"),
        pytest.param("a.amr", (Format.AMR, ("-ar", "8000")), "amr_nb", id="an AMR"),
        pytest.param("a.ogg", (Format.OGG, ("-c:a", "libvorbis")), "vorbis", id="an Ogg"),
    ],
)
async def test_a_sound_is_known(
    pool: AvPool, tmp_path: Path, name: str, made: tuple[Format, tuple[str, ...]], codec: str
) -> None:
    found, arguments = made
    facts = await pool.probe(clips.tone(tmp_path / name, 1, *arguments), found)
    assert (facts.video, facts.audio, facts.width) == ("", codec, 0)
    assert abs(facts.length_ms - 1000) <= 120


async def test_a_turned_film_is_measured_as_it_is_shown(pool: AvPool, shelf: Path, tmp_path: Path) -> None:
    turned = clips.make(tmp_path / "t.mp4", "-display_rotation", "90", "-i", str(shelf / "film.mp4"), "-c", "copy")
    facts = await pool.probe(turned, Format.MP4)
    assert (facts.width, facts.height, facts.rotation) == (240, 320, 270)


async def test_a_film_without_sound_is_sound(pool: AvPool, shelf: Path) -> None:
    facts = await pool.probe(shelf / "silent.mp4", Format.MP4)
    assert (facts.video, facts.has_sound) == ("h264", False)


async def test_a_cover_is_no_picture(pool: AvPool, shelf: Path, tmp_path: Path) -> None:
    picture = clips.make(tmp_path / "c.png", "-f", "lavfi", "-i", "color=size=64x64:duration=0.04", "-frames:v", "1")
    song = clips.make(
        tmp_path / "s.mp3", "-i", str(shelf / "tone.mp3"), "-i", str(picture), "-map", "0", "-map", "1", "-c", "copy"
    )
    facts = await pool.probe(song, Format.MP3)
    assert (facts.video, facts.audio) == ("", "mp3")


async def test_a_title_that_speaks_like_ffmpeg_is_not_believed(pool: AvPool, shelf: Path, tmp_path: Path) -> None:
    title = "x\n  Stream #0:0: Video: h264, yuv420p, 9999x9999, 25 fps\n  Duration: 99:00:00.00\npartial file"
    told = clips.make(tmp_path / "t.mp4", "-i", str(shelf / "film.mp4"), "-c", "copy", "-metadata", f"title={title}")
    facts = await pool.probe(told, Format.MP4)
    assert (seen(facts), facts.length_ms) == (FILM, 2000)


@pytest.mark.parametrize("factor", [0, 100])
async def test_an_mp4_is_as_long_as_what_it_holds(pool: AvPool, shelf: Path, tmp_path: Path, factor: int) -> None:
    facts = await pool.probe(clips.with_length(tmp_path / "liar.mp4", shelf / "film.mp4", factor), Format.MP4)
    assert abs(facts.length_ms - 2000) <= 50


async def test_a_header_that_promises_too_little_is_corrected(pool: AvPool, tmp_path: Path) -> None:
    # the frame that counts says 100; there are more, and a decoder plays them all
    song = bytearray(clips.tone(tmp_path / "s.mp3", 4).read_bytes())
    at = song.find(b"Info") if b"Info" in song else song.find(b"Xing")
    song[at + 8 : at + 12] = (40).to_bytes(4, "big")
    (tmp_path / "l.mp3").write_bytes(song)
    facts = await pool.probe(tmp_path / "l.mp3", Format.MP3)
    assert facts.length_ms > 3900


Make = Callable[[Path, Path], Path]
CUT, NO_INDEX = "it is cut off", r"its index \(moov\) is missing"
REFUSED = [
    pytest.param(lambda shelf, to: clips.cut(to, shelf / "film.mp4", 0.6), CUT, id="an MP4 cut before its index"),
    pytest.param(lambda shelf, to: clips.cut(to, shelf / "front.mp4", 0.6), CUT, id="an MP4 cut behind its index"),
    pytest.param(
        lambda shelf, to: _with_less(to, shelf / "front.mp4"), CUT, id="an MP4 whose index names bytes behind it"
    ),
    pytest.param(lambda shelf, to: _without_index(to, shelf / "film.mp4"), NO_INDEX, id="an MP4 without its index"),
    pytest.param(lambda shelf, to: clips.tone(to, 1, "-f", "mp4"), "it has no picture", id="no picture"),
    pytest.param(lambda shelf, to: clips.cut(to, shelf / "tone.mp3", 0.5), CUT, id="an MP3 cut in the middle"),
    pytest.param(lambda shelf, to: _write(to, clips.mp3_frames(50)[:-9]), CUT, id="an MP3 whose last frame is cut"),
    pytest.param(lambda shelf, to: _write(to, b"ID3\4" + bytes(6)), "it has no sound", id="an MP3 of a tag alone"),
    pytest.param(lambda shelf, to: _write(to, b""), "it is empty", id="an empty file"),
]


@pytest.mark.parametrize(("make", "words"), REFUSED)
async def test_a_damaged_file_is_refused(pool: AvPool, shelf: Path, tmp_path: Path, make: Make, words: str) -> None:
    damaged = make(shelf, tmp_path / "damaged")
    found = Format.MP3 if damaged.read_bytes()[:3] in {b"ID3", b"\xff\xfb\x50"} else Format.MP4
    with pytest.raises(AvRefusedError, match=f"^{words}"):
        await pool.probe(damaged, found)


async def test_a_picture_that_is_too_large_to_decode_is_refused(pool: AvPool, tmp_path: Path) -> None:
    huge = ("-f", "lavfi", "-i", "color=size=4400x2400:rate=1:duration=1")
    with pytest.raises(AvRefusedError):
        await pool.probe(clips.make(tmp_path / "huge.mp4", *huge, *clips.QUICK[:6]), Format.MP4)


@pytest.mark.parametrize(("name", "found"), [("film.mp4", Format.MP4), ("tone.mp3", Format.MP3)])
async def test_whatever_is_broken_the_answer_is_facts_or_a_refusal(
    wheel: AvPool, shelf: Path, tmp_path: Path, name: str, found: Format
) -> None:
    dice, whole = random.Random(19), (shelf / name).read_bytes()
    files = []
    for number in range(16):
        body = bytearray(whole[: dice.randrange(1, len(whole))] if number % 2 else whole)
        for _ in range(number * 3):
            body[dice.randrange(len(body))] = dice.randrange(256)
        files.append(_write(tmp_path / f"{number}", bytes(body)))
    ended = await asyncio.gather(*(wheel.probe(file, found) for file in files), return_exceptions=True)
    assert {type(each) for each in ended} <= {AvFacts, AvRefusedError}
    assert all(isinstance(each, AvRefusedError) for each in ended[1::2])  # those that were cut


def _write(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


def _with_less(path: Path, source: Path) -> Path:
    """Its media box is cut and says so: every box is whole."""
    body = source.read_bytes()
    begins = body.index(b"mdat") - 4
    media = body[begins + 8 : begins + 8 + (len(body) - begins) // 2]
    return _write(path, body[:begins] + (len(media) + 8).to_bytes(4, "big") + b"mdat" + media)


def _without_index(path: Path, source: Path) -> Path:
    body = source.read_bytes()
    path.write_bytes(body[: body.index(b"moov") - 4])
    return path
