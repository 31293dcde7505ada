"""The table of moves, written down a second time: a change of one must be a change of both (settled 27)."""

from itertools import product

from slidewire.domain.status import MOVES, Status, may_move

#: Each row: from where, and every place it may go to.
ALLOWED = {
    "scheduled": "accepted failed expired cancelled",
    "accepted": "encoding submitted failed expired cancelled",
    "encoding": "scheduled accepted failed expired cancelled",
    "submitted": "accepted delivered failed expired rejected",
    "delivered": "",
    "failed": "",
    "expired": "",
    "rejected": "",
    "cancelled": "",
}


def test_exactly_these_moves_are_allowed() -> None:
    seen = {here.value: {there.value for there in Status if may_move(here, there)} for here in Status}
    assert seen == {here: set(there.split()) for here, there in ALLOWED.items()}


def test_final_is_final() -> None:
    final = {status for status in Status if status.is_final}
    assert final == {Status.DELIVERED, Status.FAILED, Status.EXPIRED, Status.REJECTED, Status.CANCELLED}
    assert not any(may_move(here, there) for here, there in product(final, Status))


def test_every_status_can_be_reached() -> None:
    reached = {Status.SCHEDULED, *(there for moves in MOVES.values() for there in moves)}
    assert reached == set(Status)
