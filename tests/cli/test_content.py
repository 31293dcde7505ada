"""What Slidewire sees in a file and makes of it, told on the command line."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.command import slidewire
from tests.content import clips, makers
from tests.content.metadata import leftovers
from tests.fakes.origin import Origin, Page

TURNED = makers.saved(makers.photo(640, 480), exif=makers.exif(6), quality=92)


def kept(folder: Path, data: bytes, name: str = "file") -> str:
    (folder / name).write_bytes(data)
    return name


def test_a_picture_is_seen_as_it_is(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "content", "inspect", kept(tmp_path, TURNED), "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {
        "type": "image/jpeg",
        "element": "image",
        "header": "",
        "header_agrees": None,
        "bytes": len(TURNED),
        "width": 480,
        "height": 640,
        "frames": 1,
        "orientation": 6,
        "video_codec": None,
        "audio_codec": None,
        "seconds": None,
        "rotation": None,
        "cannot_be_played": None,
        "metadata": ["EXIF", "GPS"],
        "answers": {"sendMMS": "", "saveMMS": ""},
    }
    table = slidewire(tmp_path, "content", "inspect", "file").out
    assert "orientation  6\n" in table
    assert "metadata     EXIF, GPS\n" in table
    assert "sendMMS: taken" in table


def test_a_film_is_seen_as_it_is(tmp_path: Path) -> None:
    source = clips.film(tmp_path / "source.mp4", 2, "320x240")
    told = ("-metadata", "title=Home", "-metadata", "location=+52.52+013.40/")
    clips.make(tmp_path / "film.mp4", "-display_rotation", "90", "-i", str(source), "-c", "copy", *told)
    ran = slidewire(tmp_path, "content", "inspect", "film.mp4", "--json")
    assert (ran.code, ran.err) == (0, "")
    seen = {
        name: ran.json[name]
        for name in (
            "type",
            "width",
            "height",
            "video_codec",
            "audio_codec",
            "rotation",
            "metadata",
            "cannot_be_played",
        )
    }
    assert seen == {
        "type": "video/mp4",
        "width": 240,
        "height": 320,
        "video_codec": "h264",
        "audio_codec": "aac",
        "rotation": 270,
        "metadata": ["tags", "GPS"],
        "cannot_be_played": None,
    }
    assert abs(ran.json["seconds"] - 2) < 0.1
    assert "video codec  h264\n" in slidewire(tmp_path, "content", "inspect", "film.mp4").out


@pytest.mark.parametrize(
    ("name", "options", "metadata"),
    [
        pytest.param("tone.mp3", ("-metadata", "title=x"), ["ID3"], id="an MP3 with a title"),
        pytest.param("tone.mp3", ("-id3v2_version", "0", "-write_xing", "0"), [], id="a bare MP3"),
        pytest.param("tone.wav", ("-metadata", "title=x"), ["tags"], id="a WAV with a title"),
        pytest.param("tone.wav", ("-bitexact",), [], id="a bare WAV"),
    ],
)
def test_a_sound_is_seen_as_it_is(tmp_path: Path, name: str, options: tuple[str, ...], metadata: list[str]) -> None:
    clips.tone(tmp_path / name, 2, *options)
    seen = slidewire(tmp_path, "content", "inspect", name, "--json").json
    assert (seen["video_codec"], bool(seen["audio_codec"]), seen["width"], seen["metadata"]) == (
        "",
        True,
        None,
        metadata,
    )


def test_why_a_film_cannot_be_played_is_told(tmp_path: Path) -> None:
    whole = clips.film(tmp_path / "whole.mp4", 2)
    clips.cut(tmp_path / "film.mp4", whole, 0.7)
    seen = slidewire(tmp_path, "content", "inspect", "film.mp4", "--json").json
    assert (seen["type"], seen["video_codec"]) == ("video/mp4", None)
    assert seen["cannot_be_played"] == "it is cut off"


@pytest.mark.parametrize(
    ("data", "element", "code", "answers"),
    [
        pytest.param(TURNED[:-2], "", 1, ("E341", "E341"), id="cut off"),
        pytest.param(makers.WAV, "", 0, ("E629", ""), id="only saveMMS takes it"),
        pytest.param(TURNED, "video", 1, ("E229", "E229"), id="behind another element"),
        pytest.param(makers.SVG, "", 1, ("E629", "E629"), id="never taken"),
        pytest.param(makers.VCARD[:-14], "", 1, ("E629", "E629"), id="a vCard without END"),
        pytest.param(makers.png_bomb(8000), "", 1, ("E331", "E331"), id="a bomb"),
        pytest.param(b"", "", 1, ("E351", "E351"), id="nothing"),
    ],
)
def test_tells_what_would_be_answered(
    tmp_path: Path, data: bytes, element: str, code: int, answers: tuple[str, str]
) -> None:
    words = ["--element", element] if element else []
    ran = slidewire(tmp_path, "content", "inspect", kept(tmp_path, data), "--json", *words)
    assert ran.code == code
    assert tuple(words.partition(" ")[0] for words in ran.json["answers"].values()) == answers


def test_a_picture_is_made_to_fit_and_shown_before_and_after(tmp_path: Path) -> None:
    kept(tmp_path, TURNED)
    ran = slidewire(tmp_path, "content", "fit", "file", "--bytes", "20000", "-o", "small.jpg", "--json")
    assert (ran.code, ran.err) == (0, "")
    small = (tmp_path / "small.jpg").read_bytes()
    assert ran.json["before"]["bytes"] == len(TURNED)
    assert ran.json["after"]["bytes"] == len(small) <= 20_000
    assert leftovers(small) == []
    with Image.open(BytesIO(small)) as image:
        assert image.size == (ran.json["after"]["width"], ran.json["after"]["height"])
        assert image.height > image.width
    assert "metadata  EXIF, GPS" in slidewire(tmp_path, "content", "fit", "file", "--operator", "31003").out


def test_a_picture_is_made_in_a_format_that_the_operator_takes(tmp_path: Path) -> None:
    kept(tmp_path, makers.saved(makers.screenshot(600, 400), "PNG"))
    (tmp_path / "slidewire.toml").write_text("""
