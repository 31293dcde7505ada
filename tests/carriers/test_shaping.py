import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slidewire.carriers.shaping import LEAST_SHARE, STEP_SECONDS, Bucket, Manners


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_a_bucket_needs_a_rate(rate: float) -> None:
    with pytest.raises(ValueError, match="more than zero"):
        Bucket(rate, 0.0)


def test_a_new_holder_starts_without_tokens() -> None:
    bucket = Bucket(10.0, 100.0)
    assert bucket.available(100.0) == 0
    assert bucket.next_token_at(100.0) == pytest.approx(100.1)
    assert bucket.take(100.1, 5) == 1


def test_keeps_no_more_than_its_burst() -> None:
    bucket = Bucket(50.0, 0.0)
    assert bucket.take(60.0, 1000) == 5
    assert bucket.take(60.0, 1000) == 0


def test_tokens_that_were_not_used_come_back() -> None:
    bucket = Bucket(50.0, 0.0)
    bucket.take(1.0, 5)
    bucket.give_back(2)
    assert bucket.available(1.0) == 2
    bucket.give_back(1000)
    assert bucket.available(1.0) == 5


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(1.0, 0.0)
    assert bucket.take(10.0, 1) == 1
    assert bucket.take(0.0, 1) == 0
    assert bucket.take(10.5, 1) == 0
    assert bucket.take(11.0, 1) == 1


def test_throttling_halves_the_rate_and_rests() -> None:
    bucket = Bucket(64.0, 0.0)
    bucket.throttled(10.0, retry_after=30.0)
    assert bucket.present_rate == 32.0
    assert bucket.available(39.9) == 0
    assert bucket.next_token_at(20.0) == pytest.approx(40.0 + 1 / 32)
    assert bucket.available(40.0 + 1 / 32) == 1


def test_throttled_together_counts_once() -> None:
    bucket = Bucket(64.0, 0.0)
    for late in range(8):
        bucket.throttled(10.0 + late / 100)
    assert bucket.present_rate == 32.0
    bucket.throttled(12.0)
    assert bucket.present_rate == 16.0


def test_never_slower_than_a_share_and_no_pause_without_end() -> None:
    bucket = Bucket(64.0, 0.0)
    for turn in range(40):
        bucket.throttled(turn * 1.0, retry_after=1e9 if turn == 39 else 0.0)
    assert bucket.present_rate == 64.0 * LEAST_SHARE
    assert bucket.next_token_at(40.0) == 39.0 + 3600.0 + 1.0


def test_the_rate_rises_again_by_steps() -> None:
    bucket = Bucket(64.0, 0.0)
    bucket.throttled(0.0)
    rates = []
    for step in range(10):
        bucket.available(1.0 + STEP_SECONDS * step)
        rates.append(bucket.present_rate)
    assert rates == [32.0, 36.0, 40.0, 44.0, 48.0, 52.0, 56.0, 60.0, 64.0, 64.0]


def test_a_lane_goes_on_where_its_last_holder_was() -> None:
    assert Bucket(64.0, 0.0, present_rate=8.0).present_rate == 8.0
    assert Bucket(64.0, 0.0, present_rate=1e9).present_rate == 64.0


_STEPS = st.lists(
    st.tuples(
        st.floats(0, 20, allow_nan=False),  # seconds until the step
        st.integers(0, 30),  # tokens wanted
        st.none() | st.floats(0, 15, allow_nan=False),  # throttled, and for how long
    ),
    max_size=60,
)


@given(rate=st.floats(0.01, 500), burst=st.floats(1, 50), steps=_STEPS)
@settings(max_examples=300, deadline=None)
def test_in_no_window_more_than_rate_and_burst(
    rate: float, burst: float, steps: list[tuple[float, int, float | None]]
) -> None:
    bucket = Bucket(rate, 0.0, burst=burst)
    now, taken = 0.0, []
    for seconds, wanted, pause in steps:
        now += seconds
        if pause is not None:
            bucket.throttled(now, pause)
        granted = bucket.take(now, wanted)
        assert 0 <= granted <= wanted
        assert bucket.present_rate <= rate
        taken.append((now, granted))
    for first in range(len(taken)):
        count = 0
        for at, granted in taken[first:]:
            count += granted
            assert count <= rate * (at - taken[first][0]) + burst + 1e-5


@given(rate=st.floats(0.01, 500), steps=_STEPS)
@settings(max_examples=300, deadline=None)
def test_the_next_token_is_there_when_it_was_promised(
    rate: float, steps: list[tuple[float, int, float | None]]
) -> None:
    bucket = Bucket(rate, 0.0)
    now = 0.0
    for seconds, wanted, pause in steps:
        now += seconds
        if pause is not None:
            bucket.throttled(now, pause)
        bucket.take(now, wanted)
        promised = bucket.next_token_at(now)
        assert promised >= now
        now = promised + 1e-6 * (1 + promised)
        assert bucket.available(now) >= 1


def test_what_costs_more_than_was_taken_is_earned_before_the_next() -> None:
    bucket = Bucket(10.0, 0.0, burst=2.0)
    assert bucket.take(1.0) == 1
    bucket.charge(1.0, 3)
    assert bucket.available(1.0) == 0
    assert bucket.next_token_at(1.0) == pytest.approx(1.3)
    assert bucket.available(1.25) == 0
    assert bucket.take(1.3, 5) == 1


def test_a_slow_start_rises_by_its_own_steps_to_the_whole_rate() -> None:
    bucket = Bucket(100.0, 0.0, manners=Manners(start=0.1, step=0.3, every=2.0))
    rates = []
    for second in range(0, 10, 2):
        bucket.available(float(second))
        rates.append(bucket.present_rate)
    assert rates == [10.0, 40.0, 70.0, 100.0, 100.0]


def test_throttling_leaves_the_least_that_is_set() -> None:
    bucket = Bucket(100.0, 0.0, manners=Manners(least=0.4))
    for second in (1.0, 3.0, 5.0):
        bucket.throttled(second)
    assert bucket.present_rate == 40.0


def test_a_peer_that_is_back_is_begun_with_slowly_and_never_faster_than_before() -> None:
    bucket = Bucket(100.0, 0.0, manners=Manners(start=0.2))
    bucket.available(80.0)
    assert bucket.present_rate == 100.0
    bucket.begin_slowly(80.0)
    assert bucket.present_rate == 20.0
    bucket.throttled(80.5)
    bucket.begin_slowly(80.5)
    assert bucket.present_rate == 10.0


def test_a_new_holder_begins_slowly_too() -> None:
    bucket = Bucket(100.0, 0.0, manners=Manners(start=0.2))
    bucket.change(50.0, 40.0, present_share=1.0)
    assert (bucket.present_rate, bucket.available(50.0)) == (8.0, 0)
