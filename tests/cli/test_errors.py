"""Errors in one line that says what to do; what is no error of anybody's is a bug and keeps its traceback."""

import errno
from importlib import import_module

import pytest

from slidewire.cli import errors
from slidewire.cli.errors import CommandError, Told, told
from slidewire.settings import SettingsError
from slidewire.store.accounts import NoSuchAccountError
from slidewire.store.database import DatabaseAwayError


@pytest.mark.parametrize("name", sorted(errors._KNOWN))
def test_errors_that_are_known_by_name_exist(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), Exception)


@pytest.mark.parametrize(
    ("error", "problem", "code"),
    [
        pytest.param(CommandError("no", "do", code=2), "no", 2, id="a command's own"),
        pytest.param(SettingsError("slidewire.toml: x: y"), "slidewire.toml: x: y", 2, id="settings"),
        pytest.param(NoSuchAccountError("acme"), "there is no account acme", 1, id="an account that is not there"),
        pytest.param(DatabaseAwayError("it is away"), "it is away", 1, id="a database that is away, by its base"),
        pytest.param(
            OSError(errno.EADDRINUSE, "Address already in use"), "Address already in use", 1, id="a port that is taken"
        ),
        pytest.param(
            PermissionError(errno.EACCES, "Permission denied", "/x"), "Permission denied: /x", 1, id="a forbidden place"
        ),
    ],
)
def test_says_what_is_wrong(error: Exception, problem: str, code: int) -> None:
    said = told(error)
    assert said is not None
    assert (said.problem, said.code) == (problem, code)


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), OSError("ours"), AssertionError()])
def test_a_bug_is_not_told_away(error: Exception) -> None:
    assert told(error) is None


def test_foreign_text_in_an_error_is_made_visible(capsys: pytest.CaptureFixture[str]) -> None:
    errors.complain("there is no message \x1b[2J", "do \x07")
    assert capsys.readouterr().err == "slidewire: there is no message \\x1b[2J\n  do \\x07\n"


def test_every_word_for_a_system_error_says_what_to_do() -> None:
    said = told(OSError(errno.ENOSPC, "No space left on device"))
    assert said == Told("No space left on device", "The disk is full: make room, then try again.", 1)
