"""What the actions need from the rest of the house, and what they answer, in our own words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Union

from slidewire.api.entry import Entry
from slidewire.domain.account import Account
from slidewire.domain.batches import BatchProgress, BatchTaken, CheckedBatch
from slidewire.domain.campaigns import Campaign
from slidewire.domain.checks import Rules
from slidewire.domain.faults import FaultError
from slidewire.domain.figures import Figures, uncounted
from slidewire.domain.frozen import frozen
from slidewire.domain.gathering import AllFaults
from slidewire.domain.idempotency import Answering, Hold, KeptAnswer, RequestKey, Result
from slidewire.domain.joining import CampaignName, CheckedCampaign, CheckedConsent
from slidewire.domain.limits import Standing
from slidewire.domain.message import Message
from slidewire.domain.request import (
    Accepted,
    CheckedRequest,
    CheckedSavedSend,
    CheckedTemplate,
    Refused,
    Saved,
    SavedSent,
    TemplateQuery,
)
from slidewire.domain.statistics import Period
from slidewire.domain.subscribers import CheckedSubscriberSend
from slidewire.domain.template import TemplatePage
from slidewire.domain.tracking import Listing, Named, Progress, ProgressPage
from slidewire.domain.validation import Validated
from slidewire.intake.idempotency import Keys

#: Returns when the caller has gone.
HungUp = Callable[[], Awaitable[None]]
#: Our name of a field -> its text, or the fields inside it. In the order of the answer; blocks repeat.
Fields = tuple[tuple[str, Union[str, "Fields"]], ...]


@dataclass(frozen=True, slots=True)
class TemplateDoors:
    """What an account's templates are reached by. Each raises FaultError and OverloadedError."""

    save: Callable[[CheckedTemplate, Account, HungUp, Answering[Saved] | None], Awaitable[Saved]]
    send: Callable[
        [CheckedSavedSend, Account, Answering[list[SavedSent | Refused]] | None], Awaitable[list[SavedSent | Refused]]
    ]
    ids: Callable[[Account], Awaitable[list[int]]]
    page: Callable[[Account, TemplateQuery], Awaitable[TemplatePage]]
    delete: Callable[[Account, int, Answering[int] | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CampaignDoors:
    """What an account's campaigns are reached by. Each raises FaultError."""

    create: Callable[[CheckedCampaign, Account, Answering[Campaign] | None], Awaitable[Campaign]]
    every: Callable[[Account], Awaitable[list[Campaign]]]  #: the open ones
    #: raises OverloadedError too, as does the next
    move: Callable[[CheckedConsent, Account, Answering[Campaign] | None], Awaitable[Campaign]]
    send: Callable[
        [CheckedSubscriberSend, Account, Answering[list[SavedSent | Refused]] | None],
        Awaitable[list[SavedSent | Refused]],
    ]
    send_all: Callable[
        [tuple[CheckedSubscriberSend, CampaignName], Account, Answering[BatchTaken] | None], Awaitable[BatchTaken]
    ]


@dataclass(frozen=True, slots=True)
class TrackingDoors:
    """What an account asks of its messages by. Each raises FaultError."""

    find: Callable[[Account, Named], Awaitable[Progress]]
    page: Callable[[Account, Listing], Awaitable[ProgressPage]]
    cancel: Callable[[Account, Named, Answering[Message] | None], Awaitable[Message]]


#: Looks at a request whose fields were checked, and tells everything about it. Raises OverloadedError, CallerGoneError.
ValidationDoor = Callable[[CheckedRequest, Account, AllFaults, HungUp], Awaitable[Validated]]


@dataclass(frozen=True, slots=True)
class BatchDoors:
    """What batches are reached by. Each raises FaultError and OverloadedError."""

    accept: Callable[[CheckedBatch, Account, HungUp, Answering[BatchTaken] | None], Awaitable[BatchTaken]]
    progress: Callable[[Account, str, TemplateQuery], Awaitable[BatchProgress]]
    most: int  #: receivers of one batch


@dataclass(frozen=True, slots=True)
class Doors:
    """Handed over by the composition root."""

    entry: Entry
    #: an account as it is now, when something was looked for in it in vain
    look_again: Callable[[Account], Awaitable[Account]]
    accept: Callable[[CheckedRequest, Account, HungUp, Answering[Accepted] | None], Awaitable[Accepted]]
    templates: TemplateDoors
    campaigns: CampaignDoors
    tracking: TrackingDoors
    batches: BatchDoors
    validate: ValidationDoor
    keys: Keys
    #: takes an MMS's files and texts away; False: it had none; None: the account has no such MMS
    remove_inbound: Callable[[Account, str, Answering[str] | None], Awaitable[bool | None]]
    report_link: Callable[[str, Period], str]  #: an account and a time -> where its report is
    #: Unix milliseconds
    now: Callable[[], int]
    #: names an unexpected error, in the log and to the caller
    new_id: Callable[[], str]
    figures: Figures = field(default_factory=uncounted)


@frozen
class Reply:
    """What an action answers, but for the dialect."""

    fields: Fields
    warnings: tuple[str, ...] = ()  #: silent cuts, told (settled 25)
    refusal: FaultError | None = None  #: nothing was done of a call that asked for several things
    receiver: str = ""  #: TO of a refusal, as given
    faults: tuple[FaultError, ...] = ()  #: each told in a block of its own


@dataclass(slots=True)
class Once:
    """A request that holds keys, and what it was answered with, once it has made something."""

    hold: Hold
    keep: Callable[[Reply], KeptAnswer]
    kept: KeptAnswer | None = None


@dataclass(slots=True)
class Visit:
    """One request on its way."""

    doors: Doors
    rules: Rules
    hung_up: HungUp
    standing: Standing | None = None  #: with its limits, where it has any (settled 23)
    account_id: str = ""  #: who calls, once that is known
    action: str = "none"  #: what is asked for, likewise, for whoever counts
    receiver: str | None = None  #: TO as given, once settled 1 (h) is reached: failures from there on name it
    key: RequestKey | None = None  #: its Idempotency-Key
    keys: tuple[RequestKey, ...] = ()  #: what it alone may use, once it is admitted
    once: Once | None = None  #: set while it holds keys

    def answering(self, reply: Callable[[Result], Reply]) -> Answering[Result] | None:
        """How to answer what was made, in its own transaction; None for a request that may be made again.

        ``reply`` is what the action itself answers with.
        """
        once = self.once
        if once is None:
            return None

        def tell(made: Result) -> KeptAnswer:
            once.kept = once.keep(reply(made))
            return once.kept

        return Answering(once.hold, tell)
