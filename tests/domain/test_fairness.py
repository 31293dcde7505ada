"""Whose turn it is: each account as often as its weight says, bulk a share of the places, nobody passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slidewire.domain.account import SettingError, read_settings
from slidewire.domain.fairness import Fair, Last, Sharing, Standing, bulks, in_turn
from slidewire.domain.task import BULK, ORDINARY

ALIKE = Sharing(0.1, lambda _account_id: 1)
WEIGHTS = {"a": 1, "b": 3, "c": 2}


@pytest.mark.parametrize(
    ("last", "accounts", "places"),
    [
        pytest.param(Last(), "abc", "abbbccabbb", id="from the beginning"),
        pytest.param(Last("b", 1), "bca", "bbccabbbcc", id="an account in the middle of its turn goes on"),
        pytest.param(Last("b", 3), "cab", "ccabbbccab", id="one whose turn is over stands behind the others"),
        pytest.param(Last("b", 1), "ca", "ccaccaccac", id="one that has nothing left is passed over"),
    ],
)
def test_accounts_take_turns(last: Last, accounts: str, places: str) -> None:
    assert "".join(in_turn(accounts, 10, last, WEIGHTS.__getitem__, {})) == places


def test_what_one_account_cannot_use_the_others_do() -> None:
    assert "".join(in_turn("abc", 8, Last(), WEIGHTS.__getitem__, {"b": 1, "c": 3})) == "abccacaa"
    assert in_turn("abc", 8, Last(), WEIGHTS.__getitem__, {"a": 1, "b": 0, "c": 1}) == ["a", "c"]
    assert in_turn("", 8, Last(), WEIGHTS.__getitem__, {}) == []


@given(st.integers(1, 12), st.integers(1, 40))
def test_many_small_claims_share_as_one_large_one_does(limit: int, claims: int) -> None:
    sharing = Sharing(0.1, WEIGHTS.__getitem__)
    standing, places = Standing(), ""
    for _ in range(claims):
        last = standing.ordinary
        line = sorted(WEIGHTS, key=lambda account: (account < last.account_id, account))
        if last.account_id and last.run == WEIGHTS[last.account_id]:
            line = [*line[1:], line[0]]
        taken = in_turn(line, limit, last, WEIGHTS.__getitem__, {})
        for account_id in taken:
            standing = standing.then(ORDINARY, account_id, sharing)
        places += "".join(taken)
    assert places == "".join(in_turn("abc", limit * claims, Last(), WEIGHTS.__getitem__, {}))


@pytest.mark.parametrize(
    ("share", "of_twenty"),
    [pytest.param(0.1, 2, id="a tenth"), pytest.param(0.25, 5, id="a quarter"), pytest.param(1.0, 20, id="all")],
)
def test_bulk_has_its_share(share: float, of_twenty: int) -> None:
    assert bulks(Fair(Sharing(share, lambda _account_id: 1)), 20) == of_twenty


def test_bulk_that_comes_late_has_saved_one_place_at_most() -> None:
    standing = Standing()
    for _ in range(1_000):
        standing = standing.then(ORDINARY, "a", ALIKE)
    assert bulks(Fair(ALIKE, standing), 10) == 2
    for _ in range(1_000):
        standing = standing.then(BULK, "a", ALIKE)
    assert bulks(Fair(ALIKE, standing), 9) == 0


@pytest.mark.parametrize("weight", ["0", "101", "-1", "1.5", "many"])
def test_a_weight_is_from_1_to_100(weight: str) -> None:
    assert read_settings({"weight": "100"}).weight == 100
    with pytest.raises(SettingError, match="account setting weight"):
        read_settings({"weight": weight})
