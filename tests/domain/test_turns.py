"""Rates of one sender or one campaign: no more than they say in any window, and nobody is passed over for long."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.turns import (
    Bound,
    Count,
    Line,
    Pace,
    Turns,
    Waiting,
    Waits,
    left,
    opens_at,
    queued,
    read_paces,
    waiting_body,
    waiting_of,
)

DAY = 86_400_000
NOON = 20_000 * DAY + DAY // 2
FIFTH = Pace("0.2/s", rate=0.2)
TWO_A_DAY = Pace("2/day", daily=2)
BOUND = Bound("m-1", "acct-1", "24680", "12025550123", "US", "spring", NOON + 3 * DAY)


@pytest.mark.parametrize(
    ("text", "paces"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("0.2/s", (FIFTH,), id="a fraction"),
        pytest.param(" 2 / day ", (TWO_A_DAY,), id="a day, with blanks"),
        pytest.param("75/min, 2000/day", (Pace("75/min", 1.25), Pace("2000/day", daily=2000)), id="both"),
    ],
)
def test_reads_what_people_write(text: str, paces: tuple[Pace, ...]) -> None:
    assert read_paces(text) == paces


@pytest.mark.parametrize("text", ["0/day", "0/s", "1.5/day", "fast", "5/week", "-1/s", "1/s;2/day"])
def test_refuses_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        read_paces(text)


@given(
    pace=st.sampled_from([FIFTH, Pace("1/s", 1.0), Pace("3/s", 3.0), Pace("50/s", 50.0), Pace("75/min", 1.25)]),
    waits=st.lists(st.floats(0, 4_000), min_size=1, max_size=200),
)
def test_in_no_window_leave_more_than_the_rate_and_a_second_of_it(pace: Pace, waits: list[float]) -> None:
    now, count, sent = float(NOON), Count(), []
    for wait in waits:
        now += wait
        while opens_at(count, pace, now) <= now:
            count = left(count, pace, now)
            sent.append(now)
    for first in range(0, len(sent), 7):
        for last in range(first, len(sent), 5):
            window = (sent[last] - sent[first]) / 1000
            assert last - first + 1 <= pace.rate * window + max(pace.rate, 1) + 1e-6


def test_a_day_counts_to_its_end_and_the_next_begins_anew() -> None:
    count = left(left(Count(), TWO_A_DAY, NOON), TWO_A_DAY, NOON)
    midnight = 20_001 * DAY
    assert opens_at(count, TWO_A_DAY, NOON) == midnight
    assert opens_at(count, TWO_A_DAY, midnight) == midnight
    assert left(count, TWO_A_DAY, midnight) == replace(count, at=float(midnight), used=1)
    # the clock of another node is still in yesterday: it goes on with today's count
    assert left(left(count, TWO_A_DAY, midnight), TWO_A_DAY, NOON).used == 2


def test_who_waits_for_a_rate_is_given_one_place_after_the_other() -> None:
    count = left(Count(), FIFTH, NOON)
    places = []
    for _ in range(3):
        count, due = queued(count, FIFTH, NOON)
        places.append(due - NOON)
    assert places == [5_000, 10_100, 15_200]


def test_a_day_takes_as_many_places_as_it_has() -> None:
    count = left(left(Count(), TWO_A_DAY, NOON), TWO_A_DAY, NOON)
    days = []
    for _ in range(5):
        count, due = queued(count, TWO_A_DAY, NOON)
        days.append(due / DAY)
    assert days == [20_001, 20_001, 20_002, 20_002, 20_003]


def test_all_rates_of_a_message_must_hold_and_nothing_is_counted_of_one_that_waits() -> None:
    line = Line(Turns("mmsc-a", (FIFTH,), (TWO_A_DAY,)), {}, NOON)
    assert line.judge(BOUND, None) is None
    assert line.judge(BOUND, None) == Waiting(Waits.SENDER_RATE, NOON + 5_000)
    assert line.judge(replace(BOUND, sender="13579"), None) is None
    assert line.judge(replace(BOUND, sender="97531"), None) == Waiting(Waits.CAMPAIGN_RATE, 20_001 * DAY)
    assert line.judge(replace(BOUND, sender="97531", campaign_ref=""), None) is None


def test_who_had_a_place_and_missed_it_is_not_sent_to_the_end_of_the_line() -> None:
    turns = Turns("mmsc-a", (FIFTH,))
    line = Line(turns, {}, NOON)
    for _ in range(100):
        line.judge(BOUND, None)
    later = Line(turns, line.counts, NOON + 4_900)
    waited = [later.judge(BOUND, Waits.SENDER_RATE) for _ in range(2)]
    assert waited == [Waiting(Waits.SENDER_RATE, NOON + 5_000), Waiting(Waits.SENDER_RATE, NOON + 10_000)]


def test_a_task_says_why_it_waits_until_it_is_due_for_another_reason() -> None:
    waiting = Waiting(Waits.SENDER_RATE, NOON)
    body = waiting_body({"reason": "FORCED"}, waiting)
    assert waiting_of(body, NOON) == waiting
    assert waiting_of(body, NOON + 1) is None
    assert waiting_of({"waits": "elsewhere", "until": NOON}, NOON) is None
    assert waiting_of({}, NOON) is None
