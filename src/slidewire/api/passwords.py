"""USER and PASS: argon2 is dear, so that it runs beside the event loop, two at once, and what was right is remembered.

Unknown users take the same time as wrong passwords (security 10).
"""

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from slidewire.domain.account import Account
from slidewire.domain.request import OverloadedError
from slidewire.store.passwords import NOBODY, md5_form, verify

#: A user name -> its account and what is stored of the password; None when it may not be used.
FindLogin = Callable[[str], Awaitable[tuple[Account, str] | None]]
#: Hashes at once, and those that may wait for their turn.
_AT_ONCE, _MOST_WAITING = 2, 20
#: Seconds for which a right pair is remembered, and how many pairs are.
_REMEMBERED_FOR, _REMEMBERED = 300.0, 10_000
#: Seconds after which a caller may come again when too many wait.
_AGAIN = 2.0


class PasswordCheck:
    """Finds the account behind a user name and a password. ``monotonic`` gives seconds."""

    def __init__(self, find_login: FindLogin, monotonic: Callable[[], float]) -> None:
        self._find_login = find_login
        self._monotonic = monotonic
        self._key = os.urandom(32)
        self._right: OrderedDict[bytes, float] = OrderedDict()  # keyed hash of a pair -> until when
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
        self._waiting = 0

    async def find(self, user: str, password: str) -> Account | None:
        """The account; None for an unknown user and a wrong password alike. Raises OverloadedError."""
        login = await self._find_login(user)
        form, stored = md5_form(password), NOBODY if login is None else login[1]
        pair = hashlib.blake2b(f"{user}\0{form}\0{stored}".encode("utf-8", "replace"), key=self._key).digest()
        if login is not None and self._right.get(pair, 0.0) > self._monotonic():
            return login[0]
        if not await self._verify(form, stored) or login is None:
            return None
        self._right[pair] = self._monotonic() + _REMEMBERED_FOR
        self._right.move_to_end(pair)
        while len(self._right) > _REMEMBERED:
            self._right.popitem(last=False)
        return login[0]

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _verify(self, form: str, stored: str) -> bool:
        if self._waiting >= _MOST_WAITING:
            raise OverloadedError(_AGAIN)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, verify, form, stored)
        finally:
            self._waiting -= 1
