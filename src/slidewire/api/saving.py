"""The calls about templates: saveMMS, sendSavedMMS, getMmsIds, getMMSTemplates, deleteMMSID (api.md 3.1 to 3.3)."""

from datetime import UTC, datetime
from functools import partial

from slidewire.api.doors import Fields, Reply, Visit
from slidewire.api.sending import details_of, read_request, with_campaign
from slidewire.api.wire import Call
from slidewire.domain.account import Account
from slidewire.domain.faults import Fault
from slidewire.domain.graphemes import cut_at_grapheme
from slidewire.domain.request import CheckedSavedSend, Refused, Saved, SavedSent, SendRequest, SendSavedRequest
from slidewire.domain.saving import (
    MAX_NAME,
    MAX_RECEIVERS,
    check_query,
    check_saved_send,
    check_template,
    read_mms_id,
    split_receivers,
)
from slidewire.domain.template import Template, TemplateState

_LONGEST_TO = 32  #: characters of a TO that comes back (settled 23)


async def save_mms(call: Call, account: Account, visit: Visit) -> Reply:
    """Keep a message, to be sent later. Raises FaultError."""
    checked = check_template(read_request(call, SendRequest), account, visit.rules)
    return kept(await visit.doors.templates.save(checked, account, visit.hung_up, visit.answering(kept)))


def kept(saved: Saved) -> Reply:
    """The answer of a message that was saved."""
    return Reply((("mms_id", str(saved.mms_id)),), saved.warnings)


async def send_saved_mms(call: Call, account: Account, visit: Visit) -> Reply:
    """Send a template to one receiver, or to each of several. Raises FaultError."""
    request = read_request(call, SendSavedRequest)
    visit.receiver = request.receiver
    account = await with_campaign(account, request.campaign, visit)
    checked = check_saved_send(request, account, visit.doors.now(), visit.rules)
    reply = partial(_sent_to, checked)
    return reply(await visit.doors.templates.send(checked, account, visit.answering(reply)))


def _sent_to(checked: CheckedSavedSend, results: list[SavedSent | Refused]) -> Reply:
    """The answer of a template that was sent. Raises the fault of a receiver that it was to be sent to alone."""
    mms_id = ("mms_id", str(checked.mms_id))
    if not checked.is_list:
        [result] = results
        if isinstance(result, Refused):
            raise result.fault
        return Reply(
            (mms_id, *sent_fields(result), ("status_details", details_of(checked.send_at))), result.accepted.warnings
        )
    blocks: Fields = tuple(
        ("sending", sent_fields(each) if isinstance(each, SavedSent) else refused_fields(each)) for each in results
    )
    taken = [result for result in results if isinstance(result, SavedSent)]
    if not taken:
        refusals = [result.fault for result in results if isinstance(result, Refused)]
        return Reply(blocks, refusal=refusals[0])
    return Reply((mms_id, *blocks, ("status_details", details_of(checked.send_at))), taken[0].accepted.warnings)


def receivers_of(call: Call) -> int:
    """How many receivers a sendSavedMMS has (settled 16)."""
    return max(min(len(split_receivers(call.values.get("receiver") or "")), MAX_RECEIVERS), 1)


async def get_mms_ids(call: Call, account: Account, visit: Visit) -> Reply:  # noqa: ARG001  # every action's shape
    """All ids of an account's templates. Raises FaultError E200 when there are none."""
    ids = await visit.doors.templates.ids(account)
    if not ids:
        raise Fault.NO_TEMPLATES.error()
    return Reply((("mms_ids", ",".join(map(str, ids))),))


async def get_mms_templates(call: Call, account: Account, visit: Visit) -> Reply:
    """A page of an account's templates, the newest first. Raises FaultError."""
    word = call.values.get
    query = check_query(word("start_date"), word("page_number"), word("items_per_page"))
    page = await visit.doors.templates.page(account, query)
    asked: Fields = (("start_date", query.start_date),) if query.start_date else ()
    counts = (
        ("page_number", str(query.page)),
        ("items_per_page", str(query.per_page)),
        ("total_results", str(page.total)),
    )
    return Reply((*asked, *counts, *(("template", _facts(template)) for template in page.templates)))


async def delete_mms_id(call: Call, account: Account, visit: Visit) -> Reply:
    """Forget a template; what was sent of it goes on. Raises FaultError E620, E241."""
    mms_id = read_mms_id(call.values.get("mms_id") or "")
    await visit.doors.templates.delete(account, mms_id, visit.answering(deleted))
    return deleted(mms_id)


def deleted(mms_id: int) -> Reply:
    """The answer for a template that is forgotten."""
    return Reply((("mms_id", str(mms_id)),))


def sent_fields(result: SavedSent) -> Fields:
    """One of several: FROM is the sender that was taken in the end (settled 13)."""
    accepted = result.accepted
    return ("tracking_id", accepted.tracking_id), ("receiver", accepted.receiver), ("sender", result.sender)


def refused_fields(result: Refused) -> Fields:
    """One of several that nothing is sent to."""
    error = result.fault
    return (
        ("error_code", error.fault.code),
        ("receiver", result.given[:_LONGEST_TO]),
        ("error_words", error.words),
    )


def _facts(template: Template) -> Fields:
    created = datetime.fromtimestamp(template.created_at // 1000, UTC).isoformat()
    return (
        ("mms_id", str(template.mms_id)),
        ("template_name", cut_at_grapheme(template.name, MAX_NAME)),
        ("template_subject", template.subject),
        ("date_created", created),
        ("total_slides", str(len(template.slides))),
        ("template_size", str(template.size)),
        ("template_status", _status(template)),
    )


def _status(template: Template) -> str:
    """Its state; how far it is, or why it failed."""
    if template.state is TemplateState.ENCODING:
        return f"{template.state.value} {template.percent}%"
    return f"{template.state.value}: {template.problem}" if template.problem else template.state.value
