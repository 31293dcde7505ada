"""Where networks take an alphanumeric sender: a table that an admin can edit (standards.md 6). Pure."""

from functools import lru_cache
from importlib import resources
from typing import Final

from slidewire.carriers.tables import TableError, rows_of
from slidewire.domain.countries import COUNTRIES
from slidewire.domain.senders import MaskRule

_COLUMNS: Final = ("country", "masks", "note")
_RULES: Final = {rule.value: rule for rule in MaskRule}


@lru_cache(maxsize=1)
def shipped() -> dict[str, MaskRule]:
    """The table that comes with us; not to be changed."""
    return read_table(resources.files(__package__).joinpath("masks.csv").read_text("utf-8"))


def read_table(text: str) -> dict[str, MaskRule]:
    """Country -> what its networks do. Raises TableError naming the line."""
    seen: set[str] = set()

    def read(told: dict[str, str]) -> tuple[str, MaskRule]:
        country, word = told["country"], told["masks"]
        if country not in COUNTRIES:
            raise TableError(f"{country[:40]!r} is no country of two capitals")
        if country in seen:
            raise TableError(f"{country} was told on a line before")
        if word not in _RULES:
            raise TableError(f"masks {word[:40]!r} is not one of: {', '.join(_RULES)}")
        seen.add(country)
        return country, _RULES[word]

    return dict(rows_of(text, _COLUMNS, read))
