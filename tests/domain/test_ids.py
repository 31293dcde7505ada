"""Ids sort by time and never go back; keys are long and unmistakable (durability 26)."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import Clock

from slidewire.domain.ids import IdMaker, id_time, new_key


def test_an_id_is_a_uuid7_in_hex() -> None:
    identifier = IdMaker(Clock(0x0197_0000_0001), lambda count: b"\xff" * count)()
    assert identifier == "019700000001" + "7000" + "bfff" + "f" * 12


def test_an_id_tells_when_it_was_made() -> None:
    clock = Clock()
    assert id_time(IdMaker(clock)()) == clock.now


@given(st.lists(st.integers(0, 2**47), min_size=1, max_size=50))
def test_ids_never_go_back_whatever_the_clock_does(times: list[int]) -> None:
    clock = Clock()
    make = IdMaker(clock)
    made = []
    for clock.now in times:
        made.append(make())
    assert made == sorted(set(made))


def test_more_ids_than_a_millisecond_can_count_still_grow() -> None:
    make = IdMaker(Clock())
    made = [make() for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {identifier[12] for identifier in made} == {"7"}


def test_threads_share_one_maker() -> None:
    make = IdMaker(Clock())
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: make(), range(4_000)))
    assert len(set(made)) == 4_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("12", id="too short"),
        pytest.param("0" * 33, id="too long"),
        pytest.param("g" * 32, id="no hex digits"),
        pytest.param("0x" + "0" * 30, id="a number as programs write it"),
        pytest.param("1_" * 16, id="digits in groups"),
        pytest.param("+" + "0" * 31, id="a sign"),
        pytest.param(" " * 31 + "1", id="blanks"),
        pytest.param("٣" * 32, id="another script's digits"),
    ],
)
def test_what_is_no_id_has_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="id"):
        id_time(text)


def test_keys_are_long_and_without_lookalikes() -> None:
    keys = [new_key() for _ in range(200)]
    assert len(set(keys)) == 200
    assert {len(key) for key in keys} == {32}
    assert re.fullmatch(r"[A-Za-z0-9]+", "".join(keys))
    assert not set("".join(keys)) & set("lIoO01")
