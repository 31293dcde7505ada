"""Redaction on the command line: a receipt of what went, and of what had to stay."""

import asyncio
from pathlib import Path

from tests.builders import a_message, a_task
from tests.cli.command import slidewire
from tests.store.kit import a_change, an_ending, ended, stored

from slidewire.domain.campaigns import Block, Source
from slidewire.domain.events import Event
from slidewire.runtime.offline import open_store
from slidewire.settings import Settings
from slidewire.store.consent import add_blocks
from slidewire.store.hot import NewMessage, insert_messages
from slidewire.store.messages import message_events

ANN = "12025550143"


async def test_a_phone_is_forgotten_but_for_its_block(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/slidewire.db", content=f"file:{tmp_path}/content")
    over, waiting = a_message(receiver=ANN), a_message(receiver=ANN)
    async with open_store(settings) as database:
        task = a_task(over)
        await database.write(lambda c: insert_messages(c, [NewMessage(over, task, "node-1")]))
        await ended(database, an_ending(task))
        await stored(database, waiting)
        await database.write(lambda c: add_blocks(c, [Block(ANN, "", "", Source.MO, "", 1)]))
    ran = slidewire(tmp_path, "redact", "--number", f"+{ANN}", "--json")
    assert (ran.code, "1 messages have not ended yet" in ran.err) == (1, True)
    receipt = ran.json
    assert receipt.pop("redacted_at")
    assert receipt == {
        "messages": [over.id],
        "waiting": [waiting.id],
        "contents": 0,
        "rows": {
            "subscriptions": 0,
            "operator cache": 0,
            "handsets": 0,
            "parked receipts": 0,
            "groups": 0,
            "batches": 0,
            "kept answers": 0,
            "inbound messages": 0,
        },
        "kept": {"opt-outs": 0, "blocks": 1},
    }
    shown = slidewire(tmp_path, "message", "show", over.id, "--json").json
    assert (shown["to"], shown["slides"], shown["subject"]) == ("*********43", [], "")
    [row] = slidewire(tmp_path, "audit", "list", "--json").json
    assert (row["action"], row["facts"]) == ("redacted", {"number": "*********43", "messages": 1})
    again = slidewire(tmp_path, "redact", over.id)
    assert (again.code, again.out.splitlines()[0]) == (0, "0 messages redacted")


async def test_no_file_of_ours_has_the_number_any_more(tmp_path: Path) -> None:
    """A gateway runs meanwhile: whoever copies its files finds nothing."""
    settings = Settings(database=f"sqlite:///{tmp_path}/slidewire.db", content=f"file:{tmp_path}/content")
    over = a_message(receiver=ANN, name=f"for {ANN}")
    async with open_store(settings) as database:
        task = a_task(over, body={"about": ANN})
        await database.write(lambda c: insert_messages(c, [NewMessage(over, task, "node-1")]))
        receipt = a_change(task, Event.DELIVERED, detail="2025550143 took it", receipt_key=f"ref|{ANN}|24680|Retrieved")
        await ended(database, an_ending(task, receipt))
        assert any(ANN.encode() in path.read_bytes() for path in tmp_path.glob("slidewire.db*"))
        ran = await asyncio.to_thread(slidewire, tmp_path, "redact", "--number", f"+{ANN}")
        assert (ran.code, ran.out.splitlines()[0]) == (0, "1 messages redacted")
        found = {path.name: path.read_bytes().count(ANN[1:].encode()) for path in tmp_path.glob("slidewire.db*")}
        assert not any(found.values()), found
        [event] = await database.read(lambda c: message_events(c, over.id))
        assert event["detail"] == "********43 took it"


def test_what_to_redact_must_be_said(tmp_path: Path) -> None:
    for words in ((), ("x", "--number", "+12025550143")):
        ran = slidewire(tmp_path, "redact", *words)
        assert (ran.code, "name a message, or a phone with --number" in ran.err) == (2, True)
    assert "there is no message x" in slidewire(tmp_path, "redact", "x").err
