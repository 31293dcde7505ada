"""``slidewire secrets ...``: the server key changed on the command line."""

import os
from pathlib import Path

from tests.cli.command import slidewire

SECRET = "whsec_" + "QUJD" * 12
ENVIRONMENT = {"SLIDEWIRE_KEY": "the first key of all"}


def accounts(folder: Path, count: int = 2, **environment: str) -> None:
    for n in range(count):
        words = ("account", "add", f"acme-{n}", "--set", f"postback_secret={SECRET}")
        assert slidewire(folder, *words, **environment).code == 0


def test_a_rotation_and_the_end_of_the_former_key(tmp_path: Path) -> None:
    accounts(tmp_path)
    old = slidewire(tmp_path, "secrets", "show", "--json").json
    assert [{**each, "key": ""} for each in old] == [
        {"key": "", "present": True, "secrets": 2, "api_keys": 2, "page_links": 0}
    ]
    done = slidewire(tmp_path, "secrets", "rotate", "--json").json
    assert {**done, "key": ""} == {"key": "", "made": True, "accounts": 2, "secrets": 2, "unopened": []}
    now = slidewire(tmp_path, "secrets", "show", "--json").json
    assert now == [
        {"key": done["key"], "present": True, "secrets": 2, "api_keys": 0, "page_links": 0},
        {"key": old[0]["key"], "present": False, "secrets": 0, "api_keys": 2, "page_links": 0},
    ]
    needed = slidewire(tmp_path, "secrets", "forget", old[0]["key"])
    assert (needed.code, "0 secrets, 2 API keys and 0 open page links" in needed.err) == (1, True)
    assert slidewire(tmp_path, "secrets", "forget", done["key"]).code == 1, "the present key"
    forgotten = slidewire(tmp_path, "secrets", "forget", old[0]["key"], "--force", "--json").json
    assert forgotten == {"key": old[0]["key"]}
    assert [each["key"] for each in slidewire(tmp_path, "secrets", "show", "--json").json] == [done["key"], ""]
    kept = (tmp_path / "content" / "server.key").read_text()
    told = "".join(str(slidewire(tmp_path, "secrets", word).out) for word in ("show", "rotate"))
    assert kept not in told


def test_a_rotation_that_was_cut_off_is_ended_with_the_same_key(tmp_path: Path) -> None:
    accounts(tmp_path)
    file = tmp_path / "content" / "server.key"
    file.write_bytes(b"ab" * 32 + b"\n" + file.read_bytes())  # what is on the disk before the first secret is sealed
    done = slidewire(tmp_path, "secrets", "rotate", "--json").json
    assert {**done, "key": ""} == {"key": "", "made": False, "accounts": 2, "secrets": 2, "unopened": []}
    assert file.read_bytes().splitlines()[0] == b"ab" * 32
    assert slidewire(tmp_path, "secrets", "rotate", "--json").json["made"] is True


def test_a_key_of_the_settings_is_changed_there(tmp_path: Path) -> None:
    accounts(tmp_path, **ENVIRONMENT)
    config = 'server_key = "${NEW}"\nother_server_keys = ["${OLD}"]\n'
    (tmp_path / "slidewire.toml").write_text(config)
    new = {"NEW": "the second key of all", "OLD": ENVIRONMENT["SLIDEWIRE_KEY"]}
    ran = slidewire(tmp_path, "secrets", "rotate", **new)
    assert (ran.code, "2 secrets of 2 accounts sealed anew" in ran.out) == (0, True)
    (tmp_path / "slidewire.toml").write_text('server_key = "${NEW}"\n')
    told = slidewire(tmp_path, "secrets", "show", "--json", **new).json
    assert [(each["secrets"], each["api_keys"]) for each in told] == [(2, 0), (0, 2)]


def test_a_secret_that_no_key_opens_is_named(tmp_path: Path) -> None:
    accounts(tmp_path, 1)
    file = tmp_path / "content" / "server.key"
    file.write_bytes(os.urandom(32).hex().encode())
    ran = slidewire(tmp_path, "secrets", "rotate")
    assert (ran.code, "cannot be opened, set it anew: accounts/" in ran.out) == (1, True)
    assert slidewire(tmp_path, "account", "add", "other", "--key", "k" * 40, "--weak-key").code == 0
