"""What phones and networks take: from the settings, the admin's own tables and the shipped ones."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from slidewire.carriers import handsets, masks
from slidewire.carriers.base import Route
from slidewire.carriers.budgets import (
    Budget,
    BudgetTable,
    Case,
    Limits,
    Row,
    image_formats,
    operator_row,
    read_table,
    shipped,
)
from slidewire.carriers.handsets import HandsetTable
from slidewire.carriers.operators import Catalogue
from slidewire.domain.message import Message
from slidewire.domain.rendition import IMAGE_FORMATS
from slidewire.domain.senders import MaskRule, SenderKind
from slidewire.runtime.configure import mms_bytes_of, operators_of, read
from slidewire.settings import OperatorSettings, Settings, SettingsError

T = TypeVar("T")

#: What vCards are called where nobody says anything.
_VCARD = "text/vcard"


def budgets_of(settings: Settings) -> BudgetTable:
    """The whole table. Raises SettingsError naming the key, or the file and its line."""
    own = [row for operator in settings.operators for row in _rows(operator)]
    tables = ([_file(settings.budgets.file, "budgets.file", read_table)] if settings.budgets.file else []) + [shipped()]
    rest = settings.budgets
    formats = read(image_formats, rest.image_formats, "budgets.image_formats") or tuple(IMAGE_FORMATS)
    return BudgetTable(own, tables, Limits(rest.mms_bytes, rest.max_width, rest.max_height, _VCARD, formats))


def budgets_for(settings: Settings, operator: str) -> dict[SenderKind, Budget]:
    """What a message to a phone of this operator (by id or alias; empty: unknown) may be, where its route says nothing.

    Raises SettingsError.
    """
    known = operators_of(settings).resolve(operator)
    words = known.words if known else tuple(filter(None, (operator,)))
    networks, country = (known.networks, known.country) if known else ((), "")
    table = budgets_of(settings)
    return {kind: table.find(Case((), words, networks, country, kind)) for kind in SenderKind}


def _rows(operator: OperatorSettings) -> list[Row]:
    """What [[operators]] says of one; nothing where it says nothing."""
    key, words = f"operators.{operator.id}", (operator.id, *operator.aliases)
    sizes = dict(mms_bytes_of(operator.mms_bytes, f"{key}.mms_bytes"))
    formats = read(image_formats, operator.image_formats, f"{key}.image_formats")
    every = Limits(sizes.pop(None, 0), operator.max_width, operator.max_height, operator.vcard_type, formats)
    rows = [(kind, Limits(size)) for kind, size in sizes.items()] + ([(None, every)] if every != Limits() else [])
    return [
        read(lambda each: operator_row(words, each[1], each[0], operator.name or operator.id), row, key) for row in rows
    ]


def handsets_of(settings: Settings) -> HandsetTable:
    """What is known of phones. Raises SettingsError naming the file and its line."""
    path = settings.handsets.file
    own = _file(path, "handsets.file", handsets.read_table) if path else ()
    return HandsetTable((*own, *handsets.shipped()))


def masks_of(settings: Settings) -> dict[str, MaskRule]:
    """Where networks take a mask. Raises SettingsError naming the file and its line."""
    path = settings.mask_countries
    return masks.shipped() | (_file(path, "mask_countries", masks.read_table) if path else {})


def _file(path: str, key: str, read_table: Callable[[str], T]) -> T:
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{key}: {path}: {error}") from None
    return read(read_table, text, f"{key}: {path}")


class Budgets:
    """Finds a message's budget."""

    def __init__(self, settings: Settings, operators: Catalogue) -> None:
        """Raises SettingsError."""
        self._table = budgets_of(settings)
        self._operators = operators

    def find(self, route: Route, message: Message) -> Budget:
        """What ``message`` must keep to on ``route``."""
        operator = self._operators.resolve(message.operator) if message.operator else None
        words = (*(operator.words if operator else ()), message.operator, message.spid)
        networks = operator.networks if operator else ()
        kind = route.sender_kind(message)
        case = Case(route.mms_bytes, tuple(filter(None, words)), networks, message.country, kind, route.image_formats)
        return self._table.find(case)
