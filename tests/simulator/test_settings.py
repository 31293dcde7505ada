"""The settings refuse what cannot work, and the docs know every setting, behaviour and trouble."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from slidewire.simulator.app import Simulator, SimulatorSettings, describe
from slidewire.simulator.behaviours import BEHAVIOURS, DELIVERED
from slidewire.simulator.chaos import TROUBLES
from slidewire.simulator.settings import settings_table
from slidewire.simulator.sms_behaviours import SMS_BEHAVIOURS, SMS_DELIVERED

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "simulator.md"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"host": "localhost"}, "does not appear to be an IPv4 or IPv6 address"),
        ({"chaos": "thunder=1"}, "unknown chaos"),
        ({"answer_schema": "REL-7"}, "answer_schema is 'REL-7'"),
        ({"fault_http": 418}, "fault_http"),
        ({"report_url": "ftp://x"}, "report_url must begin"),
        ({"username": "gw"}, "username and password go together"),
        ({"smpp_rate": -1}, "smpp_rate is not below 0"),
        ({"smpp_password": "too-long-17"}, "smpp_password 8"),
        ({"max_bytes": 0}, "max_bytes must be at least 1"),
        ({"keep_messages": 0}, "keep_messages must be at least 1"),
    ],
)
def test_refuses_settings_that_cannot_work(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        SimulatorSettings(**settings)


async def test_says_when_a_port_is_taken_and_leaves_nothing_open() -> None:
    async with Simulator(SimulatorSettings(mm7_port=0, smpp_port=0, http_port=0)) as first:
        port = int(first.http_url.rpartition(":")[2])
        second = Simulator(SimulatorSettings(mm7_port=0, http_port=port))
        with pytest.raises(OSError, match="in use"):
            await second.start()


def test_help_tells_every_behaviour_and_every_trouble() -> None:
    told = describe()
    assert [
        says
        for says in (DELIVERED, *BEHAVIOURS.values(), SMS_DELIVERED, *SMS_BEHAVIOURS.values())
        if says.says not in told
    ] == []
    assert [name for name, trouble in TROUBLES.items() if f"{name} " not in told or trouble.says not in told] == []


def test_every_setting_has_its_words() -> None:
    assert [entry.name for entry in fields(SimulatorSettings) if not entry.metadata.get("help")] == []
    assert len(settings_table().splitlines()) == len(fields(SimulatorSettings))


def test_the_how_to_tells_everything() -> None:
    text = HOW_TO.read_text()
    rows = {f"| {digits} | {behaviour.says} |" for digits, behaviour in BEHAVIOURS.items()}
    rows.add(f"| other | {DELIVERED.says} |")
    rows |= {f"| {digits} | {row.says} |" for digits, row in SMS_BEHAVIOURS.items()}
    rows.add(f"| other | {SMS_DELIVERED.says} |")
    rows |= {f"| `{name}` | {trouble.says} |" for name, trouble in TROUBLES.items()}
    rows |= {f"| `{entry.name}` | {entry.metadata['help']} |" for entry in fields(SimulatorSettings)}
    assert sorted(row for row in rows if row not in text) == []
