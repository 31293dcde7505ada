"""What is new and pins content: written, and once more when a sweep was about to delete bytes that it counts on."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from slidewire.store.batches import NewBatch
from slidewire.store.pins import Insertion
from slidewire.store.templates import NewTemplate

New = TypeVar("New", NewTemplate, NewBatch)


async def insert_pinned(
    write: Callable[[New], Awaitable[Insertion]], new: New, bring_back: Callable[[], Awaitable[frozenset[str]]]
) -> None:
    """Have ``new`` written; ``bring_back`` stores the bytes again where it must (durability 19)."""
    if await write(new) is Insertion.CONTENT_LEAVING:
        await write(replace(new, written=await bring_back(), again=True))
