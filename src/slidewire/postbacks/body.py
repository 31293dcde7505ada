"""What a postback says, in the account's format: one line per code, its fields in their order (api.md 4.3).

What is unknown or empty is left out (settled 29).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from slidewire.domain.characters import without_forbidden
from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode, PostbackFormat

CONTENT_TYPES = {
    PostbackFormat.XML: "text/xml; charset=utf-8",
    PostbackFormat.XML_LOWER: "text/xml; charset=utf-8",
    PostbackFormat.JSON: "application/json",
}

#: Our name of a field -> its upper-case and its lower-case spelling (api.md 2.6, 4.3).
NAMES = {
    "origin": ("ORIGIN", "origin"),
    "code": ("CODE", "code"),
    "sent_as": ("SENTAS", "sent-as"),
    "status": ("STATUS", "status"),
    "mms_id": ("MMSID", "mms-id"),
    "sender": ("FROM", "from"),
    "mask": ("FROM_MASK", "from-mask"),
    "receiver": ("TO", "to"),
    "tracking_id": ("TRACKINGID", "tracking-id"),
    "client_reference": ("CLIENT_REFERENCE", "client-reference"),
    "operator": ("SPID", "operator-id"),
    "timestamp": ("TIMESTAMP", "timestamp"),
    "handset": ("HANDSET", "handset"),
    "details": ("STATUSDETAILS", "status-details"),
    "audio": ("AUDIONAME", "audio-name"),
    "video": ("VIDEONAME", "video-name"),
    "image": ("IMAGENAME", "image-name"),
    "text": ("TEXT", "text"),
    "received": ("RECEIVED", "received"),
    "transaction_id": ("TRANSACTIONID", "transaction-id"),
    "mobile": ("MOBILE", "mobile"),
    "campaign_id": ("CAMPAIGNID", "campaign-id"),
    "short_code": ("SHORTCODE", "short-code"),
    "campaign_title": ("CAMPAIGNTITLE", "campaign-title"),
    "brand": ("BRANDNAME", "brand-name"),
    "source": ("SOURCE", "source"),
    "copy_to": ("COPY_TO", "copy-to"),
    "number": ("NUMBER", "number"),
    "keyword": ("KEYWORD", "keyword"),
    "subject": ("SUBJECT", "message-subject"),
    "content": ("CONTENT", "content"),
    "file": ("FILE", "file"),
}
#: A field that holds several -> what each of them is.
_ITEMS = {"copy_to": "number", "content": "file"}
#: What XML text cannot hold as it is.
_SPECIAL = re.compile("[&<>\r]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ROOT = {PostbackFormat.XML: "POSTBACK", PostbackFormat.XML_LOWER: "postback"}
#: What every one of them begins with; a delivered SMS has no MMS id (api.md 4.3).
_HEAD = (
    *("origin", "code", "sent_as", "status", "mms_id", "sender", "receiver"),
    *("tracking_id", "client_reference", "operator"),
)
#: code -> the fields behind the common ones.
_TAIL = {
    PostbackCode.PROBED: ("timestamp",),
    PostbackCode.AUDIO_UNSOUND: ("details", "timestamp", "audio"),
    PostbackCode.VIDEO_UNSOUND: ("details", "timestamp", "video"),
    PostbackCode.SENT: ("timestamp", "details"),
    PostbackCode.DELIVERED: ("timestamp", "handset"),
    PostbackCode.NOT_SENT: ("details",),
    PostbackCode.EXPIRED: ("details", "timestamp"),
    PostbackCode.REJECTED: ("details", "timestamp"),
    PostbackCode.NOT_SUPPORTED: ("details", "timestamp"),
    PostbackCode.FAILED: ("details", "timestamp"),
    PostbackCode.SMS_DELIVERED: ("timestamp",),
    PostbackCode.SMS_EXPIRED: ("details", "timestamp"),
    PostbackCode.SMS_NOT_SUPPORTED: ("details", "timestamp"),
    PostbackCode.SMS_FAILED: ("details", "timestamp"),
    PostbackCode.OPENED: ("timestamp",),
}
#: The same where JSON says more: the published XML of E101 has no time (api.md 4.3), JSON always has (settled 29).
_JSON_TAIL = {PostbackCode.NOT_SENT: ("details", "timestamp")}
#: Every one about a text of sendSMS (api.md 4.3).
_OF_TEXT = (
    *("origin", "code", "status", "sender", "mask", "receiver", "tracking_id", "client_reference"),
    *("operator", "timestamp", "details"),
)
#: Of a saved message: who has it knows the rest; JSON says its status too.
_SAVED = ("origin", "code", "status", "mms_id", "audio", "video", "image")
_OF_SUBSCRIPTION = (
    *("origin", "code", "mobile", "campaign_id", "timestamp"),
    *("short_code", "campaign_title", "brand", "source"),
)
#: code -> its origin and all its fields, of what is about none of our messages.
_NEWS = {
    PostbackCode.INBOUND_SMS: (
        "SMS_MO",
        ("origin", "code", "sender", "receiver", "text", "received", "transaction_id"),
    ),
    PostbackCode.INBOUND_MMS: (
        "MMS_MO",
        (
            *("origin", "code", "sender", "receiver", "copy_to", "keyword", "subject"),
            *("tracking_id", "operator", "timestamp", "content"),
        ),
    ),
    PostbackCode.SUBSCRIBED: ("SUB", _OF_SUBSCRIPTION),
    PostbackCode.UNSUBSCRIBED: ("SUB", _OF_SUBSCRIPTION),
}
#: Under which name the address of a file at fault is told.
_FILE = {
    PostbackCode.AUDIO_UNSOUND: "audio",
    PostbackCode.VIDEO_UNSOUND: "video",
    PostbackCode.AUDIO_NOT_ENCODED: "audio",
    PostbackCode.VIDEO_NOT_ENCODED: "video",
    PostbackCode.IMAGE_NOT_ENCODED: "image",
}
#: Codes about the fallback SMS itself: no MMSID.
_OF_SMS = frozenset(code for code in PostbackCode if code.code in {"N202", "E202", "N203"})
#: How long an operator's id is in the dialect of a format: 0001890 in W13, 31003 elsewhere (api.md 6.1).
_OPERATOR = {
    PostbackFormat.XML: re.compile("[0-9]{7}"),
    PostbackFormat.XML_LOWER: re.compile("[0-9]{5,6}"),
    PostbackFormat.JSON: re.compile("[0-9]{5,6}"),
}


def render(message: Message, postback: Postback, form: PostbackFormat, operator: Sequence[str] = ()) -> bytes:
    """The body of ``postback`` about ``message``, UTF-8. ``operator``: everything that names its operator."""
    code = postback.code
    plan = _plan(code, form, message.is_text)
    values = {
        **plan.common,
        "sent_as": postback.sent_as,
        "mms_id": str(message.mms_id) if plan.has_mms_id else "",
        "sender": message.sender,
        "mask": message.mask,
        "receiver": message.receiver,
        "tracking_id": message.id,
        "client_reference": message.client_reference,
        "operator": message.spid or _operator_id(form, operator) or message.operator,
        "timestamp": _moment(postback.at, form),
        "handset": postback.handset,
        "details": postback.details,
        plan.file: postback.file,
    }
    return _written(plan.names, values, form)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What all postbacks of one code in one format have in common."""

    common: Mapping[str, str]
    names: tuple[str, ...]  #: of its fields, in their order
    file: str  #: the field of the address of the file at fault; empty: it has none
    has_mms_id: bool


