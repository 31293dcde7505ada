"""Campaigns as their account makes them, and phones that it takes in and out: each call one transaction.

Who left by a message of his own is not brought back (api.md 3.5).
"""

from dataclasses import dataclass, replace

from slidewire.domain.account import Account
from slidewire.domain.audit import AuditAction, By
from slidewire.domain.campaigns import Campaign, Consent, Source
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.idempotency import Answering
from slidewire.domain.joining import CampaignName, CheckedCampaign, CheckedConsent, words_for
from slidewire.domain.message import SUBSCRIPTION, Dialect
from slidewire.domain.request import Addressee
from slidewire.domain.senders import sender_among
from slidewire.domain.texting import text_request
from slidewire.intake.accept import Intake
from slidewire.intake.idempotency import write_alone
from slidewire.intake.paying import raise_unpaid
from slidewire.intake.tools import Made, Tools, no_load
from slidewire.store import campaigns, hot
from slidewire.store.audit import write_audit
from slidewire.store.consent import Subscription
from slidewire.store.database import Connection, Database
from slidewire.store.joining import Move, move_subscription, standing, tell_of


@dataclass(frozen=True, slots=True)
class CampaignTools:
    """What this works with."""

    tools: Tools
    intake: Intake
    database: Database


class Campaigns:
    """An account's campaigns."""

    def __init__(self, tools: CampaignTools) -> None:
        self._intake = tools.intake
        self._tools = tools.tools
        self._database = tools.database

    async def create(
        self, wish: CheckedCampaign, account: Account, answering: Answering[Campaign] | None = None
    ) -> Campaign:
        """Make a campaign. Raises FaultError E172 where there is one of this ref."""
        now = self._tools.now()
        new = Campaign(0, account.id, wish.ref, wish.name, wish.brand, created_at=now)
        by = By(f"account {account.id}", now, self._tools.new_id())

        made: Campaign | None = None

        def write(connection: Connection) -> Campaign:
            nonlocal made
            if made is not None and campaigns.is_there(connection, made):
                return made  # the commit that was cut off was made after all (durability 12)
            made = campaigns.add_campaign(connection, new)
            write_audit(connection, by, AuditAction.CAMPAIGN_ADDED, account.id, ref=made.ref)
            return made

        try:
            return await write_alone(self._database, write, answering)
        except campaigns.CampaignExistsError as error:
            raise Fault.CAMPAIGN_NOT_MADE.error(f"there is a campaign {error} already") from error

    async def every(self, account: Account) -> list[Campaign]:
        """Those that are open, in the order in which they were made."""
        found = await self._database.read(lambda c: campaigns.read_campaigns(c, account.id))
        return [campaign for campaign in found if campaign.closed_at is None]

    async def find(self, name: CampaignName, account: Account) -> Campaign | None:
        """An open campaign of the account."""
        return await self._database.read(lambda c: campaigns.find_campaign(c, account.id, name))

    async def move(
        self, wish: CheckedConsent, account: Account, answering: Answering[Campaign] | None = None
    ) -> Campaign:
        """Take a phone in or out. Raises FaultError E903, E904, E905, and what sending it a text can raise."""
        campaign = await self.find(wish.campaign, account)
        if campaign is None:
            raise Fault.BAD_CAMPAIGN_ID.error()
        text = await self._text(wish, campaign, account) if wish.has_text else None
        now, phone = self._tools.now(), wish.phone.digits
        new = Subscription(phone, account.id, campaign.ref, wish.state, Source.API, now, wish.subscriber_ref)
        move = Move(campaign, new, account, self._tools.new_id(), self._tools.new_id())
        told = answering and answering.of(lambda _: campaign)
        for queue in await write_alone(self._database, lambda c: _write(c, wish, move, text), told):
            self._tools.wake(queue)
        return campaign

    async def _text(self, wish: CheckedConsent, campaign: Campaign, account: Account) -> Made | None:
        """What the phone is told: a text like any other, of no campaign, for who left one is still told so."""
        phone = wish.phone
        sender = sender_among(account, campaign.senders or account.senders, phone.country)
        to = Addressee("", phone.digits, phone.country, sender, "")
        request = text_request(Dialect.W13, to, self._tools.now(), words_for(campaign, wish.state))
        request = replace(request, name=SUBSCRIPTION, spid=wish.spid)
        try:
            return await self._intake.prepare(request, account, no_load())
        except FaultError as error:
            if error.fault is not Fault.RECEIVER_BLOCKED:
                raise
            if wish.state is Consent.REMOVED:
                return None  # it leaves all the same
            raise wish.refused("it is blocked") from error


def _write(connection: Connection, wish: CheckedConsent, move: Move, text: Made | None) -> list[str]:
    """The move, its postback, and its text; the queues to wake. Raises FaultError, and nothing is written."""
    before = standing(connection, move)
    if wish.state is Consent.REMOVED and before not in {Consent.SUBSCRIBED, Consent.PENDING}:
        raise wish.refused("it is not subscribed")
    if wish.state is Consent.PENDING and before is Consent.SUBSCRIBED:
        return []  # it said yes before, and is not asked again
    if not move_subscription(connection, move, before):
        raise wish.refused("it left by a message of its own, and comes back only by one")
    if before is wish.state is Consent.SUBSCRIBED:
        tell_of(connection, move)  # whoever subscribes again is told again
    if text is None:
        return []
    [result] = hot.insert_messages(connection, [text.new])
    raise_unpaid(result)
    return [text.new.task.queue]
