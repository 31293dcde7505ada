"""Merge tags of saved texts: ``{$name|default}`` becomes the value called name, else the default (api.md 3.1).

One pass, values are put in as they are and never read again: what a receiver is called cannot be a tag.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: No part of it can begin inside another, so that looking for tags takes one pass whatever the text is.
_TAG = re.compile(r"\{\$([^\s{}|]{1,64})(?:\|([^{}]*+))?\}")
#: Names that are told of a text, however many are missing: they are kept with every message that is sent of it.
MOST_MISSING = 20


class MergedTooLongError(Exception):
    """The text with its values is longer than it may be."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A text with its values."""

    text: str
    #: Names of tags that had neither value nor default, the first of them: nothing stands in their place.
    missing: tuple[str, ...] = ()


def has_tags(text: str) -> bool:
    """Whether anything in ``text`` is to be merged."""
    return "{$" in text and _TAG.search(text) is not None


def tag_name(name: str) -> str:
    """A name as names are compared: in any case (api.md 3.1)."""
    return name.casefold()


def merge(text: str, values: Mapping[str, str], limit: int) -> Merged:
    """``text`` with the ``values`` (by ``tag_name``) in place of its tags.

    Raises MergedTooLongError beyond ``limit`` characters, before that much was put together.
    """
    if "{$" not in text and len(text) <= limit:
        return Merged(text)
    pieces: list[str] = []
    missing: dict[str, None] = {}
    length = end = 0
    for tag in _TAG.finditer(text):
        value: str | None = values.get(tag_name(tag[1]), tag[2])
        if value is None:
            if len(missing) < MOST_MISSING:
                missing[tag[1]] = None
            value = ""
        pieces += (text[end : tag.start()], value)
        length += tag.start() - end + len(value)
        end = tag.end()
    pieces.append(text[end:])
    if length + len(text) - end > limit:
        raise MergedTooLongError
    return Merged("".join(pieces), tuple(missing))
