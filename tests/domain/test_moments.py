"""Dates alone begin or end their day, as whoever asks wants (settled 11)."""

import pytest

from slidewire.domain.moments import read_moment, written

DAY = 1_893_456_000_000  #: 2030-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        pytest.param("2030-01-01", DAY, DAY + 86_399_999, id="a date alone"),
        pytest.param("20300101T00", None, None, id="an hour alone"),
        pytest.param("2030-01-01T01:00:00+01:00", DAY, DAY, id="a time with its offset"),
        pytest.param("2030-01-01 00:00", DAY, DAY, id="a time without"),
        pytest.param("2030-02-30", None, None, id="no such day"),
        pytest.param("1" * 65, None, None, id="too long"),
    ],
)
def test_reads(text: str, begins: int | None, ends: int | None) -> None:
    assert (read_moment(text), read_moment(text, ends=True)) == (begins, ends)


def test_tells_times_in_utc() -> None:
    assert (written(1_750_000_000_123), written(None)) == ("2025-06-15T15:06:40.123Z", "")
