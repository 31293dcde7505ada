"""A gateway killed while receipts pour in: every receipt that it acknowledged is stored (durability 23)."""

import asyncio
import json
import subprocess
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from bench.peers import Gateway, Plan, add_account, load, running, start_gateway, tally, wait_ready
from bench.peers import write_config as written
from bench.texts import BODY, ROUTE
from sqlalchemy import Connection, select

from slidewire.demo.loopback import free_port
from slidewire.store import schema
from slidewire.store.database import Database, open_database

TEXTS = 1_500
KILLS = 3


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_receipt_acknowledged_is_a_receipt_stored(
    empty_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(["bench.smsc", "--hold"], tmp_path / "smsc.log") as (_, smsc):
        port = free_port()
        config = written(Plan(tmp_path, 9, empty_url, route=ROUTE.format(port=smsc, rate=100_000, window=50)), port)
        key = add_account(config)
        process = await asyncio.to_thread(_start, config, port, tmp_path)
        database = open_database(empty_url)
        killed_at: list[tuple[int, int]] = []
        try:
            await asyncio.to_thread(_accept, Gateway(process, port, key, config))
            await _until(lambda: _count(database, "submitted"), TEXTS)
            await asyncio.to_thread(_flood, smsc)
            for turn in range(KILLS):
                await asyncio.to_thread(_kill_at, process, smsc, TEXTS * (turn + 0.5) / (KILLS + 1))
                acked = await asyncio.to_thread(_acked, smsc)
                stored = await database.read(_delivered)
                killed_at.append((len(acked), len(stored)))
                assert acked - stored == set()
                process = await asyncio.to_thread(_start, config, port, tmp_path)
            await _until(lambda: _count(database, "delivered"), TEXTS)
        finally:
            process.kill()
            process.wait()
            await database.close()
        seen = await asyncio.to_thread(tally, smsc)
    with capsys.disabled():
        name = empty_url.split(":", maxsplit=1)[0]
        print(f"\n{name}: {TEXTS} receipts; acknowledged and stored at each kill: {killed_at}")
    assert (seen["distinct"], seen["doubles"]) == (TEXTS, 0)
    assert any(0 < acked < TEXTS for acked, _ in killed_at)


def _start(config: Path, port: int, folder: Path) -> "subprocess.Popen[bytes]":
    process = start_gateway(config, folder / "gateway.log")
    wait_ready(port)
    return process


def _accept(gateway: Gateway) -> None:
    body = BODY.replace("{key}", gateway.key).replace("{words}", "bench {n}")
    done = load(port=gateway.port, path="/API/wxml/1.3/", body=body, connections=16, seconds=120.0, count=TEXTS)
    assert done["success"] == TEXTS


def _flood(smsc: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{smsc}/flood", timeout=10):
        pass


def _acked(smsc: int) -> set[int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{smsc}/acked", timeout=10) as answer:
        return set(json.load(answer))


def _kill_at(process: "subprocess.Popen[bytes]", smsc: int, acked: float) -> None:
    """Kill the gateway once so many receipts are acknowledged; return when its last word has been read."""
    ends = time.monotonic() + 60
    while tally(smsc)["acked"] < acked:
        assert time.monotonic() < ends, "no receipts are taken"
        time.sleep(0.005)
    process.kill()
    process.wait()
    while tally(smsc)["connections"]:
        assert time.monotonic() < ends, "the connection did not end"
        time.sleep(0.005)


def _delivered(connection: Connection) -> set[int]:
    """The SMSC's ids of texts whose receipt is stored."""
    refs, messages = schema.carrier_refs, schema.messages
    query = select(refs.c.ref).join(messages, messages.c.id == refs.c.message_id)
    return {int(row[0]) for row in connection.execute(query.where(messages.c.status == "delivered"))}


async def _count(database: Database, status: str) -> int:
    query = select(schema.messages.c.id).where(schema.messages.c.status == status)
    return len(await database.read(lambda connection: connection.execute(query).fetchall()))


async def _until(count: Callable[[], Awaitable[int]], wanted: int, limit: float = 90) -> None:
    ends = time.monotonic() + limit
    while (found := await count()) < wanted:
        assert time.monotonic() < ends, f"{found} of {wanted}"
        await asyncio.sleep(0.1)
