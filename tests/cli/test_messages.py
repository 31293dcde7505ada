"""Messages and receipts on the command line: everything that is kept, and nothing that a terminal obeys."""

import asyncio
import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from tests.builders import a_content, a_message, a_part, a_slide, a_task, an_account, an_id
from tests.cli.command import running, slidewire
from tests.store.kit import a_change, recorded, stored

from slidewire.domain.batches import Batch, RefusedReceiver
from slidewire.domain.change import Ending
from slidewire.domain.events import Event, Reason
from slidewire.domain.exchange import Exchange
from slidewire.domain.message import Message
from slidewire.domain.segment import Coding, Segment
from slidewire.domain.task import Task, TaskKind
from slidewire.domain.turns import Waiting, Waits, waiting_body
from slidewire.store.accounts import NewAccount, add_account
from slidewire.store.batches import Expanded, ExpansionEnd, NewBatch, end_expansions, insert_batches
from slidewire.store.database import open_database
from slidewire.store.hot import Ask, NewMessage, claim
from slidewire.store.migrate import migrate
from slidewire.store.receipts import Parked, park
from slidewire.store.segments import insert_segments, set_taken

HOSTILE = "\x1b]0;owned\x07\x9b31m\u202egnp.exe"
AT = 1_750_000_000_000


async def kept(folder: Path, message: Message, **task_facts: Any) -> None:
    """``message``, submitted over an exchange that failed, in the database of ``folder``."""
    database = open_database(f"sqlite:///{folder}/slidewire.db")
    try:
        await migrate(database)
        task = await stored(database, message, **{"attempt": 1, "due_at": AT} | task_facts)
        exchange = Exchange(
            AT, "mmsc-a", f"POST {HOSTILE}", f"HTTP 500 {HOSTILE}", 0.25, f"one\n{HOSTILE}", failed=True
        )
        change = a_change(
            task,
            Event.RETRY,
            at=AT,
            reason=Reason.CONNECTION,
            detail=HOSTILE,
            exchange=exchange,
        )
        await recorded(database, change)
    finally:
        await database.close()


