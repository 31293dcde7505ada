"""What ffmpeg may not do, and which ffmpeg is used: found, proved, bounded, ended (security 7, durability 21)."""

import asyncio
import os
import stat
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from tests.content import clips
from tests.content.conftest import eventually

from slidewire.content.av.asking import DECODERS, opening
from slidewire.content.av.facts import (
    AvBusyError,
    AvFacts,
    AvFailedError,
    AvMissingError,
    AvRefusedError,
    AvTarget,
)
from slidewire.content.av.finding import find_ffmpeg
from slidewire.content.av.pool import AvPool, AvSettings
from slidewire.content.av.running import Run, RunLimits, Runner
from slidewire.content.formats import Format

#: What a packager might do who knows better.
UNFENCED = """exec {} $(echo "$@" | sed "s/-format_whitelist mov//; s/-protocol_whitelist file//; s/-f mov//")"""


def a_program(folder: Path, lines: str) -> str:
    """A program that stands where ffmpeg should."""
    folder.mkdir(exist_ok=True)
    program = folder / "ffmpeg"
    program.write_text("#!/bin/sh\n" + lines)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_the_setting_then_path_then_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, on_path = a_program(tmp_path / "a", ""), a_program(tmp_path / "b", "")
    monkeypatch.setenv("PATH", str(tmp_path / "b"))
    assert (find_ffmpeg(mine), find_ffmpeg()) == (mine, on_path)
    Path(on_path).unlink()
    assert find_ffmpeg() == clips.ffmpeg()
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)  # as without the extra
    assert find_ffmpeg() == ""
    with pytest.raises(ValueError, match="no program"):
        find_ffmpeg("ffmpeg")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param("exit 0", "opened a file that a playlist", id="opens everything"),
        pytest.param("exit 1", "cannot read a plain sound file", id="opens nothing"),
        pytest.param("kill -9 $$", "SIGKILL", id="dies"),
        pytest.param(UNFENCED.format(clips.ffmpeg()), "opened a file that a playlist", id="a real one unfenced"),
    ],
)
async def test_an_ffmpeg_that_does_not_prove_itself_is_not_used(tmp_path: Path, lines: str, words: str) -> None:
    song = clips.tone(tmp_path / "s.mp3", 1)
    async with AvPool(a_program(tmp_path / "bin", lines), tmp_path / "av") as pool:
        with pytest.raises(AvMissingError) as missing:
            await pool.proved()
        assert words in str(missing.value)
        facts = await pool.probe(song, Format.MP3)
        assert (facts.decoded, facts.audio, round(facts.length_ms, -2)) == (False, "mp3", 1000)
        with pytest.raises(AvMissingError):
            await pool.transcode(song, facts, AvTarget(Format.MP3, 9000))


#: The list of decoders taken off, the rest kept.
UNLISTED = """exec {} $(echo "$@" | sed "s/-codec_whitelist [^ ]*//g")"""


async def test_an_ffmpeg_that_heeds_no_list_of_decoders_is_not_used(tmp_path: Path) -> None:
    program = a_program(tmp_path / "bin", UNLISTED.format(clips.ffmpeg()))
    async with AvPool(program, tmp_path / "av") as pool:
        with pytest.raises(AvMissingError, match="decoded what its list of decoders does not name"):
            await pool.proved()


@pytest.mark.parametrize(
    ("name", "found", "arguments"),
    [
        pytest.param("a.avi", Format.AVI, ("-c:v", "ffv1"), id="a film of a lossless codec"),
        pytest.param("a.avi", Format.AVI, ("-c:v", "huffyuv"), id="another"),
        pytest.param("a.mov", Format.MOV, ("-c:v", "qtrle"), id="an animation codec of long ago"),
        pytest.param("a.mov", Format.MOV, ("-c:v", "png"), id="pictures as PNG"),
        pytest.param("a.avi", Format.AVI, ("-c:v", "flv1"), id="a codec of another container"),
        pytest.param("a.avi", Format.AVI, ("-c:v", "mpeg4", "-c:a", "adpcm_swf"), id="its sound"),
        pytest.param("a.wav", Format.WAV, ("-c:a", "adpcm_yamaha"), id="a sound"),
    ],
)
async def test_a_decoder_that_is_not_on_the_list_is_refused(
    pool: AvPool, tmp_path: Path, name: str, found: Format, arguments: tuple[str, ...]
) -> None:
    path = tmp_path / name
    clips.tone(path, 1, *arguments) if found is Format.WAV else clips.film(path, 1, "64x64", *arguments)
    with pytest.raises(AvRefusedError, match="its codec is not taken"):
        await pool.probe(path, found)
    kind = Format.MP3 if found is Format.WAV else Format.MP4
    claimed = AvFacts(found, 1000, "h264", "aac", 64, 64)  # whatever a look may have missed
    if kind in await pool.makes():
        with pytest.raises(AvRefusedError):
            await pool.transcode(path, claimed, AvTarget(kind, 100_000))


