"""Secrets for protected media on the command line: read where nobody looks on, shown by name, stored encrypted."""

from pathlib import Path

import pytest
from tests.cli.command import slidewire

SECRET = "s3cret-t0ken-0123456789"


def test_a_token_is_set_listed_by_name_and_removed(tmp_path: Path) -> None:
    slidewire(tmp_path, "account", "add", "acme")
    words = ("account", "media-secret", "acme")
    ran = slidewire(tmp_path, *words, "media.example.net", given=f"{SECRET}\n")
    told = "acme presents Authorization to https://media.example.net:443; running gateways know within a second\n"
    assert (ran.code, ran.out, ran.err) == (0, told, "")
    key = slidewire(tmp_path, *words, "http://10.1.2.3:8080", "--header", "X-Key", "--from-env", "TOKEN", TOKEN=SECRET)
    assert (key.code, key.err) == (0, "")
    assert slidewire(tmp_path, *words, "--json").json == [
        {"origin": "http://10.1.2.3:8080", "headers": ["X-Key"]},
        {"origin": "https://media.example.net:443", "headers": ["Authorization"]},
    ]
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("slidewire.db*"))
    assert SECRET.encode() not in stored
    assert slidewire(tmp_path, *words, "http://10.1.2.3:8080", "--remove", "--json").json == {
        "origin": "http://10.1.2.3:8080",
        "headers": [],
    }
    gone = slidewire(tmp_path, *words, "http://10.1.2.3:8080", "--remove")
    assert (gone.code, gone.err.splitlines()[0]) == (1, "slidewire: nothing is presented to http://10.1.2.3:8080")


@pytest.mark.parametrize(
    ("words", "given", "problem"),
    [
        pytest.param(["https://a.example/path"], "x", "an origin has no path", id="a path"),
        pytest.param(["ftp://a.example"], "x", "", id="another scheme"),
        pytest.param(["https://user:pw@a.example"], "x", "", id="credentials in the address"),
        pytest.param(["a.example", "--header", "Host"], "x", "the header Host is ours to set", id="a header of ours"),
        pytest.param(["a.example"], "\n", "a header's value", id="nothing given"),
        pytest.param(["a.example"], f"{SECRET}\x00\n", "a header's value", id="a control character"),
        pytest.param(["a.example", "--from-env", "NOT_THERE"], "x", "the environment has no", id="no variable"),
    ],
)
def test_refuses_in_one_line_without_the_secret(tmp_path: Path, words: list[str], given: str, problem: str) -> None:
    slidewire(tmp_path, "account", "add", "acme")
    ran = slidewire(tmp_path, "account", "media-secret", "acme", *words, given=given)
    assert ran.code in {1, 2}
    assert ran.out == ""
    assert problem in ran.err
    assert SECRET not in ran.err


def test_a_changed_server_key_opens_nothing(tmp_path: Path) -> None:
    former, present = (
        {"SLIDEWIRE_SERVER_KEY": "former-key-0123456789"},
        {"SLIDEWIRE_SERVER_KEY": "present-key-0123456789"},
    )
    slidewire(tmp_path, "account", "add", "acme", **former)
    words = ("account", "media-secret", "acme", "a.example")
    assert slidewire(tmp_path, *words, given=SECRET, **former).code == 0
    changed = slidewire(tmp_path, *words, "--header", "X-Key", given="other", **present)
    assert (changed.code, "cannot be opened" in changed.err) == (1, True)
    assert slidewire(tmp_path, *words, "--remove", **present).code == 0
    assert slidewire(tmp_path, *words, "--header", "X-Key", given="other", **present).code == 0
