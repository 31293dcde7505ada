"""Batches: their list, and one with its progress: what became of each receiver's message, and who gets none."""

from dataclasses import dataclass
from typing import Any, Final

from slidewire.console.desk import Asked, MissingError, Page, Shown
from slidewire.console.paging import Paging, paging, read_number
from slidewire.domain.batches import BatchProgress
from slidewire.domain.status import Status
from slidewire.store.batches import list_batches, read_progress

#: Batches of a page, and refused receivers of one.
_MOST: Final = 25
_REFUSED: Final = 100
#: How each status is drawn and called, in the order in which a bar shows them.
_LOOKS: Final = (
    (Status.DELIVERED, "good", "Delivered"),
    (Status.SUBMITTED, "way", "Sent, receipt awaited"),
    (Status.ENCODING, "wait", "Being made ready"),
    (Status.ACCEPTED, "wait", "Waiting to be sent"),
    (Status.SCHEDULED, "wait", "Scheduled"),
    (Status.REJECTED, "bad", "Rejected"),
    (Status.FAILED, "bad", "Failed"),
    (Status.EXPIRED, "bad", "Expired"),
    (Status.CANCELLED, "off", "Cancelled"),
)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a batch: how it is drawn, what it is called, how many receivers it is of."""

    look: str
    name: str
    count: int
    start: float = 0.0  #: where it begins on the bar, of 100
    width: float = 0.0


async def show_list(asked: Asked) -> Shown:
    """The newest first."""
    before, whose = asked.query.get("before", ""), asked.viewer.account_id
    rows = await asked.desk.database.read(lambda c: list_batches(c, whose, before, _MOST + 1))
    more = rows[_MOST - 1].id if len(rows) > _MOST else ""
    return Page("batches.html", {"rows": rows[:_MOST], "more": more, "paged": bool(before)})


async def show_batch(asked: Asked) -> Shown:
    """One batch. Raises MissingError for another account's."""
    page, whose = read_number(asked.query.get("page", "")), asked.viewer.account_id
    skip = (page - 1) * _REFUSED
    found = await asked.desk.database.read(lambda c: read_progress(c, asked.path["batch"], whose, skip, _REFUSED))
    if found is None:
        raise MissingError
    return Page("batch.html", _values(found, paging(page, found.refused, _REFUSED)))


def _values(found: BatchProgress, pages: Paging) -> dict[str, Any]:
    shares = shares_of(found)
    done = sum(found.counts.get(status, 0) for status in Status if status.is_final) + found.refused
    return {
        "batch": found.batch,
        "shares": shares,
        "done": done,
        "is_over": found.is_over,
        "refused": found.refused,
        "refusals": found.refusals,
        "pages": pages,
    }


def shares_of(found: BatchProgress) -> list[Share]:
    """The whole batch in parts, those of nobody left out."""
    counted = [Share(look, name, found.counts.get(status, 0)) for status, look, name in _LOOKS]
    parts = [
        *counted,
        Share("none", "Refused, no message", found.refused),
        Share("rest", "No message yet", found.waiting),
    ]
    total = max(sum(part.count for part in parts), 1)
    drawn, start = [], 0.0
    for part in parts:
        if part.count:
            width = round(100 * part.count / total, 3)
            drawn.append(Share(part.look, part.name, part.count, round(start, 3), width))
            start += width
    return drawn
