"""validateMMS: a sendMMS that sends nothing and tells every fault (docs/adr/0172)."""

from slidewire.api.doors import Fields, Reply, Visit
from slidewire.api.sending import read_request, with_campaign
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.checks import check_request
from slidewire.domain.gathering import AllFaults
from slidewire.domain.request import SendRequest
from slidewire.domain.validation import Measured

_SOUND = "The message can be sent"


async def validate_mms(call: Call, account: Account, visit: Visit) -> Reply:
    """Everything about one request. What is wrong with it is told, not raised."""
    request = read_request(call, SendRequest)
    visit.receiver = request.receiver
    account = await with_campaign(account, request.campaign, visit)
    faults = AllFaults()
    checked = check_request(request, account, visit.doors.now(), visit.rules, faults)
    found = await visit.doors.validate(checked, account, faults, visit.hung_up)
    segments: Fields = (("segments", str(found.segments)),) if found.segments else ()
    networks: Fields = tuple(("network", _network(each)) for each in found.networks)
    if found.faults:
        given = request.receiver or ""
        return Reply((*networks, *segments), refusal=found.faults[0], receiver=given, faults=found.faults)
    told = (("receiver", found.receiver), *networks, *segments, ("status_details", _SOUND))
    return Reply(told, found.warnings)


def _network(measured: Measured) -> Fields:
    fields = (
        ("operator", measured.operator),
        ("network_name", measured.name),
        ("network_size", str(measured.size or "")),
        ("network_problem", measured.problem),
    )
    return tuple((name, text) for name, text in fields if text)
