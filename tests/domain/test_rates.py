"""Rates as people write them."""

import pytest

from slidewire.domain.rates import parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [("50/s", 50.0), ("100/min", 100 / 60), ("3600/h", 1.0), ("0.5/s", 0.5), (" 2.5 / min ", 2.5 / 60)],
)
def test_reads_a_rate(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["", "50", "50/day", "/s", "-5/s", "0/s", "0.0/h", "1e3/s", "nan/s", "5/s/s", "٥/s"])
def test_says_what_a_rate_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        parse_rate(text)
