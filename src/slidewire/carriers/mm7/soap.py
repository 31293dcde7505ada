"""Writes MM7: SubmitReq in strict schema order, and our answers to what an MMSC asks.

A route's SubmitReq is one template, made once; a submission only fills its blanks.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from slidewire.carriers.base import Route
from slidewire.carriers.mm7.namespaces import PREFIX, SOAP, VERSIONS
from slidewire.carriers.mm7.profiles import NumberForm, Profile, SenderForm
from slidewire.domain.message import Message

#: The children of SubmitReq in the order of the schema (standards.md 1.3).
SUBMIT_ORDER = (
    "MM7Version",
    "SenderIdentification",
    "Recipients",
    "ServiceCode",
    "LinkedID",
    "MessageClass",
    "TimeStamp",
    "ReplyCharging",
    "EarliestDeliveryTime",
    "ExpiryDate",
    "DeliveryReport",
    "ReadReply",
    "Priority",
    "Subject",
    "ChargedParty",
    "ChargedPartyID",
    "DistributionIndicator",
    "DeliveryCondition",
    "ApplicID",
    "ReplyApplicID",
    "AuxApplicInfo",
    "ContentClass",
    "DRMContent",
    "Content",
)
#: A sender of at most so many digits is a short code (standards.md 6).
SHORT_CODE_DIGITS = 8
#: Content-ID of the MMS body beside the envelope; it is the same in every submission.
CONTENT_ID = "mms"

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#13;"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What ``escape`` changes at all.
_SPECIAL = re.compile("[&<>\"'\r]|" + _NOT_XML.pattern)
_BLANKS = re.compile(r"\s+")


def escape(text: str) -> str:
    """``text`` as XML character data or as an attribute's value; characters that XML cannot hold are dropped."""
    return _NOT_XML.sub("", text).translate(_ESCAPES) if _SPECIAL.search(text) else text


