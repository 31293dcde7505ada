"""Tables that an admin may edit: CSV with a head, lines that begin with a hash passed over, mistakes named by line."""

import csv
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")
#: More is a slip of the pen.
_MOST: Final = 2**31 - 1


class TableError(ValueError):
    """A table that cannot be used, in words for whoever wrote it."""


def rows_of(text: str, columns: tuple[str, ...], read: Callable[[dict[str, str]], T], newer: str = "") -> Iterator[T]:
    """Each row as ``read`` reads its cells, by column. Raises TableError; one that ``read`` raises gets its line.

    ``newer``: a column that tables written before it was there lack; its cells are empty then.
    """
    lines = enumerate(text.removeprefix("\ufeff").splitlines(), start=1)
    kept = [(number, line) for number, line in lines if line.strip() and not line.startswith("#")]
    given = tuple(word.strip() for word in kept[0][1].split(",")) if kept else ()
    if given not in (columns, tuple(column for column in columns if column != newer)):
        raise TableError(f"the first line must be {','.join(columns)}")
    for number, line in kept[1:]:
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], strict=True))]
            if len(cells) != len(given):
                raise TableError(f"{len(cells)} columns where there are {len(given)}")
            yield read(dict.fromkeys(columns, "") | dict(zip(given, cells, strict=True)))
        except (TableError, csv.Error) as error:
            raise TableError(f"line {number}: {error}") from None


def number(cell: str) -> int:
    """A whole number above 0, or 0 for an empty cell. Raises TableError."""
    if not cell:
        return 0
    if not cell.isascii() or not cell.isdigit() or not 0 < int(cell[:11]) <= _MOST:
        raise TableError(f"{cell[:40]!r} is no number from 1 to {_MOST}")
    return int(cell)
