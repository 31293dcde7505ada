"""Two routes with weights share what is accepted, phone by phone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.story.house import Plan, house


async def test_phones_are_shared_and_each_keeps_its_route(database_url: str, tmp_path: Path) -> None:
    """What is to leave later stays where its acceptance put it."""
    second = {"name": "mmsc-b", "kind": "mm7", "url": "http://127.0.0.1:1/mm7", "rate": "200/s", "weight": 1}
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    async with house(Plan(database_url, tmp_path, route={"weight": 1}, routes=(second,))) as here:
        chosen = []
        for _ in range(2):
            sent = [await here.send(TO=f"1555765{number:04}", SENDAT=later) for number in range(8)]
            chosen.append([(await here.message(tracking)).route for tracking in sent])
    assert chosen[0] == chosen[1]
    assert set(chosen[0]) == {"mmsc-a", "mmsc-b"}
