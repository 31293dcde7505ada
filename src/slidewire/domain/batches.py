"""One request for many receivers: what its messages have in common, kept until there is a message for each.

What depends on the receiver is judged when its message is made (docs/adr/0181).
"""

from dataclasses import dataclass, replace
from enum import Enum, unique

from slidewire.domain.account import Account
from slidewire.domain.checks import Rules, check_request, read_receiver, read_sender
from slidewire.domain.faults import Fault
from slidewire.domain.message import Slide
from slidewire.domain.request import CheckedRequest, SendRequest
from slidewire.domain.senders import MaskRule, check_mask, check_sender, sender_among, sender_for
from slidewire.domain.status import Status
from slidewire.domain.words import Words

#: Whoever the receiver is: what is judged with this one holds for all of them.
_ANYBODY = "12025550100"


@unique
class Source(Enum):
    """Where the receivers of a batch come from."""

    LIST = "list"  #: the request named them
    CAMPAIGN = "campaign"  #: those who are in a campaign when their turn comes


@unique
class BatchState(Enum):
    """How far a batch is."""

    EXPANDING = "expanding"
    EXPANDED = "expanded"  #: each receiver has its message or its refusal


@dataclass(frozen=True, slots=True)
class Draft:
    """What every message of a batch has in common."""

    request: CheckedRequest  #: its receiver is nobody's, and so are country, sender and mask
    sender: str  #: as it was given
    mask: str = ""  #: as it was given
    slides: tuple[Slide, ...] = ()
    warnings: tuple[str, ...] = ()
    mms_id: int = 0  #: of the template that it is sent from; 0: each message gets one of its own
    replaces_sender: bool = False  #: by the account's own for the receiver's country (settled 13)
    probed: bool = False  #: its audio and video are looked at before it is sent (settled 19)
    test: bool = False  #: it was asked for as a test: all of it goes to the simulator (docs/adr/0155)
    senders: tuple[str, ...] = ()  #: those of a campaign: each receiver's country chooses among them


@dataclass(frozen=True, slots=True)
class Batch:
    """A draft and its receivers."""

    id: str
    account_id: str
    created_at: int
    total: int  #: receivers
    draft: Draft | None  #: None: it is expanded, and nothing of it is needed any more
    source: Source = Source.LIST
    receivers: str = ""  #: what the source reads them from
    cursor: str = ""  #: where the source goes on
    seen: int = 0  #: receivers that have a message or a refusal
    state: BatchState = BatchState.EXPANDING


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """A sendBatch call that passed every check that needs no I/O and no receiver."""

    request: CheckedRequest
    sender: str
    mask: str
    receivers: tuple[str, ...]  #: as they were given, each once


@dataclass(frozen=True, slots=True)
class BatchTaken:
    """What the sender of a batch is told."""

    id: str
    total: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedReceiver:
    """A receiver that gets no message of a batch, and why."""

    given: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch is and what became of its messages, with a page of its refused receivers."""

    batch: Batch
    refused: int
    counts: dict[Status, int]  #: a status that no message has is not named
    refusals: tuple[RefusedReceiver, ...]

    @property
    def waiting(self) -> int:
        """Receivers that have neither a message nor a refusal yet."""
        return self.batch.total - self.batch.seen

    @property
    def is_over(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.batch.state is BatchState.EXPANDED and all(status.is_final for status in self.counts)


def split_batch(given: str) -> list[str]:
    """TO as given: numbers parted by commas or white space, each once."""
    numbers = given.replace(",", " ").split()
    return list({number.removeprefix("+"): number for number in reversed(numbers)}.values())[::-1]


def check_batch(request: SendRequest, account: Account, now_ms: int, judged: tuple[Rules, int]) -> CheckedBatch:
    """The call as it is kept. ``judged``: the rules, and how many receivers there may be.

    Raises FaultError for the first broken rule: E621, E623, then as sendMMS does.
    """
    rules, most = judged
    words = Words(request)
    receivers = split_batch(words.of("receiver"))
    if not receivers:
        raise Fault.RECEIVER_REQUIRED.error()
    if len(receivers) > most:
        raise Fault.TOO_MANY_RECEIVERS.error(limit=most)
    everywhere = replace(account, settings=replace(account.settings, sender_countries=()))
    sender, mask = read_sender(words), words.of("mask")
    check_sender(everywhere, sender, "")
    if mask:
        check_mask(mask, "", MaskRule.YES)
    checked = check_request(replace(request, receiver=_ANYBODY, mask=None), everywhere, now_ms, rules)
    return CheckedBatch(checked, sender, mask, tuple(receivers))


def request_to(draft: Draft, given: str, account: Account, rules: Rules) -> CheckedRequest:
    """The request for one receiver, as sendMMS would have it. Raises FaultError E110, E111, E115."""
    number = read_receiver(given, rules)
    if draft.senders:
        sender = sender_among(account, draft.senders, number.country)
    else:
        choose = sender_for if draft.replaces_sender else check_sender
        sender = choose(account, draft.sender, number.country)
    others = tuple(each for each in draft.request.display_only if each != number.digits)
    to = replace(draft.request, receiver=number.digits, country=number.country)
    request = replace(to, sender=sender, display_only=others)
    if not draft.mask:
        return request
    mask = check_mask(draft.mask, number.country, rules.masks.get(number.country, MaskRule.YES))
    told = (*request.warnings, mask.warning) if mask.warning else request.warnings
    return replace(request, mask=mask.text, warnings=told)
