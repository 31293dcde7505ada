"""Where a message is, and the moves that are allowed from there.

Final is final: a later receipt is an event, never a move (settled 27).
"""

from enum import Enum, unique


@unique
class Status(Enum):
    """Where a message is. "Sent as SMS" is a fact about its submission, not a status."""

    SCHEDULED = "scheduled"
    ACCEPTED = "accepted"
    ENCODING = "encoding"
    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Nothing moves a message from here."""
        return not MOVES[self]


#: status -> where a message may go from there.
MOVES: dict[Status, frozenset[Status]] = {
    Status.SCHEDULED: frozenset({Status.ACCEPTED, Status.FAILED, Status.EXPIRED, Status.CANCELLED}),
    Status.ACCEPTED: frozenset({Status.ENCODING, Status.SUBMITTED, Status.FAILED, Status.EXPIRED, Status.CANCELLED}),
    Status.ENCODING: frozenset({Status.SCHEDULED, Status.ACCEPTED, Status.FAILED, Status.EXPIRED, Status.CANCELLED}),
    # back to accepted: a receipt said that MMS does not reach the phone, and an SMS goes instead (settled 27)
    Status.SUBMITTED: frozenset({Status.ACCEPTED, Status.DELIVERED, Status.FAILED, Status.EXPIRED, Status.REJECTED}),
    Status.DELIVERED: frozenset(),
    Status.FAILED: frozenset(),
    Status.EXPIRED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.CANCELLED: frozenset(),
}


def may_move(here: Status, there: Status) -> bool:
    """Whether a message that is ``here`` may go ``there``."""
    return there in MOVES[here]


#: Where a message is before anything of it has left, and where it ends without.
_BEFORE = frozenset({Status.SCHEDULED, Status.ACCEPTED, Status.ENCODING})
_WITHOUT = frozenset({Status.FAILED, Status.EXPIRED, Status.CANCELLED})


def ends_unsent(here: Status, there: Status) -> bool:
    """Whether a message ends by this move without being sent now; what was sent of it before is in its events."""
    return here in _BEFORE and there in _WITHOUT
