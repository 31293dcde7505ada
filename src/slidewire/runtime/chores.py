"""What a worker looks after besides its queues, and how often."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial

from slidewire.carriers.base import Route
from slidewire.domain.account import Account
from slidewire.domain.moments import DAY_MS
from slidewire.domain.repeats import LONGEST_WINDOW
from slidewire.runtime.batches import keep_of
from slidewire.runtime.clock import now
from slidewire.runtime.configure import references_of, span
from slidewire.runtime.media import Media
from slidewire.settings import Settings
from slidewire.store.answers import forget_answers
from slidewire.store.batches import forget_batches
from slidewire.store.database import Connection
from slidewire.store.handsets import forget_handsets
from slidewire.store.idempotency import forget_keys
from slidewire.store.inbound import forget_arrivals, forget_unowned
from slidewire.store.operators import drop_old_findings
from slidewire.store.receipts import forget_parked
from slidewire.store.repeats import forget_repeats
from slidewire.store.sessions import forget_sessions
from slidewire.work.assembling import LateTexts, TextDesk
from slidewire.work.emptying import LogEmptying
from slidewire.work.endpoints import Endpoints
from slidewire.work.failover import Failover
from slidewire.work.gone import GoneRoutes
from slidewire.work.means import Means
from slidewire.work.outage import Outage
from slidewire.work.partitions import Partitions
from slidewire.work.receipts import ReceiptDesk
from slidewire.work.references import OldReferences
from slidewire.work.retention import Retention
from slidewire.work.settle import Settler
from slidewire.work.sweep import Chore, ClockWatch, Expiry, Forgetting, OldContent, OldTurns, in_turn

#: Seconds between two rounds of each chore.
_EVERY = {
    "clock": 1.0,
    "expiry": 15.0,
    "outage": 5.0,
    "failover": 1.0,
    "gone": 15.0,
    "receipts": 60.0,
    "parked": 1.0,
    "references": 60.0,
    "content": 600.0,
    "orphans": 3600.0,
    "findings": 3600.0,
    "retention": 600.0,
    "log": 600.0,
    "unmatched": 3600.0,
    "unowned": 3600.0,
    "handsets": 3600.0,
    "arrivals": 3600.0,
    "answers": 3600.0,
    "segments": 1.0,
    "repeats": 600.0,
    "keys": 600.0,
    "turns": 3600.0,
    "batches": 3600.0,
    "sessions": 3600.0,
    "endpoints": 1.0,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a worker looks after."""

    endpoints: Endpoints
    media: Media
    accounts: Callable[[], Iterable[Account]]
    texts: TextDesk
    receipts: ReceiptDesk
    failover: Failover
    outage: Outage
    routes: Collection[str]  #: names of those of the settings


