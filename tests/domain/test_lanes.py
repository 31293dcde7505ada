"""Who takes, keeps and drops which lane."""

import pytest

from slidewire.domain.lanes import Lane, Moves, moves


def lanes(*holders: str, of: int = 4) -> list[Lane]:
    """A lane for each holder; a name in capitals is of one that is gone."""
    return [Lane(n, of, holder.lower(), alive=holder.islower()) for n, holder in enumerate(holders)]


@pytest.mark.parametrize(
    ("held", "living", "wanted"),
    [
        pytest.param([], 1, Moves((), (0, 1, 2, 3)), id="a lone node takes all"),
        pytest.param([], 2, Moves((), (0, 1)), id="of two each takes half"),
        pytest.param(lanes("b", "b", "", ""), 2, Moves((), (2, 3)), id="what another has is left alone"),
        pytest.param(lanes("me", "me", "me", "me"), 2, Moves((0, 1), (), (2, 3)), id="who is joined gives back half"),
        pytest.param(lanes("me", "b", "c", "D"), 3, Moves((0,), (3,)), id="what the dead held is taken"),
        pytest.param(lanes("me", "b", "c", "d"), 3, Moves((0,)), id="a lease that lasts is respected"),
        pytest.param(lanes("me", "me", "me", "b"), 3, Moves((0, 1), (), (2,)), id="more than the share is dropped"),
        pytest.param(lanes("b", "b", of=2), 2, Moves(), id="another number of lanes is waited for"),
        pytest.param(lanes("B", "B", of=2), 1, Moves((), (0, 1, 2, 3)), id="unless whoever went by it is gone"),
        pytest.param(lanes("me", "me", of=2), 1, Moves((), (2, 3), (0, 1)), id="one's own of another number go"),
    ],
)
def test_moves(held: list[Lane], living: int, wanted: Moves) -> None:
    assert moves(held, 4, "me", living) == wanted


def test_more_nodes_than_lanes_leave_some_without() -> None:
    assert moves([Lane(0, 1, "b", alive=True)], 1, "me", 5) == Moves()


def test_whoever_looks_in_whatever_order_all_lanes_are_held_and_none_twice() -> None:
    nodes = ("a", "b", "c")
    held: list[Lane] = [Lane(number, 7) for number in range(7)]
    for _ in range(3):
        for node in nodes:
            will = moves(held, 7, node, len(nodes))
            for number in will.take:
                assert held[number].holder == ""
                held[number] = Lane(number, 7, node, alive=True)
            for number in will.drop:
                held[number] = Lane(number, 7)
    assert sorted(lane.holder for lane in held) == ["a", "a", "a", "b", "b", "b", "c"]