def write_time(milliseconds: int) -> str:
    """Unix milliseconds as xs:dateTime in UTC, whole seconds."""
    return _written_time(milliseconds // 1000)


@lru_cache(1024)  # the messages of one second have it in common, and mostly the end of their validity too
def _written_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class SubmitWriter:
    """Writes the SubmitReq envelopes of one route."""

    def __init__(self, route: Route, profile: Profile) -> None:
        self._route = route
        self._profile = profile
        self._template = _submit_template(route, profile)
        name, before, after = _NUMBER_FORMS[profile.numbers]
        self._number_begins, self._number_ends = _element(profile.prefix, name, f"{before}\0{after}").split("\0")
        self._sender = lru_cache(256)(self._sender_element)  # an account has few

    def write(self, message: Message, transaction_id: str, now: int) -> bytes:
        """The SOAP envelope that submits ``message``, in UTF-8. ``now`` is in Unix milliseconds."""
        subject = self._subject(message.subject)
        return self._template % {
            b"transaction": escape(transaction_id).encode(),
            b"sender": self._sender(message.sender, message.mask if self._route.mask else ""),
            b"receiver": self._receivers(message).encode(),
            b"now": write_time(now).encode(),
            b"expiry": write_time(message.expires_at).encode(),
            b"subject": self._element("Subject", escape(subject)).encode() if subject else b"",
        }

    def _element(self, name: str, content: str) -> str:
        return _element(self._profile.prefix, name, content)

    def _sender_element(self, sender: str, mask: str) -> bytes:
        if self._profile.sender is SenderForm.NONE:
            return b""
        return self._element("SenderAddress", self._sender_address(sender, mask)).encode()

    def _sender_address(self, sender: str, mask: str) -> str:
        if mask:  # settled 13
            return self._element("RFC2822Address", escape(mask))
        form = self._profile.sender
        is_short = len(sender) <= SHORT_CODE_DIGITS
        if form is SenderForm.RFC2822:
            return self._element("RFC2822Address", escape(sender if is_short else f"+{sender}") + "/TYPE=PLMN")
        if form is SenderForm.SHORT_CODE or (form is SenderForm.AUTO and is_short):
            return self._element("ShortCode", escape(sender))
        if form is SenderForm.AUTO:
            return self._number(sender)
        return self._element("Number", escape(sender))

    def _receivers(self, message: Message) -> str:
        """The one that it goes to first, then the others of its group, which are shown alone (standards.md 1.3)."""
        number = self._number(message.receiver)
        return number + "".join(map(self._shown, message.display_only)) if message.display_only else number

    def _shown(self, digits: str) -> str:
        return self._number(digits).replace(">", ' displayOnly="true">', 1)

    def _number(self, digits: str) -> str:
        return f"{self._number_begins}{escape(digits)}{self._number_ends}"

    def _subject(self, subject: str) -> str:
        if not subject or self._route.subject == "none" or "Subject" in self._profile.omit:
            return ""
        if self._route.subject == "ascii":  # settled 6: other characters are dropped
            subject = subject.encode("ascii", "ignore").decode()
        return _BLANKS.sub(" ", subject).strip()


_NUMBER_FORMS = {
    NumberForm.BARE: ("Number", "", ""),
    NumberForm.PLUS: ("Number", "+", ""),
    NumberForm.PLMN: ("Number", "+", "/TYPE=PLMN"),
    NumberForm.RFC2822: ("RFC2822Address", "+", "/TYPE=PLMN"),
}


def _submit_template(route: Route, profile: Profile) -> bytes:
    """The envelope with ``%(name)b`` where a submission differs from the next."""

    def element(name: str, content: str) -> str:
        return _element(profile.prefix, name, content)

    def fixed(text: str) -> str:
        return escape(text).replace("%", "%%")

    vasp = [
        element(name, fixed(text))
        for name, text in (("VASPID", route.vasp_id), ("VASID", route.vas_id))
        if text and name not in profile.omit
    ]
    content = _name(profile.prefix, "Content")
    elements = {
        "MM7Version": element("MM7Version", profile.version or VERSIONS[route.namespace]),
        "SenderIdentification": element("SenderIdentification", "".join(vasp) + "%(sender)b"),
        "Recipients": element("Recipients", element("To", "%(receiver)b")),
        "TimeStamp": element("TimeStamp", "%(now)b"),
        "ExpiryDate": element("ExpiryDate", "%(expiry)b"),
        "DeliveryReport": element("DeliveryReport", "true"),
        "Subject": "%(subject)b",
        "Content": f'<{content} href="{"cid:" if profile.cid else ""}{CONTENT_ID}"/>',
    }
    elements = {name: text for name, text in elements.items() if name not in profile.omit}
    elements |= {name: element(name, fixed(text)) for name, text in profile.add.items()}
    inside = "".join(elements[name] for name in SUBMIT_ORDER if name in elements)
    voice = _Voice(profile.prefix, PREFIX + route.namespace, PREFIX + route.namespace)
    return _envelope(voice, "%(transaction)b", _root(voice, "SubmitReq", inside)).encode()


@dataclass(frozen=True, slots=True)
class Told:
    """What an MMSC's request said about itself, so that the answer speaks the same way (standards.md 1.2)."""

    transaction_id: str  #: empty: it had none
    namespace: str  #: of the request's element
    header_namespace: str  #: of its TransactionID: may be another
    version: str


def write_response(name: str, told: Told, code: int, text: str) -> bytes:
    """A ``...Rsp`` with its Status, in the request's own namespace, its TransactionID echoed."""
    voice = _Voice("mm7", told.namespace, told.header_namespace)
    return _envelope(voice, escape(told.transaction_id), _root(voice, name, _status(told, code, text))).encode()


def write_fault(told: Told, code: int, text: str) -> bytes:
    """A SOAP Fault with a VASPErrorRsp: 3xxx blames us, everything else the peer."""
    voice = _Voice("mm7", told.namespace, told.header_namespace)
    error = _root(voice, "VASPErrorRsp", _status(told, code, text))
    who = "Server" if code // 1000 == 3 else "Client"
    fault = (
        f"<env:Fault><faultcode>env:{who}</faultcode><faultstring>{escape(text)}</faultstring>"
        f"<detail>{error}</detail></env:Fault>"
    )
    return _envelope(voice, escape(told.transaction_id), fault).encode()


def _status(told: Told, code: int, text: str) -> str:
    status = _element("mm7", "StatusCode", str(code)) + _element("mm7", "StatusText", escape(text))
    return _element("mm7", "MM7Version", escape(told.version)) + _element("mm7", "Status", status)


@dataclass(frozen=True, slots=True)
class _Voice:
    prefix: str
    namespace: str
    header_namespace: str


def _name(prefix: str, name: str) -> str:
    return f"{prefix}:{name}" if prefix else name


def _element(prefix: str, name: str, content: str) -> str:
    name = _name(prefix, name)
    return f"<{name}>{content}</{name}>"


def _declared(prefix: str, namespace: str) -> str:
    return f'xmlns{":" + prefix if prefix else ""}="{escape(namespace)}"'


def _root(voice: _Voice, name: str, content: str) -> str:
    name = _name(voice.prefix, name)
    return f"<{name} {_declared(voice.prefix, voice.namespace)}>{content}</{name}>"


def _envelope(voice: _Voice, transaction_id: str, body: str) -> str:
    header = ""
    if transaction_id:
        name = _name(voice.prefix, "TransactionID")
        declared = _declared(voice.prefix, voice.header_namespace)
        header = f'<env:Header><{name} {declared} env:mustUnderstand="1">{transaction_id}</{name}></env:Header>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="{SOAP}">'
        f"{header}<env:Body>{body}</env:Body></env:Envelope>"
    )
