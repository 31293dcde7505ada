"""What /docs says of each action, in prose; what is not here is shown all the same, from the tables alone."""

from dataclasses import dataclass, field
from typing import Any

from slidewire.domain.request import (
    CampaignRequest,
    CampaignSendRequest,
    ConsentRequest,
    Given,
    ListingRequest,
    NamedRequest,
    SendRequest,
    SendSavedRequest,
    StatisticsRequest,
    SubscriberRequest,
    TextRequest,
)
from slidewire.domain.status import Status

_SENDING = {"action": "sendmms", "to": "12025550143", "from": "24680"}
_SENT = {
    "status": "Success",
    "to": "12025550143",
    "mms-id": "1000001",
    "tracking-id": "01998a3c5d2e7c41a3f0b9c2d4e6f801",
    "status-details": "MMS request accepted and queued for delivery",
}
_MESSAGE = {
    "tracking-id": _SENT["tracking-id"],
    "client-reference": "order-778",
    "mms-id": "1000001",
    "to": "12025550143",
    "from": "24680",
    "operator-id": "31003",
    "message-status": "delivered",
    "status-details": "the phone has it",
    "sent-as": "MMS",
    "date-created": "2031-01-07T12:00:00+00:00",
    "mms-expiry-timestamp": "2031-01-10T12:00:00+00:00",
    "date-sent": "2031-01-07T12:00:02+00:00",
    "date-ended": "2031-01-07T12:00:07+00:00",
}
_SLIDES: list[dict[str, Any]] = [
    {"image": {"url": "https://cdn.example.net/lighthouse.jpg"}, "message-text": "Hello", "duration": 5},
    {"message-text": "See you soon"},
]


@dataclass(frozen=True, slots=True)
class About:
    """What is said of one action, beside what the tables say."""

    words: str
    request: type[Given] | None = None  #: whose fields it has; None: those of ``more`` alone
    more: tuple[str, ...] = ()  #: fields besides, under our own names
    needs: tuple[str, ...] = ()  #: fields that must be given
    example: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)  #: what the example is answered


