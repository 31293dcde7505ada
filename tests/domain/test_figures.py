"""What is counted: in sheets of memory, added up over all of them."""

import pytest

from slidewire.domain.figures import (
    COUNTED,
    POSTBACK_SECONDS,
    POSTBACKS,
    REQUESTS,
    SHEET,
    STARTED,
    UNCOUNTED,
    Figure,
    Figures,
    Kind,
    read_sheet,
    summed,
)


def a_sheet() -> bytearray:
    return bytearray(SHEET)


def counting(sheet: bytearray) -> Figures:
    return Figures(memoryview(sheet), lambda: 0.0)


def held(*sheets: bytearray) -> dict[tuple[str, tuple[str, ...]], tuple[float, ...]]:
    """What sheets hold together, without what is counted in none."""
    total = summed(read_sheet(bytes(sheet)) for sheet in sheets)
    return {key: cells for key, cells in total.items() if any(cells)}


def test_each_set_of_labels_is_counted_by_itself() -> None:
    sheet = a_sheet()
    figures = counting(sheet)
    figures.add(POSTBACKS, "received")
    figures.add(POSTBACKS, "failed", by=3)
    figures.add(POSTBACKS, "received")
    assert held(sheet) == {
        ("slidewire_postbacks_total", ("received",)): (2.0,),
        ("slidewire_postbacks_total", ("failed",)): (3.0,),
    }


def test_a_time_falls_into_the_first_bucket_that_is_not_shorter() -> None:
    sheet = a_sheet()
    figures = counting(sheet)
    bounds = POSTBACK_SECONDS.bounds
    for seconds in (bounds[0], bounds[1], bounds[1], bounds[-1] + 1):
        figures.time(POSTBACK_SECONDS, seconds)
    [cells] = held(sheet).values()
    assert cells == (1.0, 2.0, *[0.0] * (len(bounds) - 2), 1.0, pytest.approx(bounds[0] + 2 * bounds[1] + 61.0))


def test_whoever_comes_later_counts_on_in_the_same_sheet() -> None:
    sheet = a_sheet()
    counting(sheet).add(POSTBACKS, "received")
    later = counting(sheet)
    later.time(POSTBACK_SECONDS, 1.0)
    later.add(POSTBACKS, "received")
    assert held(sheet)["slidewire_postbacks_total", ("received",)] == (2.0,)


def test_sheets_are_added_up() -> None:
    one, other = a_sheet(), a_sheet()
    for sheet, outcome in ((one, "received"), (other, "received"), (other, "failed")):
        figures = counting(sheet)
        figures.add(POSTBACKS, outcome)
        figures.time(POSTBACK_SECONDS, 0.5)
    total = held(one, other)
    assert total["slidewire_postbacks_total", ("received",)] == (2.0,)
    assert total["slidewire_postbacks_total", ("failed",)] == (1.0,)
    assert sum(total["slidewire_postback_duration_seconds", ()][:-1]) == 3


def test_what_another_version_counted_otherwise_is_left_alone_and_left_out() -> None:
    sheet = a_sheet()
    before = counting(sheet)
    narrow = Figure(POSTBACK_SECONDS.name, Kind.HISTOGRAM, "", bounds=(1.0,))
    before.time(narrow, 0.5)
    before.add(POSTBACKS, "received")
    figures = counting(sheet)
    figures.time(POSTBACK_SECONDS, 0.5)
    assert held(sheet)["slidewire_postbacks_total", ("received",)] == (1.0,)
    assert sum(held(sheet)["slidewire_postback_duration_seconds", ()][:-1]) == 1
    assert sum(cells[0] for key, cells in held(a_sheet(), sheet).items() if key[0] == UNCOUNTED.name) == 0
    only_old = a_sheet()
    counting(only_old).time(narrow, 0.5)
    assert held(only_old) == {}


def test_a_full_sheet_counts_what_it_does_not_count() -> None:
    sheet = a_sheet()
    figures = counting(sheet)
    for number in range(20_000):
        figures.add(REQUESTS, "sendmms", "w13", str(number))
    figures.time(POSTBACK_SECONDS, 1.0)
    total = held(sheet)
    kept = sum(cells[0] for (name, _), cells in total.items() if name == REQUESTS.name)
    assert kept + total[UNCOUNTED.name, ()][0] in {20_000, 20_001}
    assert total[UNCOUNTED.name, ()][0] > 0


def test_a_label_cannot_begin_another_line() -> None:
    sheet = a_sheet()
    counting(sheet).add(POSTBACKS, "a\n1\tb")
    assert held(sheet) == {("slidewire_postbacks_total", ("a?1?b",)): (1.0,)}


def test_counting_begins_once() -> None:
    sheet = a_sheet()
    counting(sheet).begin(5.0)
    counting(sheet).begin(9.0)
    assert read_sheet(bytes(sheet))[STARTED.name, ()] == (5.0,)


def test_names_are_prometheus_conventions() -> None:
    assert [each.name for each in COUNTED if each.kind is Kind.COUNTER and not each.name.endswith("_total")] == []
    assert [each.name for each in COUNTED if each.kind is Kind.HISTOGRAM and not each.name.endswith("_seconds")] == []
