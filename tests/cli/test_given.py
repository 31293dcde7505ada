"""What people type: settings, times. What cannot be meant is told in words."""

import io

import pytest

from slidewire.cli.errors import CommandError
from slidewire.cli.given import given_key, read_seconds, read_words

GOOD_KEY = "abcdefghijklmnopqrst"


def test_a_key_can_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD_KEY}\n"))
    assert given_key("-") == GOOD_KEY
    assert (given_key(None), given_key("another")) == (None, "another")


def test_reads_settings() -> None:
    words = read_words(["max_slides=5", " service_ids = a=b, c "], "https://a.example.net/?x=1")
    assert words == {"max_slides": "5", "service_ids": "a=b, c", "postback_url": "https://a.example.net/?x=1"}


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        pytest.param("max_slides", "is not NAME=VALUE", id="no value"),
        pytest.param("=5", "is not NAME=VALUE", id="no name"),
    ],
)
def test_a_bad_setting_is_told(pair: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        read_words([pair])


def test_reads_times() -> None:
    assert read_seconds("1d", "--overlap") == 86_400
    with pytest.raises(CommandError, match="--overlap: 'soon' is no time"):
        read_seconds("soon", "--overlap")
