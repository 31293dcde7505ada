"""Calls for many messages, and about those that were accepted: what became of them, taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slidewire.client.calls import (
    NO_MMS_OPTIONS,
    Answer,
    Call,
    Content,
    MmsOptions,
    Sent,
    SentToMany,
    blocks_of,
    content_of,
    options_of,
    refusal_of,
    sent_of,
    text_of,
    warnings_of,
    written,
)
from slidewire.client.faults import Refusal


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the gateway knows it. Texts are empty where nothing is known yet."""

    tracking_id: str
    status: str  #: scheduled, accepted, encoding, submitted, delivered, failed, expired, rejected, cancelled
    to: str
    sender: str
    mms_id: str
    client_reference: str
    sent_as: str
    details: str
    facts: Mapping[str, Any]  #: everything that is told, as the wire spells it


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A part of the messages, the newest first; ``cursor``: where the next one begins, empty at the end."""

    messages: tuple[Message, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Search:
    """Which messages are listed."""

    since: datetime | str | None = None
    until: datetime | str | None = None
    status: str | None = None
    to: str | None = None
    client_reference: str | None = None
    cursor: str | None = None  #: of the page before
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was taken."""

    batch_id: str
    total: int  #: receivers; 0: not known yet
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    batch_id: str
    state: str  #: expanding, then expanded
    total: int
    waiting: int  #: receivers that were not looked at yet
    refused: int
    counts: Mapping[str, int]  #: status -> messages
    refusals: Mapping[str, Refusal]  #: this page of the receivers that get none -> why


def send_batch(to: Iterable[str], sender: str, content: Content, options: MmsOptions = NO_MMS_OPTIONS) -> Call[Batch]:
    """Send one message to each of up to 10,000 phones; ``get_batch`` tells how far it is."""
    fields = {"to": list(to), "from": sender, **content_of(content), **options_of(options)}
    return Call("sendbatch", fields, _batch)


def send_saved_mms_campaign(mms_id: str, campaign_ref: str, client_reference: str | None = None) -> Call[Batch]:
    """Send a saved message to everybody in a campaign; ``get_batch`` tells how far it is, and how many they are."""
    fields = {"mms-id": mms_id, "to-campaign": campaign_ref, "client-reference": client_reference}
    return Call("sendsavedmmscampaign", fields, _scheduled)


def get_batch(batch_id: str, page: int = 1, size: int = 100) -> Call[Progress]:
    """How far a batch is, with a page of the receivers that get none."""
    fields = {"batch-id": batch_id, "page-number": str(page), "items-per-page": str(size)}
    return Call("getbatch", fields, _progress, reads_only=True)


def get_message(*, tracking_id: str | None = None, client_reference: str | None = None) -> Call[Message]:
    """One message, by its tracking id or by your reference. Refused with E660 when there is none."""
    return Call("getmessage", _named(tracking_id, client_reference), _message, reads_only=True)


def list_messages(search: Search | None = None) -> Call[MessagePage]:
    """Messages, the newest first, a page at a time."""
    which = search or Search()
    fields = {
        "start-date": written(which.since),
        "end-date": written(which.until),
        "message-status": which.status,
        "to": which.to,
        "client-reference": which.client_reference,
        "cursor": which.cursor,
        "items-per-page": str(which.size) if which.size else None,
    }
    return Call("listmessages", fields, _page, reads_only=True)


def get_sending_statistics(since: datetime | str, until: datetime | str) -> Call[str]:
    """A report of everything that was sent in a time: the address of an XML file."""
    fields = {"start-date": written(since), "end-date": written(until)}
    return Call("getsendingstatistics", fields, lambda answer: text_of(answer, "url"), reads_only=True)


def cancel_message(*, tracking_id: str | None = None, client_reference: str | None = None) -> Call[None]:
    """Take a message back while it waits. Refused with E661 once a carrier may have it."""
    return Call("cancelmessage", _named(tracking_id, client_reference), lambda _: None)


def send_message_by_subscriber_ref(
    subscriber_ref: str,
    campaign_ref: str,
    *,
    mms_id: str | None = None,
    text: str | None = None,
    client_reference: str | None = None,
) -> Call[SentToMany]:
    """Send a saved message, or a text, to each phone of a campaign that you call so."""
    fields = {
        "subscriber-ref": subscriber_ref,
        "campaign-ref": campaign_ref,
        "mms-id": mms_id,
        "message-text": text,
        "client-reference": client_reference,
    }
    return Call("sendmessagebysubscriberref", fields, _subscribers)


def remove_mms_inbox_message(inbox_id: str) -> Call[None]:
    """Take the files and texts of a received MMS away; that it came stays known."""
    return Call("removemmsinboxmessage", {"mms-inbox-id": inbox_id}, lambda _: None)


def _named(tracking_id: str | None, client_reference: str | None) -> dict[str, Any]:
    return {"tracking-id": tracking_id, "client-reference": client_reference}


def _message(answer: Answer) -> Message:
    return Message(
        tracking_id=text_of(answer, "tracking-id"),
        status=text_of(answer, "message-status"),
        to=text_of(answer, "to"),
        sender=text_of(answer, "from"),
        mms_id=text_of(answer, "mms-id"),
        client_reference=text_of(answer, "client-reference"),
        sent_as=text_of(answer, "sent-as"),
        details=text_of(answer, "status-details"),
        facts=answer,
    )


def _batch(answer: Answer) -> Batch:
    return Batch(text_of(answer, "batch-id"), _number(answer, "total"), warnings_of(answer))


def _scheduled(answer: Answer) -> Batch:
    return Batch(text_of(answer, "scheduled-id"), 0, warnings_of(answer))


_STATUSES = (
    *("scheduled", "accepted", "encoding", "submitted", "delivered"),
    *("failed", "expired", "rejected", "cancelled"),
)


def _progress(answer: Answer) -> Progress:
    return Progress(
        batch_id=text_of(answer, "batch-id"),
        state=text_of(answer, "batch-status"),
        total=_number(answer, "total"),
        waiting=_number(answer, "waiting"),
        refused=_number(answer, "refused"),
        counts={name: _number(answer, name) for name in _STATUSES if name in answer},
        refusals={text_of(each, "to"): refusal_of(each) for each in blocks_of(answer, "sending")},
    )


def _number(answer: Answer, name: str) -> int:
    word = text_of(answer, name)
    return int(word) if word.isascii() and word.isdigit() else 0


def _page(answer: Answer) -> MessagePage:
    return MessagePage(tuple(map(_message, blocks_of(answer, "message"))), text_of(answer, "cursor"))


def _subscribers(answer: Answer) -> SentToMany:
    blocks = blocks_of(answer, "subscriber")
    sent: list[Sent] = [sent_of(each) for each in blocks if "tracking-id" in each]
    refused = {text_of(each, "to"): refusal_of(each) for each in blocks if "error-code" in each}
    return SentToMany("", tuple(sent), refused)