@lru_cache(256)  # more than there are
def _plan(code: PostbackCode, form: PostbackFormat, is_text: bool) -> _Plan:
    return _Plan(
        common=_common(code, form, "SMS_MT" if is_text else "MMS_MT"),
        names=_OF_TEXT if is_text else _HEAD + _tail(code, form),
        file=_FILE.get(code, ""),
        has_mms_id=code not in _OF_SMS,
    )


def render_saved(code: PostbackCode, mms_id: int, url: str, form: PostbackFormat) -> bytes:
    """The body of ``code`` about a saved message; ``url``: of the file that could not be encoded."""
    values = {**_common(code, form), "mms_id": str(mms_id), _FILE.get(code, ""): url}
    return _written(_SAVED, values, form)


@dataclass(frozen=True, slots=True)
class NewsValues:
    """What is told of something that phones did."""

    at: int  #: when, Unix milliseconds
    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)  #: of the fields that hold several
    operator: Sequence[str] = ()  #: everything that names the phone's operator


def render_news(code: PostbackCode, news: NewsValues, form: PostbackFormat) -> bytes:
    """The body of ``code`` about something that phones did."""
    origin, names = _NEWS[code]
    moment = _moment(news.at, form)
    operator = _operator_id(form, news.operator) or news.fields.get("operator", "")
    known = {"origin": origin, "code": code.code, "timestamp": moment, "received": moment, "operator": operator}
    return _written(names, {**news.fields, **known, **news.lists}, form)


def _tail(code: PostbackCode, form: PostbackFormat) -> tuple[str, ...]:
    more = _JSON_TAIL.get(code) if form is PostbackFormat.JSON else None
    return more or _TAIL[code]


def _common(code: PostbackCode, form: PostbackFormat, origin: str = "MMS_MT") -> dict[str, str]:
    return {"origin": origin, "code": code.code_in(form), "status": code.status_in(form)}


def _written(names: Sequence[str], values: Mapping[str, str | Sequence[str]], form: PostbackFormat) -> bytes:
    told = [(name, value) for name in names if (value := values.get(name))]
    if form is PostbackFormat.JSON:
        return msgspec.json.encode({NAMES[name][1]: _json(name, value) for name, value in told})
    case = 0 if form is PostbackFormat.XML else 1
    inside = "".join([_element(name, value, case) for name, value in told])
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<{_ROOT[form]}>{inside}</{_ROOT[form]}>".encode()


def _json(name: str, value: str | Sequence[str]) -> object:
    """A field of several is an array of objects (api.md 4.3)."""
    if isinstance(value, str):
        return without_forbidden(value)
    return [{NAMES[_ITEMS[name]][1]: without_forbidden(each)} for each in value]


def _element(name: str, value: str | Sequence[str], case: int) -> str:
    tag = NAMES[name][case]
    if isinstance(value, str):
        inside = value if value.isalnum() else _escaped(value)  # most are ids and numbers
    else:
        inside = "".join([_element(_ITEMS[name], each, case) for each in value])
    return f"<{tag}>{inside}</{tag}>"


def _escaped(text: str) -> str:
    text = without_forbidden(text)
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def _moment(at: int, form: PostbackFormat) -> str:
    """UTC in whole seconds: ``+00:00`` in XML, ``Z`` in JSON (settled 29)."""
    return _written_time(at // 1000) + ("Z" if form is PostbackFormat.JSON else "+00:00")


@lru_cache(64)  # what happens to many messages happens in the same seconds
def _written_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def _operator_id(form: PostbackFormat, words: Sequence[str]) -> str:
    """The one of an operator's names that the format's dialect publishes; empty when none looks like it."""
    published = _OPERATOR[form]
    for word in words:
        if published.fullmatch(word):
            return word
    return ""
