"""What phones can take and show, by their UAProf address or user agent: a table, for addresses are never followed.

Pure, over rows that an admin can edit (docs/reference/handsets.md, docs/adr/0088).
"""

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from slidewire.carriers.tables import TableError, number, rows_of
from slidewire.domain.handset import Handset
from slidewire.domain.message import Kind

_COLUMNS: Final = ("profile", "agent", "name", "bytes", "width", "height", "shows", "source")
#: What a row may say that a phone shows.
_OBJECTS: Final = {kind.value: kind for kind in Kind if kind.is_object}


@dataclass(frozen=True, slots=True)
class Known:
    """What one row says of a phone; what it leaves open is 0 or None."""

    name: str
    bytes: int = 0
    width: int = 0
    height: int = 0
    shows: frozenset[Kind] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A phone with the words that it is known by; None: it is not known by that one."""

    known: Known
    profile: re.Pattern[str] | None
    agent: re.Pattern[str] | None

    def matches(self, handset: Handset) -> bool:
        """Whether one of the handset's words is this row's."""
        pairs = ((self.profile, handset.profile), (self.agent, handset.agent))
        return any(pattern is not None and word and pattern.fullmatch(word) for pattern, word in pairs)


class HandsetTable:
    """All rows, the most telling first."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = tuple(rows)
        self._find = lru_cache(4096)(self._look)

    def find(self, handset: Handset | None) -> Known | None:
        """What is known of ``handset``; None: nothing."""
        return self._find(handset.profile, handset.agent) if handset is not None and handset.word else None

    def _look(self, profile: str, agent: str) -> Known | None:
        handset = Handset(profile, agent)
        return next((row.known for row in self._rows if row.matches(handset)), None)


def shipped() -> tuple[Row, ...]:
    """The table that comes with us."""
    return read_table(resources.files(__package__).joinpath("handsets.csv").read_text("utf-8"))


def read_table(text: str) -> tuple[Row, ...]:
    """The rows of a table as it is written. Raises TableError naming the line."""
    return tuple(rows_of(text, _COLUMNS, _row))


def _row(told: dict[str, str]) -> Row:
    if not told["profile"] and not told["agent"]:
        raise TableError("neither a profile nor an agent")
    if not told["name"]:
        raise TableError("no name")
    width, height = number(told["width"]), number(told["height"])
    if bool(width) is not bool(height):
        raise TableError("width and height are told together or not at all")
    known = Known(told["name"], number(told["bytes"]), width, height, _shows(told["shows"]))
    return Row(known, _pattern(told["profile"]), _pattern(told["agent"]))


def _shows(cell: str) -> frozenset[Kind] | None:
    if not cell:
        return None
    words = [] if cell == "none" else cell.split()
    if unknown := [word for word in words if word not in _OBJECTS]:
        raise TableError(f"{unknown[0]!r} is not one of: {', '.join(_OBJECTS)}, none")
    return frozenset(_OBJECTS[word] for word in words)


def _pattern(cell: str) -> re.Pattern[str] | None:
    """Shell patterns as the library writes them: no backtracking from one asterisk into the one before."""
    return re.compile(fnmatch.translate(cell), re.IGNORECASE) if cell else None
