"""Gathered faults: the first is the one that sendMMS ends with, whatever else is wrong beside it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.test_checks import NOW, RULES, VALID, an_account

from slidewire.domain.checks import check_request
from slidewire.domain.faults import FaultError
from slidewire.domain.gathering import AllFaults
from slidewire.domain.message import Kind
from slidewire.domain.request import Medium, SlideRequest

PICTURE = Medium(Kind.IMAGE, "http://cdn.example.net/a.jpg")
BAD_SLIDES = (
    SlideRequest(),
    SlideRequest(text="x" * 5001, duration="soon"),
    SlideRequest(media=(PICTURE, Medium(Kind.VIDEO, "http://cdn.example.net/a.mp4"), Medium(Kind.PDF, "x"))),
)
#: field -> a text that is at fault.
WRONG: dict[str, Any] = {
    "receiver": "00",
    "sender": "99999",
    "mask": "x" * 51,
    "name": None,
    "subject": "a\x00b",
    "operator": "nobody",
    "send_at": "soon",
    "expires": "2020-01-01",
    "link_expiration": "yesterday",
    "force_sms": "yes",
    "disable_fallback": "perhaps",
    "disable_link": "perhaps",
    "client_reference": "x" * 65,
    "cache_content": "perhaps",
    "slides": BAD_SLIDES,
}
#: How many faults each is by itself.
COUNTS = {"slides": 5}


@given(st.sets(st.sampled_from(sorted(WRONG))))
def test_the_first_of_all_is_the_one_that_ends_a_sending(names: set[str]) -> None:
    request = replace(VALID, **{name: WRONG[name] for name in names})
    gathered = AllFaults()
    check_request(request, an_account(), NOW, RULES, gathered)
    if "force_sms" in names or "disable_fallback" not in names:
        assert len(gathered.found) == sum(COUNTS.get(name, 1) for name in names)
    if not names:
        return
    with pytest.raises(FaultError) as first:
        check_request(request, an_account(), NOW, RULES)
    assert (first.value.fault, first.value.words) == (gathered.found[0].fault, gathered.found[0].words)


def test_each_is_told_once_in_the_order_of_the_checks() -> None:
    gathered = AllFaults()
    check_request(replace(VALID, **WRONG), an_account(), NOW, RULES, gathered)
    assert [each.fault.code for each in gathered.found] == [
        *("E110", "E111", "E115", "E311", "E100", "E651", "E100", "E100", "E617", "E655"),
        *("E100", "E100", "E100", "E100"),
        *("E313", "E230", "E334", "E224", "E227"),
    ]
