"""Postbacks as whoever receives them reads them: the signature verified over the bytes, then a typed event.

Answer 2xx within ten seconds, then work. A postback may come again under its id: ``Event.id`` stays the same.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique
from typing import Any
from xml.parsers import expat

from slidewire.client.faults import SlidewireError

#: Seconds that a signature's time may differ from ours.
TOLERANCE = 300
_LONGEST = 1_000_000
_REMEMBERED = 10_000


class PostbackError(SlidewireError):
    """What came is no postback, or none of Slidewire's: answer 400 and do nothing."""


class SignatureError(PostbackError):
    """Its signature is missing, wrong or too old."""


@unique
class Kind(Enum):
    """What a postback tells; the codes that tell it."""

    MEDIA_CHECKED = ("N013",)
    MEDIA_UNSOUND = ("E012", "E013")
    SENT = ("N101", "N201")
    NOT_SENT = ("E101", "E201")
    DELIVERED = ("N102", "N202")
    NOT_DELIVERED = ("E102", "E202", "N103")
    PAGE_OPENED = ("N203",)
    SAVED = ("N003",)
    NOT_SAVED = ("E002", "E003", "E004")
    RECEIVED = ("N211", "N401")
    JOINED = ("N301",)
    LEFT = ("N302",)
    OTHER = ()  #: a code that this version does not know


_KINDS = {code: kind for kind in Kind for code in kind.value}


@dataclass(frozen=True, slots=True)
class Event:
    """One postback. Texts are empty where it does not have them."""

    id: str  #: the same over all repetitions
    attempt: int
    code: str
    kind: Kind
    repeated: bool  #: this reader has read it before
    at: datetime | None
    fields: Mapping[str, str]  #: everything that it says, spelled as JSON spells it; of several values one a line


@dataclass(frozen=True, slots=True)
class MessageEvent(Event):
    """About a message: sent, delivered, failed, its page opened."""

    tracking_id: str
    mms_id: str
    client_reference: str
    sender: str
    receiver: str
    sent_as: str  #: MMS or SMS
    status: str
    details: str


@dataclass(frozen=True, slots=True)
class TemplateEvent(Event):
    """About a saved message: it can be sent, or cannot."""

    mms_id: str
    details: str


@dataclass(frozen=True, slots=True)
class InboundEvent(Event):
    """A phone has written: an SMS, or an MMS, whose texts and pictures are files to be fetched."""

    sender: str  #: the phone
    receiver: str  #: the number that it wrote to
    text: str  #: of an SMS
    subject: str
    tracking_id: str  #: of an MMS
    files: tuple[str, ...]  #: their addresses, for a while
    copy_to: tuple[str, ...]  #: the other receivers of a group message


@dataclass(frozen=True, slots=True)
class CampaignEvent(Event):
    """A phone has joined a campaign, or left it."""

    mobile: str
    campaign_id: str
    campaign_title: str
    source: str


class PostbackReader:
    """Reads what is posted to one account's address."""

    def __init__(self, secret: str = "", clock: Callable[[], float] = time.time) -> None:
        """``secret``: the account's postback_secret, ``whsec_...``; empty: signatures are not looked at.

        Raises ValueError for what is no secret.
        """
        self._secret = _secret_of(secret) if secret else b""
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    def read(self, headers: Mapping[str, str], body: bytes) -> Event:
        """The event in one POST. Raises SignatureError, PostbackError."""
        given = {name.lower(): value for name, value in headers.items()}
        if self._secret:
            _verify(self._secret, given, body, self._clock())
        if len(body) > _LONGEST:
            raise PostbackError("it is too long")
        fields = _fields_of(body)
        if not fields.get("code"):
            raise PostbackError("it has no code")
        key = given.get("webhook-id", "")
        return _event(key, given.get("x-slidewire-attempt", ""), self._is_repeated(key), fields)

    def _is_repeated(self, key: str) -> bool:
        if not key:
            return False
        repeated = key in self._seen
        self._seen[key] = None
        self._seen.move_to_end(key)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return repeated


