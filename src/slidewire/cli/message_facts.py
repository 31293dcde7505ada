"""A message as the command line shows it: everything that is kept of it, times as ISO 8601."""

from typing import TYPE_CHECKING, Any

from slidewire.cli.terminal import moment

if TYPE_CHECKING:
    from slidewire.domain.message import Message, Slide
    from slidewire.store.database import Connection
    from slidewire.store.segments import Kept


def message_facts(connection: "Connection", tracking_id: str) -> dict[str, Any] | None:
    """The message with its slides, SMS segments, events, exchanges and tasks; None when there is none."""
    from slidewire.store import messages
    from slidewire.store.segments import read_segments

    message = messages.find_message(connection, tracking_id)
    if message is None:
        return None
    return {
        **message_row(message),
        "mms_id": str(message.mms_id),
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
        "expires_at": moment(message.expires_at),
        "link_expires_at": moment(message.link_expires_at),
        "warnings": list(message.warnings),
        "slides": [slide_facts(slide) for slide in message.slides],
        "segments": [_segment(kept) for kept in read_segments(connection, message.id)],
        "events": [_event(row) for row in messages.message_events(connection, message.id)],
        "exchanges": [_exchange(row) for row in messages.message_exchanges(connection, message.id)],
        "tasks": [_task(row) for row in messages.message_tasks(connection, message.id)],
    }


def message_row(message: "Message") -> dict[str, Any]:
    """What a list shows of a message."""
    return {
        "tracking_id": message.id,
        "status": message.status.value,
        "from": message.sender,
        "to": message.receiver,
        "route": message.route,
        "subject": message.subject,
        "accepted_at": moment(message.accepted_at),
    }


def slide_facts(slide: "Slide") -> dict[str, Any]:
    """A slide with its parts."""
    parts = [
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


def _segment(kept: "Kept") -> dict[str, Any]:
    """Where a segment is; never its text, which holds the link (security 10)."""
    return {
        "number": kept.segment.number,
        "total": kept.segment.total,
        "state": kept.state.value,
        "carrier_ref": kept.carrier_ref,
    }


def _event(row: dict[str, Any]) -> dict[str, Any]:
    from slidewire.domain.events import Reason

    words = Reason[row["reason"]].value if row["reason"] in Reason.__members__ else row["reason"]
    return {
        "at": moment(row["at"]),
        "event": row["event"],
        "reason": words,
        "detail": row["detail"],
        "attempt": row["attempt"],
    }


def _exchange(row: dict[str, Any]) -> dict[str, Any]:
    body = row["body"].decode("utf-8", "replace") if isinstance(row["body"], bytes) else row["body"]
    return {
        "at": moment(row["at"]),
        "peer": row["peer"],
        "request": row["request"],
        "response": row["response"],
        "seconds": row["seconds"],
        "failed": bool(row["failed"]),
        "body": body,
    }


def _task(row: dict[str, Any]) -> dict[str, Any]:
    from slidewire.domain.task import NEVER

    return {
        "kind": row["kind"],
        "queue": row["queue"],
        "due_at": moment(row["due_at"]) if row["due_at"] < NEVER else "",
        "attempt": row["attempt"],
        "leased_by": row["lease"] or "",
    }
