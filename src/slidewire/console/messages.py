"""Messages: searched by the indexes that listMessages walks, and one with everything that is kept of it.

An owner is told what getMessage and postbacks tell; routes, carriers' words and tasks are for admins (durability 17).
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from slidewire.console.desk import Asked, File, MissingError, Moved, Page, Shown, Viewer
from slidewire.console.notices import POSTBACK_PEER
from slidewire.domain.events import Event
from slidewire.domain.faults import FaultError
from slidewire.domain.message import Content, Dialect, Kind
from slidewire.domain.request import ListingRequest
from slidewire.domain.status import Status
from slidewire.domain.tracking import Listing, Progress, is_tracking_id, progress, read_listing
from slidewire.provisioning.messages import MessageFacts, message_facts
from slidewire.provisioning.postbacks import PostbackFacts, Search, list_postbacks, resend
from slidewire.store.database import Connection
from slidewire.store.messages import find_message
from slidewire.store.tracking import Page as Found
from slidewire.store.tracking import list_own, read_traces

#: Messages of a page, and postbacks that are shown of one.
_MOST: Final = 25
_POSTBACKS: Final = 100
#: What somebody can look for; each is the name of a field.
_FIELDS: Final = ("receiver", "reference", "status", "account")
#: Events whose detail tells an owner how its message ended; of the others it is the carrier's or ours.
_ENDS: Final = frozenset(
    each.value for each in (Event.DELIVERED, Event.FAILED, Event.EXPIRED, Event.REJECTED, Event.CANCELLED)
)
#: How a status is drawn.
LOOKS: Final = {
    Status.DELIVERED: "good",
    Status.SUBMITTED: "way",
    Status.FAILED: "bad",
    Status.EXPIRED: "bad",
    Status.REJECTED: "bad",
}
_DONE: Final = {"again": "Its postbacks are being posted again."}


async def show_list(asked: Asked) -> Shown:
    """The newest first, of those that were looked for."""
    named = asked.query.get("id", "").strip()
    if is_tracking_id(named):
        return Moved(f"messages/{named}")
    given = {name: asked.query.get(name, "").strip() for name in _FIELDS}
    found, wrong = Found(()), "There is no message with this tracking id." if named else ""
    try:
        listing = _listing(given, asked.query.get("before", ""))
        whose = asked.viewer.account_id or given["account"]
        if not whose and (listing.receiver or listing.client_reference):
            wrong = "Name the account too: receivers and references are looked for within one."
        elif not wrong:
            found = await asked.desk.database.read(lambda c: list_own(c, whose, listing))
    except FaultError as error:
        wrong = error.words if not error.problem else f"This cannot be looked for: {error.problem}."
    kept = {name: word for name, word in given.items() if word}
    return Page(
        "messages.html",
        {
            "found": found.messages,
            "more": urlencode({**kept, "before": found.cursor}) if found.cursor else "",
            "newest": urlencode(kept) if "before" in asked.query else None,
            "given": {**given, "id": named},
            "wrong": wrong,
            "statuses": [status.value for status in Status],
            "looks": LOOKS,
        },
        422 if wrong else 200,
    )


def _listing(given: dict[str, str], before: str) -> Listing:
    """What is looked for. Raises FaultError."""
    request = ListingRequest(
        Dialect.J2,
        message_status=given["status"] or None,
        receiver=given["receiver"] or None,
        client_reference=given["reference"] or None,
        cursor=before or None,
    )
    return read_listing(request, _MOST)


@dataclass(frozen=True, slots=True)
class Kept:
    """One message, as far as its viewer may know."""

    facts: MessageFacts
    progress: Progress
    postbacks: list[PostbackFacts]


async def show_message(asked: Asked) -> Shown:
    """One message. Raises MissingError for another account's."""
    kept = await asked.desk.database.read(lambda connection: _kept(connection, asked))
    values: dict[str, Any] = {
        "message": kept.progress.message,
        "looks": LOOKS,
        "facts": kept.facts,
        "progress": kept.progress,
        "postbacks": kept.postbacks,
        "parked": [task for task in kept.facts["tasks"] if task["parked"]],
        "done": _DONE.get(asked.query.get("done", ""), ""),
    }
    return Page("message.html", values)


def _kept(connection: Connection, asked: Asked) -> Kept:
    tracking_id = _visible(connection, asked)
    facts, message = message_facts(connection, tracking_id), find_message(connection, tracking_id)
    if facts is None or message is None:
        raise MissingError
    traces = read_traces(connection, [message])[message.id]
    postbacks = list_postbacks(connection, Search(message=tracking_id), _POSTBACKS)
    return Kept(_for(asked.viewer, facts), progress(message, traces), postbacks)


def _visible(connection: Connection, asked: Asked) -> str:
    """The tracking id of the path, of a message that is shown to who asks. Raises MissingError."""
    tracking_id = asked.path["message"]
    message = find_message(connection, tracking_id) if is_tracking_id(tracking_id) else None
    if message is None or not asked.viewer.sees(message.account_id):
        raise MissingError
    return tracking_id


def _for(viewer: Viewer, facts: MessageFacts) -> MessageFacts:
    """What of the facts is for whom (durability 17)."""
    if viewer.account is None:
        return facts
    own = facts.copy()
    own["events"] = [
        event if event["event"] in _ENDS else {**event, "detail": "", "attempt": 0} for event in facts["events"]
    ]
    own["exchanges"] = [exchange for exchange in facts["exchanges"] if exchange["peer"] == POSTBACK_PEER]
    own["route"] = own["operator"] = ""
    return own


async def show_preview(asked: Asked) -> Shown:
    """The image of a slide, small, as our own rendition. Raises MissingError."""

    def read(connection: Connection) -> Content:
        message = find_message(connection, _visible(connection, asked))
        slide, number = _place(asked.path["slide"])
        images = [
            part.content
            for part in (message.slides[slide - 1].parts if message and 0 < slide <= len(message.slides) else ())
            if part.kind is Kind.IMAGE
        ]
        if not 0 < number <= len(images):
            raise MissingError
        return images[number - 1]

    image = await asked.desk.preview(await asked.desk.database.read(read))
    if image is None:
        raise MissingError
    return File(*image)


def _place(word: str) -> tuple[int, int]:
    """``2-1``: the first image of the second slide."""
    slide, _, number = word.partition("-")
    if not (word.isascii() and slide.isdigit() and number.isdigit() and len(word) < 9):
        raise MissingError
    return int(slide), int(number)


async def post_again(asked: Asked) -> Shown:
    """Post a message's postbacks again, by the function of the command. Raises MissingError, RefusedError."""

    def write(connection: Connection) -> str:
        tracking_id = _visible(connection, asked)
        resend(connection, Search(message=tracking_id), "", asked.by(), asked.desk.new_id)
        return tracking_id

    return Moved(f"messages/{await asked.desk.database.write(write)}?done=again")
