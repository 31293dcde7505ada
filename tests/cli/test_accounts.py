"""Accounts on the command line: made, shown, changed, their keys shown once and stored nowhere."""

import os
import pwd
import re
from pathlib import Path

import pytest
from tests.cli.command import Ran, slidewire

KEY = "a-key-that-was-given-by-hand-0123"


def added(folder: Path, *words: str) -> dict[str, str]:
    ran = slidewire(folder, "account", "add", *words)
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, str] = ran.json
    return found


def refused(ran: Ran, code: int, words: str) -> None:
    """It ended with ``code``, said one line of reason and at most one of advice, and no fact."""
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"slidewire: {words}")
    assert len(ran.err.splitlines()) <= 2


def test_an_account_is_made_and_shown(tmp_path: Path) -> None:
    made = added(
        tmp_path,
        "acme",
        *("--sender", "24680", "--sender", "+12025550143", "--postback", "https://acme.example.net/events"),
        *("--set", "max_slides=5"),
    )
    assert made | {"id": "", "key": ""} == {"id": "", "key": "", "name": "acme", "senders": ["24680", "12025550143"]}
    assert len(made["key"]) == 32
    shown = slidewire(tmp_path, "account", "show", made["id"], "--json").json
    (key,) = shown.pop("keys")
    settings = shown.pop("settings")
    assert shown == {
        "id": made["id"],
        "name": "acme",
        "disabled": False,
        "senders": ["12025550143", "24680"],
        "user": "",
        "set": ["max_slides", "postback_url"],
    }
    assert (key["weak"], key["ends_at"]) == (False, "")
    assert (settings["max_slides"], settings["postback_url"]) == ("5", "https://acme.example.net/events")
    assert slidewire(tmp_path, "account", "list", "--json").json == [
        {"id": made["id"], "name": "acme", "disabled": False, "senders": ["12025550143", "24680"]}
    ]
    table = slidewire(tmp_path, "account", "show", "acme").out
    assert re.search("^max_slides +5 +set$", table, re.MULTILINE)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("slidewire.db*"))
    assert made["key"].encode() not in stored


def test_a_weak_key_is_marked(tmp_path: Path) -> None:
    refused(slidewire(tmp_path, "account", "add", "acme", "--key", "short"), 2, "this key is weak")
    assert added(tmp_path, "acme", "--key", "short", "--weak-key")["key"] == "short"
    assert "weak" in slidewire(tmp_path, "account", "show", "acme").out


def test_a_key_from_standard_input_stands_in_no_list_of_processes(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "account", "add", "acme", "--key", "-", given=f"{KEY}\n")
    assert ran.json["key"] == KEY


def test_a_key_speaks_for_one_account_only(tmp_path: Path) -> None:
    made = added(tmp_path, "acme", "--key", KEY)
    said = f"this key belongs to account {made['id']} already"
    refused(slidewire(tmp_path, "account", "add", "other", "--key", KEY), 2, said)
    refused(slidewire(tmp_path, "account", "rotate-key", "acme", "--key", KEY), 2, said)


def test_settings_and_senders_are_changed(tmp_path: Path) -> None:
    added(tmp_path, "acme", "--sender", "24680")
    ran = slidewire(tmp_path, "account", "set", "acme", "max_slides=3", "--sender", "24681", "--json")
    assert (ran.json["settings"]["max_slides"], ran.json["senders"]) == ("3", ["24680", "24681"])
    refused(slidewire(tmp_path, "account", "set", "acme"), 2, "nothing to set")
    refused(slidewire(tmp_path, "account", "set", "acme", "max_slids=3"), 2, "there is no account setting 'max_slids'")
    refused(slidewire(tmp_path, "account", "set", "acme", "fallback=perhaps"), 2, "account setting fallback: 'perhaps'")


def test_a_rotated_key_leaves_the_old_one_its_time(tmp_path: Path) -> None:
    made = added(tmp_path, "acme")
    ran = slidewire(tmp_path, "account", "rotate-key", "acme", "--overlap", "2h", "--json")
    assert (ran.json["id"], ran.json["key"] == made["key"]) == (made["id"], False)
    new, old = slidewire(tmp_path, "account", "show", "acme", "--json").json["keys"]
    assert (new["ends_at"], old["ends_at"]) == ("", ran.json["old_keys_end_at"])
    ran = slidewire(tmp_path, "account", "rotate-key", "acme", "--overlap", "0s", "--name", "third one")
    third, *ended = slidewire(tmp_path, "account", "keys", "acme", "--json").json
    assert (third["name"], third["ends_at"], third["last_used_at"]) == ("third one", "", "")
    assert {key["ends_at"] for key in ended} == {ran.json["old_keys_end_at"]}
    assert "third one" in slidewire(tmp_path, "account", "keys", "acme").out


