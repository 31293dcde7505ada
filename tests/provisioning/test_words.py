"""What admins write: senders and keys. What cannot be meant is told in words."""

import pytest

from slidewire.provisioning.refusals import RefusedError, Why
from slidewire.provisioning.words import GivenKey, read_key, read_senders

GOOD_KEY = "abcdefghijklmnopqrst"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param("24680", "24680", id="a short code"),
        pytest.param(" 246 ", "246", id="the shortest code, with blanks"),
        pytest.param("12345678", "12345678", id="the longest code"),
        pytest.param("+12025550143", "12025550143", id="international form"),
        pytest.param("12025550143", "12025550143", id="without its plus"),
        pytest.param("4407700900123", "447700900123", id="a national zero that E.164 drops"),
        pytest.param("+49301234", "49301234", id="a short number that its plus makes one"),
    ],
)
def test_senders_become_what_is_stored(given: str, stored: str) -> None:
    assert read_senders([given]) == (stored,)


def test_a_sender_that_comes_twice_counts_once() -> None:
    assert read_senders(["+12025550143", "24680", "12025550143"]) == ("12025550143", "24680")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param("", "only digits 0-9", id="nothing"),
        pytest.param("MyBrand", "only digits 0-9", id="letters"),
        pytest.param("0012025550143", "begins with the calling code", id="two zeros"),
        pytest.param("202 555 0143", "only digits 0-9", id="blanks inside"),
        pytest.param("٢٤٦٨٠", "only digits 0-9", id="digits of another script"),
        pytest.param("12", "no country has this calling code", id="too short for a code"),
        pytest.param("+24680", "too short for its country", id="a short code with a plus"),
        pytest.param("120255501439999", "too long", id="too long for its country"),
    ],
)
def test_a_bad_sender_is_told_with_its_reason(given: str, reason: str) -> None:
    with pytest.raises(RefusedError, match=reason) as refused:
        read_senders([given])
    assert (refused.value.problem.startswith(f"sender {given}: "), refused.value.why) == (True, Why.WRONG)


def test_without_a_key_a_safe_one_is_made() -> None:
    first, second = read_key(None, weak_allowed=False), read_key(None, weak_allowed=False)
    assert first.key != second.key
    assert (len(first.key), first.weak) == (32, False)


@pytest.mark.parametrize("key", [GOOD_KEY, "a" * 13 + "bcdefgh"])
def test_a_long_and_rich_key_is_taken(key: str) -> None:
    assert read_key(key, weak_allowed=False) == GivenKey(key, weak=False)


@pytest.mark.parametrize("key", [GOOD_KEY[:-1], "abcdefg" * 10])
def test_a_short_or_poor_key_is_taken_only_when_that_is_said(key: str) -> None:
    with pytest.raises(RefusedError, match="this key is weak"):
        read_key(key, weak_allowed=False)
    assert read_key(key, weak_allowed=True) == GivenKey(key, weak=True)


@pytest.mark.parametrize(
    "key", ["", "with a blank in it 0123", "schlüssel-0123456789-x", "a\x1b" + GOOD_KEY, "x" * 201]
)
def test_a_key_that_no_request_could_carry_is_refused(key: str) -> None:
    with pytest.raises(RefusedError, match="printable ASCII"):
        read_key(key, weak_allowed=True)
