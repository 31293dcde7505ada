"""What is frozen for whoever checks types is a value: compared and hashed by what it holds, with nothing beside."""

from dataclasses import field, replace

import pytest

from slidewire.domain.frozen import frozen


@frozen
class Point:
    x: int
    y: int = 0
    name: str = field(default="", repr=False)


def test_it_is_compared_and_hashed_by_what_it_holds() -> None:
    points = {Point(1), Point(1, 0), Point(1, 2), replace(Point(1, 2), y=3)}
    assert points == {Point(1), Point(1, 2), Point(1, 3)}


def test_it_has_room_for_its_fields_alone() -> None:
    with pytest.raises(AttributeError):
        setattr(Point(1), "z", 1)  # noqa: B010  # the type checker would not let us


def test_it_tells_what_it_may() -> None:
    assert repr(Point(1, 2, "secret")) == "Point(x=1, y=2)"