[[operators]]
id = "able"
image_formats = ["jpeg"]
""")
    made = {}
    for operator in ("31003", "able"):
        ran = slidewire(tmp_path, "content", "fit", "file", "--operator", operator, "--json")
        made[operator] = (ran.json["formats"], ran.json["after"]["type"])
    assert made == {"31003": (["jpeg", "gif", "png"], "image/png"), "able": (["jpeg"], "image/jpeg")}
    assert (
        "image formats that are taken: jpeg\n"
        in slidewire(tmp_path, "content", "fit", "file", "--operator", "able").out
    )


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        pytest.param(["fit", "file"], 2, "how small?", id="no limit"),
        pytest.param(["fit", "file", "--bytes", "200"], 1, "cannot be made to fit", id="too small"),
        pytest.param(["fit", "card", "--bytes", "2000"], 1, "is no image that is taken", id="no image"),
        pytest.param(["inspect", "nowhere"], 1, "No such file", id="no file"),
        pytest.param(["inspect", "file", "--element", "sound"], 2, "no element of a slide", id="no element"),
        pytest.param(["inspect", "http://127.0.0.1:1/a"], 1, "it cannot be fetched", id="a private address"),
    ],
)
def test_refuses_in_words(tmp_path: Path, words: list[str], code: int, problem: str) -> None:
    kept(tmp_path, TURNED)
    kept(tmp_path, makers.VCARD, "card")
    ran = slidewire(tmp_path, "content", *words)
    assert (ran.code, ran.out, problem in ran.err) == (code, "", True), ran.err


async def test_an_address_is_fetched_with_its_header(tmp_path: Path) -> None:
    async with Origin() as origin:
        url = origin.page("/a.png", Page(TURNED, content_type="image/png"))
        allowed = {"SLIDEWIRE_FETCH_ALLOW_PRIVATE": "127.0.0.0/8"}
        ran = await asyncio.get_running_loop().run_in_executor(
            None, lambda: slidewire(tmp_path, "content", "inspect", url, "--json", **allowed)
        )
    assert ran.code == 0, ran.err
    assert (ran.json["header"], ran.json["header_agrees"]) == ("image/png", False)
