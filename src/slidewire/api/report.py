"""The XML report of getSendingStatistics: batches, words about subscriptions, and all other sendings (api.md 3.7).

Written while it is read, page by page: what every message of a group has in common stands at the group alone.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from slidewire.domain.characters import without_forbidden
from slidewire.domain.events import Event, Reason
from slidewire.domain.statistics import Period
from slidewire.store.statistics import Sending, SentBatch

_PAGE = 500
#: What an event is called in a report, and its number; that of "left our server" depends on how it was sent.
_MARKS = {
    Event.DELIVERED.value: ("DLR", "20"),
    Event.EXPIRED.value: ("EXPIRED", "30"),
    Event.REJECTED.value: ("REJECTED", "35"),
    Event.OPENED.value: ("OPENED", "11"),
}
#: What the SUB around its messages says.
_OF_A_PHONE = frozenset({"to", "carrier", "from"})
Attributes = dict[str, str]
#: Behind which place, how many at most.
ReadPage = Callable[[str, int], Awaitable[Sequence[Sending]]]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """Where one report is read from."""

    batches: Callable[[], Awaitable[Sequence[SentBatch]]]
    of_batch: Callable[[SentBatch], ReadPage]
    subscriptions: ReadPage
    others: ReadPage


#: An account and a time -> where its report is read from.
OpenReport = Callable[[str, Period], ReadReport]


async def write_report(read: ReadReport) -> AsyncIterator[bytes]:
    """The whole report."""
    yield b"<?xml version='1.0' encoding='UTF-8'?>\n<RESPONSE><BATCHES>"
    for batch in await read.batches():
        head = _batch(batch)
        yield f"<BATCH{_written(head)}>".encode()
        async for page in _pages(read.of_batch(batch)):
            yield "".join(_element(each, frozenset(head) - {"id"}) for each in page).encode()
        yield b"</BATCH>"
    yield b"</BATCHES><SUBSCRIPTIONS>"
    async for page in _pages(read.subscriptions):
        yield _by_phone(page).encode()
    yield b"</SUBSCRIPTIONS><SENDING_LIST>"
    async for page in _pages(read.others):
        yield "".join(map(_element, page)).encode()
    yield b"</SENDING_LIST></RESPONSE>\n"


async def _pages(read: ReadPage) -> AsyncIterator[Sequence[Sending]]:
    after = ""
    while page := await read(after, _PAGE):
        yield page
        after = page[-1].place


def _batch(batch: SentBatch) -> Attributes:
    campaign = batch.campaign
    said = {
        "from": batch.sender,
        "campaignid": str(campaign.id) if campaign else None,
        "campaignname": campaign.name if campaign else None,
        "scheduled_date": _time(batch.scheduled_at),
        "contentid": str(batch.mms_id) if batch.mms_id else None,
        "contentname": batch.name,
    }
    return {"id": batch.id} | {name: text for name, text in said.items() if text is not None}


def _by_phone(page: Sequence[Sending]) -> str:
    """One SUB for each phone and sender of a page, in the order in which they come first."""
    phones: dict[tuple[tuple[str, str], ...], list[Sending]] = defaultdict(list)
    for sending in page:
        common = _attributes(sending)
        phones[tuple((name, text) for name, text in common.items() if name in _OF_A_PHONE)].append(sending)
    return "".join(
        f"<SUB{_written(dict(phone))}>{''.join(_element(each, _OF_A_PHONE) for each in here)}</SUB>"
        for phone, here in phones.items()
    )


def _attributes(sending: Sending) -> Attributes:
    message = sending.message
    common = {"id": message.id, "to": message.receiver, "carrier": message.operator, "from": message.sender}
    if message.is_text:
        return common | {"body": message.fallback_text}
    content = {"contentid": str(message.mms_id), "contentname": message.name}
    return common | content | {"delivery": "xhtml" if sending.is_sms else "binary"}


def _element(sending: Sending, said: frozenset[str] = frozenset()) -> str:
    """One message; ``said``: what its group tells of all of them."""
    told = _written({name: text for name, text in _attributes(sending).items() if name not in said})
    marks = _mark("INQUE", {"time": _time(sending.message.accepted_at)}) + _history(sending)
    if sending.message.is_text:
        return f"<TEXT{told}>{marks}</TEXT>"
    return f"<CONTENT{told}><MSG_STATUS>{marks}</MSG_STATUS></CONTENT>"


def _history(sending: Sending) -> str:
    marks = []
    for event in sending.events:
        when = {"time": _time(event["at"])}
        if event["event"] in {Event.SUBMITTED.value, Event.ADOPTED.value}:
            marks.append(_mark("ACK", {"gw": "10" if sending.is_sms else "9"} | when))
        elif event["event"] in _MARKS:
            name, number = _MARKS[event["event"]]
            marks.append(_mark(name, {"gw": number} | when))
        elif event["event"] == Event.FAILED.value:
            words = Reason[event["reason"]].value if event["reason"] in Reason.__members__ else "failed"
            marks.append(_mark("ERROR", {"info": words} | when))
    return "".join(marks)


def _mark(name: str, attributes: Attributes) -> str:
    return f"<{name}{_written(attributes)}/>"


def _written(named: Attributes) -> str:
    return "".join(f" {name}={quoteattr(without_forbidden(text))}" for name, text in named.items())


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