async def test_a_cover_in_a_format_of_its_own_harms_nothing(pool: AvPool, tmp_path: Path) -> None:
    song, cover = clips.tone(tmp_path / "song.mp3", 1), tmp_path / "cover.png"
    clips.make(cover, "-f", "lavfi", "-i", "testsrc2=size=64x64:duration=1", "-frames:v", "1")
    streams = ("-map", "0:a", "-map", "1:v", "-c", "copy", "-disposition:v", "attached_pic")
    path = clips.make(tmp_path / "covered.mp3", "-i", str(song), "-i", str(cover), *streams)
    facts = await pool.probe(path, Format.MP3)
    assert (facts.audio, facts.video) == ("mp3", "")


def test_every_codec_of_the_list_is_one_that_ffmpeg_knows() -> None:
    """A slip of the pen would refuse what phones record."""
    listed = subprocess.run([clips.ffmpeg(), "-v", "error", "-decoders"], capture_output=True, text=True, check=True)
    known = {line.split()[1] for line in listed.stdout.splitlines() if len(line.split()) > 1}
    assert set(DECODERS.split(",")) - known <= {"libopenh264"}


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:{0}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{0}'\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1"><BaseURL>file:{0}</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "sdp": "v=0\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
}


@pytest.mark.parametrize(
    ("name", "found"),
    [(name, Format.MP4) for name in PLAYLISTS]
    + [("hls", other) for other in (Format.MPEG, Format.MPEG_TS, Format.AVI, Format.WEBM, Format.OGG, Format.WMV)],
)
async def test_a_playlist_opens_nothing(pool: AvPool, tmp_path: Path, name: str, found: Format) -> None:
    secret = clips.tone(tmp_path / "secret.wav", 1)
    lure = tmp_path / "lure.mp4"
    lure.write_text(PLAYLISTS[name].format(secret))
    with pytest.raises(AvRefusedError):
        await pool.probe(lure, found)


ENVIRONMENT = {"PYTHONPATH", "LC_ALL", "MALLOC_ARENA_MAX", "PWD", "OLDPWD", "SHLVL", "_"}


