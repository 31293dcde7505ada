"""Rows as our own types, and our types as rows: the only place that knows both shapes."""

from collections.abc import Sequence
from typing import Any

import msgspec

from slidewire.domain.message import Dialect, Message, Slide
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.store import schema

_encode = msgspec.json.encode
decode_slides = msgspec.json.Decoder(tuple[Slide, ...]).decode
_decode_words = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_body = msgspec.json.Decoder(dict[str, object]).decode

MESSAGE_COLUMNS = tuple(column.name for column in schema.messages.columns)
TASK_COLUMNS = tuple(column.name for column in schema.tasks.columns)


def encode_slides(slides: tuple[Slide, ...]) -> str:
    """Slides as they stand in a row; ``decode_slides`` reads them."""
    return _encode(slides).decode()


def message_row(message: Message) -> tuple[Any, ...]:
    """``message`` in the order of MESSAGE_COLUMNS."""
    return (
        message.id,
        message.account_id,
        message.mms_id,
        message.dialect.value,
        message.sender,
        message.receiver,
        message.country,
        message.accepted_at,
        message.expires_at,
        message.link_expires_at,
        message.name,
        encode_slides(message.slides),
        message.subject,
        message.fallback_text,
        message.fallback_allowed,
        message.link_wanted,
        message.force_sms,
        message.mask,
        message.operator,
        message.spid,
        message.campaign_ref,
        message.client_reference,
        message.route,
        message.status.value,
        _encode(message.warnings).decode() if message.warnings else "",
        message.send_at,
        _encode(message.display_only).decode() if message.display_only else "",
    )


def message_of(row: Sequence[Any]) -> Message:
    """The message that a row in the order of MESSAGE_COLUMNS holds."""
    return Message(
        id=row[0],
        account_id=row[1],
        mms_id=row[2],
        dialect=Dialect(row[3]),
        sender=row[4],
        receiver=row[5],
        country=row[6],
        accepted_at=row[7],
        expires_at=row[8],
        link_expires_at=row[9],
        name=row[10],
        slides=decode_slides(row[11]),
        subject=row[12],
        fallback_text=row[13],
        fallback_allowed=bool(row[14]),
        link_wanted=bool(row[15]),
        force_sms=bool(row[16]),
        mask=row[17],
        operator=row[18],
        spid=row[19],
        campaign_ref=row[20],
        client_reference=row[21],
        route=row[22],
        status=Status(row[23]),
        warnings=_decode_words(row[24]) if row[24] else (),
        send_at=row[25],
        display_only=_decode_words(row[26]) if row[26] else (),
    )


def task_row(task: Task, lease: str | None = None) -> tuple[Any, ...]:
    """``task`` in the order of TASK_COLUMNS."""
    return (
        task.message_id,
        task.id,
        task.account_id,
        task.kind.value,
        task.queue,
        task.priority,
        task.due_at,
        task.attempt,
        lease,
        task.transaction_id,
        _encode(task.body).decode() if task.body else "",
    )


def task_of(row: Sequence[Any]) -> Task:
    """The task that a row in the order of TASK_COLUMNS holds; its lease is the claim's own matter."""
    return Task(
        message_id=row[0],
        id=row[1],
        account_id=row[2],
        kind=TaskKind(row[3]),
        queue=row[4],
        priority=row[5],
        due_at=row[6],
        attempt=row[7],
        transaction_id=row[9],
        body=task_body(row[10]),
    )


def task_body(text: str) -> dict[str, object]:
    """What only a task's step understands, as it is stored."""
    return _decode_body(text) if text else {}
