"""What the console's views work with, and what they give back; made by the composition root."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from slidewire.domain.account import Account
from slidewire.domain.audit import By
from slidewire.domain.message import Content
from slidewire.store.database import Database

#: Where the console lies.
ROOT: Final = "/console/"


class SignInError(Exception):
    """Somebody did not sign in, in words for whoever tried."""

    def __init__(self, words: str, wait: float = 0.0) -> None:
        super().__init__(words)
        self.words = words
        self.wait = wait  #: seconds after which another try has a chance; 0: at once


class MissingError(Exception):
    """There is no such thing, or it is not theirs: the same to whoever asks."""


@dataclass(frozen=True, slots=True)
class Door:
    """How people come in, and how long they stay."""

    admit: Callable[[str, str, str], Awaitable[Account | None]]  #: user, word, address; None: an admin; SignInError
    may_stay: Callable[[str, str], bool]  #: account's id, address: whether they could still sign in
    digests: Callable[[str], Sequence[str]]  #: what may be stored of a secret, what is stored of a new one first
    admin_marks: Callable[[], Sequence[str]]  #: what an admin's session may be bound to; none: nobody can be one
    new_token: Callable[[], str]
    idle_ms: int  #: who does nothing for so long is signed out
    longest_ms: int  #: and everybody after so long
    secure: bool  #: the console is reached by https, whatever a request says


@dataclass(frozen=True, slots=True)
class Way:
    """A route of the settings."""

    name: str
    kind: str
    rate: float  #: a second
    lanes: int


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, and what is known of accounts."""

    database: Database
    account: Callable[[str], Account | None]  #: by its id, as last seen
    door: Door
    ways: tuple[Way, ...]
    preview: Callable[[Content], Awaitable[tuple[str, bytes] | None]]  #: type and bytes; None: there is none now
    now: Callable[[], int]  #: Unix milliseconds
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is signed in."""

    account: Account | None  #: None: an admin
    address: str
    token: str = field(repr=False)  #: of the session

    @property
    def account_id(self) -> str:
        """The account whose things are shown; empty: all."""
        return self.account.id if self.account else ""

    @property
    def name(self) -> str:
        """What the console calls them."""
        return self.account.name if self.account else "Admin"

    def sees(self, account_id: str) -> bool:
        """Whether what belongs to this account is shown."""
        return self.account is None or self.account.id == account_id


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of somebody who is signed in."""

    desk: Desk
    viewer: Viewer
    path: Mapping[str, str]  #: the names in braces of the view's path
    query: Mapping[str, str]
    form: Mapping[str, str]

    def by(self) -> By:
        """Who makes a change, for its audit row."""
        viewer = self.viewer
        who = f"account {viewer.account.id}" if viewer.account else "admin_token"
        return By(f"{who} from {viewer.address}, console", self.desk.now(), self.desk.new_id())


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its template and what is filled in."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """Done; the browser goes on to another page of ours."""

    to: str  #: below ROOT


@dataclass(frozen=True, slots=True)
class File:
    """Bytes of our own making."""

    type: str
    body: bytes


Shown = Page | Moved | File
Show = Callable[[Asked], Awaitable[Shown]]
