"""The bench case `chaos` in small: whoever is killed, every Success is delivered or fails for the MMSC's reason."""

import asyncio

import pytest
from bench.chaos import Course, run
from tests.fixtures.postgres import Server

from slidewire.demo.loopback import free_port


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_whoever_is_killed_every_success_finds_its_end(
    durable_postgres_server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    url = durable_postgres_server.create(f"chaos_{free_port()}")
    found = await asyncio.to_thread(run, Course(seconds=8, rate=25), url)
    with capsys.disabled():
        print(f"\n{found}")
    assert {name: found[name] for name in ("lost", "wrong", "wrong_ones", "doubles_unmarked", "made_twice")} == {
        "lost": 0,
        "wrong": 0,
        "wrong_ones": [],
        "doubles_unmarked": 0,
        "made_twice": 0,
    }
    assert found["kills"] > 0
    assert found["success"] == found["asked"] > 0
    assert set(found["left_waiting"]) <= {"parked receipts"}
