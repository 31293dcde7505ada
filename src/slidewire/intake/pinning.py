"""What is new and pins content: written, and once more when a sweep was about to delete bytes that it counts on.

And what this process remembers to have pinned, so that most messages need not look at their content's rows.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from slidewire.domain.message import Content, Message
from slidewire.store.batches import NewBatch
from slidewire.store.pins import Insertion
from slidewire.store.templates import NewTemplate

New = TypeVar("New", NewTemplate, NewBatch)

#: Seconds for which a process trusts what it has pinned. Whoever lets content go asks again who uses it, and does so
#: only when all that was accepted on trust has long been there to be seen (work/sweep.py: CONTENT_GRACE).
TRUST: Final = 600.0
#: Digests whose pins a process remembers.
_REMEMBERED: Final = 100_000


class Pinned:
    """The content that this process has pinned lately, and until when."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """``monotonic``: seconds."""
        self._monotonic = monotonic
        self._until: OrderedDict[str, tuple[int, float]] = OrderedDict()  # digest -> pinned until, trusted until

    def lacking(self, message: Message, keep_until: int) -> tuple[Content, ...]:
        """The content of ``message`` that is not known to be pinned until then."""
        contents = {part.content.digest: part.content for slide in message.slides for part in slide.parts}
        if not contents:
            return ()
        now, known = self._monotonic(), self._until
        return tuple(
            content
            for digest, content in contents.items()
            if (found := known.get(digest)) is None or found[0] < keep_until or found[1] <= now
        )

    def note(self, pins: Sequence[Content], until: int) -> None:
        """They have just been pinned."""
        trusted = self._monotonic() + TRUST
        for pin in pins:
            self._until[pin.digest] = until, trusted
            self._until.move_to_end(pin.digest)
        while len(self._until) > _REMEMBERED:
            self._until.popitem(last=False)


async def insert_pinned(
    write: Callable[[New], Awaitable[Insertion]], new: New, bring_back: Callable[[], Awaitable[frozenset[str]]]
) -> None:
    """Have ``new`` written; ``bring_back`` stores the bytes again where it must (durability 19)."""
    if await write(new) is Insertion.CONTENT_LEAVING:
        await write(replace(new, written=await bring_back(), again=True))
