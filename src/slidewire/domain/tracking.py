"""What an account may ask about messages that it sent, and what it is told of each: where it is, and why it waits.

Pure. Reasons are told in the words of postbacks; names of routes and carriers' ids are for admins only (durability 17).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from slidewire.domain.checks import MAX_CLIENT_REFERENCE
from slidewire.domain.events import Event, Reason
from slidewire.domain.faults import Fault
from slidewire.domain.message import Message
from slidewire.domain.moments import read_moment
from slidewire.domain.phone import NumberError, read_number
from slidewire.domain.request import ListingRequest, NamedRequest
from slidewire.domain.saving import ITEMS_PER_PAGE, read_count
from slidewire.domain.status import Status
from slidewire.domain.task import Task, TaskKind
from slidewire.domain.turns import waiting_of
from slidewire.domain.words import Words

_TRACKING_ID = re.compile("[0-9a-f]{32}")
#: What is told of a message that nothing went wrong with.
_STANDS = {
    Status.SCHEDULED: "waits for its time",
    Status.ENCODING: "its audio and video are looked at before it is sent",
    Status.SUBMITTED: "taken by the carrier, its receipt is awaited",
}
_NEVER_RECEIVED = "taken by the carrier, no receipt came within its validity"
_TURN = "waits for its turn"
_LEAVING = "is being sent"
_EVENTS = {event.value: event for event in Event}
_ENDS = {
    Event.DELIVERED: Status.DELIVERED,
    Event.FAILED: Status.FAILED,
    Event.EXPIRED: Status.EXPIRED,
    Event.REJECTED: Status.REJECTED,
    Event.CANCELLED: Status.CANCELLED,
}


def is_tracking_id(word: str) -> bool:
    """Whether ``word`` has the form of one."""
    return _TRACKING_ID.fullmatch(word) is not None


@dataclass(frozen=True, slots=True)
class Named:
    """One message, by our name for it or by its sender's; one of the two is empty."""

    tracking_id: str = ""
    client_reference: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which messages are asked for, the newest first."""

    since: int = 0  #: Unix milliseconds: accepted then or later
    until: int = 0  #: accepted before; 0: whenever
    status: Status | None = None
    receiver: str = ""  #: E.164 without plus
    client_reference: str = ""
    cursor: str = ""  #: the tracking id behind which the page begins
    per_page: int = ITEMS_PER_PAGE


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that happened to a message."""

    event: Event
    reason: Reason
    detail: str
    at: int


@dataclass(frozen=True, slots=True)
class Traces:
    """What the store knows of a message besides itself."""

    past: tuple[Past, ...] = ()  #: oldest first
    task: Task | None = None  #: what would send it
    leased: bool = False  #: it is being sent now
    segments: int = 0  #: of its SMS; 0: it has none yet


@dataclass(frozen=True, slots=True)
class Progress:
    """What an account is told of one of its messages. Times are Unix milliseconds, 0: not yet."""

    message: Message
    details: str  #: why it waits, or how it ended
    sent_as: str = ""  #: MMS or SMS; empty: it was not sent
    segments: int = 0
    fallback: str = ""  #: why it is an SMS
    sent_at: int = 0
    ended_at: int = 0
    next_try_at: int = 0


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """Some of an account's messages, the newest first, and how each stands."""

    messages: tuple[Progress, ...]
    cursor: str  #: where the next page begins; empty: this is the last


def read_named(request: NamedRequest) -> Named:
    """Which message is meant; TRACKINGID wins. Raises FaultError E100, and E660 for what names none."""
    words = Words(request)
    tracking_id, reference = words.of("tracking_id"), words.of("client_reference")
    if tracking_id:
        if not is_tracking_id(tracking_id):
            raise Fault.MESSAGE_UNKNOWN.error()
        return Named(tracking_id)
    if not reference:
        raise Fault.INVALID_REQUEST.about("tracking_id", "is required")
    if len(reference) > MAX_CLIENT_REFERENCE:
        raise Fault.MESSAGE_UNKNOWN.error()
    return Named("", reference)


