"""When to try again: the whole list at once."""

import pytest

from slidewire.domain.schedule import JITTER, delay_before

SCHEDULE = (5, 30, 120)


def test_the_last_delay_comes_again_past_the_end() -> None:
    assert [delay_before(attempt, SCHEDULE, 0.0) for attempt in range(1, 8)] == [5, 5, 30, 120, 120, 120, 120]


def test_jitter_only_stretches() -> None:
    assert delay_before(3, SCHEDULE, 1.0) == pytest.approx(30 * (1 + JITTER))
    assert delay_before(3, SCHEDULE, 0.5) == pytest.approx(30 * (1 + JITTER / 2))


def test_a_schedule_without_delays_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one delay"):
        delay_before(2, (), 0.0)
