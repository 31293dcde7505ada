from collections import Counter
from dataclasses import replace

import pytest
from tests.carriers.build import a_route

from slidewire.carriers.base import Route
from slidewire.carriers.routing import NoRoute, Wanted, check_sender_pattern, choose_route

VERIZON = a_route(name="verizon", operators=("31003",))
ALIAS = a_route(name="alias", operators=("0001470",), senders=("28444",))
ANY = a_route(name="any", operators=("*",))
LONG_CODES = a_route(name="long", operators=("31003", "31002"), senders=("1415*", "447700900456"))
SMS = a_route(name="sms", kind="smpp")
TRIAL = a_route(name="trial", test=True)


@pytest.mark.parametrize(
    ("routes", "wanted", "name"),
    [
        pytest.param((ANY, VERIZON), Wanted("28444", "31003"), "verizon", id="the one that names it comes first"),
        pytest.param((ANY, VERIZON), Wanted("28444", "31999"), "any", id="else the one for any"),
        pytest.param((VERIZON, ANY), Wanted("28444"), "any", id="an unknown operator"),
        pytest.param((LONG_CODES, VERIZON), Wanted("28444", "31003"), "verizon", id="the sender decides"),
        pytest.param((LONG_CODES, VERIZON), Wanted("14155550100", "31003"), "long", id="first digits of the sender"),
        pytest.param((VERIZON, LONG_CODES), Wanted("14155550100", "31003"), "verizon", id="the first in the settings"),
        pytest.param((ANY, ALIAS), Wanted("28444", "31002", ("0001470",)), "alias", id="named by an alias"),
        pytest.param((LONG_CODES, ANY), Wanted("28444", "31003"), "any", id="no sender fits: the one for any"),
        pytest.param((SMS, ANY), Wanted("28444", kind="smpp"), "sms", id="of the kind that is wanted"),
        pytest.param((TRIAL, ANY), Wanted("28444"), "any", id="never the one to the simulator"),
        pytest.param((VERIZON, TRIAL), Wanted("28444", "31003", test=True), "trial", id="a test: that one alone"),
        pytest.param(
            (VERIZON, ANY), Wanted("28444", "31003", without=frozenset({"verizon"})), "any", id="one is ruled out"
        ),
    ],
)
def test_chooses(routes: tuple[Route, ...], wanted: Wanted, name: str) -> None:
    chosen = choose_route(routes, wanted)
    assert isinstance(chosen, Route)
    assert chosen.name == name


@pytest.mark.parametrize(
    ("routes", "wanted", "reason"),
    [
        pytest.param((), Wanted("28444"), "there is no mm7 route", id="none at all"),
        pytest.param((SMS,), Wanted("28444"), "there is no mm7 route", id="none of the kind"),
        pytest.param(
            (ANY,), Wanted("28444", test=True), "there is no mm7 route to the simulator", id="none for a test"
        ),
        pytest.param(
            (ANY,),
            Wanted("28444", without=frozenset({"any"})),
            "there is no mm7 route besides those already tried",
            id="all ruled out",
        ),
        pytest.param((VERIZON,), Wanted("28444"), "no mm7 route serves an unknown operator", id="unknown operator"),
        pytest.param((VERIZON,), Wanted("28444", "9"), "no mm7 route serves operator 9", id="another operator"),
        pytest.param((VERIZON,), Wanted("28444", "*"), "no mm7 route serves operator *", id="an operator named *"),
        pytest.param(
            (LONG_CODES,),
            Wanted("28444", "31003"),
            "no mm7 route for this operator takes the sender 28444",
            id="no sender fits",
        ),
    ],
)
def test_says_why_there_is_none(routes: tuple[Route, ...], wanted: Wanted, reason: str) -> None:
    assert choose_route(routes, wanted) == NoRoute(reason)


@pytest.mark.parametrize("pattern", ["*", "28444", "1415*"])
def test_a_pattern_of_senders(pattern: str) -> None:
    check_sender_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "+1415*", "1*5", "**", "abc", "٤*"])
def test_what_is_no_pattern_of_senders(pattern: str) -> None:
    with pytest.raises(ValueError, match="no sender pattern"):
        check_sender_pattern(pattern)


NEAR, FAR, THIRD = (a_route(name=name, operators=("31003",)) for name in ("near", "far", "third"))


def test_a_route_that_is_away_comes_behind_any_that_is_not() -> None:
    wanted = Wanted("28444", "31003", away=frozenset({"near"}))
    assert choose_route((NEAR, FAR, ANY), wanted) is FAR
    assert choose_route((NEAR, ANY), wanted) is ANY
    assert choose_route((NEAR,), wanted) is NEAR  # it may be back when the message leaves


def test_weights_share_the_receivers_and_each_keeps_its_route() -> None:
    routes = (replace(NEAR, weight=3), replace(FAR, weight=1), THIRD, ANY)

    def of(number: int) -> str:
        found = choose_route(routes, Wanted("28444", "31003", receiver=f"1555765{number:04}"))
        assert isinstance(found, Route)
        return found.name

    counts = Counter(of(number) for number in range(2_000))
    assert set(counts) == {"near", "far"}  # a route without a weight takes part in no sharing
    assert 0.70 < counts["near"] / 2_000 < 0.80
    assert [of(number) for number in range(20)] == [of(number) for number in range(20)]


def test_without_a_weight_the_first_takes_all() -> None:
    assert choose_route((NEAR, replace(FAR, weight=9)), Wanted("28444", "31003")) is NEAR
