"""Looks at a message's audio and video before it is sent: on with it when they can be played, else its end.

What was seen of a file is remembered, so that a film to many receivers is looked at once (settled 19).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from slidewire.carriers.base import Route
from slidewire.content.av.facts import AvBusyError, AvFailedError, AvRefusedError
from slidewire.content.av.pool import AvPool
from slidewire.content.formats import BY_TYPE
from slidewire.content.store import ContentStore
from slidewire.domain.events import Reason
from slidewire.domain.message import Kind, Message, Part
from slidewire.domain.slides import seconds_shown
from slidewire.domain.task import TaskKind
from slidewire.store.hot import Claimed
from slidewire.work.endings import Attempt
from slidewire.work.line import InLine
from slidewire.work.means import Means
from slidewire.work.settle import Settler

#: Seconds a leased look may take, and seconds after which it is given up, to be taken up again.
LEASE: Final = 180.0
LOOK_WITHIN: Final = LEASE * 2 / 3
#: How often looking at a file may fail before that is the file's fault.
TRIES: Final = 3
#: Files of which it is remembered what was seen.
_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class ProbeTools:
    """What looking works with."""

    store: ContentStore
    av: AvPool
    at_once: int  #: messages
    route: Callable[[str], Route]  #: by name


class Probe(InLine):
    """The step of ``probe:<account>``."""

    kind = TaskKind.PROBE
    lease = LEASE

    def __init__(self, means: Means, tools: ProbeTools, settler: Settler) -> None:
        super().__init__(tools.at_once)
        self._means = means
        self._tools = tools
        self._settler = settler
        #: (digest, type) -> its length in milliseconds, or why it cannot be played
        self._seen: OrderedDict[tuple[str, str], int | str] = OrderedDict()

    async def run(self, claimed: Claimed) -> None:
        """Look at all of a message's audio and video."""
        try:
            if claimed.message is None:
                raise LookupError("a look at a message that is gone")
            route = self._tools.route(claimed.message.route)
            await self._probed(Attempt(claimed.task, claimed.message, route))
        finally:
            self._line.leave()
            self._means.wake(claimed.task.queue)

    async def _probed(self, attempt: Attempt) -> None:
        if not await self._settler.may_go(attempt):
            return
        lengths: dict[int, int] = {}
        try:
            async with asyncio.timeout(LOOK_WITHIN):
                for slide, part in _played(attempt.message):
                    if not await self._sound(attempt, slide, part, lengths):
                        return
        except TimeoutError:
            words = f"all of it took more than {LOOK_WITHIN:g} seconds"
            if attempt.task.attempt < TRIES:
                await self._settler.probe_again(attempt, words)
            else:
                await self._settler.failed(attempt, Reason.NOT_PROBED, words)
            return
        except AvBusyError:
            await self._settler.give_back(attempt)
            return
        except FileNotFoundError:
            await self._settler.failed(attempt, Reason.CONTENT_LOST)
            return
        await self._settler.probed(attempt, lengths)

    async def _sound(self, attempt: Attempt, slide: int, part: Part, lengths: dict[int, int]) -> bool:
        """Whether a file can be played, its length noted; where not, the attempt has ended."""
        where = f"{part.kind.value} in slide {slide + 1}"
        try:
            seen = await self._look(part)
        except AvFailedError as error:
            if attempt.task.attempt < TRIES:
                await self._settler.probe_again(attempt, f"{where}: {error}")
            else:
                await self._settler.unsound(attempt, part, f"{where}: {error}")
            return False
        if isinstance(seen, str):
            await self._settler.unsound(attempt, part, f"{where}: {seen}")
            return False
        if seen:
            lengths[slide] = seconds_shown(seen)
        return True

    async def _look(self, part: Part) -> int | str:
        """Its length in milliseconds (0: not known), or why it cannot be played."""
        key = (part.content.digest, part.content.type)
        seen = self._seen.get(key)
        if seen is None:
            path = await self._tools.store.path(part.content.digest)
            try:
                seen = (await self._tools.av.probe(path, BY_TYPE[part.content.type])).length_ms
            except AvRefusedError as error:
                seen = str(error)
        self._seen[key] = seen
        self._seen.move_to_end(key)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return seen


def _played(message: Message) -> Iterator[tuple[int, Part]]:
    """Audio and video with their slides, from 0."""
    for number, slide in enumerate(message.slides):
        for part in slide.parts:
            if part.kind in {Kind.AUDIO, Kind.VIDEO}:
                yield number, part
