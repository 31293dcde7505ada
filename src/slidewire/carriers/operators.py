"""The catalogue of mobile networks: our id for each, the aliases that others give it, and whether it takes MMS.

An id or alias is compared as an exact trimmed string (settled 12): 31003, 0001890 and 000189 are three words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: The published form of an operator id (settled 12).
_PUBLISHED = re.compile(r"[0-9]{4,7}")


class CatalogueError(ValueError):
    """Two operators that cannot be told apart, in words for whoever wrote the settings."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One mobile network (interfaces.md, [[operators]])."""

    id: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    country: str = ""  #: ISO 3166 alpha-2
    mms: bool = True  #: false: only the fallback SMS reaches its phones (E628)

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that names it, its id first."""
        return (self.id, *self.aliases)


class Catalogue:
    """All operators that the settings name."""

    def __init__(self, operators: Iterable[Operator] = ()) -> None:
        """Raises CatalogueError for a blank word and for a word that names two operators."""
        self._by_word: dict[str, Operator] = {}
        for operator in operators:
            for word in dict.fromkeys(operator.words):
                self._add(word, operator)

    def _add(self, word: str, operator: Operator) -> None:
        if not word or word != word.strip():
            raise CatalogueError(f"operator {operator.id!r}: {word!r} is blank or has white space around it")
        if word == "*":
            raise CatalogueError("'*' stands for any operator and cannot be the id of one")
        other = self._by_word.get(word)
        if other is not None:
            raise CatalogueError(f"{word!r} names two operators: {other.id!r} and {operator.id!r}")
        self._by_word[word] = operator

    def words(self) -> dict[str, str]:
        """Every id and alias with the id that it means."""
        return {word: operator.id for word, operator in self._by_word.items()}

    def resolve(self, word: str) -> Operator | None:
        """The operator with the id or alias ``word``; None when there is none."""
        return self._by_word.get(word.strip())


def has_published_form(word: str) -> bool:
    """Whether an unknown ``word`` could be somebody's operator id: 4 to 7 digits (settled 12)."""
    return _PUBLISHED.fullmatch(word.strip()) is not None
