"""What the guard knows of callers; handed over by the composition root."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from slidewire.api.lockout import Lockout
from slidewire.domain.account import Account
from slidewire.domain.frozen import frozen
from slidewire.domain.limits import Limit
from slidewire.store.meters import Taken

FindAccount = Callable[[str], Awaitable[Account | None]]
FindUser = Callable[[str, str], Awaitable[Account | None]]
#: An account's id, the limits of the call, how many receivers it has.
TakeCalls = Callable[[str, Sequence[Limit], int], Awaitable[Taken]]


@frozen
class Credentials:
    """What a caller says to be believed, however it came: in fields of the call or in a header."""

    key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)  #: itself or its MD5 form

    @property
    def are_given(self) -> bool:
        """Whether there is anything to believe."""
        return bool(self.key or (self.user and self.password))


@dataclass(frozen=True, slots=True)
class Entry:
    """Facts about callers, and what is remembered of them."""

    find_account: FindAccount  #: key -> account; the empty key belongs to nobody
    lockout: Lockout
    take_calls: TakeCalls
    find_user: FindUser  #: user name, password -> account; the key counts where there is one
    count_refusal: Callable[[str], None]  #: of an account, by its id
