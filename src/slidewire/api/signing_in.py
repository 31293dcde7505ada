"""Who may sign in to the console: by the admin's token, by an account's key, or by its USER and PASS.

Judged as calls are, by the same code and the same lockout; who may not call may not sign in (decision 310).
"""

from contextlib import suppress

from slidewire.api.admin.bearer import Doorkeeper
from slidewire.api.admin.problems import ProblemError
from slidewire.api.entry import Credentials, Entry
from slidewire.api.guard import authenticate, check_account
from slidewire.domain.account import Account
from slidewire.domain.faults import FaultError


class SigningIn:
    """Finds out who somebody is. ``entry`` has the lockout of ``doorkeeper``."""

    def __init__(self, entry: Entry, doorkeeper: Doorkeeper) -> None:
        self._entry = entry
        self._doorkeeper = doorkeeper

    async def admit(self, user: str, word: str, address: str) -> Account | None:
        """The account that the two speak for; None: an admin. Raises FaultError, OverloadedError.

        ``word`` is a password, or without ``user`` a key or the admin's token.
        """
        if not user:
            with suppress(ProblemError):  # locked out: whether the word is known here as a key is asked next
                if self._doorkeeper.knows(word.encode("utf-8", "replace"), address):
                    return None
        credentials = Credentials(user=user, password=word) if user else Credentials(key=word)
        account = await authenticate(credentials, address, self._entry)
        check_account(account, address)
        return account


def may_stay(account: Account | None, address: str) -> bool:
    """Whether somebody who signed in for ``account`` could still do so from ``address``."""
    if account is None or account.disabled:
        return False
    try:
        check_account(account, address)
    except FaultError:
        return False
    return True
