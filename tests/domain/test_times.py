"""SENDAT and EXPIRES: what is read, what is refused, and what depends on them (adr 0170)."""

from dataclasses import replace

import pytest
from tests.domain.test_checks import NOW, VALID, check, refuse

from slidewire.domain.account import Account, AccountSettings
from slidewire.domain.checks import Rules, check_request
from slidewire.domain.faults import Fault

#: NOW is 2030-03-01T12:00:00Z.
HOUR, DAY = 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("given", "at"),
    [
        pytest.param("2030-03-01T13:00:00Z", NOW + HOUR, id="UTC"),
        pytest.param("2030-03-01T13:00:00", NOW + HOUR, id="no offset is UTC"),
        pytest.param("20300301T130000.25Z", NOW + HOUR + 250, id="basic form with a fraction"),
        pytest.param("2030-03-01T14:00:00+01:00", NOW + HOUR, id="east"),
        pytest.param("2030-03-01T14:00:00 01:00", NOW + HOUR, id="a GET swallowed the plus"),
        pytest.param("2030-03-01T03:30:00-09:30", NOW + HOUR, id="west, by half an hour"),
        pytest.param("2030-03-01T18:45+0545", NOW + HOUR, id="Nepal, without seconds"),
        pytest.param(" 2030-03-02 ", NOW + 12 * HOUR, id="a date alone is its first moment"),
        pytest.param("2031-03-01T12:00:00Z", NOW + 365 * DAY, id="a year on"),
        pytest.param("2031-03-02T12:00:00Z", NOW + 366 * DAY, id="the last moment"),
    ],
)
def test_a_time_to_send_at(given: str, at: int) -> None:
    checked = check(send_at=given)
    assert (checked.send_at, checked.expires_at, checked.warnings) == (at, 0, ())
    assert checked.link_expires_at == at + 365 * DAY


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param("tomorrow", "is no date and time of ISO 8601", id="a word"),
        pytest.param("1898600400", "is no date and time of ISO 8601", id="Unix time"),
        pytest.param("2030-02-30T12:00:00Z", "is no date and time of ISO 8601", id="no such day"),
        pytest.param("2030-03-01T13:00:00+24:00", "is no date and time of ISO 8601", id="no such offset"),
        pytest.param("2030-03-01T12:00:00Z", "is not in the future", id="this moment"),
        pytest.param("2030-03-01T12:30:00+01:00", "is not in the future", id="past, for all its digits say"),
        pytest.param("2030-03-01", "is not in the future", id="today has begun"),
        pytest.param("2031-03-02T12:00:01Z", "is more than 366 days ahead", id="too far ahead"),
    ],
)
def test_no_time_to_send_at(given: str, problem: str) -> None:
    error = refuse(send_at=given)
    assert (error.fault, error.field, error.problem) == (Fault.INVALID_REQUEST, "send_at", problem)


def test_a_blank_time_is_none() -> None:
    checked = check(send_at=None, expires=None)
    assert (checked.send_at, checked.expires_at) == (0, 0)


@pytest.mark.parametrize(
    ("given", "send_at", "at", "warnings"),
    [
        pytest.param("2030-03-01T12:00:01Z", None, NOW + 1_000, (), id="a second"),
        pytest.param("2030-03-31T12:00:00Z", None, NOW + 30 * DAY, (), id="as long as may be"),
        pytest.param("2031-04-02T00:00:00Z", None, NOW + 30 * DAY, ("the validity was cut to 30 days",), id="too long"),
        pytest.param("2030-03-03", "2030-03-02", NOW + 36 * HOUR, (), id="behind the time it is sent at"),
        pytest.param(
            "2031-01-01", "2030-03-02", NOW + 30 * DAY + 12 * HOUR, ("the validity was cut to 30 days",),
            id="too long, counted from then",
        ),
    ],
)  # fmt: skip
def test_a_validity(given: str, send_at: str | None, at: int, warnings: tuple[str, ...]) -> None:
    checked = check(expires=given, send_at=send_at)
    assert (checked.expires_at, checked.warnings) == (at, warnings)


@pytest.mark.parametrize(
    ("given", "send_at", "problem"),
    [
        pytest.param("soon", None, "is no date and time of ISO 8601", id="a word"),
        pytest.param("2030-03-01T12:00:00Z", None, "is not later than the message is sent", id="this moment"),
        pytest.param("2030-03-02", "2030-03-02", "is not later than the message is sent", id="before it is sent"),
    ],
)
def test_no_validity(given: str, send_at: str | None, problem: str) -> None:
    error = refuse(expires=given, send_at=send_at)
    assert (error.fault, error.field, error.problem) == (Fault.INVALID_REQUEST, "expires", problem)


def test_a_link_must_end_behind_the_time_that_its_message_is_sent_at() -> None:
    assert refuse(send_at="2030-03-03", link_expiration="2030-03-02").fault is Fault.BAD_LINK_EXPIRATION
    assert check(send_at="2030-03-03", link_expiration="2031-03-03T00:00:00Z").link_expires_at > NOW + 366 * DAY


def test_the_settings_bound_both() -> None:
    account = Account("acct-1", "An account", AccountSettings(), frozenset({"24680"}))
    rules = Rules(ahead_ms=DAY, longest_validity_ms=DAY // 2)
    request = replace(VALID, send_at="2030-03-02T12:00:00Z", expires="2030-03-09")
    checked = check_request(request, account, NOW, rules)
    assert (checked.send_at, checked.expires_at) == (NOW + DAY, NOW + DAY + DAY // 2)
    assert checked.warnings == ("the validity was cut to 0.5 days",)