async def test_it_sees_an_empty_folder_and_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIDEWIRE_KEY", "secret")
    (tmp_path / "av").mkdir()
    runner = Runner("/bin/sh", tmp_path / "av", RunLimits())
    asked = "ls -A; env; ulimit -v; ulimit -f; ulimit -c; nice; ls /proc/self/fd | wc -l"
    ran = await runner.run(Run(("-c", asked), None, 20))
    assert "secret" not in ran.printed
    assert ran.printed.splitlines()[-5:-1] == [str(2_000_000_000 // 1024), "0", "0", str(min(10 + os.nice(0), 19))]
    assert "out" not in ran.printed
    assert {line.split("=")[0] for line in ran.printed.splitlines()[:-5]} <= ENVIRONMENT


async def test_what_nobody_waits_for_keeps_off_half_of_the_cores_and_runs_only_where_one_is_idle(
    tmp_path: Path,
) -> None:
    (tmp_path / "av").mkdir()
    asked = "import os; print(os.nice(0), os.sched_getscheduler(0), *sorted(os.sched_getaffinity(0)))"
    ours = sorted(os.sched_getaffinity(0))
    for cores, wanted in ((0, ours[len(ours) // 2 :]), (1, ours[-1:])):
        runner = Runner(sys.executable, tmp_path / "av", RunLimits(cores=cores))
        ran = await runner.run(Run(("-S", "-c", asked), None, 20, last=True))
        assert list(map(int, ran.printed.split())) == [19, os.SCHED_IDLE, *wanted]


async def test_it_has_no_network_where_the_kernel_lets_us(tmp_path: Path) -> None:
    (tmp_path / "av").mkdir()
    runner = Runner("/bin/sh", tmp_path / "av", RunLimits())
    ran = await runner.run(Run(("-c", "cat /proc/net/dev; readlink /proc/self/ns/net"), None, 20))
    if str(Path("/proc/self/ns/net").readlink()) in ran.printed:
        pytest.skip("this kernel lets nobody give up the network")
    assert [line.split(":")[0].strip() for line in ran.printed.splitlines()[2:-1]] == ["lo"]


async def test_what_takes_too_long_or_writes_too_much_is_ended(tmp_path: Path) -> None:
    (tmp_path / "av").mkdir()
    runner = Runner("/bin/sh", tmp_path / "av", RunLimits())
    with pytest.raises(AvFailedError, match=r"more than 0\.3 seconds"):
        async with asyncio.timeout(30):  # a wrapper's own children go with it
            await runner.run(Run(("-c", "sleep 60; true"), None, 0.3))
    assert runner.pids == []
    ran = await runner.run(Run(("-c", "head -c 100000 /dev/zero > out"), None, 20, file_bytes=4096))
    assert len(ran.output) <= 4096
    ran = await runner.run(Run(("-c", "yes | head -c 10000000; yes | head -c 10000000 >&2"), None, 60))
    assert (ran.code, len(ran.said), len(ran.printed)) == (0, 65_536, 65_536)


async def test_memory_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "av").mkdir()
    runner = Runner(sys.executable, tmp_path / "av", RunLimits(memory=300_000_000))
    ran = await runner.run(Run(("-S", "-c", "bytes(400_000_000)"), None, 20))
    assert "MemoryError" in ran.said


async def test_closing_ends_what_runs_and_what_waits(tmp_path: Path, shelf: Path) -> None:
    program = a_program(tmp_path / "bin", f'case "$*" in *1280*) sleep 100;; *) exec {clips.ffmpeg()} "$@";; esac')
    async with AvPool(program, tmp_path / "av", AvSettings(encodes=1)) as pool:
        await pool.proved()
        facts = AvFacts(Format.MP4, 2000, video="h264", width=1280, height=720)
        target = AvTarget(Format.MP4, 10_000_000)
        work = [asyncio.create_task(pool.transcode(shelf / "film.mp4", facts, target)) for _ in range(3)]
        await eventually(lambda: len(pool.pids) == 1)
        [pid] = pool.pids
        await pool.close()
        ended = await asyncio.gather(*work, return_exceptions=True)
        assert [type(each) for each in ended] == [AvBusyError] * 3
        assert not Path(f"/proc/{pid}").exists()
    assert list((tmp_path / "av").iterdir()) == []


async def test_a_look_waits_for_no_encode(tmp_path: Path, shelf: Path) -> None:
    program = a_program(tmp_path / "bin", f'case "$*" in *1280*) sleep 100;; *) exec {clips.ffmpeg()} "$@";; esac')
    async with AvPool(program, tmp_path / "av", AvSettings(encodes=1, looks=1)) as pool:
        await pool.proved()
        facts = AvFacts(Format.MP4, 2000, video="h264", width=1280, height=720)
        encode = asyncio.create_task(pool.transcode(shelf / "film.mp4", facts, AvTarget(Format.MP4, 10_000_000)))
        await eventually(lambda: len(pool.pids) == 1)
        assert (await pool.probe(shelf / "tone.mp3", Format.MP3)).audio == "mp3"
        encode.cancel()
        await asyncio.gather(encode, return_exceptions=True)
        assert pool.pids == []


async def test_more_than_may_wait_is_sent_away(tmp_path: Path, shelf: Path) -> None:
    async with AvPool("", tmp_path / "av", AvSettings(looks=1, max_waiting=1)) as pool:
        looks = [asyncio.create_task(pool.probe(shelf / "film.mp4", Format.MP4)) for _ in range(3)]
        ended = await asyncio.gather(*looks, return_exceptions=True)
        assert [type(each) for each in ended] == [AvFacts, AvFacts, AvBusyError]


def test_what_opens_a_file_names_one_demuxer_and_one_protocol() -> None:
    words = opening("mov")
    pairs = dict(pairwise(words))
    assert (pairs["-f"], pairs["-format_whitelist"], pairs["-protocol_whitelist"]) == ("mov", "mov", "file")
