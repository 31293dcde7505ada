"""``slidewire route``: rates that an admin sets, followed by whoever sends."""

import json
from pathlib import Path

from tests.cli.command import slidewire

ROUTES = {
    "SLIDEWIRE_ROUTES": json.dumps([{"name": "a", "kind": "mm7", "url": "http://127.0.0.1:9/mm7", "rate": "50/s"}]),
}


def test_a_rate_is_set_shown_and_taken_away(tmp_path: Path) -> None:
    assert slidewire(tmp_path, "route", "rate", "a", "120/min", **ROUTES).out == "a sends at 2/s\n"
    (shown,) = slidewire(tmp_path, "route", "list", "--json", **ROUTES).json
    assert shown == {"route": "a", "kind": "mm7", "rate": 50.0, "set_rate": 2.0, "lanes": 1, "holders": []}
    assert "2/s" in slidewire(tmp_path, "route", "list", **ROUTES).out
    assert slidewire(tmp_path, "route", "rate", "a", "default", **ROUTES).out == "a sends at the rate of the settings\n"
    (shown,) = slidewire(tmp_path, "route", "list", "--json", **ROUTES).json
    assert shown["set_rate"] is None
    assert slidewire(tmp_path, "route", "rate", "a", "5/s", "--json", **ROUTES).json == {"route": "a", "set_rate": 5.0}


def test_what_is_no_route_and_no_rate_is_told(tmp_path: Path) -> None:
    ran = slidewire(tmp_path, "route", "rate", "b", "1/s", **ROUTES)
    assert (ran.code, ran.err) == (2, "slidewire: there is no route b\n  There are: a.\n")
    assert slidewire(tmp_path, "route", "rate", "a", "fast", **ROUTES).code == 2
