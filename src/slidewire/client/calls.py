"""Every call of the API, typed: what is asked, and how its answer is read. ``client.do(send_mms(...))`` does one.

What is None, or left out, is not sent. Field names are explained at /docs of the gateway.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from slidewire.client.faults import Refusal

T = TypeVar("T")
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call, made ready."""

    action: str
    fields: Mapping[str, Any]  #: as they are spelled on the wire
    read: Callable[[Answer], T]
    reads_only: bool = False  #: it makes nothing: no idempotency key goes with it


@dataclass(frozen=True, slots=True)
class Slide:
    """One screen: text, files by their addresses, seconds."""

    text: str | None = None
    image: str | None = None
    audio: str | None = None
    video: str | None = None
    contact: str | None = None
    calendar: str | None = None
    pdf: str | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What every call that sends may say besides."""

    mask: str | None = None  #: an alphanumeric sender
    operator_id: str | None = None
    service_id: str | None = None
    campaign_ref: str | None = None
    client_reference: str | None = None
    send_at: datetime | str | None = None
    expires: datetime | str | None = None


@dataclass(frozen=True, slots=True)
class MmsOptions(Options):
    """What calls that send an MMS may say besides."""

    fallback_text: str | None = None
    link_expiration: datetime | str | None = None
    force_sms: bool | None = None
    disable_fallback: bool | None = None
    disable_link: bool | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was accepted for one phone."""

    tracking_id: str
    to: str
    mms_id: str = ""  #: empty for a text
    sender: str = ""  #: where another one was taken than asked
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentToMany:
    """What became of each receiver of one call."""

    mms_id: str
    sent: tuple[Sent, ...]
    refused: Mapping[str, Refusal]  #: receiver as given -> why


@dataclass(frozen=True, slots=True)
class Saved:
    """A message that was saved."""

    mms_id: str
    warnings: tuple[str, ...] = ()


