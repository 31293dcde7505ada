"""One change of a message: what happened, where that moves it, and who is told (durability 13)."""

from dataclasses import dataclass

from slidewire.domain.campaigns import Block
from slidewire.domain.events import Event, Reason
from slidewire.domain.exchange import Exchange
from slidewire.domain.frozen import frozen
from slidewire.domain.status import Status
from slidewire.domain.task import Hold, Task
from slidewire.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Rerouted:
    """The way of a message from now on, where its first operator was doubted (settled 28)."""

    route: str
    operator: str  #: our id; empty: not known


@frozen
class Change:
    """An event of a message with everything that is written beside it."""

    id: str  #: of the event
    message_id: str
    account_id: str
    event: Event
    at: int
    status: Status | None = None  #: where the message goes; None: it stays
    reason: Reason = Reason.NONE
    detail: str = ""
    attempt: int = 0
    receipt_key: str = ""  #: Receipt.key where a receipt brought the change
    postback: Task | None = None  #: queued only when the move was made
    given_up: str = ""  #: id of the postback that will not be posted any more
    begins: Task | None = None  #: what starts with the move, when it was made: the fallback SMS after a receipt
    exchange: Exchange | None = None
    rerouted: Rerouted | None = None
    usage: Usage | None = None  #: counted unless the move was not made


@frozen
class Ending:
    """How a step leaves its task: gone or waiting again, in one transaction with what it changed."""

    task: Task
    lease: str
    changes: tuple[Change, ...] = ()
    again: Task | None = None  #: the task as it waits from now on; None: it is done
    route: str = ""
    carrier_ref: str = ""
    taken: tuple[tuple[int, str], ...] = ()  #: segments of an SMS that the carrier has taken, with its ids for them
    block: Block | None = None  #: the carrier says that the receiver wants nothing from the sender
    exchange: Exchange | None = None  #: of a step that changes nothing, such as a received postback
    exchange_id: str = ""
    at: int = 0
    hold: Hold | None = None  #: who posts at once the postback that is due by it; None: who claims it
