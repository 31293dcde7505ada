"""The case "consent" at a hundredth of its size: files come in whole or not at all, and looks find who is meant."""

import asyncio
from pathlib import Path

from bench.consent import BAD_LINES, Crowd, arrival, looked, settled

SMALL = Crowd(subscriptions=10_000, blocks=1_000, looks=300)


def test_a_crowd_comes_in_whole_or_not_at_all_and_is_found(tmp_path: Path, database_url: str) -> None:
    town = settled(tmp_path / "town", database_url)
    found = arrival(town, SMALL, tmp_path)
    assert {name: value for name, value in found.items() if not name.endswith("_s")} == {
        "import_rows": 10_000,
        "bad_file_refused": True,
        "bad_lines_told": True,
        "rows_after_bad_file": 0,
        "subscriptions": 10_000,
        "blocks": 1_000,
    }
    assert len(BAD_LINES) == 3
    looks = asyncio.run(looked(town, SMALL))
    counts = {name: count for name, count in looks.items() if name.startswith("looks_")}
    assert sum(counts.values()) == SMALL.looks
    assert min(counts.values()) > 0
