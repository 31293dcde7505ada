"""What every step works with: the store, the clock, ids, the accounts, and how to wake a queue."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from slidewire.domain.account import Account
from slidewire.domain.figures import Figures, uncounted
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback
from slidewire.domain.task import Task
from slidewire.domain.telling import telling
from slidewire.store.commits import Commits
from slidewire.store.database import Database
from slidewire.work.seats import Coming


@dataclass(frozen=True, slots=True)
class Means:
    """Handed over by the composition root; nothing here reads settings or clocks of its own."""

    database: Database
    commits: Commits
    node: str  #: who we are in leases
    new_id: Callable[[], str]
    now: Callable[[], int]  #: Unix milliseconds
    monotonic: Callable[[], float]  #: seconds
    jitter: Callable[[], float]  #: from 0 to 1
    account: Callable[[str], Account | None]  #: by id, as last seen
    meet: Callable[[str], Awaitable[None]]  #: have an account looked for that may be new
    wake: Callable[[str], None]  #: there may be something due in this queue
    freed: Callable[[str], None]  #: one more of this queue may be under way here
    #: runs a task of this queue that is not claimed, since it follows another or none waits; None: it must be
    expect: Callable[[str, bool], Coming | None]
    figures: Figures = field(default_factory=uncounted)


def postback_task(means: Means, message: Message, postback: Postback) -> Task | None:
    """The task that tells the customer; None when its account has no address to tell."""
    return telling(means.account(message.account_id), message, postback, means.new_id())
