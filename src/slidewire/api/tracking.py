"""The calls about messages that were sent: getMessage, listMessages, cancelMessage (docs/adr/0171)."""

from slidewire.api.doors import Fields, Reply, Visit
from slidewire.api.sending import read_request
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.events import Reason
from slidewire.domain.message import Message
from slidewire.domain.request import Given, ListingRequest, NamedRequest
from slidewire.domain.status import Status
from slidewire.domain.tracking import Progress, read_listing, read_named, written
from slidewire.domain.words import Words


async def get_message(call: Call, account: Account, visit: Visit) -> Reply:
    """How one message stands. Raises FaultError E100, E660."""
    request = read_request(call, NamedRequest)
    told = await visit.doors.tracking.find(account, read_named(request))
    return Reply(_facts(told), _warnings(request))


async def list_messages(call: Call, account: Account, visit: Visit) -> Reply:
    """A page of the account's messages, the newest first. Raises FaultError E100, E110, E213, E214."""
    request = read_request(call, ListingRequest)
    page = await visit.doors.tracking.page(account, read_listing(request, visit.rules.messages_page))
    blocks: Fields = tuple(("message", _facts(each)) for each in page.messages)
    return Reply((*blocks, ("cursor", page.cursor)) if page.cursor else blocks, _warnings(request))


async def cancel_message(call: Call, account: Account, visit: Visit) -> Reply:
    """Take a message back that has not left. Raises FaultError E100, E660, E661."""
    request = read_request(call, NamedRequest)

    def told(message: Message) -> Reply:
        fields = (
            ("tracking_id", message.id),
            ("receiver", message.receiver),
            ("message_status", Status.CANCELLED.value),
            ("status_details", Reason.CANCELLED.value),
        )
        return Reply(fields, _warnings(request))

    return told(await visit.doors.tracking.cancel(account, read_named(request), visit.answering(told)))


def _warnings(request: Given) -> tuple[str, ...]:
    """A filter that is misspelt filters nothing: that is told."""
    return tuple(Words(request).warnings)


def _facts(told: Progress) -> Fields:
    """What there is to tell; what is empty is left out."""
    message = told.message
    fields = (
        ("tracking_id", message.id),
        ("client_reference", message.client_reference),
        ("mms_id", str(message.mms_id or "")),
        ("receiver", message.receiver),
        ("sender", message.sender),
        ("operator", message.spid or message.operator),
        ("message_status", message.status.value),
        ("status_details", told.details),
        ("sent_as", told.sent_as),
        ("segments", str(told.segments or "")),
        ("fallback", told.fallback),
        ("date_created", written(message.accepted_at)),
        ("send_at", _moment(message.send_at)),
        ("expires", written(message.expires_at)),
        ("next_try", _moment(told.next_try_at)),
        ("date_sent", _moment(told.sent_at)),
        ("date_ended", _moment(told.ended_at)),
    )
    return tuple((name, text) for name, text in fields if text)


def _moment(at: int) -> str:
    return written(at) if at else ""
