"""How large a message may be on its way to one phone: the route's word, the operator's, the country's, a default.

Pure, over rows that an admin can edit (docs/reference/budgets.md). What counts is the whole MMS body before transfer
encoding (settled 20); the route's own ``max_bytes`` bounds what is posted, and is kept elsewhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from slidewire.carriers.tables import TableError, number, rows_of
from slidewire.domain.countries import COUNTRIES
from slidewire.domain.rendition import IMAGE_FORMATS
from slidewire.domain.senders import SenderKind

_NETWORK: Final = re.compile(r"[0-9]{5,6}")
#: What a vCard may be called on its way (standards.md 2.3).
VCARD_TYPES: Final = ("text/vcard", "text/x-vcard")
#: Sender kinds as tables and settings write them; the empty word is any.
KINDS: Final = {"": None} | {kind.value.replace(" ", "-"): kind for kind in SenderKind}
_COLUMNS: Final = (
    "operator", "networks", "country", "name", "sender", "bytes", "width", "height", "vcard", "formats", "source",
)  # fmt: skip
#: Tables that were written before it was there are read all the same.
_NEWER: Final = "formats"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one row says; what it leaves open is 0 or empty."""

    bytes: int = 0  #: of the MMS body before transfer encoding
    width: int = 0  #: pixels of an image
    height: int = 0
    vcard: str = ""  #: MIME type of vCards
    formats: tuple[str, ...] = ()  #: of images, by the words of IMAGE_FORMATS


@dataclass(frozen=True, slots=True)
class Row:
    """Limits with what they are for."""

    limits: Limits
    words: tuple[str, ...] = ()  #: ids and aliases of the operator
    networks: tuple[str, ...] = ()  #: its MCC-MNC codes: no words, for an id may look like one (carriers/operators.py)
    country: str = ""
    kind: SenderKind | None = None  #: of the sender; None: any
    name: str = ""

    @property
    def is_of_operator(self) -> bool:
        """Else it is for a whole country."""
        return bool(self.words or self.networks)

    @property
    def said_by(self) -> str:
        """Whose limit it is, for STATUSDETAILS."""
        named = self.name or "".join((*self.words, *self.networks)[:1])
        whose = f"operator {named}" if self.is_of_operator else f"country {self.country}"
        return f"{whose}, {self.kind.value}" if self.kind else whose


@dataclass(frozen=True, slots=True)
class Case:
    """What a budget depends on."""

    route: tuple[tuple[SenderKind | None, int], ...]  #: Route.mms_bytes
    words: tuple[str, ...]  #: everything that names the receiver's operator
    networks: tuple[str, ...]  #: its MCC-MNC codes
    country: str
    kind: SenderKind
    formats: tuple[str, ...] = ()  #: Route.image_formats


@dataclass(frozen=True, slots=True)
class Budget:
    """What a message to one phone must keep to."""

    bytes: int
    width: int
    height: int
    vcard: str
    said_by: str  #: who set the bytes
    formats: tuple[str, ...] = tuple(IMAGE_FORMATS)  #: of images, by its words


class BudgetTable:
    """Every row that there is: the settings' operators, the admin's table, the shipped one, a default."""

    def __init__(self, settings: Iterable[Row], tables: Iterable[Sequence[Row]], otherwise: Limits) -> None:
        """``tables``: the most telling first. ``otherwise`` says everything."""
        tables = tuple(tables)
        self._settings = _Operators(settings)
        self._operators = [_Operators(table) for table in tables]
        self._countries = [_by_country(table) for table in tables]
        self._otherwise = otherwise
        self.find = lru_cache(4096)(self._find)

    def _find(self, case: Case) -> Budget:
        """The budget of ``case``: each limit from the first row that says it."""
        route = [Row(Limits(each), name="route", kind=kind) for kind, each in case.route if kind in (case.kind, None)]
        route.sort(key=lambda row: row.kind is None)
        settings = self._settings.rows_for(case)
        operators = [row for table in self._operators for row in table.rows_for(case)]
        countries = [row for table in self._countries for row in _fitting(table.get(case.country, ()), case)]
        rows = [*route, *settings, *operators, *countries]
        size, said_by = self._otherwise.bytes, "default"
        if (first := next((row for row in rows if row.limits.bytes), None)) is not None:
            size, said_by = first.limits.bytes, "route" if first in route else first.said_by
            if first in operators and first.kind is None:
                # a network's general limit says nothing of a sender kind that the whole country treats apart
                apart = next((row for row in countries if row.kind and row.limits.bytes), None)
                if apart is not None and apart.limits.bytes < size:
                    size, said_by = apart.limits.bytes, apart.said_by
        boxes = ((row.limits.width, row.limits.height) for row in rows if row.limits.width)
        width, height = next(boxes, (self._otherwise.width, self._otherwise.height))
        vcard = next((row.limits.vcard for row in rows if row.limits.vcard), self._otherwise.vcard)
        formats = next((row.limits.formats for row in rows if row.limits.formats), self._otherwise.formats)
        return Budget(size, width, height, vcard, said_by, case.formats or formats)