def is_tame(text: str) -> bool:
    return all(letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf"} for letter in text)


def a_hostile_message() -> Message:
    part = a_part(url=f"http://127.0.0.1/{HOSTILE}.jpg")
    slides = (a_slide(text=f"Hello\n{HOSTILE}", parts=(part,)),)
    return a_message(
        accepted_at=AT,
        slides=slides,
        subject=HOSTILE,
        name=HOSTILE,
        client_reference=HOSTILE,
        fallback_text=HOSTILE,
        warnings=(HOSTILE,),
    )


async def test_shows_everything_about_a_message(tmp_path: Path) -> None:
    message = a_message(accepted_at=AT, client_reference="order-1")
    await kept(tmp_path, message)
    shown = slidewire(tmp_path, "message", "show", message.id, "--json").json
    assert shown == {
        "tracking_id": message.id,
        "status": "accepted",
        "waits_for": "",
        "waits_until": "",
        "from": "28444",
        "to": "12025550123",
        "route": "mmsc-a",
        "subject": "A subject",
        "accepted_at": "2025-06-15T15:06:40.000Z",
        "mms_id": "1000001",
        "account": "acct-1",
        "dialect": "w13",
        "name": "A campaign",
        "country": "US",
        "operator": "",
        "operator_as_given": "",
        "mask": "",
        "fallback_text": "",
        "fallback_allowed": True,
        "link_wanted": True,
        "force_sms": False,
        "campaign_ref": "",
        "client_reference": "order-1",
        "send_at": None,
        "expires_at": "2025-06-18T15:06:40.000Z",
        "link_expires_at": "2026-06-15T15:06:40.000Z",
        "display_only": [],
        "warnings": [],
        "slides": [
            {
                "duration": 10,
                "text": "Hello",
                "parts": [
                    {
                        "kind": "image",
                        "url": "http://127.0.0.1/a.jpg",
                        "type": "image/jpeg",
                        "size": 30_000,
                        "width": 1280,
                        "height": 960,
                        "digest": a_content().digest,
                    }
                ],
            }
        ],
        "segments": [],
        "events": [
            {
                "at": "2025-06-15T15:06:40.000Z",
                "event": "retry",
                "reason": "the carrier could not be reached",
                "detail": HOSTILE,
                "attempt": 1,
            }
        ],
        "exchanges": [
            {
                "at": "2025-06-15T15:06:40.000Z",
                "peer": "mmsc-a",
                "request": f"POST {HOSTILE}",
                "response": f"HTTP 500 {HOSTILE}",
                "seconds": 0.25,
                "failed": True,
                "body": f"one\n{HOSTILE}",
            }
        ],
        "tasks": [
            {
                "kind": "deliver",
                "queue": "deliver:mmsc-a",
                "due_at": "2025-06-15T15:06:40.000Z",
                "attempt": 1,
                "leased_by": "",
                "parked": False,
            }
        ],
    }


@pytest.mark.parametrize("words", [["message", "show"], ["message", "show", "--json"]])
async def test_no_text_of_a_message_reaches_the_terminal_as_it_is(tmp_path: Path, words: list[str]) -> None:
    message = a_hostile_message()
    await kept(tmp_path, message)
    ran = slidewire(tmp_path, *words, message.id)
    assert ran.code == 0
    assert is_tame(ran.out)
    assert ran.out.count("owned") == 11


async def test_shows_where_the_segments_of_an_sms_are_and_never_their_text(tmp_path: Path) -> None:
    message = a_message()
    await kept(tmp_path, message)
    assert "SMS segment" not in slidewire(tmp_path, "message", "show", message.id).out
    pieces = [Segment(number, 2, Coding.GSM, b"http://a/m/secret", b"\x05\x00\x03\x01") for number in (1, 2)]
    database = open_database(f"sqlite:///{tmp_path}/slidewire.db")
    await database.write(lambda c: insert_segments(c, [(message, pieces)]))
    await database.write(lambda c: set_taken(c, [(message.id, 1, HOSTILE)]))
    await database.close()
    shown = slidewire(tmp_path, "message", "show", message.id, "--json")
    assert shown.json["segments"] == [
        {"number": 1, "total": 2, "state": "taken", "carrier_ref": HOSTILE},
        {"number": 2, "total": 2, "state": "waiting", "carrier_ref": ""},
    ]
    table = slidewire(tmp_path, "message", "show", message.id).out
    assert is_tame(table)
    chapter = table.partition("SMS SEGMENT")[2].splitlines()
    assert [line.split()[:4] for line in chapter[1:3]] == [["1", "of", "2", "taken"], ["2", "of", "2", "waiting"]]
    assert "secret" not in shown.out + table


async def test_lists_messages_the_newest_first(tmp_path: Path) -> None:
    first, second = a_message(subject=HOSTILE), a_message(account_id="acct-2")
    await kept(tmp_path, first)
    await kept(tmp_path, second)
    listed = slidewire(tmp_path, "message", "list", "--json").json
    assert [each["tracking_id"] for each in listed] == [second.id, first.id]
    table = slidewire(tmp_path, "message", "list").out
    assert is_tame(table)
    assert [line.split()[0] for line in table.splitlines()] == ["TRACKING", second.id, first.id]
    older = slidewire(tmp_path, "message", "list", "--before", second.id, "--json").json
    assert [each["tracking_id"] for each in older] == [first.id]


async def test_lists_the_messages_of_one_account_by_its_name(tmp_path: Path) -> None:
    mine = a_message()
    await kept(tmp_path, mine)
    await kept(tmp_path, a_message(account_id="acct-2"))
    database = open_database(f"sqlite:///{tmp_path}/slidewire.db")
    account = an_account()
    new = NewAccount(account.id, account.name, {}, (), "00" * 32, weak_key=False, now=AT)
    await database.write(lambda connection: add_account(connection, new))
    await database.close()
    listed = slidewire(tmp_path, "message", "list", "--account", account.name, "--json").json
    assert [each["tracking_id"] for each in listed] == [mine.id]


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        pytest.param("01a2041b83737000a130e224dda6c9d9", "01a2041b83737000a130e224dda6c9d9", id="an id of nobody"),
        pytest.param("\x1b[2J", "\\x1b[2J", id="what a terminal would obey"),
        pytest.param("\udcff", "\\udcff", id="bytes that are no text"),
    ],
)
def test_a_message_that_is_not_there_is_told(tmp_path: Path, word: str, shown: str) -> None:
    ran = slidewire(tmp_path, "message", "show", word)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"slidewire: there is no message {shown}\n  `slidewire message list` shows the newest ones.\n"


