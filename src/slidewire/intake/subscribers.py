"""Sends to whom an account calls by a word of its own, and to whole campaigns: only to those who have joined."""

from dataclasses import dataclass, replace

from slidewire.domain.account import Account
from slidewire.domain.batches import BatchTaken
from slidewire.domain.campaigns import Campaign
from slidewire.domain.faults import Fault
from slidewire.domain.idempotency import Answering
from slidewire.domain.joining import CampaignName
from slidewire.domain.request import Addressee, Refused, SavedSent
from slidewire.domain.saving import MAX_RECEIVERS
from slidewire.domain.subscribers import CheckedSubscriberSend, address
from slidewire.intake.accept import Intake
from slidewire.intake.batches import Batches
from slidewire.intake.saved import SavedMessages
from slidewire.intake.several import Several, send_several
from slidewire.intake.tools import Made, no_load
from slidewire.store import campaigns
from slidewire.store.consent import count_subscribed, subscribers_of
from slidewire.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class SubscriberTools:
    """What this works with."""

    intake: Intake
    saved: SavedMessages
    database: Database
    batches: Batches


class Subscribers:
    """Those who have joined an account's campaigns."""

    def __init__(self, tools: SubscriberTools) -> None:
        self._intake = tools.intake
        self._saved = tools.saved
        self._database = tools.database
        self._batches = tools.batches

    async def send(
        self,
        send: CheckedSubscriberSend,
        account: Account,
        answering: Answering[list[SavedSent | Refused]] | None = None,
    ) -> list[SavedSent | Refused]:
        """Send to each phone that is called so, what became of each. Raises FaultError where nothing is sent at all."""
        to = await self._database.read(lambda c: _find(c, send, account))
        if not send.text:
            return await self._saved.send(send.saved(to), account, answering)

        async def make(to: Addressee) -> Made:
            return await self._intake.prepare(send.text_to(to), account, no_load())

        return await send_several(self._intake, Several(to, True, make), answering)

    async def send_campaign(
        self,
        asked: tuple[CheckedSubscriberSend, CampaignName],
        account: Account,
        answering: Answering[BatchTaken] | None = None,
    ) -> BatchTaken:
        """Send a template to everybody in a campaign, part by part (durability 16).

        Raises FaultError E714, E241, E626, and OverloadedError.
        """
        send, name = asked
        campaign, total = await self._database.read(lambda c: _count(c, name, account))
        if campaign is None:
            raise Fault.BAD_TO_CAMPAIGN.error()
        draft = await self._saved.draft(replace(send.saved(()), campaign=campaign.ref), account)
        draft = replace(draft, senders=campaign.senders or tuple(sorted(account.senders)))
        batch = self._batches.of_campaign(account, campaign, draft, total)
        taken = BatchTaken(batch.id, total, draft.request.warnings + draft.warnings)
        await self._batches.keep(batch, answering, taken)
        return taken


def _count(connection: Connection, name: CampaignName, account: Account) -> tuple[Campaign | None, int]:
    """The campaign, and how many are in it."""
    campaign = campaigns.find_campaign(connection, account.id, name)
    return campaign, count_subscribed(connection, account.id, campaign.ref) if campaign else 0


def _find(connection: Connection, send: CheckedSubscriberSend, account: Account) -> tuple[Addressee | Refused, ...]:
    """Whom it goes to. Raises FaultError E721, E715, E623."""
    campaign = campaigns.find_campaign(connection, account.id, CampaignName(ref=send.campaign))
    if campaign is None:
        raise Fault.BAD_CAMPAIGN.error()
    phones = subscribers_of(connection, campaign, send.subscriber_ref, MAX_RECEIVERS + 1)
    if not phones:
        raise Fault.NOT_SUBSCRIBED.error()
    if len(phones) > MAX_RECEIVERS:
        raise Fault.TOO_MANY_RECEIVERS.error(limit=MAX_RECEIVERS)
    return tuple(address(account, campaign, phone) for phone in phones)
