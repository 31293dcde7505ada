"""The prefix file: which operator a range of numbers was given to. The longest prefix wins.

Ported numbers have left their range: whoever needs to be sure asks a provider instead.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from slidewire.carriers.operators import Catalogue
from slidewire.domain.finding import Finding, Source

_PREFIX = re.compile(r"[1-9][0-9]{0,14}")
_LINE_TYPE = re.compile(r"[ -~]{0,32}")
_REQUIRED = ("prefix", "operator")
_COLUMNS = (*_REQUIRED, "line_type")


class PrefixFileError(ValueError):
    """A line that cannot be used, in words for whoever wrote the file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True, slots=True)
class PrefixTable:
    """Prefix, digits without +, -> what is known of its numbers."""

    rows: dict[str, Finding]
    longest: int = 0  #: digits

    def find(self, number: str) -> Finding | None:
        """The row of the longest prefix of ``number``."""
        for length in range(min(self.longest, len(number)), 0, -1):
            found = self.rows.get(number[:length])
            if found is not None:
                return found
        return None


def read_prefixes(lines: Iterable[str], catalogue: Catalogue) -> PrefixTable:
    """The table in ``lines`` of CSV: a header, then one prefix a line; blank lines and lines with # are passed over.

    Raises PrefixFileError for the first line that cannot be used.
    """
    reader = _rows(lines)
    columns = next(reader, (1, [""]))[1]
    _check_columns(columns)
    rows: dict[str, Finding] = {}
    for number, cells in reader:
        if len(cells) != len(columns):
            raise PrefixFileError(number, f"{len(cells)} cells, the header has {len(columns)}")
        prefix, finding = _row(number, dict(zip(columns, cells, strict=True)), catalogue)
        if rows.setdefault(prefix, finding) != finding:
            raise PrefixFileError(number, f"prefix {prefix} was given another operator before")
    return PrefixTable(rows, max(map(len, rows), default=0))


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that holds any."""
    for number, line in enumerate(lines, start=1):
        text = line.lstrip("\ufeff").strip() if number == 1 else line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            yield number, [cell.strip() for cell in next(csv.reader([text], strict=True))]
        except csv.Error as error:
            raise PrefixFileError(number, f"it is no CSV: {error}") from None


def _check_columns(columns: list[str]) -> None:
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise PrefixFileError(1, f"the header lacks {' and '.join(missing)}; it reads: prefix,operator,line_type")
    unknown = [name for name in columns if name not in _COLUMNS]
    if unknown or len(set(columns)) != len(columns):
        raise PrefixFileError(1, f"the header's columns are {', '.join(_COLUMNS)}, each once")


def _row(number: int, cells: dict[str, str], catalogue: Catalogue) -> tuple[str, Finding]:
    prefix = cells["prefix"].removeprefix("+")
    if not _PREFIX.fullmatch(prefix):
        raise PrefixFileError(number, f"{prefix!r} is no prefix: 1 to 15 digits, the calling code first")
    line_type = cells.get("line_type", "").lower()
    if not _LINE_TYPE.fullmatch(line_type):
        raise PrefixFileError(number, f"{line_type!r} is no line type, such as mobile or landline")
    if not cells["operator"]:
        if not line_type:
            raise PrefixFileError(number, "neither an operator nor a line type")
        return prefix, Finding(Source.PREFIXES, line_type=line_type)
    operator = catalogue.resolve(cells["operator"])
    if operator is None:
        raise PrefixFileError(number, f"operator {cells['operator']!r} is neither shipped nor in [[operators]]")
    return prefix, Finding(Source.PREFIXES, operator=operator.id, name=operator.name, line_type=line_type)
