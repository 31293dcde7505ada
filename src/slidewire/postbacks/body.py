"""What a postback says, in upper-case XML (api.md 4.3): one line per code, its elements in their order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from slidewire.domain.message import Message
from slidewire.domain.postback import Postback, PostbackCode

CONTENT_TYPE = "text/xml; charset=utf-8"
_ORIGIN = "MMS_MT"

#: What every one of them begins with; a delivered SMS has no MMSID (api.md 4.3).
_HEAD = ("ORIGIN", "CODE", "SENTAS", "STATUS", "MMSID", "FROM", "TO", "TRACKINGID", "CLIENT_REFERENCE", "SPID")
#: code -> the elements behind the common ones; what is unknown or empty is left out (settled 29).
_TAIL = {
    PostbackCode.PROBED: ("TIMESTAMP",),
    PostbackCode.AUDIO_UNSOUND: ("STATUSDETAILS", "TIMESTAMP", "AUDIONAME"),
    PostbackCode.VIDEO_UNSOUND: ("STATUSDETAILS", "TIMESTAMP", "VIDEONAME"),
    PostbackCode.SENT: ("TIMESTAMP", "STATUSDETAILS"),
    PostbackCode.DELIVERED: ("TIMESTAMP", "HANDSET"),
    PostbackCode.NOT_SENT: ("STATUSDETAILS",),
    PostbackCode.EXPIRED: ("STATUSDETAILS", "TIMESTAMP"),
    PostbackCode.REJECTED: ("STATUSDETAILS", "TIMESTAMP"),
    PostbackCode.NOT_SUPPORTED: ("STATUSDETAILS", "TIMESTAMP"),
    PostbackCode.FAILED: ("STATUSDETAILS", "TIMESTAMP"),
    PostbackCode.SMS_DELIVERED: ("TIMESTAMP",),
    PostbackCode.SMS_EXPIRED: ("STATUSDETAILS", "TIMESTAMP"),
    PostbackCode.SMS_NOT_SUPPORTED: ("STATUSDETAILS", "TIMESTAMP"),
    PostbackCode.SMS_FAILED: ("STATUSDETAILS", "TIMESTAMP"),
}
#: What is told of a saved message: the address of the file at fault under the name of its kind (api.md 4.3).
_FILE = {
    PostbackCode.AUDIO_NOT_ENCODED: "AUDIONAME",
    PostbackCode.VIDEO_NOT_ENCODED: "VIDEONAME",
    PostbackCode.IMAGE_NOT_ENCODED: "IMAGENAME",
}
#: Codes about the fallback SMS itself: no MMSID.
_OF_SMS = frozenset(code for code in PostbackCode if code.code in {"N202", "E202"})


def render(message: Message, postback: Postback) -> bytes:
    """The body of ``postback`` about ``message``, UTF-8."""
    values = _values(message, postback)
    return _document([(name, values[name]) for name in _HEAD + _TAIL[postback.code]])


def render_saved(code: PostbackCode, mms_id: int, url: str = "") -> bytes:
    """The body of ``code`` about a saved message; ``url``: of the file that could not be encoded."""
    file = [(_FILE[code], url)] if code in _FILE else []
    return _document([("ORIGIN", _ORIGIN), ("CODE", code.code), ("MMSID", str(mms_id)), *file])


def _document(elements: Sequence[tuple[str, str]]) -> bytes:
    """What is empty is left out."""
    inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements if value)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<POSTBACK>{inside}</POSTBACK>".encode()


def _values(message: Message, postback: Postback) -> dict[str, str]:
    return {
        "ORIGIN": _ORIGIN,
        "CODE": postback.code.code,
        "SENTAS": postback.sent_as,
        "STATUS": postback.code.status,
        "MMSID": "" if postback.code in _OF_SMS else str(message.mms_id),
        "FROM": message.sender,
        "TO": message.receiver,
        "TRACKINGID": message.id,
        "CLIENT_REFERENCE": message.client_reference,
        "SPID": message.spid or message.operator,
        "TIMESTAMP": datetime.fromtimestamp(postback.at // 1000, UTC).isoformat(),
        "HANDSET": postback.handset,
        "AUDIONAME": postback.file,
        "VIDEONAME": postback.file,
        "STATUSDETAILS": postback.details,
    }
