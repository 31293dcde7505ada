"""Many texts of two segments to an SMSC that throttles: none lost, none doubled.

The same with 100,000 texts, and with their rate told: make bench ARGS="--only throttled".
"""

import asyncio
from functools import partial

import pytest
from bench.texts import Traffic, sent

RATE = 300  #: segments a second


@pytest.mark.slow
async def test_throttled_texts_arrive_once_each(database_url: str) -> None:
    traffic = Traffic(300, rate=RATE, smsc=("--rate", str(RATE), "--throttle-every", "97"), pieces=2)
    found = await asyncio.to_thread(partial(sent, traffic, database_url))
    counted = ("accepted", "arrived", "doubles", "receipts_stored")
    assert {name: found[name] for name in counted} == {
        "accepted": 600,
        "arrived": 600,
        "doubles": 0,
        "receipts_stored": 600,
    }
    assert found["throttled"] > 0
