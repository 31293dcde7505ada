"""sendMMS: its fields in the customer's own words, and its answer."""

from slidewire.api.doors import Reply, Visit
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.checks import check_request
from slidewire.domain.request import Accepted, SendRequest

STATUS_DETAILS = "MMS request accepted and queued for delivery"


async def send_mms(call: Call, account: Account, visit: Visit) -> Reply:
    """One message to one receiver. Raises FaultError."""
    request = read_send(call)
    visit.receiver = request.receiver
    account = await with_campaign(account, request.campaign, visit)
    checked = check_request(request, account, visit.doors.now(), visit.rules)
    return sent(await visit.doors.accept(checked, account, visit.hung_up))


async def with_campaign(account: Account, campaign: str | None, visit: Visit) -> Account:
    """The account with the campaign that it must name, also when that was made a moment ago."""
    if account.settings.enforce_campaign and (campaign or "").strip() not in account.campaigns:
        return await visit.doors.look_again(account)
    return account


def sent(accepted: Accepted) -> Reply:
    """The answer of an accepted message."""
    fields = (
        ("receiver", accepted.receiver),
        ("mms_id", str(accepted.mms_id)),
        ("tracking_id", accepted.tracking_id),
        ("status_details", STATUS_DETAILS),
    )
    return Reply(fields, accepted.warnings)


def read_send(call: Call) -> SendRequest:
    """The request of sendMMS; what is blank is absent (settled 2)."""
    word = call.values.get
    return SendRequest(
        dialect=call.dialect,
        receiver=word("receiver"),
        sender=word("sender"),
        mask=word("mask"),
        name=word("name"),
        subject=word("subject"),
        fallback_text=word("fallback_text"),
        operator=word("operator") or word("operator_alias"),
        service=word("service"),
        campaign=word("campaign"),
        link_expiration=word("link_expiration"),
        force_sms=word("force_sms"),
        disable_fallback=word("disable_fallback"),
        disable_link=word("disable_link"),
        client_reference=word("client_reference"),
        cache_content=word("cache_content"),
        slides=tuple(call.slides),
        nested=nested_of(call),
        repeated=tuple(call.repeated),
        unknown=tuple(call.unknown),
        notes=tuple(call.notes),
    )


def nested_of(call: Call) -> frozenset[str]:
    """The fields that hold no text, under the names of a request: SPID stands in for OPERATORID (settled 12)."""
    nested = frozenset(call.nested)
    if "operator_alias" in nested and not call.values.get("operator"):
        nested |= {"operator"}
    return nested
