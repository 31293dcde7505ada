"""``slidewire postback``: what was posted, told and posted again, beside a gateway or without one."""

import asyncio
from pathlib import Path

import pytest
from tests.builders import a_message, an_id
from tests.cli.command import slidewire
from tests.store.kit import a_change, recorded, stored

from slidewire.domain.events import Event
from slidewire.domain.ids import IdMaker
from slidewire.domain.message import Message
from slidewire.domain.task import Task, TaskKind
from slidewire.store.database import Connection, open_database
from slidewire.store.endpoints import Endpoint, set_failing, turn_off
from slidewire.store.migrate import migrate

URL = "http://acme.example.net/events"
AT = 1_900_000_000_000


def off(connection: Connection, endpoint: Endpoint) -> None:
    set_failing(connection, endpoint)
    turn_off(connection, endpoint, AT)


async def kept(folder: Path, message: Message, new_id: IdMaker, *, is_off: bool) -> None:
    """``message`` whose N101 was given up and whose N102 waits behind nothing."""
    database = open_database(f"sqlite:///{folder}/slidewire.db")
    try:
        await migrate(database)
        task = await stored(database, message)
        queue = TaskKind.NOTIFY.queue(message.account_id)
        for number, code in enumerate(("SENT", "DELIVERED"), start=1):
            body: dict[str, object] = {"code": code, "at": AT}
            postback = Task(f"pb-{number}", TaskKind.NOTIFY, queue, message.account_id, message.id, AT, body=body)
            await recorded(database, a_change(task, Event.RECEIPT, id=new_id(), at=AT + number, postback=postback))
        await database.write(lambda c: c.exec_driver_sql("DELETE FROM tasks WHERE id = 'pb-1'"))
        await recorded(database, a_change(task, Event.POSTBACK_GIVEN_UP, id=new_id(), at=AT + 9, given_up="pb-1"))
        if is_off:
            await database.write(lambda c: off(c, Endpoint(message.account_id, URL, AT)))
    finally:
        await database.close()


def a_house(folder: Path, *, is_off: bool = False, new_id: IdMaker = an_id) -> Message:
    """``new_id``: of its events."""
    account = slidewire(folder, "account", "add", "acme", "--sender", "24680", "--postback", URL).json["id"]
    message = a_message(account_id=account)
    asyncio.run(kept(folder, message, new_id, is_off=is_off))
    return message


def states(folder: Path, *words: str) -> list[tuple[str, str]]:
    return [(each["code"], each["state"]) for each in slidewire(folder, "postback", "list", "--json", *words).json]


def test_lists_them_with_how_far_they_came(tmp_path: Path) -> None:
    message = a_house(tmp_path, new_id=IdMaker(lambda: AT))
    both = [("N102", "waiting"), ("N101", "given up")]
    assert states(tmp_path) == states(tmp_path, "--account", "acme", "--message", message.id) == both
    assert states(tmp_path, "--limit", "1") == both[:1]
    assert states(tmp_path, "--state", "given-up", "--since", "2030-03-17T00:00:00Z") == both[1:]
    assert states(tmp_path, "--since", "2030-03-18T00:00:00+00:00") == []
    table = slidewire(tmp_path, "postback", "list").out
    assert "N101" in table
    assert message.id in table
    assert slidewire(tmp_path, "postback", "list", "--state", "lost").code == 2
    assert slidewire(tmp_path, "postback", "list", "--since", "soon").code == 2


def test_resends_what_a_message_has(tmp_path: Path) -> None:
    message = a_house(tmp_path)
    ran = slidewire(tmp_path, "postback", "resend", message.id, "--code", "n101")
    assert (ran.code, ran.out) == (0, "1 postback will be posted\n")
    assert states(tmp_path) == [("N101", "waiting"), ("N102", "waiting")]
    shown = slidewire(tmp_path, "message", "show", message.id, "--json").json
    assert shown["events"][-1]["event"] == "postback again"
    assert slidewire(tmp_path, "postback", "resend", message.id, "--json").json == {"postbacks": 2}
    for words in (["resend", message.id, "--code", "N202"], ["resend", "nobody"]):
        assert slidewire(tmp_path, "postback", *words).err.startswith("slidewire: there is no such postback")


@pytest.mark.parametrize(
    ("words", "count"), [(["--since", "2030-03-17"], "1 postback"), (["--all", "--since", "2030-03-17"], "2 postbacks")]
)
def test_replays_what_was_missed(tmp_path: Path, words: list[str], count: str) -> None:
    a_house(tmp_path, new_id=IdMaker(lambda: AT))
    ran = slidewire(tmp_path, "postback", "replay", "acme", *words)
    assert (ran.code, ran.out) == (0, f"{count} will be posted\n")
    assert set(states(tmp_path)) == {("N101", "waiting"), ("N102", "waiting")}


def test_an_address_that_was_turned_off_is_told_and_turned_on_again(tmp_path: Path) -> None:
    message = a_house(tmp_path, is_off=True)
    shown = slidewire(tmp_path, "account", "show", "acme")
    assert "postbacks: not received since 2030-03-17T17:46:40.000Z, turned off since 2030-03-17T17:46:40" in shown.out
    refused = slidewire(tmp_path, "postback", "resend", message.id)
    assert (refused.code, refused.err.splitlines()[0]) == (1, "slidewire: its postbacks are turned off")
    assert slidewire(tmp_path, "postback", "resume", "acme").out == "acme: postbacks go out again\n"
    assert slidewire(tmp_path, "postback", "resume", "acme").out == "acme: they were not turned off\n"
    told = slidewire(tmp_path, "postback", "resume", "acme", "--json").json
    assert (told["name"], told["were_off"]) == ("acme", False)
    assert "postbacks:" not in slidewire(tmp_path, "account", "show", "acme").out
    assert slidewire(tmp_path, "postback", "resend", message.id).code == 0


def test_nothing_is_posted_without_an_address(tmp_path: Path) -> None:
    message = a_house(tmp_path)
    slidewire(tmp_path, "account", "set", "acme", "postback_url=")
    ran = slidewire(tmp_path, "postback", "resend", message.id)
    assert (ran.code, "has no address for postbacks" in ran.err) == (1, True)