def test_a_password_is_made_or_typed_and_taken_away(tmp_path: Path) -> None:
    added(tmp_path, "acme")
    made = slidewire(tmp_path, "account", "set-password", "acme", "--user", "old").json
    assert (made["user"], len(made["password"]), made["password_login"]) == ("old", 32, False)
    given = "a password of theirs"
    ran = slidewire(
        tmp_path, "account", "set-password", "acme", "--user", "older", "--password", "-", given=f"{given}\n"
    )
    assert (ran.json["user"], ran.json["password"]) == ("older", given)
    assert "user name: older" in slidewire(tmp_path, "account", "show", "acme").out
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("slidewire.db*"))
    assert given.encode() not in stored
    assert "has no password any more" in slidewire(tmp_path, "account", "remove-password", "acme").out
    assert slidewire(tmp_path, "account", "remove-password", "acme", "--json").json["removed"] is False


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        pytest.param(["--password", "typed-on-the-line"], "", "a password is not given as an argument", id="argument"),
        pytest.param(["--password", "-"], "short\n", "a password has 12 to 200", id="a short one"),
        pytest.param(["--password", "-"], "a1" * 16 + "\n", "32 hexadecimal digits", id="the look of an MD5"),
    ],
)
def test_a_bad_password_is_not_set(tmp_path: Path, words: list[str], given: str, said: str) -> None:
    added(tmp_path, "acme")
    refused(slidewire(tmp_path, "account", "set-password", "acme", "--user", "u", *words, given=given), 2, said)


def test_a_user_name_is_one_accounts(tmp_path: Path) -> None:
    added(tmp_path, "acme")
    added(tmp_path, "other")
    assert slidewire(tmp_path, "account", "set-password", "acme", "--user", "u").code == 0
    refused(slidewire(tmp_path, "account", "set-password", "other", "--user", "u"), 2, "another account has the user")
    refused(slidewire(tmp_path, "account", "set-password", "acme", "--user", " u"), 2, "a user name has")


def test_changes_are_in_the_audit_log_under_the_systems_user(tmp_path: Path) -> None:
    added(tmp_path, "acme")
    slidewire(tmp_path, "account", "set", "acme", "max_slides=3", LOGNAME="somebody-else")
    rows = slidewire(tmp_path, "audit", "list", "--account", "acme", "--json").json
    me = pwd.getpwuid(os.getuid()).pw_name
    assert [(row["who"], row["action"]) for row in rows] == [(me, "settings changed"), (me, "account added")]
    assert rows[0]["facts"] == {"settings": {"max_slides": ["9", "3"]}}
    assert "settings changed" in slidewire(tmp_path, "audit", "list").out


def test_an_account_is_disabled_and_enabled(tmp_path: Path) -> None:
    added(tmp_path, "acme")
    made = slidewire(tmp_path, "account", "disable", "acme", "--json").json
    assert made | {"id": ""} == {"id": "", "name": "acme", "disabled": True}
    assert slidewire(tmp_path, "account", "show", "acme", "--json").json["disabled"] is True
    assert slidewire(tmp_path, "account", "enable", "acme").code == 0
    assert slidewire(tmp_path, "account", "show", "acme", "--json").json["disabled"] is False


@pytest.mark.parametrize("command", ["show", "disable", "rotate-key"])
def test_an_account_that_is_not_there_is_told(tmp_path: Path, command: str) -> None:
    refused(slidewire(tmp_path, "account", command, "nobody"), 1, "there is no account nobody")


def test_a_name_that_two_accounts_have_is_not_enough(tmp_path: Path) -> None:
    first, second = added(tmp_path, "acme")["id"], added(tmp_path, "acme")["id"]
    ran = slidewire(tmp_path, "account", "disable", "acme")
    assert (ran.code, ran.err) == (
        1,
        f"slidewire: 2 accounts are called acme\n  Name one: {first}, {second}\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param([" "], "an account needs a name", id="no name"),
        pytest.param(["a\x1bb"], "the name has control characters", id="a name that a terminal obeys"),
        pytest.param(["acme", "--sender", "12"], "sender 12: no country", id="a sender that is none"),
        pytest.param(["acme", "--set", "max_slides"], "'max_slides' is not NAME=VALUE", id="half a setting"),
        pytest.param(["acme", "--postback", "ftp://a/"], "account setting postback_url", id="a bad postback address"),
    ],
)
def test_what_cannot_be_meant_makes_no_account(tmp_path: Path, words: list[str], said: str) -> None:
    refused(slidewire(tmp_path, "account", "add", *words), 2, said)
    assert slidewire(tmp_path, "account", "list", "--json").json == []
