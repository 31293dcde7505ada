"""What a stranger sees first."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.cli.command import slidewire

from slidewire import __version__
from slidewire.cli.app import make_app
from slidewire.simulator.behaviours import BEHAVIOURS
from slidewire.simulator.chaos import TROUBLES
from slidewire.simulator.settings import SimulatorSettings


def test_python_runs_the_same_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "slidewire", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"slidewire {__version__}\n"


def test_help_lists_the_commands_and_where_to_begin(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "--help")
    listed = [line.split()[0] for line in ran.out.split("Commands:\n")[1].splitlines() if line.startswith("  ")]
    assert listed[:30] == [
        *("demo", "playground", "serve", "check", "doctor", "migrate", "send", "simulator"),
        *("subscribe", "unsubscribe", "block", "unblock", "blocked", "usage", "redact", "bench"),
        *("account", "audit", "campaign", "content", "message", "template"),
        *("secrets", "link", "operator", "handset", "inbound", "route", "receipt", "postback"),
    ]
    assert (ran.code, ran.err, "slidewire demo" in ran.out) == (0, "", True)


def test_an_example_stands_on_lines_of_its_own(tmp_path: Path) -> None:
    assert "\n  Example:\n    slidewire account disable acme\n" in slidewire(tmp_path, "account", "disable", "-h").out


def test_the_simulator_tells_every_behaviour_and_setting(tmp_path: Path) -> None:
    told = slidewire(tmp_path, "simulator", "--help").out
    lines = {line.strip() for line in told.splitlines()}
    assert {f"..{digits}  {each.says}" for digits, each in BEHAVIOURS.items()} <= lines
    assert {name for name in TROUBLES if not any(line.startswith(f"{name} ") for line in lines)} == set()
    assert {each.name for each in fields(SimulatorSettings) if f"--{each.name.replace('_', '-')}" not in told} == set()


@pytest.mark.parametrize("option", ["--config", "--json"])
def test_every_command_takes_a_settings_file_and_can_say_json(option: str) -> None:
    def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            inside = hasattr(command, "commands")
            yield from commands(command, f"{before}{name} ") if inside else [(before + name, command)]

    every = dict(commands(typer.main.get_command(make_app())))
    assert len(every) > 40
    assert [name for name, each in every.items() if option not in {o for p in each.params for o in p.opts}] == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["nonsense"], id="an unknown command"),
        pytest.param(["account", "nonsense"], id="an unknown command of a family"),
        pytest.param(["account", "add"], id="an argument that is missing"),
        pytest.param(["serve", "--role", "boss"], id="a word that an option does not know"),
        pytest.param(["simulator", "--mm7-port", "x"], id="a word for a number"),
        pytest.param(["simulator", "--mm7-port", "99999"], id="a port that does not exist"),
        pytest.param(["simulator", "--chaos", "lightning=5"], id="chaos that nobody knows"),
        pytest.param(["migrate", "--config", "nowhere.toml"], id="settings that are not there"),
        pytest.param(["simulator", "--config", "nowhere.toml"], id="settings that are not there, of the simulator"),
        pytest.param(["demo", "--config", "nowhere.toml"], id="settings that are not there, of the demo"),
        pytest.param(["playground", "--config", "nowhere.toml"], id="settings that are not there, of the playground"),
        pytest.param(["bench", "--config", "nowhere.toml"], id="settings that are not there, of the benchmarks"),
        pytest.param(["send", "request.xml", "--wait", "long"], id="a time that is none"),
    ],
)
def test_what_is_asked_wrongly_ends_with_2_and_some_words(tmp_path: Path, words: list[str]) -> None:
    ran = slidewire(tmp_path, *words)
    assert (ran.code, ran.out, ran.err != "") == (2, "", True)
