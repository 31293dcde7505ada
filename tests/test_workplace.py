"""The workplace itself: what we use is declared, what is declared is locked, and the lock names no place."""

import ast
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
RUNTIME = [Requirement(each) for each in PYPROJECT["project"]["dependencies"]]
OPTIONAL = [Requirement(each) for extra in PYPROJECT["project"]["optional-dependencies"].values() for each in extra]
DEVELOPMENT = [Requirement(each) for each in PYPROJECT["dependency-groups"]["dev"]]
#: A pinned package of the lock: its name, its version and everything said of it.
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(.*(?:\n[ \t].*)*)", re.MULTILINE)
#: Packages of this repository itself.
OURS = {"slidewire", "tests", "bench"}


def pinned() -> dict[str, tuple[str, str]]:
    """name -> version and the rest of its entry."""
    return {canonicalize_name(name): (version, rest) for name, version, rest in PINNED.findall(LOCK)}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(each.name) for each in requirements}


def imported(*folders: str) -> Iterator[str]:
    """Libraries that the Python files of ``folders`` import, by the names that they are imported by."""
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from (alias.name.split(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.split(".")[0]


def distributions(*folders: str) -> set[str]:
    """The packages that those libraries come from."""
    known = packages_distributions()
    foreign = set(imported(*folders)) - set(sys.stdlib_module_names) - OURS
    return {canonicalize_name(known.get(library, [library])[0]) for library in foreign}


def test_every_dependency_is_locked_at_a_version_that_we_accept() -> None:
    locked = pinned()
    wrong = []
    for each in RUNTIME + DEVELOPMENT:
        version = locked.get(canonicalize_name(each.name), ("nothing", ""))[0]
        if version == "nothing" or not each.specifier.contains(version):
            wrong.append(f"{each} is locked at {version}")
    assert not wrong, "make lock: " + ", ".join(wrong)


@pytest.mark.parametrize(
    ("whose", "wanted"),
    [
        pytest.param("slidewire (pyproject.toml)", names(RUNTIME), id="at run time"),
        pytest.param("slidewire (pyproject.toml:dev)", names(DEVELOPMENT), id="for development"),
    ],
)
def test_the_lock_was_made_from_the_present_dependencies(whose: str, wanted: set[str]) -> None:
    # a name that is wanted both at run time and for development is told with the first of them only
    said = {name for name, (_, rest) in pinned().items() if f"{whose}\n" in f"{rest}\n"}
    assert said == wanted, "make lock"


def test_every_locked_package_has_its_hashes() -> None:
    assert [name for name, (_, rest) in pinned().items() if "--hash=sha256:" not in rest] == []


def test_the_lock_names_no_registry_and_no_file() -> None:
    assert re.findall(r"\S*(?:://|--index|--find-links|file:)\S*", LOCK) == []


def test_the_product_imports_only_what_it_declares() -> None:
    assert distributions("src") - names(RUNTIME) - names(OPTIONAL) == set()


def test_tests_and_benchmarks_import_only_what_is_declared() -> None:
    assert distributions("tests", "bench") - names(RUNTIME) - names(DEVELOPMENT) == set()


def test_an_extra_is_there_for_the_tests_as_well() -> None:
    assert names(OPTIONAL) - names(DEVELOPMENT) == set()


@pytest.mark.parametrize("path", [".ci/run", "scripts/system-packages"])
def test_scripts_can_be_run(path: str) -> None:
    assert os.access(ROOT / path, os.X_OK)
