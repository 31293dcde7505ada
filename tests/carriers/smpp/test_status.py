"""Each command_status and what it means, written down a second time."""

import pytest

from slidewire.carriers.base import Verdict
from slidewire.carriers.smpp.status import CODES, describe, judge

A, R, T, N = Verdict.ACCEPTED, Verdict.RETRY, Verdict.THROTTLED, Verdict.REFUSED
#: verdict -> codes
TABLE = {
    A: {0x00},
    T: {0x14, 0x58},
    R: {0x04, 0x05, 0x08, 0x0D, 0x0E, 0x0F, 0x45, 0x53, 0x64, 0xFE, 0xFF},
    N: {0x01, 0x02, 0x03, 0x06, 0x07, 0x0A, 0x0B, 0x0C, 0x15, 0x33, 0x34, 0x40, 0x42, 0x43, 0x44, 0x48, 0x49, 0x50}
    | {0x51, 0x54, 0x55, 0x61, 0x62, 0x63, 0x65, 0x66, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4},
}


def test_each_code_has_the_verdict_of_the_standards() -> None:
    found = {verdict: {code for code, meaning in CODES.items() if meaning.verdict is verdict} for verdict in TABLE}
    assert found == TABLE


def test_who_is_not_let_in_shuts_the_route_and_alarms() -> None:
    shut = {code for code, meaning in CODES.items() if meaning.route_down and meaning.alarm}
    assert shut == {0x0D, 0x0E, 0x0F, 0x53}


def test_errors_that_seldom_pass_are_tried_a_few_times() -> None:
    assert {code for code, meaning in CODES.items() if meaning.few_tries} == {0x08, 0x45, 0x64, 0xFE, 0xFF}


@pytest.mark.parametrize("code", [0x09, 0x10, 0x400, 0x4FF, 0x12345678, 0xFFFFFFFF])
def test_codes_that_nobody_knows_are_tried_a_few_times(code: int) -> None:
    meaning = judge(code, {})
    assert (meaning.verdict, meaning.few_tries, meaning.alarm) == (R, True, False)


def test_a_routes_own_codes_come_first() -> None:
    assert judge(0x0B, {0x0B: R}).verdict is R
    assert judge(0x401, {0x401: T}).verdict is T


def test_describes_a_code_by_number_and_name() -> None:
    assert describe(0x0B) == "command_status 0x0000000B (ESME_RINVDSTADR)"
    assert describe(0x401) == "command_status 0x00000401"
