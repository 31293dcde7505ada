"""loginUser: a customer's program asks whether its credentials are right (api.md 3.7, 8)."""

from slidewire.api.doors import Reply, Visit
from slidewire.api.wire import Call
from slidewire.domain.account import Account


async def login_user(call: Call, account: Account, visit: Visit) -> Reply:  # noqa: ARG001  # getting here is the answer
    """A session id, which no call wants: each brings its own credentials."""
    return Reply((("session_id", visit.doors.new_id()),))
