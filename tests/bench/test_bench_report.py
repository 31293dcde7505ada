"""What a run of the benchmarks tells: its table, its chart, and what has become worse since another run."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import report

RUN = {
    "commit": "abc",
    "machine": {"cores": 2, "python": "3.11.7"},
    "scale": {"seconds": 3.0, "rounds": 1, "smaller": "1 instead of 3 rounds"},
    "figures": {
        "accept alone": {"rate": 2500.0, "p99_ms": 20.5, "all_told": True, "rounds": [{"rate": 2500.0}]},
        "images": {"bare_rate": 1.5, "table": ["budget  used", "600 kB  0.9"]},
    },
}


def test_the_table_says_first_that_a_run_was_smaller_than_asked() -> None:
    assert list(report.table(RUN)) == [
        "2 cores, Python 3.11.7; medians of 1 rounds",
        "smaller than asked: 1 instead of 3 rounds",
        "\naccept alone",
        "  rate                                 2,500",
        "  p99_ms                               20.500",
        "  all_told                             True",
        "\nimages",
        "  bare_rate                            1.500",
        "",
        "  budget  used",
        "  600 kB  0.9",
        "",
    ]


@pytest.mark.parametrize(
    ("name", "ratio", "worse"),
    [
        pytest.param("rate", 0.8, True, id="a rate that fell"),
        pytest.param("rate", 0.9, False, id="a rate that fell within noise"),
        pytest.param("rate", 2.0, False, id="a rate that rose"),
        pytest.param("accept_p99_ms", 1.2, True, id="a wait that grew"),
        pytest.param("cpu_ms_a_message", 1.2, True, id="a cost that grew"),
        pytest.param("busy_pss_mb", 0.5, False, id="memory that shrank"),
    ],
)
def test_worse_is_what_users_would_call_worse(name: str, ratio: float, worse: bool) -> None:
    assert report.is_worse(name, ratio) is worse


def test_what_became_worse_is_marked() -> None:
    before = {"commit": "old", "figures": {"accept alone": {"rate": 5000.0, "p99_ms": 20.0}}}
    assert list(report.compared(RUN, before)) == [
        "\nagainst old; ! is worse by more than 15%",
        "! accept alone: rate                                 5,000 -> 2,500 (0.50)",
        "  accept alone: p99_ms                               20.000 -> 20.500 (1.02)",
    ]


def test_json_and_chart_are_written(tmp_path: Path) -> None:
    written = report.write(RUN, tmp_path / "out")
    assert json.loads(written.read_text()) == RUN
    drawn = ElementTree.fromstring((tmp_path / "out" / "bench.svg").read_text())
    words = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["A second, on a logarithmic scale", "accept alone: rate", "2,500", "images: bare", "2"]
