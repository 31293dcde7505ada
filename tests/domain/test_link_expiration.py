"""Every form of MMSLINK_EXPIRATION_DATE (settled 11)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.link_expiration import DEFAULT_MS, ExpirationError, read_expiration


def ms(*moment: int, offset: timedelta = timedelta(0)) -> int:
    """Unix milliseconds of a date and time."""
    return round(datetime(*moment, tzinfo=timezone(offset)).timestamp() * 1000)  # type: ignore[arg-type,misc]  # year to seconds


NOW = ms(2030, 3, 1, 12)
MAY = ms(2030, 5, 1, 10, 30)
DAY = 24 * 3600 * 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2030-05-01T10:30:00Z", MAY, id="extended"),
        pytest.param("20300501T103000Z", MAY, id="basic"),
        pytest.param("2030-05-01 10:30:00Z", MAY, id="a blank for the T"),
        pytest.param("2030-05-01T10:30Z", MAY, id="no seconds"),
        pytest.param("20300501T1030Z", MAY, id="basic, no seconds"),
        pytest.param("2030-05-01T10:30:00.25Z", MAY + 250, id="a fraction"),
        pytest.param("2030-05-01T10:30:00,2509999999999Z", MAY + 250, id="a long fraction behind a comma"),
        pytest.param("2030-05-01T10:30:00", MAY, id="no offset is UTC"),
        pytest.param("2030-05-01T12:30:00+02", MAY, id="an offset of hours"),
        pytest.param("2030-05-01T12:30:00+0200", MAY, id="an offset without a colon"),
        pytest.param("2030-05-01T12:30:00+02:00", MAY, id="an offset with a colon"),
        pytest.param("2030-05-01T05:00:00-05:30", MAY, id="an offset to the west"),
        pytest.param("2030-05-01T12:30:00 02:00", MAY, id="a plus that became a blank"),
        pytest.param("2030-05-01 12:30 0200", MAY, id="blanks everywhere"),
        pytest.param("2030-05-01t10:30:00z", MAY, id="small letters"),
        pytest.param("2030-05-01", ms(2030, 5, 2) - 1, id="a date alone is the end of that day"),
        pytest.param("20300501", ms(2030, 5, 2) - 1, id="a basic date alone"),
        pytest.param("2030-03-01", ms(2030, 3, 2) - 1, id="today"),
        pytest.param("2030-05-01T24:00", ms(2030, 5, 2), id="24:00"),
        pytest.param("2031-03-01T12:00:00Z", ms(2031, 3, 1, 12), id="one year on to the second"),
        pytest.param("2030-03-01T12:00:00.001Z", NOW + 1, id="one millisecond on"),
    ],
)
def test_reads(text: str, expected: int) -> None:
    assert read_expiration(text, NOW) == expected


UNREADABLE = "no date and time of ISO 8601"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("tomorrow", UNREADABLE, id="a word"),
        pytest.param("01/05/2030", UNREADABLE, id="another notation"),
        pytest.param("2030-5-1", UNREADABLE, id="one digit"),
        pytest.param("2030-0501", UNREADABLE, id="half extended"),
        pytest.param("203005-01", UNREADABLE, id="the other half"),
        pytest.param("2030-13-01", UNREADABLE, id="a thirteenth month"),
        pytest.param("2031-02-29", UNREADABLE, id="February 29 in a common year"),
        pytest.param("2030-05-01T25:00Z", UNREADABLE, id="hour 25"),
        pytest.param("2030-05-01T24:01Z", UNREADABLE, id="after 24:00"),
        pytest.param("2030-05-01T10:60Z", UNREADABLE, id="minute 60"),
        pytest.param("2030-05-01T10:30:60Z", UNREADABLE, id="second 60"),
        pytest.param("2030-05-01T10Z", UNREADABLE, id="no minutes"),
        pytest.param("2030-05-01T10:30:00+24:00", UNREADABLE, id="an offset of a day"),
        pytest.param("2030-05-01T10:30:00+02:60", UNREADABLE, id="an offset of 60 minutes"),
        pytest.param("2030-05-01T10:30:00ZZ", UNREADABLE, id="something behind"),
        pytest.param("2030-05-01  10:30", UNREADABLE, id="two blanks"),
        pytest.param("2030-W18-3", UNREADABLE, id="a week date"),
        pytest.param("2030-121", UNREADABLE, id="an ordinal date"),
        pytest.param("２０３０-05-01", UNREADABLE, id="full-width digits"),
        pytest.param("1898596800000", UNREADABLE, id="Unix time"),
        pytest.param("0000-01-01", UNREADABLE, id="year 0"),
        pytest.param("9999-12-31T23:59-23:59", UNREADABLE, id="past the end of time"),
        pytest.param("2030-05-01T10:30:00." + "0" * 100_000, UNREADABLE, id="without end"),
        pytest.param("2030-03-01T12:00:00Z", "not in the future", id="now"),
        pytest.param("2030-02-28", "not in the future", id="yesterday"),
        pytest.param("2031-03-01T12:00:00.001Z", "more than one year ahead", id="one year and a millisecond"),
        pytest.param("2031-03-01", "more than one year ahead", id="the end of the day one year on"),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    with pytest.raises(ExpirationError) as refused:
        read_expiration(text, NOW)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        pytest.param(ms(2027, 5, 1), ms(2028, 5, 1), id="over a leap day: 366 days"),
        pytest.param(ms(2028, 2, 29), ms(2029, 2, 28), id="from a leap day: 365 days"),
        pytest.param(ms(2028, 2, 28), ms(2029, 2, 28), id="from the day before: 366 days"),
        pytest.param(ms(2030, 5, 1), ms(2031, 5, 1), id="a common year"),
    ],
)
def test_a_year_is_a_calendar_year_and_never_less_than_365_days(now: int, latest: int) -> None:
    text = datetime.fromtimestamp(latest / 1000, UTC).isoformat()
    assert read_expiration(text, now) == latest
    assert latest - now >= DEFAULT_MS
    with pytest.raises(ExpirationError, match="more than one year ahead"):
        read_expiration(datetime.fromtimestamp(latest / 1000 + 1, UTC).isoformat(), now)


@given(
    st.integers(1, 364 * DAY),
    st.sampled_from(["%Y-%m-%dT%H:%M:%S.%f", "%Y%m%d %H%M%S,%f"]),
    st.integers(-1439, 1439),
)
def test_every_moment_of_the_year_is_read_in_every_offset(ahead: int, form: str, minutes: int) -> None:
    moment = datetime.fromtimestamp(NOW // 1000, UTC) + timedelta(milliseconds=ahead)
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    assert read_expiration(local.strftime(form) + offset, NOW) == NOW + ahead


@given(st.text(max_size=80) | st.text("0123456789-:TZ+ .,", max_size=40))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        moment = read_expiration(text, NOW)
    except ExpirationError:
        return
    assert NOW < moment <= NOW + 366 * DAY
