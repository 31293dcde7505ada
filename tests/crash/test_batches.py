"""A gateway killed in the middle of a batch: each receiver has one message in the end, none is lost, none doubled.

Its account has paid for just so many: who were paid for twice would leave the last ones nothing.
"""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest
from bench.peers import Plan, add_account, start_gateway, wait_ready, write_config
from sqlalchemy import Connection, func, select
from tests.story.house import until

from slidewire.demo.loopback import free_port
from slidewire.store import schema
from slidewire.store.database import Database, open_database

TOTAL = 2_600
BODY = (
    "<REQUEST><ACTION>sendBatch</ACTION><API_KEY>{key}</API_KEY><TO>{to}</TO><FROM>24680</FROM><NAME>crash</NAME>"
    "<SUBJECT>Crash</SUBJECT><SLIDE><TEXT>Hi</TEXT></SLIDE></REQUEST>"
)


async def seen(database: Database) -> int:
    """How many receivers of the batch have been looked at; just what is there was paid for, whenever one looks."""

    def look(connection: Connection) -> tuple[int, int, int]:
        paid = connection.execute(select(schema.prepaid.c.used)).scalar() or 0
        there = connection.execute(select(func.count()).select_from(schema.messages)).scalar() or 0
        return connection.execute(select(schema.batches.c.seen)).scalar() or 0, paid, there

    looked_at, paid, there = await database.read(look)
    assert paid == there
    return looked_at


@pytest.mark.timeout(200)
async def test_a_batch_is_expanded_once_whatever_is_killed(
    empty_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    config = write_config(Plan(tmp_path, 9, empty_url), port)
    key = await asyncio.to_thread(add_account, config, settings=[f"prepaid={TOTAL}"])
    receivers = [f"1555765{n:04}" for n in range(TOTAL)]
    process = start_gateway(config, tmp_path / "gateway.log")
    database = open_database(empty_url)

    async def begun() -> bool:
        return await seen(database) >= 500

    async def expanded() -> bool:
        return await seen(database) == TOTAL

    try:
        await asyncio.to_thread(wait_ready, port)
        async with aiohttp.ClientSession() as http:
            body = BODY.format(key=key, to=",".join(receivers))
            async with http.post(f"http://127.0.0.1:{port}/API/wxml/1.3/", data=body) as answer:
                assert re.search("<BATCHID>[0-9a-f]{32}</BATCHID>", await answer.text())
        await until(begun, 60, "its first messages")
        process.kill()
        process.wait()
        killed_at = await seen(database)
        process = start_gateway(config, tmp_path / "gateway.log")
        await until(expanded, 150, "all its messages")
        query = select(schema.messages.c.receiver).order_by(schema.messages.c.receiver)
        assert [row[0] for row in await database.read(lambda c: c.execute(query).all())] == receivers
        tasks = select(schema.tasks.c.message_id).where(schema.tasks.c.kind == "expand")
        assert await database.read(lambda c: c.execute(tasks).all()) == []
    finally:
        process.kill()
        process.wait()
        await database.close()
    with capsys.disabled():
        print(f"\n{empty_url.split(':', maxsplit=1)[0]}: killed at {killed_at} of {TOTAL}, lost 0, doubled 0")
    assert 0 < killed_at < TOTAL
