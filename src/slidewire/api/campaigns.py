"""The calls about campaigns and who joins them (api.md 3.5)."""

from slidewire.api.doors import Fields, Reply, Visit
from slidewire.api.sending import read_request
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.faults import Fault
from slidewire.domain.joining import check_campaign, check_consent
from slidewire.domain.request import CampaignRequest, ConsentRequest
from slidewire.domain.saving import check_query


async def create_mms_campaign(call: Call, account: Account, visit: Visit) -> Reply:
    """A new campaign. Raises FaultError E170, E171, E172."""
    wish = check_campaign(read_request(call, CampaignRequest))
    made = await visit.doors.campaigns.create(wish, account)
    fields: Fields = (("campaign_id", str(made.id)), ("campaign_name", made.name), ("brand", made.brand))
    return Reply((*fields, ("campaign", made.ref)) if wish.ref else fields, wish.warnings)


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


async def _moved(call: Call, account: Account, visit: Visit, *, leaves: bool) -> Reply:
    wish = check_consent(read_request(call, ConsentRequest), visit.rules, leaves=leaves)
    campaign = await visit.doors.campaigns.move(wish, account)
    which = ("campaign_id", str(campaign.id)) if wish.campaign.id else ("campaign", campaign.ref)
    who: Fields = (("subscriber_ref", wish.subscriber_ref),) if wish.subscriber_ref else ()
    return Reply((which, *who, ("mobile", wish.phone.digits)), wish.warnings)
