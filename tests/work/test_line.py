"""Places that many doors share, each in its turn."""

from slidewire.work.line import Line


def test_a_door_with_much_to_do_stands_behind_those_that_wait() -> None:
    line = Line(1)
    assert line.may_go("a")
    line.take("a", 1)
    assert not line.may_go("a")
    assert not line.may_go("b")
    line.leave()
    assert not line.may_go("b")
    assert line.may_go("a")
    line.take("a", 1)
    line.leave()
    assert not line.may_go("a")
    assert line.may_go("b")


def test_a_place_is_held_until_the_claim_is_over() -> None:
    line = Line(1)
    assert line.may_go("a")
    assert not line.may_go("b")
    line.take("a", 0)
    assert line.may_go("b")


def test_a_claim_that_failed_gives_its_place_back() -> None:
    line = Line(1)
    assert line.may_go("a")
    assert line.may_go("a")
    line.take("a", 1)
    assert not line.may_go("a")
