"""Makes a message ready for its route: the smaller of every limit kept, and words for when that cannot be.

A customer who reads STATUSDETAILS must learn whose limit it was, how large it is, and what was reached (settled 20).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from slidewire.carriers.base import Carrier, Route
from slidewire.carriers.budgets import Budget
from slidewire.carriers.handsets import Known
from slidewire.content.fitted import Wanted
from slidewire.content.refits import NotRefittedError
from slidewire.content.rendition import RenditionMaker
from slidewire.content.showing import Objects, Showing, left_out, shown, wants_link
from slidewire.domain.frozen import frozen
from slidewire.domain.handset import Handset
from slidewire.domain.message import Message, Slide
from slidewire.domain.rendition import IMAGE_FORMATS, Rendition, Target, TooBigError
from slidewire.work.endings import Attempt
from slidewire.work.remembered import lasting, may_refit, shrink_of

#: Each time a carrier finds a message too big, it is made again for this share of the room before.
SHRINK: Final = 0.7
#: Bytes to which the room for a body is rounded down.
_STEP: Final = 512


class UnfitError(Exception):
    """No rendition fits; the words name operator, limit and size."""


class SmallerFirstError(Exception):
    """Audio or video must be encoded again before a rendition fits; the words are those of UnfitError."""

    def __init__(self, wanted: tuple[Wanted, ...], words: str) -> None:
        super().__init__(words)
        self.wanted = wanted


@frozen
class Ready:
    """What can be submitted."""

    message: Message  #: with the subject that is sent beside the slides
    rendition: Rendition
    limit: Callable[[], str]  #: operator, limit and size, should the carrier find it too big all the same
    notes: tuple[str, ...] = ()  #: what was changed


@dataclass(frozen=True, slots=True)
class Advice:
    """Whom Renditions ask; handed over by the composition root."""

    budget: Callable[[Route, Message], Budget]
    known: Callable[[Handset | None], Known | None]
    link: Callable[[Message], Awaitable[str]]  #: the address of a message's page, live from then on


class Renditions:
    """Makes renditions by the budgets of the settings and by what is known of the phone."""

    def __init__(self, maker: RenditionMaker, advice: Advice) -> None:
        self._maker = maker
        self._advice = advice

    async def make(self, attempt: Attempt, carrier: Carrier) -> Ready:
        """The rendition of an attempt. Raises UnfitError, SmallerFirstError, and what RenditionMaker.make raises but
        for the two that these stand for.
        """
        known = self._advice.known(attempt.handset)
        showing = _showing(attempt, known)
        slides = await self._slides(attempt.message, showing)
        message = replace(attempt.message, subject="") if showing.subject else attempt.message
        budget = _smaller(self._advice.budget(attempt.route, message), known)
        target = _target(attempt, budget, carrier.overhead(message))
        try:
            rendition = await self._maker.make(lasting(slides, attempt.task), target)
        except TooBigError as error:
            raise UnfitError(f"{_told(attempt, budget, error)} at best") from None
        except NotRefittedError as error:
            words = f"{_told(attempt, budget, error.too_big)} at best"
            raise SmallerFirstError(error.wanted, words) from None
        notes = left_out(attempt.message.slides, slides) + rendition.notes
        return Ready(message, rendition, lambda: _told(attempt, budget, _reached(rendition, target)), notes)

    async def _slides(self, message: Message, showing: Showing) -> tuple[Slide, ...]:
        """The slides as the phone is given them; most leave as they are."""
        link = ""
        if message.link_wanted and wants_link(message.slides, showing):
            link = await self._advice.link(message)
        return shown(message.slides, showing, link)


def _showing(attempt: Attempt, known: Known | None) -> Showing:
    message, route = attempt.message, attempt.route
    folded = bool(message.subject) and route.sender_kind(message) in route.fold_subject
    return Showing(Objects(route.objects), known.shows if known else None, message.subject if folded else "")


def _smaller(budget: Budget, known: Known | None) -> Budget:
    """The budget of operator and phone together (settled 32)."""
    if known is None:
        return budget
    if known.bytes and known.bytes < budget.bytes:
        budget = replace(budget, bytes=known.bytes, said_by=f"handset {known.name}")
    if known.width:
        budget = replace(budget, width=min(known.width, budget.width), height=min(known.height, budget.height))
    return budget


def _target(attempt: Attempt, budget: Budget, overhead: int) -> Target:
    """What the body must keep to: the route's limit, the network's, and less of both at each refusal (settled 20)."""
    share = SHRINK ** shrink_of(attempt.task)
    room = (attempt.route.max_bytes - overhead) * share
    return Target(
        # whole steps, so that messages which differ by a subject share their rendition (durability 22)
        max_bytes=int(room) // _STEP * _STEP if room > _STEP else int(room),
        encoding=attempt.route.encoding,
        max_width=budget.width,
        max_height=budget.height,
        max_plain=int(budget.bytes * share),
        vcard_type=budget.vcard,
        refits=may_refit(attempt.task),
        image_types=tuple(IMAGE_FORMATS[word] for word in budget.formats),
    )


def _reached(rendition: Rendition, target: Target) -> TooBigError:
    """What would be told of a rendition that fits, were it too big."""
    is_plain = target.max_plain < target.max_bytes
    return TooBigError(rendition.size, target.max_plain if is_plain else target.max_bytes, plain=is_plain)


def _told(attempt: Attempt, budget: Budget, error: TooBigError) -> str:
    message, route = attempt.message, attempt.route
    operator = message.operator or message.spid or "unknown"
    limit, size, whose = error.limit, error.size, budget.said_by
    if shrink_of(attempt.task):
        whose = "the carrier refused more"
    elif not error.plain:
        # envelope and headers count too, and are the same whatever the message is
        limit, size, whose = route.max_bytes, size + route.max_bytes - limit, f"route {route.name}, all that is posted"
    return f"operator {operator}, limit {limit} bytes ({whose}), size {size} bytes"