class Chores:
    """Makes the chores of one worker."""

    def __init__(self, means: Means, settler: Settler, route: Callable[[str], Route], validity_ms: int) -> None:
        self._means = means
        self._settler = settler
        self._route = route
        self._validity_ms = validity_ms
        self._clock = ClockWatch(now, time.monotonic)

    def of_everything(self, settings: Settings, kept: Kept) -> tuple[Chore, ...]:
        """All chores, those of messages first."""
        return (
            *self.of_messages(),
            *self.of_postbacks(kept.endpoints),
            *self.of_content(kept.media),
            *self.of_findings(),
            *self.of_accounts(kept.accounts, settings),
            *self.of_batches(keep_of(settings)),
            *self.of_routes(kept, settings),
            *self.of_phones(settings, kept.texts),
            *self.of_receipts(kept.receipts, settings),
        )

    def of_postbacks(self, endpoints: Endpoints) -> tuple[Chore, ...]:
        """What other processes and the command line know of customers' addresses."""
        return (Chore("endpoints", _EVERY["endpoints"], endpoints.look),)

    def of_messages(self) -> tuple[Chore, ...]:
        """Messages whose time is over, by a clock that is watched itself (durability 26), and idle turns."""
        expiry = Expiry(self._means, self._clock, self._settler, self._route, self._validity_ms)
        return (
            Chore("clock", _EVERY["clock"], self._clock.look),
            Chore("expiry", _EVERY["expiry"], expiry.expire_waiting),
            Chore("receipts", _EVERY["receipts"], expiry.tell_no_receipt),
            Chore("turns", _EVERY["turns"], OldTurns(self._means, self._clock).sweep),
        )

    def of_receipts(self, desk: ReceiptDesk, settings: Settings) -> tuple[Chore, ...]:
        """Receipts that came before their submission was recorded here; what is matched with nothing any more."""
        references = OldReferences(self._means, self._clock, references_of(settings))
        return (
            Chore("parked", _EVERY["parked"], desk.look),
            Chore("references", _EVERY["references"], references.look),
            self._forgetting("unmatched", forget_parked, references_of(settings)),
            self._forgetting("unowned", partial(forget_unowned, now=now), references_of(settings)),
        )

    def of_routes(self, kept: Kept, settings: Settings) -> tuple[Chore, ...]:
        """What becomes of messages whose route is away, or in the settings no more."""
        patience = round(span(settings.delivery.gone_after, "delivery.gone_after") * 1000)
        gone = GoneRoutes(self._means, self._clock, self._settler, kept.failover, kept.routes, patience)
        return (
            Chore("outage", _EVERY["outage"], kept.outage.look),
            Chore("failover", _EVERY["failover"], kept.failover.look),
            Chore("gone", _EVERY["gone"], gone.look),
        )

    def of_content(self, media: Media) -> tuple[Chore, ...]:
        """Content that nothing needs any more (durability 19)."""
        content = OldContent(self._means, self._clock, media.store, media.unlink)
        return (
            Chore("content", _EVERY["content"], content.sweep),
            Chore("orphans", _EVERY["orphans"], content.sweep_orphans),
        )

    def of_accounts(self, accounts: Callable[[], Iterable[Account]], settings: Settings) -> tuple[Chore, ...]:
        """What accounts do not want kept, the log that still holds it, and what is kept for them for a while.

        What goes with its partition goes first: the rest is deleted row by row.
        """
        partitions = Partitions(self._means, self._clock, accounts, self._validity_ms)
        longest = round(span(settings.delivery.longest_validity, "delivery.longest_validity") * 1000)
        retention = Retention(self._means, self._clock, accounts, self._validity_ms, longest)
        empty_log = round(span(settings.retention.empty_log, "retention.empty_log") * 1000)
        signed_in = round(span(settings.console.longest, "console.longest") * 1000)
        return (
            Chore("retention", _EVERY["retention"], partial(in_turn, partitions.look, retention.look)),
            Chore("log", _EVERY["log"], LogEmptying(self._means, self._clock, empty_log).look),
            self._forgetting("repeats", forget_repeats, LONGEST_WINDOW),
            self._forgetting("keys", forget_keys),
            self._forgetting("sessions", forget_sessions, signed_in),
        )

    def of_batches(self, keep_ms: int) -> tuple[Chore, ...]:
        """Batches that nobody asks about any more."""
        forgetting = Forgetting(self._means, self._clock, forget_batches, keep_ms, portion=1)  # each has many receivers
        return (Chore("batches", _EVERY["batches"], forgetting.sweep),)

    def of_findings(self) -> tuple[Chore, ...]:
        """What was found out about numbers, and is too old to be believed."""
        return (self._forgetting("findings", drop_old_findings),)

    def of_phones(self, settings: Settings, texts: TextDesk) -> tuple[Chore, ...]:
        """Phones that nobody has told of for long, and messages of theirs that will not be brought again."""
        keep_ms = round(span(settings.handsets.keep, "handsets.keep") * 1000)
        remember_ms = round(span(settings.inbound.remember, "inbound.remember") * 1000)
        pause_ms = round(span(settings.inbound.answer_pause, "inbound.answer_pause") * 1000)
        return (
            Chore("segments", _EVERY["segments"], LateTexts(texts, self._clock).look),
            self._forgetting("handsets", forget_handsets, keep_ms),
            self._forgetting("arrivals", forget_arrivals, remember_ms),
            self._forgetting("answers", forget_answers, max(pause_ms, DAY_MS)),  # a day is what they are counted by
        )

    def _forgetting(self, name: str, forget: Callable[[Connection, int, int], int], keep_ms: int = 0) -> Chore:
        """What nobody asks about any more."""
        return Chore(name, _EVERY[name], Forgetting(self._means, self._clock, forget, keep_ms).sweep)
