"""Sends to whom an account calls by a word of its own, and to whole campaigns: only to those who have joined."""

from dataclasses import dataclass

from slidewire.domain.account import Account
from slidewire.domain.faults import Fault
from slidewire.domain.idempotency import Answering
from slidewire.domain.joining import CampaignName
from slidewire.domain.request import Addressee, Refused, SavedSent
from slidewire.domain.saving import MAX_RECEIVERS
from slidewire.domain.subscribers import CheckedSubscriberSend, address
from slidewire.intake.accept import Intake, Made, no_load
from slidewire.intake.saved import SavedMessages
from slidewire.intake.several import Several, send_several
from slidewire.store import campaigns
from slidewire.store.consent import subscribers_of
from slidewire.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class SubscriberTools:
    """What this works with."""

    intake: Intake
    saved: SavedMessages
    database: Database


class Subscribers:
    """Those who have joined an account's campaigns."""

    def __init__(self, tools: SubscriberTools) -> None:
        self._intake = tools.intake
        self._saved = tools.saved
        self._database = tools.database

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