def _secret_of(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("the secret is not whsec_ and base64 behind it") from None


def _verify(secret: bytes, headers: Mapping[str, str], body: bytes, now: float) -> None:
    key, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (at.isascii() and at.isdigit()) or abs(now - int(at[:18])) > TOLERANCE:
        raise SignatureError("it was not signed just now")
    wanted = hmac.digest(secret, b"%b.%b.%b" % (key.encode(), at.encode(), body), hashlib.sha256)
    encoded = b"v1," + base64.b64encode(wanted)
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split()
    if not any(hmac.compare_digest(encoded, each) for each in given):
        raise SignatureError("the signature is not ours")


def _fields_of(body: bytes) -> dict[str, str]:
    """Every field, spelled as JSON spells it, whichever of the three formats it came in."""
    if body.lstrip()[:1] == b"{":
        try:
            told = json.loads(body)
        except ValueError as error:
            raise PostbackError(f"it is no JSON: {error}") from None
        return {str(name): _word(value) for name, value in told.items()}
    return _xml_fields(body)


def _word(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_word(next(iter(each.values()), "") if isinstance(each, dict) else each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)


def _xml_fields(body: bytes) -> dict[str, str]:
    """Elements inside a field are its values; entities of its own are refused."""
    fields: dict[str, str] = {}
    path: list[str] = []
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise PostbackError("its XML declares things")

    def begin(name: str, _: Any) -> None:
        path.append(name)
        if len(path) > 1:
            field = _spelled(path[1])
            fields[field] = fields[field] + "\n" if fields.get(field) else ""

    def text(words: str) -> None:
        if len(path) > 1:
            fields[_spelled(path[1])] += words

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, lambda _: path.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError) as error:
        raise PostbackError(f"it is no XML: {error}") from None
    return fields


#: Upper-case XML's words that are more than their small letters.
_SPELLED = {
    "SENTAS": "sent-as",
    "MMSID": "mms-id",
    "TRACKINGID": "tracking-id",
    "SPID": "operator-id",
    "SUBJECT": "message-subject",
    "STATUSDETAILS": "status-details",
    "AUDIONAME": "audio-name",
    "VIDEONAME": "video-name",
    "IMAGENAME": "image-name",
    "TRANSACTIONID": "transaction-id",
    "CAMPAIGNID": "campaign-id",
    "SHORTCODE": "short-code",
    "CAMPAIGNTITLE": "campaign-title",
    "BRANDNAME": "brand-name",
}


def _spelled(name: str) -> str:
    return _SPELLED.get(name, name.lower().replace("_", "-"))


#: Kind -> the event that it makes, and its fields: ours -> the wire's.
_MESSAGE = {
    "tracking_id": "tracking-id",
    "mms_id": "mms-id",
    "client_reference": "client-reference",
    "sender": "from",
    "receiver": "to",
    "sent_as": "sent-as",
    "status": "status",
    "details": "status-details",
}
_TEMPLATE = {"mms_id": "mms-id", "details": "status-details"}
_INBOUND = {
    "sender": "from",
    "receiver": "to",
    "text": "text",
    "subject": "message-subject",
    "tracking_id": "tracking-id",
    "files": "content",
    "copy_to": "copy-to",
}
#: Fields of several values.
_SEVERAL = frozenset({"files", "copy_to"})
_CAMPAIGN = {
    "mobile": "mobile",
    "campaign_id": "campaign-id",
    "campaign_title": "campaign-title",
    "source": "source",
}
_SHAPES: dict[Kind, tuple[type[Event], dict[str, str]]] = {
    **dict.fromkeys((Kind.SAVED, Kind.NOT_SAVED), (TemplateEvent, _TEMPLATE)),
    Kind.RECEIVED: (InboundEvent, _INBOUND),
    **dict.fromkeys((Kind.JOINED, Kind.LEFT), (CampaignEvent, _CAMPAIGN)),
    Kind.OTHER: (Event, {}),
}


def _event(key: str, attempt: str, repeated: bool, fields: dict[str, str]) -> Event:
    code = fields["code"]
    kind = _KINDS.get(code, Kind.OTHER)
    shape, names = _SHAPES.get(kind, (MessageEvent, _MESSAGE))
    own: dict[str, Any] = {ours: fields.get(wire, "") for ours, wire in names.items()}
    own |= {name: tuple(own[name].splitlines()) for name in _SEVERAL & own.keys()}
    number = int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) < 10 else 1
    return shape(key, number, code, kind, repeated, _moment(fields), fields, **own)


def _moment(fields: Mapping[str, str]) -> datetime | None:
    try:
        return datetime.fromisoformat(fields.get("timestamp") or fields.get("received", ""))
    except ValueError:
        return None
