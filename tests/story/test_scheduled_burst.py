"""Many messages for one instant: none early, none lost, none doubled, and what comes meanwhile need not wait for them.

The same with 100,000 messages, and with their rate told: make bench ARGS="--only scheduled".
"""

import asyncio
from functools import partial

import pytest
from bench.scheduled import Burst, burst


@pytest.mark.slow
async def test_a_burst_leaves_beside_what_comes_meanwhile(database_url: str) -> None:
    asked = Burst(300, rate=50, accept_rate=60, new=20, new_rate=40)
    found = await asyncio.to_thread(partial(burst, asked, database_url))
    counted = ("accepted_in_time", "accepted", "new", "arrived", "early", "doubles", "new_arrived")
    assert {name: found[name] for name in counted} == {
        "accepted_in_time": True,
        "accepted": 300,
        "new": 20,
        "arrived": 300,
        "early": 0,
        "doubles": 0,
        "new_arrived": 20,
    }
    assert found["new_arrived_before_the_last"] == 20
    assert found["rate_share"] <= 1.25
