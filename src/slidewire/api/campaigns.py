"""The calls about campaigns and who joins them (api.md 3.5)."""

from slidewire.api.doors import Fields, Reply, Visit
from slidewire.api.saving import refused_fields, sent_fields
from slidewire.api.sending import STATUS_DETAILS, read_request
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.batches import BatchTaken
from slidewire.domain.campaigns import Campaign
from slidewire.domain.faults import Fault
from slidewire.domain.joining import check_campaign, check_consent
from slidewire.domain.request import (
    CampaignRequest,
    CampaignSendRequest,
    ConsentRequest,
    Refused,
    SavedSent,
    SubscriberRequest,
)
from slidewire.domain.saving import check_query
from slidewire.domain.subscribers import check_campaign_send, check_subscriber_send

TEXT_STATUS_DETAILS = "SMS request accepted and queued for delivery"


async def create_mms_campaign(call: Call, account: Account, visit: Visit) -> Reply:
    """A new campaign. Raises FaultError E170, E171, E172."""
    wish = check_campaign(read_request(call, CampaignRequest))

    def told(made: Campaign) -> Reply:
        fields: Fields = (("campaign_id", str(made.id)), ("campaign_name", made.name), ("brand", made.brand))
        return Reply((*fields, ("campaign", made.ref)) if wish.ref else fields, wish.warnings)

    return told(await visit.doors.campaigns.create(wish, account, visit.answering(told)))


async def get_mms_campaigns(call: Call, account: Account, visit: Visit) -> Reply:
    """The account's open campaigns: all, or the page that is asked for. Raises FaultError E405, E212 to E214."""
    word = call.values.get
    asked = (word("start_date"), word("page_number"), word("items_per_page"))
    query = check_query(*asked)
    every = await visit.doors.campaigns.every(account)
    if not every:
        raise Fault.NO_CAMPAIGNS.error()
    counts: Fields = ()
    if any(asked):
        every = [each for each in every if each.created_at >= query.since]
        counts = (("start_date", query.start_date),) if query.start_date else ()
        counts += (("page_number", str(query.page)), ("items_per_page", str(query.per_page)))
        counts += (("total_results", str(len(every))),)
        every = every[(query.page - 1) * query.per_page :][: query.per_page]
    blocks: Fields = tuple(("campaign_entry", (("id", str(each.id)), ("name", each.name))) for each in every)
    return Reply((*counts, ("campaigns", blocks)))


async def subscribe(call: Call, account: Account, visit: Visit) -> Reply:
    """A phone joins a campaign, or is asked whether it wants to. Raises FaultError E901 to E904."""
    return await _moved(call, account, visit, leaves=False)


async def unsubscribe(call: Call, account: Account, visit: Visit) -> Reply:
    """A phone is taken out of a campaign. Raises FaultError E901 to E903, E905."""
    return await _moved(call, account, visit, leaves=True)


async def send_message_by_subscriber_ref(call: Call, account: Account, visit: Visit) -> Reply:
    """A template or a text to each phone that the account calls so. Raises FaultError."""
    send = check_subscriber_send(read_request(call, SubscriberRequest), visit.doors.now())
    who: Fields = (("subscriber_ref", send.subscriber_ref), ("campaign", send.campaign))
    details = TEXT_STATUS_DETAILS if send.text else STATUS_DETAILS

    def told(results: list[SavedSent | Refused]) -> Reply:
        blocks: Fields = tuple(("subscriber", _subscriber(each, details)) for each in results)
        warnings = next((each.accepted.warnings for each in results if isinstance(each, SavedSent)), send.warnings)
        refusals = [each.fault for each in results if isinstance(each, Refused)]
        return Reply((*who, *blocks), warnings, refusals[0] if len(refusals) == len(results) else None)

    return told(await visit.doors.campaigns.send(send, account, visit.answering(told)))


async def send_saved_mms_campaign(call: Call, account: Account, visit: Visit) -> Reply:
    """A template to everybody in a campaign. Raises FaultError E620, E624, E714, E241, E626."""
    asked = check_campaign_send(read_request(call, CampaignSendRequest), visit.doors.now())
    mms_id = ("mms_id", str(asked[0].mms_id))

    def told(taken: BatchTaken) -> Reply:
        return Reply((mms_id, ("scheduled_id", taken.id)), taken.warnings)

    return told(await visit.doors.campaigns.send_all(asked, account, visit.answering(told)))


def _subscriber(result: SavedSent | Refused, details: str) -> Fields:
    if isinstance(result, SavedSent):
        return ("status", "Success"), *sent_fields(result), ("status_details", details)
    return ("status", "Failure"), *refused_fields(result)


async def _moved(call: Call, account: Account, visit: Visit, *, leaves: bool) -> Reply:
    wish = check_consent(read_request(call, ConsentRequest), visit.rules, leaves=leaves)

    def told(campaign: Campaign) -> Reply:
        which = ("campaign_id", str(campaign.id)) if wish.campaign.id else ("campaign", campaign.ref)
        who: Fields = (("subscriber_ref", wish.subscriber_ref),) if wish.subscriber_ref else ()
        return Reply((which, *who, ("mobile", wish.phone.digits)), wish.warnings)

    return told(await visit.doors.campaigns.move(wish, account, visit.answering(told)))
