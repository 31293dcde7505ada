"""A film of ten seconds through saveMMS, taken off the simulated phone and judged by a decoder that is not ours."""

import re
from pathlib import Path

from tests.content import clips
from tests.content.av.judge import judge
from tests.fakes.origin import Page
from tests.story.house import Plan, house, request

BUDGET = 600_000


async def test_it_uses_its_budget_and_keeps_length_and_sound(tmp_path: Path) -> None:
    film = clips.flashes(tmp_path / "film.mp4", 10).read_bytes()
    async with house(Plan(f"sqlite:///{tmp_path}/film.db", tmp_path)) as home:
        address = home.origin.page("/film.mp4", Page(film, content_type="video/mp4"))
        slide = f"<SLIDE><VIDEO><URL>{address}</URL></VIDEO></SLIDE>"
        answer = await home.post(request(slide, ACTION="saveMMS", TO="", FROM=""))
        mms_id = re.search("<MMSID>([0-9]+)</MMSID>", answer)
        assert mms_id, answer
        await home.until_stored(mms_id[1], "N003", limit=90)
        tracking = await home.send("", ACTION="sendSavedMMS", MMSID=mms_id[1], NAME="", SUBJECT="")
        await home.until_told(tracking, "N101", "N102")
        async with home.http.get(f"{home.simulator.http_url}/api/messages") as shown:
            [message] = await shown.json()
        [number] = [part["number"] for part in message["parts"] if part["type"].startswith("video/")]
        part = f"{home.simulator.http_url}/api/messages/{message['id']}/parts/{number}"
        async with home.http.get(part) as file:
            made = await file.read()
        seen = judge(made)
        assert 0.7 * BUDGET <= len(made) <= BUDGET
        assert (seen.codecs, "Baseline" in seen.profile) == (("h264", "aac"), True)
        assert max(abs(seen.picture[1] - 10), abs(seen.sound[1] - 10)) <= 0.2
        assert len(seen.keys) == len(seen.clicks) == 10
        assert max(abs(key - click) for key, click in zip(seen.keys, seen.clicks, strict=True)) <= 0.08
        assert [slide["seconds"] for slide in message["slides"]] == [10]
