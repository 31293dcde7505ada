"""What intake works with, and what it makes of a request on the way to a message."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slidewire.carriers.base import Route
from slidewire.carriers.choice import Way
from slidewire.carriers.lookup import Lookup
from slidewire.carriers.operators import Catalogue
from slidewire.content.fetch import ContentFetcher
from slidewire.domain.account import Account
from slidewire.domain.campaigns import Clearance, Question
from slidewire.domain.frozen import frozen
from slidewire.domain.message import Message, Slide
from slidewire.domain.request import Accepted
from slidewire.domain.task import ORDINARY
from slidewire.domain.template import to_encode
from slidewire.store.commits import Commits
from slidewire.store.hot import NewMessage


@dataclass(frozen=True, slots=True)
class Tools:
    """What intake works with; handed over by the composition root."""

    commits: Commits
    fetcher: ContentFetcher
    routes: tuple[Route, ...]
    operators: Catalogue
    new_id: Callable[[], str]
    next_mms_id: Callable[[], Awaitable[int]]
    now: Callable[[], int]  #: Unix milliseconds
    validity_ms: int
    clearance: Callable[[Question], Awaitable[Clearance]]
    foretell: Callable[[Message, Account], str]  #: what there is to tell of its fallback SMS; empty: nothing
    #: SMS route, text -> characters of it that the account may send; None: all of them (settled 30)
    text_room: Callable[[str, str, Account], int | None]
    full: Callable[[str], float]  #: a queue -> seconds to come back after, 0 when there is room (durability 18, 27)
    old: Callable[[str, str, int], float]  #: the same of what an account has waiting there, of one priority
    wake: Callable[[str], None]
    monotonic: Callable[[], float]  #: seconds
    avoided: Callable[[], frozenset[str]] = frozenset  #: names of routes that a new message goes round: they are away
    chosen: Callable[[str], None] = lambda _route: None  #: a message goes by this route: it may be its probe
    lookup: Lookup | None = None  #: None: without a [lookup] section the operator is simply unknown (settled 12)


#: Writes the bytes again that a sweep was about to delete; gives their digests (durability 19).
BringBack = Callable[[], Awaitable[frozenset[str]]]


@frozen
class Leaving:
    """The way that a message will take, and that it is open now."""

    way: Way
    queue: str
    priority: int = ORDINARY


@frozen
class Load:
    """What a message carries, and how to have its bytes again."""

    slides: tuple[Slide, ...]
    bring_back: BringBack
    warnings: tuple[str, ...] = ()
    written: frozenset[str] = frozenset()  #: digests whose bytes were stored just now
    mms_id: int = 0  #: of the template that it is sent from; 0: it gets one of its own
    probed: bool = False  #: its audio and video are looked at before it is sent (settled 19)

    @property
    def is_encoded(self) -> bool:
        """Whether its audio and video were made for a template: then they may be made smaller (docs/adr/0132)."""
        return bool(self.mms_id) and not self.probed and bool(to_encode(self.slides))


def no_load() -> Load:
    """Of a message that is words alone."""

    async def nothing() -> frozenset[str]:
        return frozenset()

    return Load((), nothing)


@frozen
class Made:
    """A message that is ready to be kept."""

    new: NewMessage
    bring_back: BringBack

    @property
    def accepted(self) -> Accepted:
        """What its sender is told once it is kept."""
        message = self.new.message
        return Accepted(message.id, message.mms_id, message.receiver, message.warnings, message.send_at)