#: Action -> what is said of it.
ABOUT: dict[str, About] = {
    "sendmms": About(
        "Send one message to one phone.",
        SendRequest,
        needs=("receiver", "sender", "name", "slides"),
        example={
            **_SENDING,
            "name": "order 778",
            "message-subject": "Greetings",
            "fallback-sms-text": "A picture is waiting for you:",
            "client-reference": "order-778",
            "slide": _SLIDES,
        },
        answer=_SENT,
    ),
    "sendsms": About(
        "Send one text to one phone.",
        TextRequest,
        needs=("receiver", "sender", "text"),
        example={**_SENDING, "action": "sendsms", "message-text": "Your order is ready."},
        answer={"status": "Success", "tracking-id": _SENT["tracking-id"], "to": "12025550143"},
    ),
    "savemms": About(
        "Save a message, to be sent as often as you like.",
        SendRequest,
        needs=("name", "subject", "slides"),
        example={
            "action": "savemms",
            "name": "welcome",
            "message-subject": "Welcome",
            "fallback-sms-text": "A picture is waiting for you:",
            "slide": [{**_SLIDES[0], "message-text": "Hello {$name|friend}"}],
        },
        answer={"status": "Success", "mms-id": "1000002"},
    ),
    "sendsavedmms": About(
        "Send a saved message, to one phone or up to 100, with values for its merge tags.",
        SendSavedRequest,
        more=("ddm_title", "ddm_text", "ddm_timeout", "ddm_force"),
        needs=("mms_id", "receiver", "sender"),
        example={**_SENDING, "action": "sendsavedmms", "mms-id": "1000002", "data": {"name": "Ann"}},
        answer={**_SENT, "from": "24680", "mms-id": "1000002"},
    ),
    "sendbatch": About(
        "Send one message to each of up to 10,000 phones. Files are fetched once, receivers are judged one by one.",
        SendRequest,
        needs=("receiver", "sender", "name", "slides"),
        example={
            "action": "sendbatch",
            "to": ["12025550143", "12025550144"],
            "from": "24680",
            "name": "spring",
            "message-subject": "Greetings",
            "slide": _SLIDES,
        },
        answer={
            "status": "Success",
            "batch-id": "01998a3c5d2e7c41a3f0b9c2d4e6fba7",
            "total": "2",
            "status-details": "Batch accepted and queued for delivery",
        },
    ),
    "getbatch": About(
        "Ask how far a batch is: its messages by status, and page by page the receivers that get none.",
        more=("batch_id", "page_number", "items_per_page"),
        needs=("batch_id",),
        example={"action": "getbatch", "batch-id": "01998a3c5d2e7c41a3f0b9c2d4e6fba7"},
        answer={
            "status": "Success",
            "batch-id": "01998a3c5d2e7c41a3f0b9c2d4e6fba7",
            "batch-status": "expanded",
            "total": "2",
            "waiting": "0",
            "refused": "0",
            **{status.value: "0" for status in Status},
            "submitted": "2",
            "page-number": "1",
            "items-per-page": "100",
        },
    ),
    "getmmsids": About(
        "List the ids of all saved messages.",
        example={"action": "getmmsids"},
        answer={"status": "Success", "mms-ids": "1000002"},
    ),
    "getmmstemplates": About(
        "List saved messages page by page, the newest first.",
        more=("start_date", "page_number", "items_per_page"),
        example={"action": "getmmstemplates", "page-number": "1", "items-per-page": "10"},
        answer={
            "status": "Success",
            "page-number": "1",
            "items-per-page": "10",
            "total-results": "1",
            "mms-template": [
                {
                    "mms-id": "1000002",
                    "mms-name": "welcome",
                    "mms-subject": "Welcome",
                    "date-created": "2031-01-07T12:00:00+00:00",
                    "total-slides": "1",
                    "mms-size": "120000",
                    "mms-status": "ready",
                }
            ],
        },
    ),
    "removemmsinboxmessage": About(
        "Delete the files and texts of a received MMS; that it came stays known.",
        more=("inbox_id",),
        needs=("inbox_id",),
        example={"action": "removemmsinboxmessage", "mms-inbox-id": "01998a3c5d2e7c41a3f0b9c2d4e6f801"},
        answer={"status": "Success", "mms-inbox-id": "01998a3c5d2e7c41a3f0b9c2d4e6f801"},
    ),
    "createmmscampaign": About(
        "Make a campaign.",
        CampaignRequest,
        needs=("campaign_name", "brand"),
        example={
            "action": "createmmscampaign",
            "campaign-name": "Spring",
            "brand-name": "Acme",
            "campaign-ref": "spring",
        },
        answer={
            "status": "Success",
            "campaign-id": "1001",
            "campaign-name": "Spring",
            "brand-name": "Acme",
            "campaign-ref": "spring",
        },
    ),
    "getmmscampaigns": About(
        "List the open campaigns, all or page by page.",
        more=("start_date", "page_number", "items_per_page"),
        example={"action": "getmmscampaigns"},
        answer={"status": "Success", "mms-campaigns": {"campaign": [{"id": "1001", "name": "Spring"}]}},
    ),
    "subscribe": About(
        "Let a phone join a campaign.",
        ConsentRequest,
        needs=("mobile",),
        example={"action": "subscribe", "mobile": "12025550143", "campaign-ref": "spring", "subscriber-ref": "ann"},
        answer={"status": "Success", "campaign-ref": "spring", "subscriber-ref": "ann", "mobile": "12025550143"},
    ),
    "sendsavedmmscampaign": About(
        "Send a saved message to everybody in a campaign. getBatch tells how far it is.",
        CampaignSendRequest,
        needs=("mms_id",),
        example={"action": "sendsavedmmscampaign", "mms-id": "1000002", "to-campaign": "spring"},
        answer={"status": "Success", "mms-id": "1000002", "scheduled-id": "01998a3c5d2e7c41a3f0b9c2d4e6f801"},
    ),
    "sendmessagebysubscriberref": About(
        "Send a saved message or a text to every phone of a campaign that you call so.",
        SubscriberRequest,
        needs=("subscriber_ref", "campaign"),
        example={
            "action": "sendmessagebysubscriberref",
            "subscriber-ref": "ann",
            "campaign-ref": "spring",
            "message-text": "Your order is ready.",
        },
        answer={
            "status": "Success",
            "subscriber-ref": "ann",
            "campaign-ref": "spring",
            "subscriber": [
                {
                    "status": "Success",
                    "tracking-id": _SENT["tracking-id"],
                    "to": "12025550143",
                    "from": "24680",
                    "status-details": "SMS request accepted and queued for delivery",
                }
            ],
        },
    ),
    "unsubscribe": About(
        "Take a phone out of a campaign.",
        ConsentRequest,
        needs=("mobile",),
        example={"action": "unsubscribe", "mobile": "12025550143", "campaign-ref": "spring"},
        answer={"status": "Success", "campaign-ref": "spring", "mobile": "12025550143"},
    ),
    "deletemmsid": About(
        "Delete a saved message; what was sent of it goes on.",
        more=("mms_id",),
        needs=("mms_id",),
        example={"action": "deletemmsid", "mms-id": "1000002"},
        answer={"status": "Success", "mms-id": "1000002"},
    ),
    "getmessage": About(
        "Show one message, by its tracking-id or by your client-reference.",
        NamedRequest,
        example={"action": "getmessage", "client-reference": "order-778"},
        answer={"status": "Success", **_MESSAGE},
    ),
    "listmessages": About(
        "List messages, the newest first, a page at a time.",
        ListingRequest,
        example={"action": "listmessages", "items-per-page": "2"},
        answer={"status": "Success", "message": [_MESSAGE], "cursor": _SENT["tracking-id"]},
    ),
    "cancelmessage": About(
        "Take a message back while it waits, by its tracking-id or by your client-reference.",
        NamedRequest,
        example={"action": "cancelmessage", "client-reference": "order-779"},
        answer={
            "status": "Success",
            "tracking-id": _SENT["tracking-id"],
            "to": "12025550143",
            "message-status": "cancelled",
            "status-details": "cancelled before it could be sent",
        },
    ),
    "validatemms": About(
        "Check everything about a sendmms, its files too, and send nothing: every fault is told, and what it weighs.",
        SendRequest,
        example={
            **_SENDING,
            "action": "validatemms",
            "name": "order 778",
            "message-subject": "Greetings",
            "slide": _SLIDES,
        },
        answer={
            "status": "Success",
            "to": "12025550143",
            "network": [{"operator-id": "31003", "name": "Verizon", "size": "4711"}],
            "segments": "2",
            "status-details": "The message can be sent",
        },
    ),
    "getsendingstatistics": About(
        "Ask for a report of everything that was sent in a time: a link to an XML file.",
        StatisticsRequest,
        needs=("start_date", "end_date"),
        example={
            "action": "getsendingstatistics",
            "start-date": "2031-01-07 12:00:00",
            "end-date": "2031-01-08 12:00:00",
        },
        answer={"status": "Success", "url": "https://mms.example.net/reports/c2VhbGVk.xml"},
    ),
    "loginuser": About(
        "Ask whether the credentials are right. The session id is good for nothing else.",
        example={"action": "loginuser"},
        answer={"status": "Success", "session-id": "01998a3c5d2e7c41a3f0b9c2d4e6f801"},
    ),
}