async def test_a_terminal_that_cannot_show_a_letter_is_no_error(tmp_path: Path) -> None:
    message = a_message(subject="schön 漢字")
    await kept(tmp_path, message)
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    with running(tmp_path, "message", "list", **ascii_only) as listed:
        assert listed.ended() == 0
    assert "sch\\xf6n \\u6f22\\u5b57" in "".join(listed.out)
    with running(tmp_path, "message", "show", message.id, "--json", **ascii_only) as shown:
        assert shown.ended() == 0
    assert json.loads("".join(shown.out))["subject"] == "schön 漢字"


async def test_whoever_reads_may_stop_reading(tmp_path: Path) -> None:
    await kept(tmp_path, a_message())
    command = f"{sys.executable} -m slidewire message list | true"
    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_an_empty_database_says_so(tmp_path: Path) -> None:
    assert slidewire(tmp_path, "message", "list").out == "no messages yet\n"
    assert slidewire(tmp_path, "receipt", "list").out == "every receipt found its submission\n"


async def test_lists_receipts_that_nobody_is_known_for(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/slidewire.db")
    await migrate(database)
    parked = Parked("mmsc-a", HOSTILE, an_id(), AT, '{"word": "Retrieved"}')
    await database.write(lambda connection: park(connection, [parked]))
    await database.close()
    assert slidewire(tmp_path, "receipt", "list", "--json").json == [
        {
            "received_at": "2025-06-15T15:06:40.000Z",
            "route": "mmsc-a",
            "carrier_ref": HOSTILE,
            "receipt": {"word": "Retrieved"},
        }
    ]
    table = slidewire(tmp_path, "receipt", "list").out
    assert is_tame(table)
    assert "Retrieved" in table


async def test_says_what_a_message_waits_for(tmp_path: Path) -> None:
    message = a_message(accepted_at=AT)
    until = AT + 3_600_000
    waiting = Waiting(Waits.SENDER_RATE, until)
    await kept(tmp_path, message, due_at=until, body=waiting_body({}, waiting))
    shown = slidewire(tmp_path, "message", "show", message.id, "--json").json
    assert shown["waits_for"] == "the rate of its sender on this route"
    assert shown["waits_until"] == "2025-06-15T16:06:40.000Z"


async def test_a_held_message_is_released_once(tmp_path: Path) -> None:
    message = a_message(accepted_at=AT)
    until = 4_000_000_000_000
    await kept(tmp_path, message, due_at=until, body=waiting_body({}, Waiting(Waits.REPEATED, until)))
    released = slidewire(tmp_path, "message", "release", message.id, "--json").json
    assert released == {"tracking_id": message.id, "account": message.account_id, "decision": "released"}
    again = slidewire(tmp_path, "message", "drop", message.id)
    assert (again.code, f"{message.id} is not held" in again.err) == (1, True)
    assert "held message released" in slidewire(tmp_path, "audit", "list").out


async def test_shows_how_far_a_batch_is_and_who_gets_no_message(tmp_path: Path) -> None:
    message, batch = a_message(), Batch("b" * 32, "acct-1", AT, 3, None, seen=2)
    database = open_database(f"sqlite:///{tmp_path}/slidewire.db")
    try:
        await migrate(database)
        task = Task("t1", TaskKind.EXPAND, "expand:acct-1", "acct-1", batch.id, AT)
        await database.write(lambda c: insert_batches(c, [NewBatch(batch, task)]))
        await database.write(lambda c: claim(c, [Ask("expand:acct-1", 1, "node-1", AT, 60_000)]))
        part = Expanded(
            Ending(task, "node-1", at=AT),
            batch,
            ((message.receiver, NewMessage(message, a_task(message))),),
            (RefusedReceiver(HOSTILE, "E110", "Invalid receiver number."),),
        )
        assert await database.write(lambda c: end_expansions(c, [part, part])) == [ExpansionEnd.DONE, ExpansionEnd.LATE]
    finally:
        await database.close()
    shown = slidewire(tmp_path, "message", "batch", batch.id, "--json")
    assert shown.json == {
        "batch": batch.id,
        "account": "acct-1",
        "created_at": "2025-06-15T15:06:40.000Z",
        "state": "expanding",
        "total": 3,
        "waiting": 1,
        "refused": 1,
        "messages": {"accepted": 1},
        "refusals": [{"receiver": HOSTILE, "code": "E110", "words": "Invalid receiver number."}],
    }
    table = slidewire(tmp_path, "message", "batch", batch.id).out
    assert "E110" in table
    assert is_tame(table)
    assert slidewire(tmp_path, "message", "batch", "nothing").code == 1
