"""The page that Prometheus reads: to the letter, and by its own reader."""

from prometheus_client.parser import text_string_to_metric_families

from slidewire.domain.exposition import written
from slidewire.domain.figures import Figure, Kind

COUNTER = Figure("things_total", Kind.COUNTER, "Things.\nAll \\ of them.", ("route", "word"))
TIMES = Figure("wait_seconds", Kind.HISTOGRAM, "How long.", ("route",), (0.5, 2.0))
GAUGE = Figure("up", Kind.GAUGE, "Up.")


def test_the_page_is_written_to_the_letter() -> None:
    page = written(
        [
            (COUNTER, {("b", "x"): (2.0,), ("a", 'y"\\\n'): (1.5,)}),
            (TIMES, {("a",): (1.0, 0.0, 2.0, 7.25)}),
            (GAUGE, {(): (True,)}),
        ]
    )
    assert page.decode().splitlines() == [
        "# HELP things_total Things.\\nAll \\\\ of them.",
        "# TYPE things_total counter",
        'things_total{route="a",word="y\\"\\\\\\n"} 1.5',
        'things_total{route="b",word="x"} 2',
        "# HELP wait_seconds How long.",
        "# TYPE wait_seconds histogram",
        'wait_seconds_bucket{route="a",le="0.5"} 1',
        'wait_seconds_bucket{route="a",le="2"} 1',
        'wait_seconds_bucket{route="a",le="+Inf"} 3',
        'wait_seconds_sum{route="a"} 7.25',
        'wait_seconds_count{route="a"} 3',
        "# HELP up Up.",
        "# TYPE up gauge",
        "up 1",
    ]


def test_prometheus_reads_what_was_written() -> None:
    page = written([(COUNTER, {("a", 'y"\\\n'): (1.0,)}), (TIMES, {("a",): (1.0, 0.0, 2.0, 7.25)})])
    counter, times = text_string_to_metric_families(page.decode())
    assert (counter.type, counter.documentation) == ("counter", "Things.\nAll \\ of them.")
    assert [(each.labels, each.value) for each in counter.samples] == [({"route": "a", "word": 'y"\\\n'}, 1.0)]
    assert (times.type, [each.value for each in times.samples]) == ("histogram", [1, 1, 3, 7.25, 3])
