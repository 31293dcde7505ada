"""Audio and video in sendMMS: looked at after Success, and what their sender is told (settled 19)."""

from pathlib import Path

import pytest
from tests.content import clips
from tests.fakes.origin import Page
from tests.story.house import House, Plan, house, request

FILM = "<SLIDE><VIDEO><URL>{}</URL></VIDEO><TEXT>look</TEXT></SLIDE>"
SONG = "<SLIDE><AUDIO><URL>{}</URL></AUDIO></SLIDE>"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    clips.film(folder / "film.mp4", 2, "160x120")
    clips.index_in_front(folder / "front.mp4", folder / "film.mp4")
    clips.tone(folder / "tone.mp3", 3)
    clips.cut(folder / "cut.mp4", folder / "front.mp4", 0.6)
    clips.cut(folder / "cut.mp3", folder / "tone.mp3", 0.5)
    return folder


def serve(home: House, file: Path) -> str:
    types = {".mp4": "video/mp4", ".mp3": "audio/mpeg"}
    return home.origin.page(f"/{file.name}", Page(file.read_bytes(), content_type=types[file.suffix]))


async def durations(home: House) -> list[float]:
    """How long the simulated phone shows each slide of the one message that it has."""
    async with home.http.get(f"{home.simulator.http_url}/api/messages") as answer:
        [message] = await answer.json()
    return [slide["seconds"] for slide in message["slides"]]


async def test_a_sound_film_is_looked_at_then_sent(plan: Plan, films: Path) -> None:
    async with house(plan) as home:
        sent = await home.send(
            FILM.format(serve(home, films / "film.mp4")) + SONG.format(serve(home, films / "tone.mp3"))
        )
        first, *_ = await home.until_told(sent, "N013", "N101", "N102")
        assert {name: first[name] for name in ("ORIGIN", "CODE", "FROM", "TO", "TRACKINGID")} == {
            "ORIGIN": "MMS_MT",
            "CODE": "N013",
            "FROM": "24680",
            "TO": "15557650020",
            "TRACKINGID": sent,
        }
        assert set(first) == {"ORIGIN", "CODE", "MMSID", "FROM", "TO", "TRACKINGID", "TIMESTAMP"}
        assert await home.events(sent) == ["probed", "submitted", "delivered"]
        assert await durations(home) == [2, 3]


@pytest.mark.parametrize(
    ("name", "slide", "told_as"),
    [
        pytest.param("cut.mp4", FILM, ("E013", "VIDEONAME", "video in slide 1: it is cut off"), id="a cut film"),
        pytest.param("cut.mp3", SONG, ("E012", "AUDIONAME", "audio in slide 1: it is cut off"), id="a cut song"),
    ],
)
async def test_what_cannot_be_played_ends_the_message(
    plan: Plan, films: Path, name: str, slide: str, told_as: tuple[str, str, str]
) -> None:
    code, element, words = told_as
    plan.sms = {}  # there is a way for SMS, and it is not taken
    async with house(plan) as home:
        address = serve(home, films / name)
        sent = await home.send(slide.format(address), CLIENT_REFERENCE="order-7")
        [told] = await home.until_told(sent, code)
        assert told[element] == address
        assert told["STATUSDETAILS"].startswith(f"the audio or video cannot be played: {words}")
        assert told["CLIENT_REFERENCE"] == "order-7"
        assert "STATUS" not in told
        assert await home.events(sent) == ["failed"]
        assert [task for task in await home.tasks(sent) if task["kind"] != "notify"] == []
        assert (await home.message(sent)).status.value == "failed"


async def test_forced_as_an_sms_it_is_looked_at_as_well(plan: Plan, films: Path) -> None:
    plan.sms = {}
    async with house(plan) as home:
        sent = await home.send(FILM.format(serve(home, films / "film.mp4")), FORCE_SEND_AS_SMS="true")
        _, second, _ = await home.until_told(sent, "N013", "N101", "N202")
        assert (second["SENTAS"], second["STATUSDETAILS"]) == ("SMS", "sent as SMS by request")


async def test_too_big_for_the_route_it_goes_as_an_sms(plan: Plan, films: Path) -> None:
    plan.sms = {}
    plan.route = {"max_bytes": 20_000}
    async with house(plan) as home:
        sent = await home.send(FILM.format(serve(home, films / "film.mp4")))
        _, second, _ = await home.until_told(sent, "N013", "N101", "N202")
        assert second["SENTAS"] == "SMS"
        assert second["STATUSDETAILS"].startswith("too big for the operator")
        assert await home.events(sent) == ["probed", "fallback", "submitted", "delivered"]


async def test_without_ffmpeg_our_own_readers_look(plan: Plan, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    async with house(plan) as home:
        sound = await home.send(SONG.format(serve(home, films / "tone.mp3")))
        damaged = await home.send(FILM.format(serve(home, films / "cut.mp4")))
        await home.until_told(sound, "N013", "N101", "N102")
        await home.until_told(damaged, "E013")


async def test_only_what_sendmms_takes_is_accepted(plan: Plan, films: Path) -> None:
    async with house(plan) as home:
        wav = clips.tone(plan.folder / "a.wav", 1).read_bytes()
        address = home.origin.page("/a.wav", Page(wav, content_type="audio/wav"))
        answer = await home.post(request(SONG.format(address)))
        assert "<ERRORCODE>E629</ERRORCODE>" in answer
