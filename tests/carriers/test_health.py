import pytest

from slidewire.carriers.base import Outcome, Verdict
from slidewire.carriers.health import Breaker

DOWN = Outcome(Verdict.RETRY, route_down=True)
SHUT = Outcome(Verdict.RETRY, route_down=True, alarm=True)
REFUSED = Outcome(Verdict.REFUSED)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(3, (1.0, 2.0, 5.0))
    for _ in range(3):
        breaker.record(DOWN, at)
    return breaker


def test_opens_after_failures_in_a_row() -> None:
    breaker = Breaker(3, (1.0,))
    breaker.record(DOWN, 0.0)
    breaker.record(DOWN, 0.0)
    assert breaker.take(0.0, 10) == 10
    breaker.record(DOWN, 0.0)
    assert breaker.is_open
    assert breaker.take(0.9, 10) == 0


def test_any_answer_breaks_the_row() -> None:
    breaker = Breaker(3, (1.0,))
    for outcome in (DOWN, DOWN, REFUSED, DOWN, DOWN):
        breaker.record(outcome, 0.0)
    assert not breaker.is_open


def test_an_alarm_opens_at_once() -> None:
    breaker = Breaker(3, (1.0,))
    breaker.record(SHUT, 0.0)
    assert breaker.is_open


def test_one_probe_for_each_back_off() -> None:
    breaker = opened()
    assert breaker.probe_at == 1.0
    assert breaker.available(1.0, 10) == 1
    assert breaker.take(1.0, 10) == 1
    assert breaker.take(1.0, 10) == 0


def test_failed_probes_stretch_the_back_off_to_its_last() -> None:
    breaker, now, waits = opened(), 0.0, []
    for _ in range(5):
        waits.append(breaker.probe_at - now)
        now = breaker.probe_at
        assert breaker.take(now) == 1
        breaker.record(DOWN, now)
    assert waits == [1.0, 2.0, 5.0, 5.0, 5.0]


def test_failures_that_were_under_way_do_not_stretch_it() -> None:
    breaker = opened()
    for _ in range(20):
        breaker.record(DOWN, 0.5)
    assert breaker.probe_at == 1.0


def test_a_probe_that_succeeds_closes() -> None:
    breaker = opened()
    breaker.take(1.0)
    breaker.record(Outcome(Verdict.ACCEPTED), 1.5)
    assert breaker.take(1.5, 10) == 10
    breaker.record(DOWN, 2.0)
    assert not breaker.is_open


def test_a_probe_that_never_reports_blocks_nothing() -> None:
    breaker = opened()
    assert breaker.take(1.0) == 1
    assert breaker.take(2.0) == 1


def test_an_hour_down_costs_an_attempt_per_back_off() -> None:
    breaker, now, attempts = opened(), 0.0, 0
    while now < 3600:
        if breaker.take(now, 100):
            attempts += 1
            breaker.record(DOWN, now)
        now += 0.5
    assert attempts == 721


@pytest.mark.parametrize(("failures", "backoff"), [(0, (1.0,)), (1, ())])
def test_a_breaker_that_makes_no_sense(failures: int, backoff: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="breaker"):
        Breaker(failures, backoff)