_NO_OPTIONS, NO_MMS_OPTIONS = Options(), MmsOptions()
#: Our name of an option -> how the wire spells it.
_SPELLED = {
    "mask": "from-mask",
    "operator_id": "operator-id",
    "service_id": "service-id",
    "campaign_ref": "campaign-ref",
    "client_reference": "client-reference",
    "send_at": "send-at",
    "expires": "mms-expiry-timestamp",
    "fallback_text": "fallback-sms-text",
    "link_expiration": "fallback-sms-link-expiration",
    "force_sms": "force-send-as-sms",
    "disable_fallback": "disable-fallback-sms",
    "disable_link": "disable-fallback-sms-link",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What an MMS shows."""

    name: str  #: for your own reference
    slides: Sequence[Slide] = field(default_factory=tuple)
    subject: str | None = None
    cache_content: bool | None = None  #: False: its files are fetched anew
    group: Sequence[str] = ()  #: the other phones of a group: shown to the receiver, and sent nothing


def send_mms(to: str, sender: str, content: Content, options: MmsOptions = NO_MMS_OPTIONS) -> Call[Sent]:
    """Send a message to one phone."""
    return Call("sendmms", {"to": to, "from": sender, **content_of(content), **options_of(options)}, sent_of)


@dataclass(frozen=True, slots=True)
class Weight:
    """What a message would be on one network."""

    operator_id: str
    name: str
    size: int  #: bytes; 0: it would be no MMS there
    problem: str


@dataclass(frozen=True, slots=True)
class Validation:
    """A message that could be sent."""

    to: str
    networks: tuple[Weight, ...]
    segments: int  #: of its fallback SMS
    warnings: tuple[str, ...] = ()


def validate_mms(to: str, sender: str, content: Content, options: MmsOptions = NO_MMS_OPTIONS) -> Call[Validation]:
    """Check a message with its files and send nothing. Refused with all that is wrong in ``refusal.every``."""
    fields = {"to": to, "from": sender, **content_of(content), **options_of(options)}
    return Call("validatemms", fields, _validation, reads_only=True)


def send_sms(to: str, sender: str, text: str, options: Options = _NO_OPTIONS) -> Call[Sent]:
    """Send a text to one phone."""
    return Call("sendsms", {"to": to, "from": sender, "message-text": text, **options_of(options)}, sent_of)


def save_mms(content: Content, options: MmsOptions = NO_MMS_OPTIONS) -> Call[Saved]:
    """Save a message, to be sent as often as you like."""
    return Call(
        "savemms",
        {**content_of(content), **options_of(options)},
        lambda answer: Saved(text_of(answer, "mms-id"), warnings_of(answer)),
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different in one sending of a saved message."""

    subject: str | None = None
    texts: Mapping[int, str] = field(default_factory=dict)  #: slide from 1 -> its other text
    values: Mapping[str, str] = field(default_factory=dict)  #: merge tag -> what stands there


_NO_CHANGES = Changes()


def send_saved_mms(
    mms_id: str, to: str, sender: str, changes: Changes = _NO_CHANGES, options: MmsOptions = NO_MMS_OPTIONS
) -> Call[Sent]:
    """Send a saved message to one phone."""
    return Call("sendsavedmms", _saved(mms_id, to, sender, changes, options), sent_of)


def send_saved_mms_to_many(
    mms_id: str,
    to: Iterable[str],
    sender: str,
    changes: Changes = _NO_CHANGES,
    options: MmsOptions = NO_MMS_OPTIONS,
) -> Call[SentToMany]:
    """Send a saved message to 2 up to 100 phones. Raised only where it was sent to none of them."""
    return Call("sendsavedmms", _saved(mms_id, ",".join(to), sender, changes, options), _sent_to_many)


def login_user() -> Call[None]:
    """Whether the key is right: refused with E104 when it is not."""
    return Call("loginuser", {}, lambda _: None, reads_only=True)


def any_call(action: str, fields: Mapping[str, Any], *, reads_only: bool = False) -> Call[Answer]:
    """A call that has no function here: fields as the wire spells them, answered with the whole answer."""
    return Call(action, fields, lambda answer: answer, reads_only)


def content_of(content: Content) -> dict[str, Any]:
    """Content as the wire spells it."""
    return {
        "name": content.name,
        "message-subject": content.subject,
        "cache-content": content.cache_content,
        "to-displayonly": ",".join(content.group) or None,
        "slide": [_slide(slide) for slide in content.slides],
    }


def _slide(slide: Slide) -> dict[str, Any]:
    media = ("image", "audio", "video", "contact", "calendar", "pdf")
    files = {kind: {"url": url} for kind in media if (url := getattr(slide, kind)) is not None}
    return without_none({**files, "message-text": slide.text, "duration": slide.duration})


def options_of(options: Options) -> dict[str, Any]:
    """Options as the wire spells them."""
    return {wire: written(getattr(options, name, None)) for name, wire in _SPELLED.items()}


def _saved(mms_id: str, to: str, sender: str, changes: Changes, options: MmsOptions) -> dict[str, Any]:
    return {
        "mms-id": mms_id,
        "to": to,
        "from": sender,
        "custom-subject": changes.subject,
        "custom-text": [{"slide": str(n), "value": text} for n, text in changes.texts.items()] or None,
        "data": dict(changes.values) or None,
        **options_of(options),
    }


def without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is left out is not sent."""
    return {name: value for name, value in fields.items() if value is not None}


def written(value: Any) -> Any:
    """A time as the wire writes it; everything else as it is."""
    return value.isoformat() if isinstance(value, datetime) else value


def text_of(answer: Answer, name: str) -> str:
    """A member that is text; empty where it is none."""
    value = answer.get(name, "")
    return value if isinstance(value, str) else ""


def warnings_of(answer: Answer) -> tuple[str, ...]:
    """What was changed or ignored."""
    return tuple(map(str, answer.get("warnings", ())))


def _validation(answer: Answer) -> Validation:
    networks = tuple(
        Weight(
            text_of(each, "operator-id"),
            text_of(each, "name"),
            int(text_of(each, "size") or 0),
            text_of(each, "problem"),
        )
        for each in blocks_of(answer, "network")
    )
    return Validation(text_of(answer, "to"), networks, int(text_of(answer, "segments") or 0), warnings_of(answer))


def sent_of(answer: Answer) -> Sent:
    """A message that was accepted, from an answer or a block of one."""
    return Sent(
        text_of(answer, "tracking-id"),
        text_of(answer, "to"),
        text_of(answer, "mms-id"),
        text_of(answer, "from"),
        warnings_of(answer),
    )


def _sent_to_many(answer: Answer) -> SentToMany:
    blocks = blocks_of(answer, "sending")
    return SentToMany(
        text_of(answer, "mms-id"),
        tuple(sent_of(each) for each in blocks if "tracking-id" in each),
        {text_of(each, "to"): refusal_of(each) for each in blocks if "error-code" in each},
    )


def blocks_of(answer: Answer, name: str) -> list[dict[str, Any]]:
    """A list of blocks."""
    return [each for each in answer.get(name, ()) if isinstance(each, dict)]


def refusal_of(answer: Answer) -> Refusal:
    """What a Failure, or a block of one, says."""
    every = tuple(refusal_of(each) for each in blocks_of(answer, "fault"))
    return Refusal(text_of(answer, "error-code"), text_of(answer, "error-info"), every=every)
