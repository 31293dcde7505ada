"""Everything about sendMessageBySubscriberRef that can be judged without I/O, and what each subscriber is sent."""

from dataclasses import dataclass, replace

from slidewire.domain import link_expiration
from slidewire.domain.account import Account
from slidewire.domain.campaigns import Campaign
from slidewire.domain.characters import one_line_end
from slidewire.domain.checks import read_client_reference
from slidewire.domain.faults import Fault, FaultError
from slidewire.domain.joining import CampaignName
from slidewire.domain.message import Dialect
from slidewire.domain.phone import read_number
from slidewire.domain.request import (
    Addressee,
    CampaignSendRequest,
    CheckedRequest,
    CheckedSavedSend,
    Refused,
    SubscriberRequest,
)
from slidewire.domain.saving import read_mms_id
from slidewire.domain.senders import sender_among
from slidewire.domain.texting import text_request
from slidewire.domain.words import Words


@dataclass(frozen=True, slots=True)
class CheckedSubscriberSend:
    """A call that passed every check that needs no I/O."""

    dialect: Dialect
    subscriber_ref: str
    campaign: str  #: its ref
    mms_id: int  #: of a template; 0: no id that we ever gave
    text: str  #: empty: the template is sent
    client_reference: str
    now_ms: int
    warnings: tuple[str, ...] = ()

    def saved(self, to: tuple[Addressee | Refused, ...]) -> CheckedSavedSend:
        """The template to these subscribers."""
        return CheckedSavedSend(
            dialect=self.dialect,
            mms_id=self.mms_id,
            to=to,
            is_list=True,
            spid="",
            operator="",
            campaign=self.campaign,
            link_expires_at=self.now_ms + link_expiration.DEFAULT_MS,
            force_sms=False,
            client_reference=self.client_reference,
            warnings=self.warnings,
        )

    def text_to(self, to: Addressee) -> CheckedRequest:
        """The text to one subscriber."""
        text = text_request(self.dialect, to, self.now_ms, self.text)
        return replace(text, campaign=self.campaign, client_reference=self.client_reference, warnings=self.warnings)


def check_subscriber_send(request: SubscriberRequest, now_ms: int) -> CheckedSubscriberSend:
    """The call as it will be served. Raises FaultError E100, E718.

    ``now_ms`` is Unix time in milliseconds.
    """
    words = Words(request)
    subscriber_ref = words.of("subscriber_ref")
    if not subscriber_ref:
        raise Fault.INVALID_REQUEST.about("subscriber_ref", "is required")
    campaign = words.of("campaign")
    if not campaign:
        raise Fault.CAMPAIGN_REQUIRED.error()
    mms_id, text = words.of("mms_id"), words.of("text")
    if bool(mms_id) is bool(text):
        raise Fault.INVALID_REQUEST.about("mms_id", "or a text is required, and not both")
    return CheckedSubscriberSend(
        dialect=request.dialect,
        subscriber_ref=subscriber_ref,
        campaign=campaign,
        mms_id=read_mms_id(mms_id) if mms_id else 0,
        text=one_line_end(request.text or "") if text else "",
        client_reference=read_client_reference(words),
        now_ms=now_ms,
        warnings=tuple(words.warnings),
    )


def check_campaign_send(request: CampaignSendRequest, now_ms: int) -> tuple[CheckedSubscriberSend, CampaignName]:
    """The call as it will be served, and which campaign it is for. Raises FaultError E620, E624, E100.

    ``now_ms`` is Unix time in milliseconds.
    """
    words = Words(request)
    mms_id = read_mms_id(words.of("mms_id"))
    campaign = words.of("to_campaign") or words.of("campaign_id")
    if not campaign:
        raise Fault.TO_CAMPAIGN_REQUIRED.error()
    reference = read_client_reference(words)
    told = tuple(words.warnings)
    return CheckedSubscriberSend(request.dialect, "", "", mms_id, "", reference, now_ms, told), CampaignName(campaign)


def address(account: Account, campaign: Campaign, phone: str) -> Addressee | Refused:
    """A subscriber as what is sent to; its sender is one of the campaign's (api.md 3.5)."""
    country = read_number(phone).country
    try:
        sender = sender_among(account, campaign.senders or account.senders, country)
    except FaultError as fault:
        return Refused(phone, fault)
    return Addressee(phone, phone, country, sender, "")
