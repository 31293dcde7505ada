"""Which messages are the same to who receives them."""

from dataclasses import replace

import pytest
from tests.builders import a_message

from slidewire.domain.message import Message, Slide
from slidewire.domain.repeats import read_minutes, sameness, warning_of

ONE = a_message(subject="Hello", slides=(Slide("one"), Slide("two")))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(replace(a_message(), slides=ONE.slides, subject="Hello"), True, id="another message"),
        pytest.param(
            replace(ONE, client_reference="x", name="y", campaign_ref="z"), True, id="the customer's own words"
        ),
        pytest.param(replace(ONE, receiver="12025550124"), False, id="another receiver"),
        pytest.param(replace(ONE, sender="13579"), False, id="another sender"),
        pytest.param(replace(ONE, subject="Hell", fallback_text="o"), False, id="words that moved"),
        pytest.param(replace(ONE, slides=(Slide("onetwo"),)), False, id="slides put together"),
        pytest.param(replace(ONE, slides=ONE.slides[::-1]), False, id="slides in another order"),
        pytest.param(replace(ONE, account_id="acct-2"), False, id="another account"),
    ],
)
def test_what_is_the_same(other: Message, same: bool) -> None:
    assert (sameness(ONE) == sameness(other)) is same


def test_the_warning_has_whole_seconds() -> None:
    assert warning_of(12_999) == "the same content went to this receiver 12 s ago"


@pytest.mark.parametrize("text", ["-1", "1441", "ten", "", "٣", "00000"])
def test_minutes_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="is no number of minutes from 0 to 1440"):
        read_minutes(text)
