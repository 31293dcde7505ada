"""Messages as admins see them: everything that is kept of one, times as ISO 8601, never a page's link."""

from typing import Any, TypedDict

import msgspec

from slidewire.domain.events import Reason
from slidewire.domain.message import Message, Slide
from slidewire.domain.moments import written
from slidewire.domain.task import NEVER
from slidewire.provisioning.accounts import find_account
from slidewire.provisioning.refusals import missing
from slidewire.store import messages
from slidewire.store.database import Connection
from slidewire.store.segments import Kept, read_segments
from slidewire.store.turns import why_waiting

MessageRow = TypedDict(
    "MessageRow",
    {
        "tracking_id": str,
        "status": str,
        "from": str,
        "to": str,
        "route": str,
        "subject": str,
        "accepted_at": str,
    },
)
MessageRow.__doc__ = "What a list shows of a message."


class PartFacts(TypedDict):
    """One file of a slide."""

    kind: str
    url: str
    type: str
    size: int
    width: int
    height: int
    digest: str


class SlideFacts(TypedDict):
    """A slide with its parts."""

    duration: int
    text: str
    parts: list[PartFacts]


class SegmentFacts(TypedDict):
    """Where a segment of the fallback SMS is; never its text, which holds the link (security 10)."""

    number: int
    total: int
    state: str
    carrier_ref: str


class EventFacts(TypedDict):
    """One thing that happened to a message."""

    at: str
    event: str
    reason: str
    detail: str
    attempt: int


class ExchangeFacts(TypedDict):
    """One request and answer with a carrier or a postback address, as it is kept: redacted."""

    at: str
    peer: str
    request: str
    response: str
    seconds: float
    failed: bool
    body: str


class TaskFacts(TypedDict):
    """What is still to be done; ``due_at`` is empty for what waits for its turn."""

    kind: str
    queue: str
    due_at: str
    attempt: int
    leased_by: str
    parked: bool  #: its step broke too often: nothing tries it again


class MessageFacts(MessageRow):
    """Everything that is kept of one message."""

    waits_for: str  #: why it is not sent though its route is free; empty: it does not wait
    waits_until: str
    mms_id: str
    account: str
    dialect: str
    name: str
    country: str
    operator: str
    operator_as_given: str
    mask: str
    fallback_text: str
    fallback_allowed: bool
    link_wanted: bool
    force_sms: bool
    campaign_ref: str
    client_reference: str
    send_at: str | None  #: None: at once
    expires_at: str
    link_expires_at: str
    display_only: list[str]
    warnings: list[str]
    slides: list[SlideFacts]
    segments: list[SegmentFacts]
    events: list[EventFacts]
    exchanges: list[ExchangeFacts]
    tasks: list[TaskFacts]


def show_message(connection: Connection, tracking_id: str) -> MessageFacts:
    """The message with this tracking id. Raises RefusedError when there is none."""
    facts = message_facts(connection, tracking_id.strip()) if tracking_id.isascii() else None
    if facts is None:
        raise missing(f"there is no message {tracking_id}", "`slidewire message list` shows the newest ones.")
    return facts


def list_messages(connection: Connection, *, account: str = "", before: str = "", limit: int) -> list[MessageRow]:
    """The newest messages first, those older than ``before`` only."""
    whose = find_account(connection, account).id if account else ""
    found = messages.list_messages(connection, before=before, account=whose, limit=limit)
    return [message_row(message) for message in found]


def message_facts(connection: Connection, tracking_id: str) -> MessageFacts | None:
    """The message with its slides, SMS segments, events, exchanges and tasks; None when there is none."""
    message = messages.find_message(connection, tracking_id)
    if message is None:
        return None
    waiting = why_waiting(connection, message.id)
    return {
        **message_row(message),
        "waits_for": waiting.why.value if waiting else "",
        "waits_until": written(waiting.until) if waiting else "",
        "mms_id": "" if message.is_text else str(message.mms_id),
        "account": message.account_id,
        "dialect": message.dialect.value,
        "name": message.name,
        "country": message.country,
        "operator": message.operator,
        "operator_as_given": message.spid,
        "mask": message.mask,
        "fallback_text": message.fallback_text,
        "fallback_allowed": message.fallback_allowed,
        "link_wanted": message.link_wanted,
        "force_sms": message.force_sms,
        "campaign_ref": message.campaign_ref,
        "client_reference": message.client_reference,
        "send_at": written(message.send_at) if message.send_at else None,
        "expires_at": written(message.expires_at),
        "link_expires_at": written(message.link_expires_at),
        "display_only": list(message.display_only),
        "warnings": list(message.warnings),
        "slides": [slide_facts(slide) for slide in message.slides],
        "segments": [_segment(kept) for kept in read_segments(connection, message.id)],
        "events": [_event(row) for row in messages.message_events(connection, message.id)],
        "exchanges": [_exchange(row) for row in messages.message_exchanges(connection, message.id)],
        "tasks": [_task(row) for row in messages.message_tasks(connection, message.id)],
    }


def message_row(message: Message) -> MessageRow:
    """What a list shows of a message."""
    return {
        "tracking_id": message.id,
        "status": message.status.value,
        "from": message.sender,
        "to": message.receiver,
        "route": message.route,
        "subject": message.subject,
        "accepted_at": written(message.accepted_at),
    }


def slide_facts(slide: Slide) -> SlideFacts:
    """A slide with its parts."""
    parts: list[PartFacts] = [
        {
            "kind": part.kind.value,
            "url": part.url,
            "type": part.content.type,
            "size": part.content.size,
            "width": part.content.width,
            "height": part.content.height,
            "digest": part.content.digest,
        }
        for part in slide.parts
    ]
    return {"duration": slide.duration, "text": slide.text, "parts": parts}


def _segment(kept: Kept) -> SegmentFacts:
    return {
        "number": kept.segment.number,
        "total": kept.segment.total,
        "state": kept.state.value,
        "carrier_ref": kept.carrier_ref,
    }


def _event(row: dict[str, Any]) -> EventFacts:
    words = Reason[row["reason"]].value if row["reason"] in Reason.__members__ else row["reason"]
    return {
        "at": written(row["at"]),
        "event": row["event"],
        "reason": words,
        "detail": row["detail"],
        "attempt": row["attempt"],
    }


def _exchange(row: dict[str, Any]) -> ExchangeFacts:
    body = row["body"].decode("utf-8", "replace") if isinstance(row["body"], bytes) else row["body"]
    return {
        "at": written(row["at"]),
        "peer": row["peer"],
        "request": row["request"],
        "response": row["response"],
        "seconds": row["seconds"],
        "failed": bool(row["failed"]),
        "body": body,
    }


def _task(row: dict[str, Any]) -> TaskFacts:
    return {
        "kind": row["kind"],
        "queue": row["queue"],
        "due_at": written(row["due_at"]) if row["due_at"] < NEVER else "",
        "attempt": row["attempt"],
        "leased_by": row["lease"] or "",
        "parked": row["due_at"] == NEVER and "errors" in msgspec.json.decode(row["body"] or "{}"),
    }
