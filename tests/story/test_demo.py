"""The demo as a newcomer runs it: one picture message from the API call to the phone's screen, the
same slides as SMS with a page, and every step told.
"""

import json
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.command import slidewire

from slidewire.demo.story import STEPS


@pytest.mark.slow
def test_a_picture_message_arrives_and_every_step_is_told(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "demo", "--json")
    assert (ran.code, ran.err.count(" s\n")) == (0, STEPS)
    told = json.loads(ran.out)
    assert len(told["steps"]) == STEPS
    assert sum(step["seconds"] for step in told["steps"]) < 60
    (folder,) = (tmp_path / "demo-output").iterdir()
    assert (folder / "screen.png").samefile(tmp_path / told["screen"])
    with Image.open(folder / "screen.png") as screen, Image.open(folder / "arrived.jpg") as arrived:
        assert (screen.width, arrived.width > 1000) == (720, True)
        picture = screen.crop((40, 268, 576, 670)).convert("RGB")
        assert len(picture.getcolors(1 << 20) or ()) > 1000  # the picture itself is on the screen
    settings = str(folder / "slidewire.toml")
    message = slidewire(tmp_path, "message", "show", told["tracking_id"], "--json", "--config", settings).json
    assert [event["event"] for event in message["events"]] == ["submitted", "delivered"]
    assert [each["peer"] for each in message["exchanges"]] == ["simulator", "postback", "postback"]
    texted = slidewire(tmp_path, "message", "show", told["fallback_tracking_id"], "--json", "--config", settings).json
    assert [event["event"] for event in texted["events"]] == ["fallback", "submitted", "delivered"]
    assert [(each["number"], each["total"], each["state"]) for each in texted["segments"]] == [(1, 1, "delivered")]
    assert texted["fallback_text"] in told["steps"][-2]["facts"][0]
    with Image.open(folder / "page.jpg") as shown:
        assert shown.size == (640, 480)
    assert (folder / "gateway.log").read_text().count('"level": "error"') == 0
