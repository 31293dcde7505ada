"""Quiet hours: by the clock where the receiver is, in every place and zone that his number may belong to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.geodata import GEOCODE_DATA

from slidewire.domain.areas import STATES_OF
from slidewire.domain.quiet import QuietRules, QuietWindow, places_of, quiet_until, read_windows, zones_of

NIGHT = QuietWindow("*", 21 * 60, 8 * 60)
ZONES = ("America/New_York", "America/Los_Angeles", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")


def at(words: str, zone: str) -> int:
    return round(datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def told(millis: int, zone: str) -> str:
    return datetime.fromtimestamp(millis / 1000, ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("word", "window"),
    [
        pytest.param("21:00-08:00", NIGHT, id="everywhere"),
        pytest.param("* 21:00 - 8:00", NIGHT, id="everywhere, in words"),
        pytest.param("us-fl 20:00-08:00", QuietWindow("US-FL", 1200, 480), id="a state"),
        pytest.param("FR 12:30-14:00", QuietWindow("FR", 750, 840), id="a country, at noon"),
    ],
)
def test_reads_what_people_write(word: str, window: QuietWindow) -> None:
    assert read_windows([word]) == (window,)
    assert read_windows([str(window)]) == (window,)


@pytest.mark.parametrize(
    "word", ["21:00", "XX 21:00-08:00", "US-ZZ 21:00-08:00", "24:00-08:00", "21:00-08:60", "8:00-8:00", "night"]
)
def test_refuses_what_is_no_window(word: str) -> None:
    with pytest.raises(ValueError, match=word.split(maxsplit=1)[0]):
        read_windows([word])


@pytest.mark.parametrize(
    ("now", "zone", "ends"),
    [
        pytest.param("2026-01-10 23:30", "America/New_York", "2026-01-11T08:00-05:00", id="before midnight"),
        pytest.param("2026-01-11 07:59", "America/New_York", "2026-01-11T08:00-05:00", id="after midnight"),
        pytest.param(
            "2026-03-08 01:00", "America/New_York", "2026-03-08T08:00-04:00", id="the night that is an hour short"
        ),
        pytest.param(
            "2026-11-01 00:30", "America/New_York", "2026-11-01T08:00-05:00", id="the night that is an hour long"
        ),
    ],
)
def test_ends_by_the_local_clock(now: str, zone: str, ends: str) -> None:
    assert told(quiet_until([NIGHT], [zone], at(now, zone)), zone) == ends


@pytest.mark.parametrize("now", ["2026-01-11 08:00", "2026-01-11 20:59"])
def test_is_over_outside_of_it(now: str) -> None:
    assert quiet_until([NIGHT], ["America/New_York"], at(now, "America/New_York")) == 0


@pytest.mark.parametrize(
    ("day", "end"),
    [
        pytest.param("2026-03-08 00:30", "2026-03-08T03:30-04:00", id="in the hour that is left out"),
        pytest.param("2026-11-01 00:30", "2026-11-01T01:30-05:00", id="in the hour that comes twice"),
    ],
)
def test_a_window_that_ends_in_a_strange_hour_ends_late(day: str, end: str) -> None:
    minutes = 150 if "03-08" in day else 90
    zone = "America/New_York"
    until = quiet_until([QuietWindow("*", 22 * 60, minutes)], [zone], at(day, zone))
    assert told(until, zone) == end


def test_the_strictest_zone_wins() -> None:
    both = ["America/New_York", "America/Chicago"]
    assert told(quiet_until([NIGHT], both, at("2026-01-11 07:30", both[0])), both[0]) == "2026-01-11T09:00-05:00"
    assert told(quiet_until([NIGHT], both, at("2026-01-11 21:30", both[0])), both[0]) == "2026-01-12T09:00-05:00"


def test_windows_that_leave_no_minute_end_some_day() -> None:
    always = [QuietWindow("*", 0, 720), QuietWindow("*", 720, 0)]
    now = at("2026-01-11 07:30", "UTC")
    assert 7 < (quiet_until(always, ["UTC"], now) - now) / 86_400_000 < 9


minutes_of_a_day = st.integers(0, 1439)


@given(
    windows=st.lists(st.builds(QuietWindow, st.just("*"), minutes_of_a_day, minutes_of_a_day), min_size=1, max_size=3),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3),
    minute=st.integers(0, 366 * 24 * 60),
)
def test_what_is_told_is_later_and_not_quiet_anywhere(
    windows: list[QuietWindow], zones: list[str], minute: int
) -> None:
    windows = [window for window in windows if window.start != window.end]
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    until = quiet_until(windows, zones, now.timestamp() * 1000)
    then = datetime.fromtimestamp(until / 1000, UTC) if until else now
    inside = [w for w in windows for zone in zones if w.ends_after(then.astimezone(ZoneInfo(zone)))]
    assert then >= now
    assert not inside or then - now > timedelta(days=2)  # together they leave hardly a minute


@given(zone=st.sampled_from(ZONES), minute=st.integers(0, 366 * 24 * 60), length=st.integers(1, 23))
def test_one_window_holds_no_longer_than_it_lasts(zone: str, minute: int, length: int) -> None:
    window = QuietWindow("*", 20 * 60, (20 + length) % 24 * 60)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    until = quiet_until([window], [zone], now.timestamp() * 1000)
    assert until == 0 or until - now.timestamp() * 1000 <= (length + 1) * 3_600_000


@pytest.mark.parametrize(
    ("receiver", "country", "places", "zones"),
    [
        pytest.param("13055550123", "US", ("US", "US-FL"), {"America/New_York"}, id="Florida"),
        pytest.param(
            "18505550123", "US", ("US", "US-FL"), {"America/Chicago", "America/New_York"}, id="an area of two zones"
        ),
        pytest.param("19025550123", "CA", ("CA", "CA-NS", "CA-PE"), {"America/Halifax"}, id="two provinces"),
        pytest.param("447700900123", "GB", ("GB",), {"Europe/London"}, id="one that was never given out"),
        pytest.param("17875550123", "PR", ("PR",), {"America/Puerto_Rico"}, id="Puerto Rico"),
        pytest.param("8816123456789", "001", ("001",), {"UTC"}, id="a satellite"),
    ],
)
def test_knows_where_a_number_may_be(receiver: str, country: str, places: tuple[str, ...], zones: set[str]) -> None:
    assert places_of(receiver, country) == places
    assert zones <= set(zones_of(receiver))


def test_a_number_of_no_known_area_may_be_in_every_state() -> None:
    assert len(places_of("15555550123", "US")) == 52


def test_every_area_code_of_the_library_is_in_the_table() -> None:
    known = {prefix[1:] for prefix in GEOCODE_DATA if len(prefix) == 4 and prefix[0] == "1"}
    assert set(STATES_OF) == known


@pytest.mark.parametrize(
    ("rules", "campaign", "waits"),
    [
        pytest.param(QuietRules((NIGHT,)), "spring", True, id="a campaign"),
        pytest.param(QuietRules((NIGHT,)), "", False, id="no campaign"),
        pytest.param(QuietRules((NIGHT,), exempt=("otp",)), "otp", False, id="a campaign that is no marketing"),
        pytest.param(QuietRules((NIGHT,), "all", ("otp",)), "", True, id="all of them"),
        pytest.param(QuietRules((QuietWindow("US-CA", 1260, 480),)), "spring", False, id="another state's hours"),
        pytest.param(QuietRules((QuietWindow("US-NY", 1260, 480),)), "spring", True, id="its state's hours"),
    ],
)
def test_holds_what_the_account_says(rules: QuietRules, campaign: str, waits: bool) -> None:
    now = at("2026-01-11 22:00", "America/New_York")
    assert bool(rules.until("12125550123", "US", campaign, now)) is waits
