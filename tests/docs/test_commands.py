"""Commands that our pages name exist, and every command with every option is in the reference."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from tests.docs.pages import DOCS, ROOT, all_pages, sections

from slidewire.cli.app import make_app

#: A command in a page: at the start of a line, or inline behind a backtick.
_MAKE = re.compile(r"(?:^\s*|`)make ([a-z-]+)\b", re.MULTILINE)
_SLIDEWIRE = re.compile(r"(?:^\s*|`|/bin/)slidewire ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE)
#: What README promises (interfaces of the project): these targets keep their names.
PROMISED = {"demo", "test", "check", "bench", "serve"}


def make_targets() -> set[str]:
    """Targets of the Makefile that `make help` lists."""
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands() -> dict[str, Any]:
    """Full name -> command, families left out."""

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield " ".join(path), command
            return
        for name, each in inner.items():
            yield from walk(each, (*path, name))

    return dict(walk(typer.main.get_command(make_app()), ()))


COMMANDS = commands()


def test_the_promised_targets_exist() -> None:
    assert PROMISED - make_targets() == set()


def test_readme_names_every_promised_target() -> None:
    assert PROMISED - set(_MAKE.findall((ROOT / "README.md").read_text())) == set()


def test_make_targets_that_pages_name_exist() -> None:
    named = {(page.name, target) for page in all_pages() for target in _MAKE.findall(page.read_text())}
    assert {each for each in named if each[1] not in make_targets()} == set()


def test_commands_that_pages_name_exist() -> None:
    wrong = set()
    families = {name.split()[0] for name in COMMANDS if " " in name}
    for page in all_pages():
        for first, second in _SLIDEWIRE.findall(page.read_text()):
            name = f"{first} {second}" if first in families and second else first
            if name not in COMMANDS and name not in families:
                wrong.add((page.name, name))
    assert wrong == set()


def test_every_command_has_its_heading() -> None:
    told = [
        title.removeprefix("slidewire ") for title in sections(DOCS / "reference" / "cli.md") if "slidewire " in title
    ]
    assert sorted(told) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_told_with_its_command(name: str) -> None:
    text = sections(DOCS / "reference" / "cli.md")[f"slidewire {name}"]
    options = {option for each in COMMANDS[name].params for option in each.opts if option.startswith("--")}
    # what nearly every command has stands once, at the top of the page
    missing = {option for option in options - {"--config", "--json", "--help"} if f"`{option}" not in text}
    assert missing == set()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    assert f"slidewire {name}" in (COMMANDS[name].help or "")
