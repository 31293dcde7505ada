"""What carriers bring back, put together: who takes it, and where the media of phones' messages are fetched."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from slidewire.carriers.base import Route, Takers
from slidewire.carriers.lookup import Lookup
from slidewire.carriers.mm7.receiver import DoorLimits, Mm7Takers
from slidewire.content.store import ContentStore
from slidewire.domain.account import Account
from slidewire.domain.answers import AnswerTerms
from slidewire.domain.figures import Figures
from slidewire.domain.idempotency import Answering
from slidewire.domain.inbound import MediaFile
from slidewire.domain.message import Message
from slidewire.domain.usage import Channel
from slidewire.intake.idempotency import write_alone
from slidewire.runtime.configure import span
from slidewire.runtime.counted import counted_inbound, counted_receipts
from slidewire.settings import Settings
from slidewire.store.inbound import remove_media
from slidewire.store.links import LinkKey, link_address
from slidewire.work.assembling import TextDesk
from slidewire.work.means import Means
from slidewire.work.receipts import ReceiptDesk
from slidewire.work.receive import InboundDesk, InboundTerms
from slidewire.work.receive_mms import MmsDesk


@dataclass(frozen=True, slots=True)
class Desks:
    """Who takes receipts, texts and MMS."""

    receipts: ReceiptDesk
    texts: TextDesk
    mms: MmsDesk
    figures: Figures

    @property
    def of_smscs(self) -> Takers:
        """For what comes over SMPP."""
        texts = counted_inbound(self.texts.take, Channel.SMS, self.figures)
        return Takers(counted_receipts(self.receipts.take, self.figures), texts)

    @property
    def of_mmscs(self) -> Mm7Takers:
        """For what comes over MM7."""
        mms = counted_inbound(self.mms.take, Channel.MMS, self.figures)
        return Mm7Takers(counted_receipts(self.receipts.take, self.figures), mms)


@dataclass(frozen=True, slots=True)
class InboundTools:
    """What the desks of phones' messages are made of."""

    key: Callable[[], LinkKey]  #: as it is now
    route: Callable[[Message], Route | None]  #: the SMS route that an answer leaves by
    store: ContentStore
    lookup: Lookup | None


def open_desks(
    settings: Settings, means: Means, routes: tuple[Route, ...], receipts: ReceiptDesk, tools: InboundTools
) -> Desks:
    """All desks. Raises SettingsError."""
    tests = frozenset(route.name for route in routes if route.test)
    pause_ms = round(span(settings.inbound.answer_pause, "inbound.answer_pause") * 1000)
    confirm_ms = round(span(settings.inbound.confirm_within, "inbound.confirm_within") * 1000)
    answers = AnswerTerms(pause_ms, settings.inbound.answers_a_day, confirm_ms)
    terms = InboundTerms(tools.key, tests, answers, tools.route)
    if tools.lookup:
        terms = replace(terms, learnt=tools.lookup.learnt)
    desk = InboundDesk(means, terms)
    texts = TextDesk(means, desk, round(span(settings.inbound.segments_wait, "inbound.segments_wait") * 1000))
    keep_ms = round(span(settings.inbound.keep, "inbound.keep") * 1000)
    return Desks(receipts, texts, MmsDesk(desk, tools.store, keep_ms), means.figures)


def door_limits(settings: Settings) -> DoorLimits:
    """What an MMSC may post at once."""
    return DoorLimits(body=settings.inbound.max_bytes, parts=settings.inbound.max_parts)


def media_address(base: str, key: Callable[[], LinkKey], file: MediaFile) -> str:
    """Where a file that a phone sent is fetched. ``base``: what stands before /m/; ``key``: as it is now."""
    return f"{link_address(base, key().named(file.key_id).token_of_inbound(file.inbound_id))}/{file.name}"


async def remove_inbound(
    means: Means, account: Account, inbound_id: str, answering: Answering[str] | None = None
) -> bool | None:
    """Take what is kept of an account's MMS away, as ``remove_media`` does. Raises OverloadedError."""
    told = answering and answering.of(lambda is_gone: inbound_id if is_gone else None)
    return await write_alone(means.database, lambda c: remove_media(c, account.id, inbound_id, means.now()), told)
