"""How the gateway is, for admins: what waits and for how long, which routes can be reached, what is parked.

Every question is a step along an index for each queue, or a table that does not grow with traffic.
"""

from dataclasses import dataclass
from typing import Final

from slidewire.console.accounts import page_of
from slidewire.console.desk import Asked, MissingError, Moved, Page, Shown, Way
from slidewire.console.forms import FormError
from slidewire.domain.task import NEVER, TaskKind, door_of, is_later, present
from slidewire.provisioning.routes import AS_SET, change_rate
from slidewire.store.away import away_routes
from slidewire.store.database import Connection
from slidewire.store.lanes import read_holders, read_rates
from slidewire.store.tasks import Head, parked_in, queue_heads, queue_length

#: Queues that are shown, how far each is counted, and parked messages that are named.
_QUEUES: Final = 30
_COUNTED: Final = 10_000
_PARKED: Final = 20
_WORDS: Final = {
    TaskKind.DELIVER: "MMS to be sent",
    TaskKind.TEXT: "SMS to be sent",
    TaskKind.PROBE: "audio and video to be looked at",
    TaskKind.ENCODE: "templates to be encoded",
    TaskKind.REFIT: "audio and video to be made smaller",
    TaskKind.EXPAND: "batches to be expanded",
    TaskKind.UNCERTAIN: "submissions that were cut off",
    TaskKind.NOTIFY: "postbacks",
    TaskKind.RECEIPT: "receipts without their message",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue in words."""

    words: str
    door: str  #: the route or account that it is for
    length: int
    is_more: bool  #: it was not counted to its end
    late: int  #: seconds that its first has been due; 0: nothing is due


@dataclass(frozen=True, slots=True)
class Route:
    """One route as it is now."""

    way: Way
    rate: float  #: a second; as the settings say, or an admin
    is_set: bool  #: by an admin
    is_away: bool
    holders: int  #: lanes that somebody sends on


@dataclass(frozen=True, slots=True)
class Parked:
    """A message whose task nothing tries again."""

    message_id: str
    words: str
    door: str


async def set_rate(asked: Asked) -> Shown:
    """How fast a route sends, for admins, by the function of the command; no words: as the settings say again."""
    route, words = asked.path["route"], asked.form.get("rate", "").strip() or AS_SET
    if asked.viewer.account is not None or route not in {way.name for way in asked.desk.ways}:
        raise MissingError
    by = asked.by()
    try:
        await asked.desk.database.write(lambda connection: change_rate(connection, route, words, by))
    except ValueError as error:
        raise FormError(422, f"{error}.") from None
    return Moved("")


async def show_start(asked: Asked) -> Shown:
    """Where everybody comes in: an owner at its account, an admin here."""
    if asked.viewer.account is not None:
        return await page_of(asked, asked.viewer.account.id)
    now, ways = asked.desk.now(), asked.desk.ways

    def read(connection: Connection) -> dict[str, object]:
        heads = queue_heads(connection)
        return {
            "queues": _queues(connection, heads, now),
            "queue_count": len(heads),
            "routes": _routes(connection, ways, now),
            "parked": _parked(connection, heads),
        }

    return Page("overview.html", await asked.desk.database.read(read))


def _queues(connection: Connection, heads: list[Head], now: int) -> list[Queue]:
    """Those that wait the longest."""
    waiting = sorted((head for head in heads if head.due_at < NEVER), key=lambda head: head.due_at)
    found = []
    for head in waiting[:_QUEUES]:
        length = queue_length(connection, head.queue, _COUNTED + 1)
        late = max(now - head.due_at, 0) // 1000
        found.append(Queue(_words(head.queue), door_of(head.queue), min(length, _COUNTED), length > _COUNTED, late))
    return found


def _routes(connection: Connection, ways: tuple[Way, ...], now: int) -> list[Route]:
    away, holders, rates = away_routes(connection, now), read_holders(connection), read_rates(connection)
    return [
        Route(
            way,
            rates.get(way.name, way.rate),
            is_set=way.name in rates,
            is_away=way.name in away,
            holders=len(holders.get(way.name, ())),
        )
        for way in ways
    ]


def _parked(connection: Connection, heads: list[Head]) -> list[Parked]:
    """Of every queue but those of postbacks, where due never means behind another."""
    found: list[Parked] = []
    for head in heads:
        if _kind(head.queue) is not TaskKind.NOTIFY and len(found) < _PARKED:
            ids = parked_in(connection, head.queue, _PARKED - len(found))
            found += [Parked(each, _words(head.queue), door_of(head.queue)) for each in ids]
    return found


def _kind(queue: str) -> TaskKind | None:
    name = present(queue).partition(":")[0]
    return next((kind for kind in TaskKind if kind.value == name), None)


def _words(queue: str) -> str:
    kind = _kind(queue)
    words = _WORDS[kind] if kind else queue.partition(":")[0]
    return f"{words}, scheduled" if is_later(queue) else words
