"""Secrets on the command line: shown once, kept sealed, never shown again."""

from pathlib import Path

import pytest
from tests.cli.command import slidewire

from slidewire.domain.secret import read_signing_secret

OWN = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_new_secret_is_made_and_told_once(tmp_path: Path) -> None:
    made = slidewire(tmp_path, "account", "add", "acme", "--set", "postback_secret=new").json
    assert len(read_signing_secret(made["postback_secret"])) == 32
    shown = slidewire(tmp_path, "account", "show", "acme", "--json")
    assert shown.json["settings"]["postback_secret"] == "(sealed)"
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("slidewire.db*"))
    assert b"sealed1:" in stored
    for text in (stored.decode("latin-1"), shown.out):
        assert made["postback_secret"].removeprefix("whsec_") not in text


def test_a_secret_of_ones_own_can_be_set_and_taken_away(tmp_path: Path) -> None:
    slidewire(tmp_path, "account", "add", "acme")
    ran = slidewire(tmp_path, "account", "set", "acme", f"postback_secret={OWN}")
    assert (ran.code, ran.out.splitlines()[1]) == (0, f"postback_secret: {OWN} (shown this once)")
    other = slidewire(tmp_path, "account", "set", "acme", "max_slides=5", "--json").json
    assert other["settings"]["postback_secret"] == "(sealed)"
    none = slidewire(tmp_path, "account", "set", "acme", "postback_secret=", "--json").json
    assert none["settings"]["postback_secret"] == ""


@pytest.mark.parametrize("secret", ["whsec_secretsecret", "sealed1:00000000:AAAA"])
def test_what_is_no_secret_is_refused_without_being_shown(tmp_path: Path, secret: str) -> None:
    ran = slidewire(tmp_path, "account", "add", "acme", "--set", f"postback_secret={secret}")
    assert (ran.code, secret in ran.err) == (2, False)
    assert ran.err.startswith("slidewire: account setting postback_secret: the secret")
