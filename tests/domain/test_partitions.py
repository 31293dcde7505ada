"""How long partitions are, which is made next, and what waits to go with its own."""

import pytest
from tests.builders import DAY

from slidewire.domain.partitions import (
    AHEAD,
    Partition,
    is_over,
    is_past,
    length_for,
    next_partition,
    until_whole,
    without_strays,
)

NOW = 20_000 * DAY + 12_345


@pytest.mark.parametrize(
    ("keep", "days"),
    [
        pytest.param(None, 28, id="kept for ever"),
        pytest.param(10 * DAY, 1, id="ten days"),
        pytest.param(30 * DAY, 1, id="a month"),
        pytest.param(365 * DAY, 12, id="a year"),
        pytest.param(3_650 * DAY, 28, id="ten years"),
    ],
)
def test_the_time_that_is_kept_is_about_thirty_partitions_long(keep: int | None, days: int) -> None:
    assert length_for(keep) == days * DAY


def test_partitions_follow_one_another_until_they_reach_far_enough() -> None:
    known: list[Partition] = []
    while (made := next_partition(known, NOW, 7 * DAY)) is not None:
        known.append(made)
    starts = [20_000 * DAY + week * 7 * DAY for week in range(5)]
    assert known == [Partition(start, start + 7 * DAY) for start in starts]
    assert known[-1].until >= NOW + AHEAD


def test_what_was_stopped_for_long_goes_on_today() -> None:
    assert next_partition([Partition(0, 19_000 * DAY)], NOW, DAY) == Partition(20_000 * DAY, 20_001 * DAY)


def test_a_partition_without_an_end_is_the_last() -> None:
    assert next_partition([Partition(0, 1 << 48)], NOW, DAY) is None


@pytest.mark.parametrize(
    ("stray", "left"),
    [
        pytest.param(None, Partition(0, 7 * DAY), id="none"),
        pytest.param(0, Partition(DAY, 7 * DAY), id="on the first day"),
        pytest.param(6 * DAY - 1, Partition(6 * DAY, 7 * DAY), id="on the last day but one"),
        pytest.param(6 * DAY, None, id="on the last day"),
    ],
)
def test_what_came_before_it_was_made_is_left_out(stray: int | None, left: Partition | None) -> None:
    assert without_strays(Partition(0, 7 * DAY), stray) == left


def test_it_is_over_when_its_last_message_is() -> None:
    day = Partition(NOW - DAY, NOW)
    assert [is_over(day, NOW + kept, 10 * DAY) for kept in (10 * DAY - 1, 10 * DAY)] == [False, True]
    assert is_over(day, NOW + 10_000 * DAY, None) is False


def test_it_is_past_when_no_clock_is_so_far_behind() -> None:
    assert [is_past(Partition(0, NOW - late), NOW) for late in (0, DAY, 2 * DAY)] == [False, False, True]


@pytest.mark.parametrize(
    ("until", "whole"),
    [
        pytest.param(5 * DAY, 5 * DAY, id="in one that is too long"),
        pytest.param(10 * DAY, 10 * DAY, id="where a short one begins"),
        pytest.param(11 * DAY - 1, 10 * DAY, id="in a short one"),
        pytest.param(11 * DAY, 11 * DAY, id="behind all"),
    ],
)
def test_messages_of_a_short_partition_wait_to_go_with_it(until: int, whole: int) -> None:
    known = [Partition(0, 10 * DAY), Partition(10 * DAY, 11 * DAY)]
    assert until_whole(known, until, 30 * DAY) == whole
