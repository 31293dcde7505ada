"""What the command line tells of a phone."""

import time
from pathlib import Path

from tests.cli.command import slidewire

from slidewire.domain.handset import Handset
from slidewire.runtime.offline import open_store
from slidewire.settings import Settings
from slidewire.store.handsets import note_handsets

ANN = "12025550143"
DAY = 86_400_000


async def test_a_phone_is_shown_with_its_age_and_what_is_known_of_it(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/slidewire.db", content=f"file:{tmp_path}/content")
    seen_at = time.time_ns() // 1_000_000 - 3 * DAY - 1000
    handset = Handset("http://x/N6060r100.xml", "Nokia6060\x1b[31m", seen_at)
    async with open_store(settings) as database:
        await database.write(lambda c: note_handsets(c, [(ANN, handset)]))
    facts = slidewire(tmp_path, "handset", "show", f"+{ANN}", "--json").json
    assert facts.pop("seen_at")
    assert facts == {
        "number": ANN,
        "profile": "http://x/N6060r100.xml",
        "user_agent": "Nokia6060\x1b[31m",
        "days_ago": 3,
        "known_as": "Nokia 6060",
        "bytes": 100_000,
        "width": 640,
        "height": 480,
        "shows": None,
    }
    table = slidewire(tmp_path, "handset", "show", ANN)
    assert (table.code, "Nokia6060\\x1b[31m" in table.out, "\x1b" in table.out) == (0, True, False)


def test_a_phone_that_is_not_known_is_told(tmp_path: Path) -> None:
    unknown = slidewire(tmp_path, "handset", "show", ANN)
    assert (unknown.code, f"nothing is known of the phone behind {ANN}" in unknown.err) == (1, True)
    nonsense = slidewire(tmp_path, "handset", "show", "x1")
    assert (nonsense.code, "only digits" in nonsense.err) == (2, True)
