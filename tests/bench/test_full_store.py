"""The case "full store" at a hundred thousandth of its size: copies are whole messages, and looks find their own."""

import asyncio
from pathlib import Path

from bench.filling import fill
from bench.looking import looks
from sqlalchemy import Connection
from tests.builders import a_message, a_task
from tests.store.kit import a_change, a_postback, scalar

from slidewire.domain.events import Event
from slidewire.domain.status import Status
from slidewire.store.database import Database
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import record
from slidewire.store.postbacks import Wanted, past_postbacks

TABLES = ("messages", "events", "carrier_refs", "tasks")
ALONE = "SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.message_id = m.id)"


async def test_a_store_is_filled_and_looked_at(database: Database, database_url: str, tmp_path: Path) -> None:
    task = a_task(message := a_message())
    moves = [
        a_change(task, status=Status.SUBMITTED),
        a_change(task, Event.DELIVERED, status=Status.DELIVERED, postback=a_postback(message.id)),
    ]
    await database.write(lambda c: insert_messages(c, [NewMessage(message, task)]) and record(c, moves))

    def counts(connection: Connection) -> list[int]:
        return [scalar(connection, f"SELECT count(*) FROM {table}") for table in TABLES]

    config = tmp_path / "slidewire.toml"
    config.write_text(f'database = "{database_url}"\n')
    told = await asyncio.to_thread(fill, config, 100)
    assert (told["stored"], told["store_mb"] > 0) == (100, True)
    assert await database.read(counts) == [101, 202, 100, 2]
    assert await database.read(lambda c: scalar(c, ALONE)) == 0
    assert len(await database.read(lambda c: past_postbacks(c, Wanted(), 1_000))) == 101, "each its own"
    took = await asyncio.to_thread(looks, config, 3)
    assert sorted(took) == ["claim_p50_ms", "claim_p99_ms", "receipt_p50_ms", "receipt_p99_ms"]
    assert min(took.values()) > 0
    assert await database.read(counts) == [149, 202, 148, 2], "what was claimed has ended"
