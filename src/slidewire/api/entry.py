"""What the guard knows of callers; handed over by the composition root."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from slidewire.api.lockout import Lockout
from slidewire.domain.account import Account

FindAccount = Callable[[str], Awaitable[Account | None]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller says to be believed, however it came: in fields of the call or in a header."""

    key: str = field(default="", repr=False)

    @property
    def are_given(self) -> bool:
        """Whether there is anything to believe."""
        return bool(self.key)


@dataclass(frozen=True, slots=True)
class Entry:
    """Facts about callers, and what is remembered of them."""

    find_account: FindAccount  #: key -> account; the empty key belongs to nobody
    lockout: Lockout
