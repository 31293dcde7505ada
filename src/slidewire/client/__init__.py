"""Slidewire from Python: every call typed, tried again safely, and postbacks read and verified.

Needs nothing of the gateway's own code. docs/tutorial/python-client.md shows it at work.
"""

from typing import TYPE_CHECKING, Any

from slidewire.client.calls import (
    Call,
    Changes,
    Content,
    MmsOptions,
    Options,
    Saved,
    Sent,
    SentToMany,
    Slide,
    Validation,
    Weight,
    any_call,
    login_user,
    save_mms,
    send_mms,
    send_saved_mms,
    send_saved_mms_to_many,
    send_sms,
    validate_mms,
)
from slidewire.client.faults import (
    BadAnswerError,
    BusyError,
    LimitError,
    MediaError,
    NotAllowedError,
    ReceiverError,
    Refusal,
    RefusedError,
    SlidewireError,
    UnreachableError,
)
from slidewire.client.following import (
    Batch,
    Message,
    MessagePage,
    Progress,
    Search,
    cancel_message,
    get_batch,
    get_message,
    get_sending_statistics,
    list_messages,
    remove_mms_inbox_message,
    send_batch,
    send_message_by_subscriber_ref,
    send_saved_mms_campaign,
)
from slidewire.client.keeping import (
    Campaign,
    Joining,
    Page,
    Template,
    TemplatePage,
    create_mms_campaign,
    delete_mms_id,
    get_mms_campaigns,
    get_mms_ids,
    get_mms_templates,
    subscribe,
    unsubscribe,
)
from slidewire.client.plain import Client
from slidewire.client.postbacks import (
    CampaignEvent,
    Event,
    InboundEvent,
    Kind,
    MessageEvent,
    PostbackError,
    PostbackReader,
    SignatureError,
    TemplateEvent,
)
from slidewire.client.trying import Patience

if TYPE_CHECKING:
    from slidewire.client.asynchronous import AsyncClient

__all__ = [
    "AsyncClient",
    "BadAnswerError",
    "Batch",
    "BusyError",
    "Call",
    "Campaign",
    "CampaignEvent",
    "Changes",
    "Client",
    "Content",
    "Event",
    "InboundEvent",
    "Joining",
    "Kind",
    "LimitError",
    "MediaError",
    "Message",
    "MessageEvent",
    "MessagePage",
    "MmsOptions",
    "NotAllowedError",
    "Options",
    "Page",
    "Patience",
    "PostbackError",
    "PostbackReader",
    "Progress",
    "ReceiverError",
    "Refusal",
    "RefusedError",
    "Saved",
    "Search",
    "Sent",
    "SentToMany",
    "SignatureError",
    "Slide",
    "SlidewireError",
    "Template",
    "TemplateEvent",
    "TemplatePage",
    "UnreachableError",
    "Validation",
    "Weight",
    "any_call",
    "cancel_message",
    "create_mms_campaign",
    "delete_mms_id",
    "get_batch",
    "get_message",
    "get_mms_campaigns",
    "get_mms_ids",
    "get_mms_templates",
    "get_sending_statistics",
    "list_messages",
    "login_user",
    "remove_mms_inbox_message",
    "save_mms",
    "send_batch",
    "send_message_by_subscriber_ref",
    "send_mms",
    "send_saved_mms",
    "send_saved_mms_campaign",
    "send_saved_mms_to_many",
    "send_sms",
    "subscribe",
    "unsubscribe",
    "validate_mms",
]


def __getattr__(name: str) -> Any:
    """``AsyncClient`` is loaded when it is asked for: aiohttp takes a third of a second."""
    if name == "AsyncClient":
        from slidewire.client.asynchronous import AsyncClient

        return AsyncClient
    raise AttributeError(name)
