"""Campaigns, subscriptions and blocks on the command line."""

from pathlib import Path

import pytest
from tests.cli.command import Ran, slidewire

ANN, BOB = "+12025550143", "+442079460123"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one account that has one campaign."""
    assert slidewire(tmp_path, "account", "add", "acme", "--sender", "24680").code == 0
    made = slidewire(tmp_path, "campaign", "add", "spring", "--name", "Spring", "--brand", "Acme", "--sender", "24680")
    assert (made.code, made.err) == (0, "")
    return tmp_path


def refused(ran: Ran, code: int, words: str) -> None:
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"slidewire: {words}")


def exported(folder: Path) -> list[str]:
    """number,state of every subscription."""
    lines = slidewire(folder, "campaign", "export", "spring").out.splitlines()
    assert lines[0] == "number,state,source,changed_at"
    return [",".join(line.split(",")[:2]) for line in lines[1:]]


def test_a_campaign_is_listed_and_closed(folder: Path) -> None:
    [campaign] = slidewire(folder, "campaign", "list", "--json").json
    assert campaign | {"account": "", "created_at": ""} == {
        "id": 1001,
        "ref": "spring",
        "name": "Spring",
        "brand": "Acme",
        "account": "",
        "senders": ["24680"],
        "created_at": "",
        "closed_at": "",
        "keywords": [],
        "opt_in": "double",
        "ask_text": "",
        "welcome_text": "",
        "help_text": "",
    }
    refused(slidewire(folder, "campaign", "add", "spring"), 1, "there is a campaign spring already")
    assert slidewire(folder, "campaign", "close", "spring").out == "campaign spring closed\n"
    refused(slidewire(folder, "campaign", "close", "spring"), 1, "there is no open campaign spring")
    refused(slidewire(folder, "subscribe", "spring", ANN), 1, "there is no open campaign spring")


def test_a_campaign_has_senders_of_its_account_only(folder: Path) -> None:
    refused(slidewire(folder, "campaign", "add", "x", "--sender", "24681"), 2, "24681 is not a sender of the account")


def test_which_account_is_meant_must_be_plain(folder: Path) -> None:
    assert slidewire(folder, "account", "add", "other").code == 0
    refused(slidewire(folder, "campaign", "add", "autumn"), 2, "there are 2 accounts")
    assert slidewire(folder, "campaign", "add", "spring", "--account", "other").code == 0
    refused(slidewire(folder, "subscribe", "spring", ANN), 2, "2 accounts have a campaign spring")
    assert slidewire(folder, "subscribe", "spring", ANN, "--account", "other").code == 0


def test_phones_join_and_leave(folder: Path) -> None:
    assert slidewire(folder, "subscribe", "spring", ANN).out == f"{ANN} is subscribed to spring\n"
    assert slidewire(folder, "subscribe", "spring", BOB).code == 0
    assert slidewire(folder, "unsubscribe", "spring", BOB).code == 0
    assert exported(folder) == ["12025550143,subscribed", "442079460123,removed"]
    rows = slidewire(folder, "campaign", "export", "spring", "--json").json
    assert [(row["number"], row["state"]) for row in rows] == [
        ("12025550143", "subscribed"),
        ("442079460123", "removed"),
    ]
    assert sorted(rows[0]) == ["changed_at", "number", "source", "state"]
    refused(slidewire(folder, "subscribe", "spring", "0012025550143"), 2, "0012025550143: ")


def test_scripts_read_what_was_changed(folder: Path) -> None:
    """Every command has --json (interfaces.md)."""
    told = {"campaign": "spring", "number": "12025550143"}
    assert slidewire(folder, "subscribe", "spring", ANN, "--json").json == {**told, "state": "subscribed"}
    assert slidewire(folder, "unsubscribe", "spring", ANN, "--json").json == {**told, "state": "removed"}
    assert slidewire(folder, "block", BOB, ANN, "--json").json == {"blocked": ["12025550143", "442079460123"]}
    assert slidewire(folder, "unblock", ANN, "--json").json == {"unblocked": "12025550143"}
    owner = slidewire(folder, "account", "show", "acme", "--json").json["id"]
    closed = slidewire(folder, "campaign", "close", "spring", "--json").json
    assert closed == {"closed": "spring", "account": owner}


def test_a_file_is_imported_whole_or_not_at_all(folder: Path) -> None:
    file = folder / "numbers.csv"
    file.write_text(f"number,state\n{ANN}\n12o25550143\n{BOB},maybe\n", encoding="utf-8")
    ran = slidewire(folder, "campaign", "import", "spring", "numbers.csv")
    refused(ran, 1, "numbers.csv: 2 bad lines; nothing was done")
    assert "line 3: 12o25550143: " in ran.err
    assert "line 4: +442079460123: 'maybe' is none of: subscribed," in ran.err
    assert exported(folder) == []
    file.write_text(f"\ufeff{ANN},unsubscribed\n\n {BOB} \n{BOB},\n", encoding="utf-8")
    ran = slidewire(folder, "campaign", "import", "spring", "numbers.csv")
    assert (ran.code, ran.out) == (0, "2 numbers imported into spring\n")
    assert exported(folder) == ["12025550143,opted out", "442079460123,subscribed"]
    file.write_text(slidewire(folder, "campaign", "export", "spring").out, encoding="utf-8")
    assert slidewire(folder, "campaign", "import", "spring", "numbers.csv").code == 0
    assert exported(folder) == ["12025550143,opted out", "442079460123,subscribed"]


def test_what_is_no_file_of_numbers_is_told(folder: Path) -> None:
    (folder / "numbers.csv").write_bytes(b"\xff\xfe1")
    refused(slidewire(folder, "campaign", "import", "spring", "numbers.csv"), 1, "numbers.csv: no CSV in UTF-8")
    refused(slidewire(folder, "campaign", "import", "spring", "none.csv"), 1, "No such file or directory: none.csv")


def test_phones_are_blocked_in_scopes(folder: Path) -> None:
    assert slidewire(folder, "block", ANN, BOB, "--note", "by letter").out == "2 numbers are blocked\n"
    assert slidewire(folder, "block", ANN, "--account", "acme", "--sender", "24680").out == "1 number is blocked\n"
    blocks = slidewire(folder, "blocked", "--json").json
    assert [(b["number"], b["sender"], b["source"], b["note"]) for b in blocks] == [
        ("12025550143", "", "MANAGER", "by letter"),
        ("12025550143", "24680", "MANAGER", ""),
        ("442079460123", "", "MANAGER", "by letter"),
    ]
    assert slidewire(folder, "unblock", ANN).out == f"{ANN} is not blocked any more\n"
    refused(slidewire(folder, "unblock", ANN), 1, f"{ANN} has no such block")
    assert [b["sender"] for b in slidewire(folder, "blocked", ANN, "--json").json] == ["24680"]
    assert slidewire(folder, "blocked", "+12025550199").out == "+12025550199 is not blocked\n"
    refused(slidewire(folder, "block", ANN, "--sender", "24680"), 2, "--sender needs --account")
    refused(slidewire(folder, "block"), 2, "name a number, or a file of them")


def test_a_file_of_numbers_is_blocked_with_its_notes(folder: Path) -> None:
    (folder / "dnc.csv").write_text(f'phone,why\n{ANN},"=HYPERLINK(""x"")"\n{BOB}\n', encoding="utf-8")
    ran = slidewire(folder, "block", "--file", "dnc.csv", "--note", "list of May")
    assert (ran.code, ran.out) == (0, "2 numbers are blocked\n")
    notes = [b["note"] for b in slidewire(folder, "blocked", "--json").json]
    assert notes == ['=HYPERLINK("x")', "list of May"]


def test_what_was_done_to_whom_can_be_looked_up(folder: Path) -> None:
    (folder / "numbers.csv").write_text(f"{BOB}\n", encoding="utf-8")
    for words in (
        ("subscribe", "spring", ANN),
        ("campaign", "import", "spring", "numbers.csv"),
        ("block", ANN),
        ("unblock", ANN),
        ("campaign", "close", "spring"),
    ):
        assert slidewire(folder, *words).code == 0
    rows = slidewire(folder, "audit", "list", "--json").json[:-1]
    assert [(row["action"], row["facts"]) for row in reversed(rows)] == [
        ("campaign added", {"ref": "spring"}),
        ("subscriptions changed", {"campaign": "spring", "number": "*********43", "state": "subscribed"}),
        ("subscriptions changed", {"campaign": "spring", "file": "numbers.csv", "numbers": 1}),
        ("blocks added", {"numbers": 1, "sender": ""}),
        ("block removed", {"number": "*********43", "sender": ""}),
        ("campaign closed", {"ref": "spring"}),
    ]
