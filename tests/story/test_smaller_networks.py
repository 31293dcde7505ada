"""A saved message to networks that take less than it was encoded for: smaller, or the SMS with the reason."""

import re
from pathlib import Path

import pytest
from tests.content import clips
from tests.content.av.judge import judge
from tests.story.house import House, Plan, house
from tests.story.phones import arrived
from tests.story.test_saved_messages import saved, send, served, told

SMALL, SMALL_TOO, ROOMY, TINY = "31007", "31008", "31009", "31010"
BUDGET = 70_000
NETWORKS = [
    {"id": SMALL, "mms_bytes": BUDGET},
    {"id": SMALL_TOO, "mms_bytes": BUDGET},
    {"id": ROOMY, "mms_bytes": 600_000},
    {"id": TINY, "name": "Tiny", "mms_bytes": 9_000},
]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of picture and sound, which take some 300 kB when there is room."""
    return clips.film(tmp_path_factory.mktemp("smaller") / "film.mp4", 3, "640x480")


async def got(home: House, number: int, type_: str) -> bytes:
    """The bytes of the part of this type in the message that came so many-th."""
    message = await arrived(home, number)
    assert sum(part["size"] for part in message["parts"]) <= 600_000
    [part] = [part["number"] for part in message["parts"] if part["type"] == type_]
    async with home.http.get(f"{home.simulator.http_url}/api/messages/{message['id']}/parts/{part}") as file:
        return await file.read()


async def details(home: House, tracking: str) -> list[str]:
    from slidewire.store.messages import message_events

    rows = await home.database.read(lambda c: message_events(c, tracking))
    return [f"{row['event']}: {row['detail']}" for row in rows]


async def test_a_film_is_encoded_again_for_a_smaller_network_once(plan: Plan, film: Path) -> None:
    plan.settings = {"operators": NETWORKS}
    plan.route = {"max_bytes": 2_000_000}
    plan.simulator = {"max_bytes": 2_000_000}
    async with house(plan) as home:
        slide = f"<SLIDE>{served(home, '/film.mp4', film, 'VIDEO')}<TEXT>Look</TEXT></SLIDE>"
        mms_id = await saved(home, slide)
        await home.until_stored(mms_id, "N003", limit=60)
        files = []
        for number, operator in enumerate((ROOMY, SMALL, SMALL_TOO)):
            tracking = told(await send(home, mms_id, OPERATORID=operator), "TRACKINGID")
            await home.until_told(tracking, "N101", "N102", limit=60)
            files.append(await got(home, number, "video/mp4"))
            steps = await details(home, tracking)
            if operator == ROOMY:
                assert [step.partition(":")[0] for step in steps] == ["submitted", "delivered"]
            else:
                note = r"video in slide 1: video/mp4, [\d ]+ bytes -> video/mp4, [\d ]+ bytes, encoded again"
                assert re.search(note, steps[-2]), steps
            if operator == SMALL:
                reached = (
                    r"retry: operator 31007, limit 70000 bytes \(operator 31007\), size \d+ bytes at best: encoded"
                )
                assert re.match(reached, steps[0]), steps
            if operator == SMALL_TOO:
                assert [step.partition(":")[0] for step in steps] == ["submitted", "delivered"], (
                    "made for another before"
                )
        message = await home.message(tracking)
        [content] = [part.content for part in message.slides[0].parts]
        assert (len(files[0]), content.type) == (content.size, "video/mp4"), "what the template holds"
        assert files[1] == files[2]
        assert BUDGET * 0.6 < len(files[1]) < BUDGET < len(files[0])
        seen = judge(files[1])
        assert seen.codecs == ("h264", "aac")
        assert max(abs(seen.picture[1] - 3), abs(seen.sound[1] - 3)) <= 0.3


async def test_sound_beside_a_picture_is_made_smaller_too(plan: Plan, tmp_path: Path) -> None:
    tone = clips.tone(tmp_path / "tone.wav", 20)
    plan.settings = {"operators": NETWORKS}
    async with house(plan) as home:
        mms_id = await saved(home, f"<SLIDE>{served(home, '/tone.wav', tone, 'AUDIO')}<TEXT>Hear</TEXT></SLIDE>")
        await home.until_stored(mms_id, "N003", limit=60)
        await home.until_told(told(await send(home, mms_id, OPERATORID=SMALL), "TRACKINGID"), "N101", "N102", limit=60)
        assert len(await got(home, 0, "audio/mpeg")) < BUDGET


@pytest.mark.parametrize("sms", [True, False], ids=["as SMS", "not at all"])
async def test_what_nothing_makes_small_enough_is_told_with_the_reason(plan: Plan, film: Path, sms: bool) -> None:
    plan.settings = {"operators": NETWORKS}
    plan.sms = {} if sms else None
    async with house(plan) as home:
        mms_id = await saved(home, f"<SLIDE>{served(home, '/film.mp4', film, 'VIDEO')}<TEXT>Look</TEXT></SLIDE>")
        await home.until_stored(mms_id, "N003", limit=60)
        tracking = told(await send(home, mms_id, OPERATORID=TINY), "TRACKINGID")
        posted = await home.until_told(tracking, *(("N101", "N202") if sms else ("E101",)), limit=60)
        reason = r"too big for the operator: operator 31010, limit 9000 bytes \(operator Tiny\), size \d+ bytes at best"
        assert re.fullmatch(reason, posted[0]["STATUSDETAILS"]), posted
        assert posted[0].get("SENTAS", "") == ("SMS" if sms else "")