class _Operators:
    """The rows of one table that speak of operators."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by_word: dict[str, list[Row]] = {}
        self._by_network: dict[str, list[Row]] = {}
        for row in rows:
            for word in row.words:
                self._by_word.setdefault(word, []).append(row)
            for network in row.networks:
                self._by_network.setdefault(network, []).append(row)

    def rows_for(self, case: Case) -> list[Row]:
        """The rows of the first word that is known here, else of the first network."""
        words = (self._by_word[word] for word in case.words if word in self._by_word)
        networks = (self._by_network[network] for network in case.networks if network in self._by_network)
        return _fitting(next(words, []) or next(networks, []), case)


def _by_country(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if not row.is_of_operator:
            found.setdefault(row.country, []).append(row)
    return found


def _fitting(rows: Iterable[Row], case: Case) -> list[Row]:
    """Rows for the sender's kind before those for any."""
    return sorted((row for row in rows if row.kind in (case.kind, None)), key=lambda row: row.kind is None)


def shipped() -> tuple[Row, ...]:
    """The table that comes with us."""
    return read_table(resources.files(__package__).joinpath("budgets.csv").read_text("utf-8"))


def read_table(text: str) -> tuple[Row, ...]:
    """The rows of a table as it is written. Raises TableError naming the line."""
    seen: set[tuple[str, SenderKind | None]] = set()

    def read(told: dict[str, str]) -> Row:
        row = _row(told)
        for key in _keys(row):
            if key in seen:
                raise TableError(f"{key[0]} was told on a line before")
            seen.add(key)
        return row

    return tuple(rows_of(text, _COLUMNS, read, _NEWER))


def _keys(row: Row) -> Iterator[tuple[str, SenderKind | None]]:
    for word in row.words:
        yield word, row.kind
    for network in row.networks:
        yield f"network {network}", row.kind
    if not row.is_of_operator:
        yield f"the country {row.country}", row.kind


def _row(told: dict[str, str]) -> Row:
    words, networks = told["operator"].split(), told["networks"].split()
    if unknown := [each for each in networks if not _NETWORK.fullmatch(each)]:
        raise TableError(f"{unknown[0]!r} is no MCC with its MNC, such as 311480")
    if told["country"] and told["country"] not in COUNTRIES:
        raise TableError(f"{told['country']!r} is no country of two capitals")
    if not words and not networks and not told["country"]:
        raise TableError("neither an operator nor a country")
    if told["sender"] not in KINDS:
        raise TableError(f"sender {told['sender']!r} is not one of: {', '.join(filter(None, KINDS))}")
    formats = image_formats(told["formats"].split())
    limits = Limits(number(told["bytes"]), number(told["width"]), number(told["height"]), told["vcard"], formats)
    check_limits(limits)
    return Row(limits, tuple(words), tuple(networks), told["country"], KINDS[told["sender"]], told["name"])


def operator_row(words: tuple[str, ...], limits: Limits, kind: SenderKind | None, name: str) -> Row:
    """A row of the settings' own. Raises TableError."""
    check_limits(limits)
    return Row(limits, words, kind=kind, name=name)


def check_limits(limits: Limits) -> None:
    """Raises TableError for limits that no message could keep or no network has."""
    if bool(limits.width) is not bool(limits.height):
        raise TableError("width and height are told together or not at all")
    if limits.vcard and limits.vcard not in VCARD_TYPES:
        raise TableError(f"vcard {limits.vcard!r} is not one of: {', '.join(VCARD_TYPES)}")


def image_formats(words: Sequence[str]) -> tuple[str, ...]:
    """A list of image formats as an admin writes it, in our order; empty: it says nothing.

    Raises TableError for a format that never leaves, and for a list without the one that everything can be turned into.
    """
    if unknown := [word for word in words if word not in IMAGE_FORMATS]:
        raise TableError(f"image format {unknown[0]!r} is not one of: {', '.join(IMAGE_FORMATS)}")
    if words and "jpeg" not in words:
        raise TableError("image formats without jpeg: every picture must be able to become one that is taken")
    return tuple(word for word in IMAGE_FORMATS if word in words)