def read_listing(request: ListingRequest, most: int) -> Listing:
    """The page that is asked for; ``most`` messages at most. Raises FaultError E214, E213, E110 and E100."""
    words = Words(request)
    since = _moment(words, "start_date")
    if since is None:
        raise Fault.BAD_START_DATE.error()
    until = _moment(words, "end_date", ends=True)
    if until is None:
        raise Fault.INVALID_REQUEST.about("end_date", "is no date and time of ISO 8601")
    cursor = words.of("cursor")
    if cursor and not is_tracking_id(cursor):
        raise Fault.INVALID_REQUEST.about("cursor", "is none that an answer gave")
    return Listing(
        since=since,
        until=until,
        status=_status(words.of("message_status").lower()),
        receiver=_receiver(words.of("receiver")),
        client_reference=words.of("client_reference"),
        cursor=cursor,
        per_page=read_count(words.of("items_per_page"), min(ITEMS_PER_PAGE, most), most, Fault.BAD_ITEMS_PER_PAGE),
    )


def progress(message: Message, traces: Traces) -> Progress:
    """How ``message`` stands."""
    submitted = [past for past in traces.past if past.event in {Event.SUBMITTED, Event.ADOPTED}]
    sms = message.is_text or traces.segments > 0
    ended = [past for past in traces.past if _ENDS.get(past.event) is message.status]
    waits = not message.status.is_final and message.status is not Status.SUBMITTED
    return Progress(
        message=message,
        details=_details(message, traces, ended[-1] if ended else None),
        sent_as=("SMS" if sms else "MMS") if submitted else "",
        segments=traces.segments,
        fallback="" if message.is_text else _fallback(message, traces),
        sent_at=submitted[-1].at if submitted else 0,
        ended_at=ended[-1].at if ended else 0,
        next_try_at=traces.task.due_at if traces.task and waits and not traces.leased else 0,
    )


def written(at: int) -> str:
    """A time as answers tell it: UTC in whole seconds."""
    return datetime.fromtimestamp(at // 1000, UTC).isoformat()


def _details(message: Message, traces: Traces, end: Past | None) -> str:
    if end is not None:
        return _words(end)
    if message.status is Status.ACCEPTED:
        return _why_waiting(traces)
    if message.status is Status.SUBMITTED and any(past.event is Event.NO_RECEIPT for past in traces.past):
        return _NEVER_RECEIVED
    return _STANDS.get(message.status, "")


def _why_waiting(traces: Traces) -> str:
    task = traces.task
    if task is None:
        return ""
    if task.kind is TaskKind.UNCERTAIN:
        return f"{Reason.UNCERTAIN.value}, a receipt is awaited"
    if traces.leased:
        return _LEAVING
    waiting = waiting_of(task.body, task.due_at)
    if waiting is not None:
        return f"waits for {waiting.why.value}"
    tried = [past for past in traces.past if past.event is Event.RETRY]
    if not tried or not task.attempt:
        return _TURN
    return f"{tried[-1].reason.value}, tried {task.attempt} {'time' if task.attempt == 1 else 'times'}"


def _fallback(message: Message, traces: Traces) -> str:
    """Why it is an SMS; empty: it is none, or that is not known any more."""
    fell = next((past for past in reversed(traces.past) if past.event is Event.FALLBACK), None)
    if fell is not None:
        return fell.reason.value
    if message.force_sms:
        return Reason.FORCED.value
    reason = traces.task.body.get("reason") if traces.task else None
    return Reason[reason].value if isinstance(reason, str) and reason in Reason.__members__ else ""


def _words(past: Past) -> str:
    if past.event is Event.DELIVERED:
        return ""
    return f"{past.reason.value}: {past.detail}" if past.detail else past.reason.value


def _moment(words: Words, name: str, *, ends: bool = False) -> int | None:
    """0 where none is given; None where it cannot be read."""
    given = words.of(name)
    return read_moment(given, ends=ends) if given else 0


def _status(given: str) -> Status | None:
    if not given:
        return None
    if given not in {status.value for status in Status}:
        raise Fault.INVALID_REQUEST.about("message_status", f"is none of {', '.join(each.value for each in Status)}")
    return Status(given)


def _receiver(given: str) -> str:
    if not given:
        return ""
    try:
        return read_number(given).digits
    except NumberError as error:
        raise Fault.BAD_RECEIVER.error(str(error)) from error


def past_of(rows: Sequence[tuple[str, str, str, int]]) -> tuple[Past, ...]:
    """Events as they are kept: event, reason, detail, time; what this version does not know is left out."""
    return tuple(
        Past(_EVENTS[event], Reason.__members__.get(reason, Reason.NONE), detail, at)
        for event, reason, detail, at in rows
        if event in _EVENTS
    )
