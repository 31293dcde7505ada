"""Which limits hold for a call, and what they say when they refuse it (settled 16, 23)."""

from datetime import UTC, datetime

import pytest

from slidewire.domain.faults import Fault
from slidewire.domain.limits import (
    ActionRate,
    CallLimits,
    Limit,
    LimitKind,
    Standing,
    limits_of,
    read_interval,
    read_quota,
    read_throughput,
    standing,
)


def at(*date: int) -> int:
    return round(datetime(*date, tzinfo=UTC).timestamp() * 1000)


NOW = at(2026, 12, 31, 23, 59, 59)


def test_nothing_is_limited_unless_it_is_set() -> None:
    assert limits_of(CallLimits(), "sendmms", NOW) == ()


def test_all_limits_in_the_order_in_which_they_refuse() -> None:
    limits = CallLimits(0.5, (ActionRate("*", "100/min"),), 10, 100)
    year_end = at(2027, 1, 1)
    assert limits_of(limits, "sendmms", NOW) == (
        Limit(LimitKind.INTERVAL, "interval", 1.0, 2.0),
        Limit(LimitKind.THROUGHPUT, "rate:sendmms", 100 / 60, 100 / 60),
        Limit(LimitKind.DAY, f"day:{NOW // 86_400_000}", 10, ends_at=year_end),
        Limit(LimitKind.MONTH, "month:2026-12", 100, ends_at=year_end),
    )


def test_a_month_ends_at_the_next_ones_first_midnight() -> None:
    [month] = limits_of(CallLimits(quota_month=5), "x", at(2028, 2, 29, 12))
    assert (month.name, month.ends_at) == ("month:2028-02", at(2028, 3, 1))


@pytest.mark.parametrize(
    ("action", "rate"),
    [
        pytest.param("sendmms", 10.0, id="its own rate"),
        pytest.param("savemms", 5.0, id="that of all others"),
    ],
)
def test_each_action_has_its_rate(action: str, rate: float) -> None:
    limits = CallLimits(throughput=read_throughput("sendMMS=10/s, *=5/s"))
    assert limits_of(limits, action, NOW) == (Limit(LimitKind.THROUGHPUT, f"rate:{action}", rate, rate),)


def test_an_action_without_a_rate_has_none() -> None:
    assert limits_of(CallLimits(throughput=read_throughput("sendMMS=10/s")), "savemms", NOW) == ()


def test_a_slow_rate_holds_one_call() -> None:
    [limit] = limits_of(CallLimits(throughput=read_throughput("6/min")), "x", NOW)
    assert (limit.most, limit.rate) == (1.0, 0.1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", (), id="none"),
        pytest.param(" 10/s ", (ActionRate("*", "10/s"),), id="one for all"),
        pytest.param(
            "sendMMS = 0.5/s ,*=5/min",
            (ActionRate("sendmms", "0.5/s"), ActionRate("*", "5/min")),
            id="one of its own",
        ),
    ],
)
def test_reads_throughput(text: str, expected: tuple[ActionRate, ...]) -> None:
    assert read_throughput(text) == expected
    assert read_throughput(", ".join(str(each) for each in expected)) == expected


@pytest.mark.parametrize(
    "text", ["10", "sendMMS=", "=5/s", "0/s", "-1/s", "5/s, 6/s", "a=1/s, A=2/s", "5/day", "sendMMS=5/s/s"]
)
def test_refuses_what_is_no_throughput(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|names no action"):
        read_throughput(text)


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("5", 5.0), ("0.25", 0.25), ("86400", 86_400.0)])
def test_reads_an_interval(text: str, seconds: float) -> None:
    assert read_interval(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "nan", "1e3", "86401", "٥", "5s", "."])
def test_refuses_what_is_no_interval(text: str) -> None:
    with pytest.raises(ValueError, match=r"seconds|float"):
        read_interval(text)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e6", "٥", "1000000000000000"])
def test_refuses_what_is_no_quota(text: str) -> None:
    with pytest.raises(ValueError, match="calls"):
        read_quota(text)


@pytest.mark.parametrize(
    ("limits", "fault", "words"),
    [
        pytest.param(CallLimits(5), Fault.TOO_SOON, "You can call API every 5 seconds.", id="whole seconds"),
        pytest.param(CallLimits(0.3), Fault.TOO_SOON, "You can call API every 0.3 seconds.", id="a part of one"),
        pytest.param(
            CallLimits(throughput=(ActionRate("*", "1/s"),)),
            Fault.THROUGHPUT_EXCEEDED,
            "Set throughput exceeded for this API action. API call rejected.",
            id="throughput",
        ),
        pytest.param(
            CallLimits(quota=1), Fault.QUOTA_REACHED, "Account has reached the API request limit.", id="of the day"
        ),
        pytest.param(
            CallLimits(quota_month=1),
            Fault.QUOTA_REACHED,
            "Account has reached the API request limit.",
            id="of the month",
        ),
    ],
)
def test_says_why_and_when_to_come_back(limits: CallLimits, fault: Fault, words: str) -> None:
    [limit] = limits_of(limits, "sendmms", NOW)
    error = limit.refusal(2.5)
    assert (error.fault, error.words, error.retry_after) == (fault, words, 2.5)


def test_what_is_published_of_a_limit() -> None:
    rate, day = Limit(LimitKind.THROUGHPUT, "r", 10.0, 10.0), Limit(LimitKind.DAY, "d", 100, ends_at=NOW + 1_500)
    assert standing(rate, 4, NOW) == Standing(10, 4, 1)
    assert standing(rate, 12, NOW) == Standing(10, 10, 0)
    assert standing(day, -1, NOW) == Standing(100, 0, 2)
